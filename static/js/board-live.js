// Keeps the board as it is on the server. The plain board takes what the stream brings and asks only what of it is new
// to this reader; one that shows a selection or swimlanes asks how the cards that changed stand there.
import { apply, board, fresh, lengthen, parse, saysMore } from "./board-cards.js";
import { query, read } from "./board-server.js";
import { polled } from "./live.js";
import { toast } from "./toast.js";

const ASK_AFTER_MS = 200;
const MANY = 60; // beyond, the whole board is asked for
const AHEAD_PX = 600; // how far below the visible cards the next ones are fetched

export function keepLive() {
  document.addEventListener("pylon:refresh", refresh);
  document.addEventListener("pylon:change", ({ detail }) => {
    if (!board) location.reload(); // the first conversation of all
    else take(detail);
  });
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden && waiting.size) ask([]);
  });
  if (!board) return;
  board.addEventListener("board:drawn", watchEnds);
  board.addEventListener("board:incomplete", refresh);
  board.addEventListener("click", (event) => {
    const more = event.target.closest(".more");
    if (!more || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    next(more);
  });
  watchEnds();
}

function take(html) {
  const patch = parse(html);
  const cards = [...patch.querySelectorAll(".card")];
  const gone = [...patch.querySelectorAll("[data-gone]")].map(({ dataset }) => dataset.gone);
  const plain = !("filtered" in board.dataset) && !board.dataset.group;
  const asked = (plain ? cards.filter(saysMore) : cards).map(({ id }) => id.replace("card-", ""));
  if (plain) apply(html, { shared: true });
  ask(plain ? asked : [...asked, ...gone]);
}

export async function refresh() {
  let arrived = true;
  try {
    const { query: selection = "", skip } = board?.dataset ?? {};
    const html = await read(board ? `/board/?${selection}${skip ? `&skip=${skip}` : ""}` : location.href);
    waiting.clear();
    if (board) fresh(html);
  } catch {
    arrived = false;
  }
  polled(arrived);
}

// Cards that changed ────────────────────────────────────────────────────────────────────────────────────────────────

const waiting = new Set();
let timer = null;
let asking = false;

/** Asks at most once at a time, and not for a page that nobody sees. */
function ask(ids) {
  for (const id of ids) waiting.add(id);
  if (waiting.size && !timer && !asking && !document.hidden) timer = setTimeout(answer, ASK_AFTER_MS);
}

async function answer() {
  timer = null;
  if (waiting.size > MANY) return refresh();
  const ids = [...waiting];
  waiting.clear();
  asking = true;
  try {
    apply(await read(`/board/cards/?${query()}&ids=${ids.join(",")}`));
  } catch {
    for (const id of ids) waiting.add(id); // with the next change, or by polling
    polled(false);
  } finally {
    asking = false;
  }
  if (waiting.size && !document.hidden) timer = setTimeout(answer, ASK_AFTER_MS * 5);
}

// The next cards of a list, as somebody comes near its end ──────────────────────────────────────────────────────────

const near = new Map(); // by list, because what is near is measured in the list that scrolls

function watchEnds() {
  for (const more of board.querySelectorAll(".more:not([data-watched])")) {
    more.dataset.watched = "";
    const list = more.parentElement;
    if (!near.has(list)) near.set(list, new IntersectionObserver(come, { root: list, rootMargin: `${AHEAD_PX}px 0px` }));
    near.get(list).observe(more);
  }
}

function come(entries, observer) {
  for (const { isIntersecting, target } of entries) {
    if (!target.isConnected) observer.unobserve(target);
    else if (isIntersecting) next(target, { quiet: true });
  }
}

async function next(more, { quiet = false } = {}) {
  if (more.ariaBusy === "true") return;
  more.ariaBusy = "true";
  try {
    const html = await read(more.querySelector("a").href);
    if (more.isConnected) lengthen(more, html);
  } catch (error) {
    more.ariaBusy = null; // the link stays: a click asks again
    if (!quiet) toast(error.message, { error: true });
  }
}
