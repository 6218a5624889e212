// Draws the conversation again when it changes, without touching what somebody is writing.
import { polled } from "./live.js";

const page = document.getElementById("conversation");
const isNewest = !new URLSearchParams(location.search).has("before");

async function redraw() {
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
document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && event.target.id === "note") {
    event.preventDefault();
    event.target.form.requestSubmit();
  }
});
