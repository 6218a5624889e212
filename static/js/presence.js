// Says that somebody looks at a conversation, or writes in it, and shows who else does.
import { writing } from "./composer.js";

const BEAT_MS = 20_000; // presence.py forgets who says nothing for 50 seconds
const NOTICED_MS = 600; // how long it takes to be told that somebody began to write

export function mountPresence(root, signal) {
  let said = "";
  let asking = null;

  async function beat() {
    if (document.hidden) return;
    said = writing(root) || "looking";
    asking?.abort();
    asking = new AbortController();
    try {
      const response = await post(root, said, AbortSignal.any([asking.signal, signal]));
      if (response.ok && !response.redirected) show(root, await response.text());
    } catch {
      // The server can't be reached, or the next one was quicker: who else is here is asked again soon.
    }
  }

  let noticed = null;
  function notice() {
    clearTimeout(noticed);
    noticed = setTimeout(() => {
      if ((writing(root) || "looking") !== said) beat();
    }, NOTICED_MS);
  }

  const timer = setInterval(beat, BEAT_MS);
  for (const name of ["input", "focusin", "focusout", "htmx:afterSettle"]) root.addEventListener(name, notice, { signal });
  document.addEventListener("visibilitychange", beat, { signal });
  document.addEventListener("pylon:here", ({ detail }) => detail === root.dataset.id && beat(), { signal });
  addEventListener("pagehide", () => leave(root), { signal });
  addEventListener("pageshow", ({ persisted }) => persisted && beat(), { signal });
  signal.addEventListener("abort", () => {
    clearInterval(timer);
    clearTimeout(noticed);
    leave(root);
  });
  beat();
}

function show(root, html) {
  const present = root.querySelector("#presence");
  const collision = root.querySelector("#collision");
  if (present.innerHTML !== html) present.innerHTML = html;
  const writers = [...present.querySelectorAll(".here-writing")].map((one) => one.cloneNode(true));
  if (collision && collision.textContent !== writers.map((one) => one.textContent).join("")) collision.replaceChildren(...writers);
}

function post(root, doing, signal) {
  return fetch(root.dataset.here, { method: "POST", body: form(root, doing), signal });
}

/** Also as the page goes away. */
function leave(root) {
  navigator.sendBeacon(root.dataset.here, form(root, "gone"));
}

function form(root, doing) {
  const { "X-CSRFToken": token } = JSON.parse(document.body.getAttribute("hx-headers"));
  const body = new FormData();
  body.append("doing", doing);
  body.append("csrfmiddlewaretoken", token);
  return body;
}
