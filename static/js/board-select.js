// Which cards are selected. A selection holds ids, so that it stays with cards that are drawn anew.
import { announce } from "./board-words.js";
import { board } from "./board-cards.js";
import { ngettext } from "./words.js";

const chosen = new Set();
let anchor = null; // where a range begins
let listener = () => {};

export function onSelection(listen) {
  listener = listen;
}

/** In the order of the board. */
export function selected() {
  return chosen.size ? [...board.querySelectorAll(".card")].filter((card) => chosen.has(card.id)) : [];
}

export function isSelected(card) {
  return chosen.has(card.id);
}

export function toggle(card, on = !chosen.has(card.id)) {
  anchor = card.id;
  set([card], on);
}

/** From where the selection was last changed to this card; in another column: this card alone. */
export function extend(card) {
  const cards = [...card.parentElement.querySelectorAll(".card")];
  const from = cards.findIndex(({ id }) => id === anchor);
  const to = cards.indexOf(card);
  if (from < 0) return toggle(card, true);
  set(cards.slice(Math.min(from, to), Math.max(from, to) + 1), true);
}

/** All cards of these lists, or none of them when all are selected already. */
export function selectAll(cards) {
  set(cards, cards.some((card) => !chosen.has(card.id)));
}

export function clearSelection() {
  const had = chosen.size > 0;
  chosen.clear();
  anchor = null;
  if (had) tell();
  return had;
}

/** After drawing: who left the board left the selection. */
export function mark() {
  const before = chosen.size;
  for (const id of chosen) if (!document.getElementById(id)) chosen.delete(id);
  show();
  if (chosen.size !== before) tell();
}

function set(cards, on) {
  const before = chosen.size;
  for (const { id } of cards) {
    if (on) chosen.add(id);
    else chosen.delete(id);
  }
  show();
  if (chosen.size !== before) tell();
}

function show() {
  for (const check of board.querySelectorAll(".card-check")) {
    const card = check.closest(".card");
    check.checked = chosen.has(card.id);
    card.classList.toggle("is-selected", check.checked);
  }
  board.toggleAttribute("data-any-selected", chosen.size > 0);
}

function tell() {
  listener(chosen.size);
  announce(ngettext("{count} card selected", "{count} cards selected", chosen.size));
}
