// A conversation, on its own page or in the board's drawer: drawn again when it changes, without touching what somebody
// is writing or reading.
import { mountComposer } from "./composer.js";
import { mountKeys } from "./conversation-keys.js";
import { mountMenus } from "./conversation-menus.js";
import { polled } from "./live.js";
import { mountPresence } from "./presence.js";

const NEAR_PX = 120; // so close to the end somebody wants to stay there

/** Makes it live; answers what ends that. `root` is the `#conversation`. */
export function mount(root) {
  const end = new AbortController();
  const { signal } = end;
  const scroller = root.closest("[data-scrolls]") ?? document.scrollingElement;

  // Drawing again gives way to people: no button vanishes under the pointer, and no answer finds its place gone.
  let asked = 0; // how many forms and links wait for their answer
  let pressed = false;
  let drawing = false;
  let waiting = false;
  const isRedraw = ({ detail }) => detail.requestConfig.elt === root;

  root.addEventListener("htmx:configRequest", ({ detail: { parameters } }) => {
    parameters.since = timeline().dataset.since;
    parameters.seen = root.dataset.seen;
    if (document.hidden) parameters.hidden = "1";
    if (root.closest("#drawer")) parameters.drawer = "1";
  }, { signal });
  root.addEventListener("htmx:beforeSend", (event) => {
    if (isRedraw(event)) return;
    asked++;
    htmx.trigger(root, "htmx:abort");
  }, { signal });
  root.addEventListener("htmx:afterRequest", (event) => {
    if (isRedraw(event)) drawing = false;
    else asked--;
    if (waiting) queueMicrotask(redraw); // when htmx has let go of this one
  }, { signal });
  root.addEventListener("htmx:sendAbort", () => { waiting = true; }, { signal });
  root.addEventListener("htmx:beforeSwap", (event) => {
    if (!isRedraw(event) || !(pressed || isBusy())) return;
    event.detail.shouldSwap = false;
    waiting = true;
  }, { signal });
  root.addEventListener("pointerdown", () => { pressed = true; }, { signal });
  for (const name of ["pointerup", "pointercancel"]) {
    document.addEventListener(name, () => setTimeout(release), { signal }); // after the click
  }
  for (const name of ["focusout", "toggle"]) {
    root.addEventListener(name, () => waiting && setTimeout(redraw), { signal, capture: true });
  }

  function release() {
    pressed = false;
    if (waiting) redraw();
  }

  /** Somebody chooses in one of the head's fields or menus: it would be drawn anew under their hand. */
  function isBusy() {
    return root.querySelector("#conversation-head details[open]") !== null
      || document.activeElement?.closest?.("#conversation-head :is(select, input), #facts input") != null;
  }

  async function redraw() {
    if (signal.aborted) return;
    waiting = asked > 0 || pressed || drawing || isBusy();
    if (waiting) return;
    drawing = true;
    let arrived = true;
    try {
      await htmx.ajax("GET", root.dataset.address, { source: root, target: "#timeline", swap: "outerHTML" });
    } catch {
      arrived = waiting; // it gave way, or the server can't be reached
    }
    polled(arrived);
  }

  // Where the reader stands ───────────────────────────────────────────────────────────────────────────────────────

  const jump = root.querySelector("[data-jump]");
  let stood = null; // before a swap: at the end, and which entry was the last

  root.addEventListener("htmx:beforeSwap", ({ detail: { target } }) => {
    if (target.id === "timeline") stood = { atEnd: isAtEnd(), last: last() };
    if (target.id === "earlier") stood = { below: target.nextElementSibling, top: target.nextElementSibling.getBoundingClientRect().top };
  }, { signal });
  root.addEventListener("htmx:afterSwap", () => {
    tidyDays(root);
    if (!stood) return;
    const { atEnd, last: before, below, top } = stood;
    stood = null;
    if (below) scroller.scrollTop += below.getBoundingClientRect().top - top;
    else if (atEnd) toEnd();
    else if (last() !== before) jump.hidden = false;
  }, { signal });
  // Scrolling is the document's own, or the drawer's.
  document.addEventListener("scroll", () => {
    if (!jump.hidden && isAtEnd()) jump.hidden = true;
  }, { signal, capture: true, passive: true });
  jump.addEventListener("click", toEnd, { signal });

  function timeline() {
    return root.querySelector("#timeline");
  }

  function last() {
    return [...timeline().querySelectorAll(".message")].at(-1)?.id;
  }

  function isAtEnd() {
    const below = root.querySelector("#composer")?.getBoundingClientRect().top ?? innerHeight;
    return timeline().getBoundingClientRect().bottom < Math.min(below, innerHeight) + NEAR_PX;
  }

  function toEnd() {
    root.querySelector(".conversation-main").scrollIntoView({ block: "end" });
    jump.hidden = true;
  }

  function begin() {
    const isNew = root.querySelector("#new-since");
    toEnd();
    if (isNew && isNew.getBoundingClientRect().top < root.querySelector("#conversation-head").getBoundingClientRect().bottom) {
      isNew.scrollIntoView({ block: "center" });
    }
  }

  // The column of facts stands below the head and "New below" above the composer, however high those are.
  const measured = new ResizeObserver((sizes) => {
    for (const { target } of sizes) root.style.setProperty(target.id === "composer" ? "--composer" : "--head", `${target.offsetHeight}px`);
  });
  const measure = () => {
    measured.disconnect();
    for (const part of root.querySelectorAll("#conversation-head, #composer")) measured.observe(part);
  };
  for (const event of ["htmx:oobAfterSwap", "htmx:afterSwap"]) root.addEventListener(event, measure, { signal });
  signal.addEventListener("abort", () => measured.disconnect());
  measure();

  // ───────────────────────────────────────────────────────────────────────────────────────────────────────────────

  if ("newest" in root.dataset) {
    document.addEventListener("pylon:refresh", redraw, { signal });
    document.addEventListener("pylon:change", ({ detail }) => {
      const template = document.createElement("template");
      template.innerHTML = detail;
      const { id } = root.dataset;
      if (template.content.querySelector(`#card-${id}, [data-gone="${id}"]`)) redraw();
    }, { signal });
    document.addEventListener("visibilitychange", () => !document.hidden && redraw(), { signal }); // now it is seen
    if (!location.hash || root.closest("#drawer")) begin();
  }
  mountComposer(root, signal);
  mountMenus(root, signal);
  mountPresence(root, signal);
  mountKeys(root, signal);
  return () => {
    htmx.trigger(root, "htmx:abort");
    end.abort();
  };
}

/** Of two parts that meet within one day, the day is told once. */
function tidyDays(root) {
  let before = "";
  for (const day of root.querySelectorAll(".day")) {
    if (day.dataset.day === before) day.remove();
    else before = day.dataset.day;
  }
}
