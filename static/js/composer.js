// Writing notes and replies: drafts that stay, the key that sends, and the seconds in which a reply can be taken back.
import { keepDraft, readDraft } from "./drafts.js";
import { ngettext } from "./words.js";

export function mountComposer(root, signal) {
  root.addEventListener("input", ({ target }) => {
    if (!target.dataset.draft) return;
    keepDraft(root, target.dataset.draft, target.value);
    mark(root);
  }, { signal });
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey) || !event.target.matches("#composer textarea")) return;
    event.preventDefault();
    event.target.form.requestSubmit();
  }, { signal });
  // Before the answer is drawn, with its empty field.
  root.addEventListener("htmx:beforeOnLoad", ({ detail }) => {
    if (detail.requestConfig.verb !== "post" || detail.xhr.status >= 300) return;
    if (detail.pathInfo.requestPath.endsWith("/notes/")) keepDraft(root, "note", "");
    if (detail.pathInfo.requestPath.endsWith("/reply/send/")) keepDraft(root, "reply", "");
  }, { signal });
  root.addEventListener("htmx:oobAfterSwap", () => restore(root), { signal });
  root.addEventListener("htmx:afterSwap", () => countDown(root), { signal });
  restore(root);
  countDown(root);
}

/** What they are writing just now: "reply", "note", or nothing. */
export function writing(root) {
  const field = root.querySelector("#composer textarea");
  if (root.querySelector("#composer [data-previews]")) return "reply";
  return field?.value.trim() && field === document.activeElement ? root.querySelector("#composer").dataset.writes : "";
}

/** An empty field gets what was written there before; one that the server filled says what is kept. */
function restore(root) {
  for (const field of root.querySelectorAll("textarea[data-draft]")) {
    if (field.value) keepDraft(root, field.dataset.draft, field.value);
    else field.value = readDraft(root, field.dataset.draft);
  }
  mark(root);
}

function mark(root) {
  for (const shown of root.querySelectorAll("[data-draft-mark]")) shown.hidden = !readDraft(root, shown.dataset.draftMark);
}

/** Says in how many seconds a reply goes out; by this computer's clock only the seconds that pass are counted. */
function countDown(root) {
  for (const shown of root.querySelectorAll("[data-seconds]:not([data-counting])")) {
    shown.dataset.counting = "";
    const ends = performance.now() + Number(shown.dataset.seconds) * 1_000;
    const tick = () => {
      if (!shown.isConnected) return;
      const left = Math.max(0, Math.ceil((ends - performance.now()) / 1_000));
      shown.textContent = ngettext("in {count} second", "in {count} seconds", left);
      if (left > 0) setTimeout(tick, 250);
    };
    tick();
  }
}
