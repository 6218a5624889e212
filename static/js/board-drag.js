// Cards in somebody's hand: dragged by mouse, pen or touch into another list, one or all that are selected.
import { announce, nameOf } from "./board-words.js";
import { board, hold, place, release } from "./board-cards.js";
import { isSelected, selected } from "./board-select.js";
import { gettext } from "./words.js";

const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
let carried = null; // the cards in the hand
let cancelled = false;
let justDropped = false;
let drop = () => {};

/** `dropped(cards, list)` is called when cards were let go over another list than the first one's. */
export function dragInto(dropped) {
  drop = dropped;
  makeDraggable();
  board.addEventListener("pointerdown", () => { justDropped = false; }, true);
  board.addEventListener("click", (event) => {
    if (!justDropped) return;
    event.preventDefault(); // the release of a drag is no click
    event.stopImmediatePropagation();
    justDropped = false;
  }, true);
  // A long press on a link is a drag here, not the browser's menu.
  board.addEventListener("contextmenu", (event) => carried && event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !carried) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    cancelled = true;
    document.dispatchEvent(new PointerEvent("pointercancel")); // lets go, wherever the pointer is
  }, true);
}

/** Lists that were drawn since the last time. */
export function makeDraggable() {
  for (const list of board.querySelectorAll("[data-cards]")) {
    if (Sortable.get(list)) continue;
    Sortable.create(list, {
      group: { name: "board", put: (to, _from, card) => fits(card, to.el) },
      draggable: ".card", sort: false, animation: still ? 0 : 120,
      filter: ".card-check, .card-move", preventOnFilter: false,
      forceFallback: true, fallbackOnBody: true, fallbackTolerance: 5, // one behaviour for mouse, pen and touch
      delay: 180, delayOnTouchOnly: true, touchStartThreshold: 6,
      ghostClass: "is-ghost", dragClass: "is-lifted", scrollSensitivity: 60, bubbleScroll: true,
      onStart: ({ item }) => start(item), onEnd: ({ item, from, to }) => end(item, from, to),
    });
  }
}

function start(item) {
  justDropped = true;
  cancelled = false;
  carried = isSelected(item) ? selected() : [item];
  for (const card of carried) card.classList.toggle("is-carried", card !== item);
  if (carried.length > 1) Sortable.ghost?.setAttribute("data-carried", carried.length);
  board.classList.add("is-dragging");
  hold();
}

function end(item, from, to) {
  const cards = carried;
  carried = null;
  for (const card of cards) card.classList.remove("is-carried");
  board.classList.remove("is-dragging");
  release();
  if (cancelled || from === to) {
    place(item, { force: true });
    if (cancelled) announce(gettext("{name} stays where it was", { name: nameOf(item) }));
  } else drop(cards, to);
}

/** In swimlanes by account a card stays with its account: who wrote can't be changed. */
function fits(card, list) {
  return board.dataset.group !== "account" || card.dataset.lane === list.dataset.lane;
}
