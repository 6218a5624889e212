// Draws the conversation again when it changes, without touching what somebody is writing.
import { polled } from "./live.js";
import "./composer.js";

const page = document.getElementById("conversation");
const isNewest = !new URLSearchParams(location.search).has("before");

// Drawing again gives way to people: no button vanishes under the pointer, and no answer finds its place gone.
let asked = 0; // how many forms and links wait for their answer
let pressed = false;
let drawing = false;
let waiting = false;
const isRedraw = ({ detail }) => detail.requestConfig.elt === page;

page.addEventListener("htmx:beforeSend", (event) => {
  if (isRedraw(event)) return;
  asked++;
  htmx.trigger(page, "htmx:abort");
});
page.addEventListener("htmx:afterRequest", (event) => {
  if (isRedraw(event)) drawing = false;
  else asked--;
  if (waiting) queueMicrotask(redraw); // when htmx has let go of this one
});
page.addEventListener("htmx:sendAbort", () => { waiting = true; });
page.addEventListener("htmx:beforeSwap", (event) => {
  if (!isRedraw(event) || !pressed) return;
  event.detail.shouldSwap = false;
  waiting = true;
});
page.addEventListener("pointerdown", () => { pressed = true; });
for (const name of ["pointerup", "pointercancel"]) document.addEventListener(name, () => setTimeout(release)); // after the click

function release() {
  pressed = false;
  if (waiting) redraw();
}

async function redraw() {
  waiting = asked > 0 || pressed || drawing;
  if (waiting) return;
  const busy = document.activeElement?.closest?.("#facts select");
  if (busy) {
    busy.addEventListener("blur", redraw, { once: true });
    return;
  }
  const atEnd = innerHeight + scrollY > document.body.scrollHeight - 80;
  let arrived = true;
  drawing = true;
  try {
    await htmx.ajax("GET", page.dataset.address, { source: page, target: "#timeline", swap: "outerHTML" });
  } catch {
    arrived = waiting; // it gave way, or the server can't be reached
  }
  polled(arrived);
  if (atEnd) toEnd();
}

function toEnd() {
  document.scrollingElement.scrollTop = document.body.scrollHeight;
}

if (isNewest) {
  document.addEventListener("pylon:refresh", redraw);
  document.addEventListener("pylon:change", ({ detail }) => {
    const template = document.createElement("template");
    template.innerHTML = detail;
    const { id } = page.dataset;
    if (template.content.querySelector(`#card-${id}, [data-gone="${id}"]`)) redraw();
  });
  if (!location.hash && matchMedia("(min-width: 1101px)").matches) toEnd();
}
