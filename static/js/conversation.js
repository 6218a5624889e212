// Draws the conversation again when it changes, without touching what somebody is writing.
import { polled } from "./live.js";
import "./composer.js";

const page = document.getElementById("conversation");
const isNewest = !new URLSearchParams(location.search).has("before");

// One request after the other: an answer finds no place once another one has replaced what it is for.
let requests = 0;
let waiting = false;
page.addEventListener("htmx:beforeSend", () => { requests++; });
page.addEventListener("htmx:afterRequest", () => {
  requests--;
  if (waiting && !requests) redraw();
});

async function redraw() {
  waiting = requests > 0;
  if (waiting) return;
  const busy = document.activeElement?.closest?.("#facts select");
  if (busy) {
    busy.addEventListener("blur", redraw, { once: true });
    return;
  }
  const atEnd = innerHeight + scrollY > document.body.scrollHeight - 80;
  let arrived = true;
  const failed = () => { arrived = false; };
  for (const name of ["htmx:sendError", "htmx:timeout"]) page.addEventListener(name, failed, { once: true });
  await htmx.ajax("GET", page.dataset.address, { source: page, target: "#timeline", swap: "outerHTML" });
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
