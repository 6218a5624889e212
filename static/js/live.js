// The stream of changes. Sends events on the document: `pylon:change` (detail: HTML), `pylon:refresh`,
// and `pylon:here` (detail: the id of a conversation to or from which somebody came or went).
// While the stream is broken the page asks for itself every few seconds instead.
import { gettext } from "./words.js";

const POLL_MS = 4_000;
const SILENT_MS = 40_000; // the server speaks every 15 seconds
const TRY_AGAIN_MS = [1_000, 2_000, 4_000, 8_000];

let source = null;
let failures = 0;
let heardAt = 0;
let since = document.body.dataset.since || "0";
let polling = null;

export function listen() {
  connect();
  setInterval(() => {
    if (source && Date.now() - heardAt > SILENT_MS) lost();
  }, 5_000);
  // A sleeping computer's stream is dead without knowing it.
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && Date.now() - heardAt > SILENT_MS) lost();
  });
  addEventListener("online", () => reconnect());
  addEventListener("offline", () => show("offline"));
  addEventListener("pagehide", () => source?.close());
  addEventListener("pageshow", (event) => {
    if (event.persisted) reconnect();
  });
}

/** Pages say whether what they asked for while polling arrived. */
export function polled(arrived) {
  if (!source || source.readyState !== EventSource.OPEN) show(arrived ? "delayed" : "offline");
}

function connect() {
  heardAt = Date.now();
  source = new EventSource(`${document.body.dataset.live}&since=${since}`);
  source.addEventListener("open", () => {
    failures = 0;
    clearInterval(polling);
    polling = null;
    show("live");
  });
  source.addEventListener("beat", heard);
  source.addEventListener("change", (event) => {
    heard(event);
    document.dispatchEvent(new CustomEvent("pylon:change", { detail: event.data }));
  });
  source.addEventListener("here", (event) => {
    heard(event);
    document.dispatchEvent(new CustomEvent("pylon:here", { detail: event.data }));
  });
  source.addEventListener("refresh", (event) => {
    heard(event);
    document.dispatchEvent(new CustomEvent("pylon:refresh"));
  });
  source.addEventListener("error", lost);
}

function heard(event) {
  heardAt = Date.now();
  if (event.lastEventId) since = event.lastEventId;
}

function lost() {
  source?.close();
  source = null;
  if (!polling) {
    poll();
    polling = setInterval(poll, POLL_MS);
  }
  // Not all browsers at once when a web process comes back.
  setTimeout(reconnect, TRY_AGAIN_MS[Math.min(failures++, TRY_AGAIN_MS.length - 1)] * (0.75 + Math.random() / 2));
}

function reconnect() {
  if (source && source.readyState !== EventSource.CLOSED && Date.now() - heardAt < SILENT_MS) return;
  source?.close();
  connect();
}

function poll() {
  if (!document.hidden) document.dispatchEvent(new CustomEvent("pylon:refresh"));
}

function show(state) {
  const sign = document.getElementById("live");
  if (sign.dataset.state === state) return;
  sign.dataset.state = state;
  sign.textContent = { live: gettext("Live"), delayed: gettext("Delayed"), offline: gettext("Offline") }[state];
  sign.title = {
    live: gettext("Changes appear by themselves"),
    delayed: gettext("The stream of changes is broken; this page asks every few seconds"),
    offline: gettext("The server can’t be reached; what you see may be old"),
  }[state];
}
