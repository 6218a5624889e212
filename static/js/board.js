// The board: cards dragged or moved by keys are sent to the server, whose drawing is the truth; changes by other
// people arrive as drawn cards and are put where they belong.
import { announce, nameOf, statusNames } from "./board-words.js";
import { apply, board, fresh, hold, place, release, rove } from "./board-cards.js";
import { closeMoveMenu, openMoveMenu } from "./board-menu.js";
import { polled } from "./live.js";
import { toast } from "./toast.js";

const order = Object.keys(statusNames);
const COUNT_AGAIN_MS = 1_000;
let countAgain = null;
let dragged = false;

async function move(card, to, { undoable = true } = {}) {
  const from = card.dataset.status;
  closeMoveMenu();
  if (from === to) return place(card, { force: true });
  const name = nameOf(card);
  const number = card.dataset.number;
  const focused = card.contains(document.activeElement);
  place(card, { into: to, force: true });
  card.classList.add("is-saving");
  if (focused) card.querySelector(".card-link").focus();
  announce(`${name}: moving to ${statusNames[to]}`);
  let answer;
  try {
    answer = await send(number, { status: to, from });
  } catch (error) {
    card.classList.remove("is-saving");
    place(card, { force: true });
    const outcome = `could not be moved and is back in ${statusNames[from]}. ${error.message}`;
    announce(`${name} ${outcome}`);
    return toast(`#${number} ${outcome}`, { error: true });
  }
  const told = apply(answer.html, { force: true });
  if (answer.conflict) {
    announce(`${name}: ${told}`);
    return toast(`#${number} was not moved: ${told}`, { error: true });
  }
  announce(`${name} is now in ${statusNames[to]}`);
  const again = document.getElementById(card.id);
  const undo = () => move(document.getElementById(card.id), from, { undoable: false });
  toast(`#${number} moved to ${statusNames[to]}`, { action: again && undoable ? { label: "Undo", run: undo } : undefined });
}

/** Throws an Error whose message says what happened, in words for the person. */
async function send(number, fields) {
  const headers = { "X-CSRFToken": JSON.parse(document.body.getAttribute("hx-headers"))["X-CSRFToken"] };
  const body = new URLSearchParams({ ...fields, answer: "changes" });
  let response;
  try {
    response = await fetch(`/conversations/${number}/status/`, { method: "POST", headers, body, signal: AbortSignal.timeout(15_000) });
  } catch {
    throw new Error("The server can’t be reached.");
  }
  if (response.redirected) {
    location.reload();
    throw new Error("You were signed out.");
  }
  if (!response.ok && response.status !== 409) throw new Error(`The server answered ${response.status}.`);
  return { html: await response.text(), conflict: response.status === 409 };
}

async function refresh() {
  let response;
  try {
    response = await fetch(location.href, { headers: { "HX-Request": "true" }, signal: AbortSignal.timeout(10_000) });
  } catch {
    return polled(false);
  }
  if (response.redirected) return location.reload();
  if (response.ok && board) fresh(await response.text());
  polled(response.ok);
}

document.addEventListener("pylon:refresh", refresh);
document.addEventListener("pylon:change", ({ detail }) => {
  if (!board) return location.reload(); // the first conversation of all
  apply(detail);
  if ("filtered" in board.dataset) {
    clearTimeout(countAgain);
    countAgain = setTimeout(refresh, COUNT_AGAIN_MS);
  }
});
document.getElementById("filters").addEventListener("change", ({ currentTarget }) => currentTarget.requestSubmit());

if (board) {
  const keys = {
    ArrowUp: (card) => step(card, -1),
    ArrowDown: (card) => step(card, 1),
    ArrowLeft: (card) => shift(card, -1),
    ArrowRight: (card) => shift(card, 1),
    m: (card) => openMoveMenu(card, move),
  };
  board.addEventListener("keydown", (event) => {
    const card = event.target.closest(".card-link")?.closest(".card");
    const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
    if (!card || !act || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    act(card);
  });
  board.addEventListener("focusin", ({ target }) => rove(target.closest(".card")));
  board.addEventListener("click", (event) => {
    if (dragged) {
      event.preventDefault(); // the release of a drag is no click
      dragged = false;
      return;
    }
    const button = event.target.closest(".card-move");
    if (button) openMoveMenu(button.closest(".card"), move);
  }, true);
  board.addEventListener("pointerdown", () => { dragged = false; }, true);

  const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
  for (const list of board.querySelectorAll("[data-cards]")) {
    Sortable.create(list, {
      group: "board", draggable: ".card", sort: false, animation: still ? 0 : 120,
      forceFallback: true, fallbackOnBody: true, fallbackTolerance: 5, // one behaviour for mouse, pen and touch
      delay: 180, delayOnTouchOnly: true, touchStartThreshold: 6,
      ghostClass: "is-ghost", dragClass: "is-lifted", scrollSensitivity: 60,
      onStart: () => { dragged = true; closeMoveMenu(); hold(); },
      onEnd: ({ item, to }) => { release(); move(item, to.dataset.cards); },
    });
  }
  rove();
  document.body.addEventListener("htmx:afterSettle", () => rove());
}

function step(card, by) {
  const cards = [...card.parentElement.querySelectorAll(".card")];
  cards[cards.indexOf(card) + by]?.querySelector(".card-link").focus();
}

function shift(card, by) {
  const to = order[order.indexOf(card.dataset.status) + by];
  if (to) move(card, to);
  else announce(`${nameOf(card)} is already in the ${by < 0 ? "first" : "last"} column`);
}
