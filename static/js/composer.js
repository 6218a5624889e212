// What somebody is writing: kept in this browser until it was sent, for each conversation and kind on its own.
const page = document.getElementById("conversation");

document.addEventListener("input", ({ target }) => {
  if (target.dataset?.draft) keep(target.dataset.draft, target.value);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.matches?.("#composer textarea")) {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});
// Before the answer is drawn, with its empty field.
page.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
  if (detail.requestConfig.verb !== "post" || detail.xhr.status >= 300) return;
  if (detail.pathInfo.requestPath.endsWith("/notes/")) keep("note", "");
  if (detail.pathInfo.requestPath.endsWith("/reply/send/")) keep("reply", "");
});
page.addEventListener("htmx:oobAfterSwap", restore);
page.addEventListener("htmx:afterSwap", countDown);
restore();
countDown();

/** An empty field gets what was written there before; one that the server filled says what is kept. */
function restore() {
  for (const field of page.querySelectorAll("textarea[data-draft]")) {
    if (field.value) keep(field.dataset.draft, field.value);
    else field.value = read(field.dataset.draft);
  }
}

function keep(kind, text) {
  try {
    if (text) localStorage.setItem(name(kind), text);
    else localStorage.removeItem(name(kind));
  } catch {
    // A browser that stores nothing: the text stays in its field.
  }
}

function read(kind) {
  try {
    return localStorage.getItem(name(kind)) ?? "";
  } catch {
    return "";
  }
}

function name(kind) {
  return `pylon:draft:${page.dataset.reader}:${page.dataset.id}:${kind}`;
}

/** Says in how many seconds a reply goes out; by this computer's clock only the seconds that pass are counted. */
function countDown() {
  for (const shown of page.querySelectorAll("[data-seconds]:not([data-counting])")) {
    shown.dataset.counting = "";
    const ends = performance.now() + Number(shown.dataset.seconds) * 1_000;
    const tick = () => {
      if (!shown.isConnected) return;
      const left = Math.ceil((ends - performance.now()) / 1_000);
      shown.textContent = left > 0 ? `in ${left} ${left === 1 ? "second" : "seconds"}` : "now";
      if (left > 0) setTimeout(tick, 250);
    };
    tick();
  }
}
