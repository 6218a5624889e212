// The board by keyboard: walk, move, select, open.
import { announce, nameOf, statusNames } from "./board-words.js";
import { board, listBeside, neighbours } from "./board-cards.js";
import { openMoveMenu } from "./board-menu.js";
import { clearSelection, extend, isSelected, selectAll, selected, toggle } from "./board-select.js";
import { groups, register } from "./shortcuts.js";
import { gettext } from "./words.js";

/** `into(cards, list)` moves cards into another list; `move(cards, status)` into another column. */
export function useKeys({ mayChange, into, move }) {
  const onCard = (keys, label, act, more = {}) => register({
    keys, label, group: groups.board, within: "#board .card", ...more,
    run: (event) => act(event.target.closest(".card"), event),
  });
  const shift = (by) => (card) => {
    const list = listBeside(card.parentElement, { column: by });
    if (list) into(inHand(card), list);
    else announce(gettext("{name} is already in the {which} column", { name: nameOf(card), which: by < 0 ? gettext("first") : gettext("last") }));
  };
  const raise = (by) => (card) => {
    const list = listBeside(card.parentElement, { lane: by });
    if (list && board.dataset.group !== "account") into(inHand(card), list);
    else announce(gettext("{name} can’t be moved to another lane here", { name: nameOf(card) }));
  };

  register({ keys: ["j", "ArrowDown"], label: gettext("Go to the board’s first card"), group: groups.board, when: nowhere, run: () => focus(board.querySelector(".card")) });
  onCard(["ArrowDown", "j"], gettext("Next card"), step(1), { repeats: true });
  onCard(["ArrowUp", "k"], gettext("Previous card"), step(-1), { repeats: true });
  if (!mayChange) return;
  onCard("ArrowLeft", gettext("Move to the column before"), shift(-1));
  onCard("ArrowRight", gettext("Move to the next column"), shift(1));
  onCard("alt+ArrowUp", gettext("Move to the lane above"), raise(-1), { when: hasLanes });
  onCard("alt+ArrowDown", gettext("Move to the lane below"), raise(1), { when: hasLanes });
  onCard("m", gettext("Move to…"), (card) => openMoveMenu(card, (status) => move(inHand(card), status)));
  onCard("x", gettext("Select the card"), (card) => toggle(card));
  onCard("shift+ArrowDown", gettext("Select the next card too"), reach(1), { repeats: true });
  onCard("shift+ArrowUp", gettext("Select the card before too"), reach(-1), { repeats: true });
  onCard("mod+a", gettext("Select all cards of the column"), (card) => selectAll([...card.parentElement.querySelectorAll(".card")]));
  register({ keys: "Escape", label: gettext("Select nothing"), group: groups.board, when: () => selected().length > 0, run: clearSelection });
}

/** What a key on this card moves: it, or all selected ones when it is one of them. */
function inHand(card) {
  return isSelected(card) ? selected() : [card];
}

function step(by) {
  return (card) => focus(neighbours(card)[by < 0 ? "before" : "after"]);
}

function reach(by) {
  return (card) => {
    const other = neighbours(card)[by < 0 ? "before" : "after"];
    if (!isSelected(card)) toggle(card, true);
    if (!other) return;
    // Going back over what is selected lets go of it, as in a list of files.
    if (isSelected(other)) toggle(card, false);
    else extend(other);
    focus(other);
  };
}

function focus(card) {
  card?.querySelector(".card-link").focus();
}

function nowhere() {
  return document.activeElement === document.body || document.activeElement?.id === "main";
}

function hasLanes() {
  return Boolean(board.dataset.group);
}
