// The board's page: what people do with cards, by pointer and keys, and what arrives from elsewhere.
import { useBulk } from "./board-bulk.js";
import { board, rove } from "./board-cards.js";
import { change, moveInto } from "./board-changes.js";
import { dragInto, makeDraggable } from "./board-drag.js";
import { useKeys } from "./board-keys.js";
import { keepLive } from "./board-live.js";
import { openMoveMenu } from "./board-menu.js";
import { extend, isSelected, mark, selected, toggle } from "./board-select.js";
import { markOpen, openDrawer } from "./drawer.js";
import { toast } from "./toast.js";

keepLive();
offerUnread(document.getElementById("read-all-undo"));

if (board) {
  const mayChange = document.getElementById("bulk") !== null; // else the bar is not drawn
  const move = (cards, status) => change(cards, { status });
  if (mayChange) {
    dragInto(moveInto);
    useBulk();
  }
  board.toggleAttribute("data-read-only", !mayChange);
  useKeys({ mayChange, into: moveInto, move });
  rove();
  board.addEventListener("mousedown", (event) => event.shiftKey && event.preventDefault()); // a range of cards, not of words
  board.addEventListener("focusin", ({ target }) => rove(target.closest(".card")));
  board.addEventListener("board:drawn", () => {
    if (mayChange) makeDraggable();
    mark();
    markOpen();
  });
  board.addEventListener("click", (event) => {
    const card = event.target.closest(".card");
    if (!card) return;
    if (event.target.closest(".card-move")) return openMoveMenu(card, (status) => move(isSelected(card) ? selected() : [card], status));
    if (event.target.closest(".card-check")) return event.shiftKey ? extend(card) : toggle(card, event.target.checked);
    if (!event.target.closest(".card-link")) return;
    const act = mayChange || !(event.shiftKey || event.ctrlKey || event.metaKey) ? meant(event, card) : null;
    if (!act) return; // a new tab, by the browser
    event.preventDefault();
    act(card);
  });
}

/** What a click on a card means. Its title is a link as any other; around it a card can be picked out. */
function meant(event, card) {
  if (board.hasAttribute("data-selecting")) return toggle;
  if (event.shiftKey) return extend;
  if (!event.ctrlKey && !event.metaKey) return openDrawer;
  const { left, right, top, bottom } = card.querySelector(".card-title").getBoundingClientRect();
  const onTitle = event.clientX >= left && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
  return onTitle ? null : toggle;
}

/** What the page says with a way back, said as after every other change. */
function offerUnread(form) {
  if (!form) return;
  const button = form.querySelector("button");
  form.hidden = true;
  toast(form.querySelector("span").textContent, { action: { label: button.textContent, run: () => form.requestSubmit() } });
}
