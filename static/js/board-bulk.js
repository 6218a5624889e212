// The bar for all selected cards at once.
import { nameOf } from "./board-words.js";
import { board } from "./board-cards.js";
import { change } from "./board-changes.js";
import { clearSelection, onSelection, selected } from "./board-select.js";

const bar = document.getElementById("bulk");
const selecting = document.getElementById("select-mode"); // for fingers: a tap selects instead of opening

export function useBulk() {
  onSelection(show);
  bar.addEventListener("submit", (event) => {
    event.preventDefault();
    const fields = {};
    for (const [name, value] of new FormData(event.target, event.submitter)) fields[name] = value.trim();
    if ("snooze" in fields) fields.zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    close(true);
    event.target.reset();
    change(selected(), fields, event.target.getAttribute("action") ?? undefined);
  });
  bar.addEventListener("toggle", ({ target }) => target.open && opened(target), true);
  bar.addEventListener("input", ({ target }) => "narrows" in target.dataset && narrow(target));
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && close(true)) event.preventDefault();
    else if (event.key === "Enter" && "narrows" in event.target.dataset) {
      event.preventDefault(); // or it would press the list's first button, seen or not
      if (event.target.value) event.target.form.querySelector(".bulk-list button:not([hidden])")?.click();
    } else walk(event);
  });
  document.addEventListener("click", ({ target }) => bar.contains(target) || close());
  bar.querySelector("[data-bulk-clear]").addEventListener("click", () => {
    const first = selected()[0];
    clearSelection();
    first?.querySelector(".card-link").focus();
  });
  selecting?.addEventListener("click", () => selectMode(!board.hasAttribute("data-selecting")));
}

function show(count) {
  if (!count && bar.contains(document.activeElement)) board.querySelector("[data-roving] .card-link")?.focus();
  if (!count && board.hasAttribute("data-selecting")) selectMode(false);
  bar.hidden = !count;
  bar.querySelector("[data-bulk-count]").textContent = count;
  bar.querySelector("[data-bulk-merge]").hidden = count < 2;
}

function selectMode(on) {
  board.toggleAttribute("data-selecting", on);
  selecting.setAttribute("aria-pressed", String(on));
  if (!on) clearSelection();
}

function opened(menu) {
  for (const other of bar.querySelectorAll("details[open]")) if (other !== menu) other.open = false;
  const cards = selected();
  if ("bulkMerge" in menu.dataset) {
    const oldestFirst = cards.toSorted((a, b) => a.dataset.number - b.dataset.number);
    menu.querySelector("[data-bulk-targets]").replaceChildren(...oldestFirst.map((card) => option("merge_into", card.id.replace("card-", ""), nameOf(card))));
  }
  const tags = menu.querySelector("[data-bulk-tags]");
  if (tags) {
    const worn = new Set(cards.flatMap((card) => [...card.querySelectorAll("[data-tag]")].map(({ dataset }) => dataset.tag)));
    tags.hidden = !worn.size;
    tags.replaceChildren(tags.firstElementChild, ...[...worn].map((tag) => option("remove_tag", tag, tag)));
  }
  menu.querySelector("input, .menu button")?.focus();
}

function option(name, value, text) {
  const button = Object.assign(document.createElement("button"), { name, value });
  button.append(Object.assign(document.createElement("span"), { className: "truncate", textContent: text }));
  return button;
}

/** Answers whether a menu was open. */
function close(returning = false) {
  const menu = bar.querySelector("details[open]");
  if (!menu) return false;
  menu.open = false;
  if (returning) menu.querySelector("summary").focus();
  return true;
}

function narrow(field) {
  const wanted = field.value.trim().toLocaleLowerCase();
  for (const each of field.form.querySelectorAll(".bulk-list button")) each.hidden = !each.textContent.toLocaleLowerCase().includes(wanted);
}

/** Arrow keys: along the bar, and up and down in an open menu. */
function walk(event) {
  const menu = event.target.closest("details[open] .menu");
  const by = (menu ? { ArrowDown: 1, ArrowUp: -1 } : { ArrowRight: 1, ArrowLeft: -1 })[event.key];
  if (!by || (menu && event.target.matches("[list]"))) return;
  const stops = [...(menu ?? bar).querySelectorAll(menu ? "input, button" : "summary, [data-bulk-clear]")].filter((each) => each.checkVisibility());
  stops[(stops.indexOf(event.target) + by + stops.length) % stops.length]?.focus();
  event.preventDefault();
}
