// The conversation over the board: a card's link opened at the side, under the conversation's own address.
import { announce } from "./board-words.js";
import { toast } from "./toast.js";
import { gettext } from "./words.js";

const board = document.getElementById("board");
const drawer = document.getElementById("drawer");
const body = drawer.querySelector(".drawer-body");
const [previous, next, page] = ["previous", "next", "page"].map((name) => drawer.querySelector(`[data-drawer="${name}"]`));

let shown = null; // { number, list, index }: which conversation, and where its card stood last
let mounted = null; // ends what the conversation's script began
let reading = null;
let leaving = null; // until the address is the board's again

export async function openDrawer(card) {
  await leaving;
  const { number } = card.dataset;
  const address = card.querySelector(".card-link").href;
  if (drawer.open) history.replaceState({ drawer: number }, "", address);
  else history.pushState({ drawer: number }, "", address);
  await show(number, address);
}

/** Marks the card whose conversation is open, wherever it was drawn anew. */
export function markOpen() {
  const link = shown && cardOf(shown.number)?.querySelector(".card-link");
  for (const marked of board.querySelectorAll(".card-link[aria-current]")) if (marked !== link) marked.removeAttribute("aria-current");
  link?.setAttribute("aria-current", "true");
  link?.closest(".card").removeAttribute("data-unread");
  if (link) shown = placeOf(link.closest(".card"));
  previous.disabled = !shown || !beside(-1);
  next.disabled = !shown || !beside(1);
}

async function show(number, address) {
  leave();
  const card = cardOf(number);
  shown = card ? placeOf(card) : { number, list: null, index: 0 };
  card?.scrollIntoView({ block: "nearest", inline: "nearest" });
  page.href = address;
  const title = card ? card.querySelector(".card-link").textContent.trim() : `#${number}`;
  document.title = `#${number} ${title} · Pylon`;
  body.replaceChildren(waiting(title));
  body.scrollTop = 0;
  if (!drawer.open) enter();
  markOpen();
  const mine = (reading = new AbortController());
  try {
    const [html, { mount }] = await Promise.all([read(address, mine.signal), import("./conversation.js")]);
    if (mine.signal.aborted) return;
    body.innerHTML = html;
    htmx.process(body);
    const conversation = body.querySelector("#conversation");
    correctAddress(conversation);
    mounted = mount(conversation);
  } catch (error) {
    if (!mine.signal.aborted) fail(error, number, address);
  } finally {
    if (reading === mine) drawer.removeAttribute("aria-busy");
  }
}

/** The conversation as the drawer shows it. Throws an Error in words for the person. */
async function read(address, signal) {
  drawer.setAttribute("aria-busy", "true");
  let response;
  try {
    response = await fetch(`${address}?drawer=1`, { headers: { "HX-Request": "true" }, signal });
  } catch (error) {
    throw signal.aborted ? error : new Error(gettext("The server can’t be reached."));
  }
  if (response.redirected && new URL(response.url).pathname.startsWith("/sign-in/")) {
    location.reload();
    throw new Error(gettext("You were signed out."));
  }
  if (response.status === 404) throw new Error(gettext("There is no such conversation any more."));
  if (!response.ok) throw new Error(gettext("The server answered {status}.", { status: response.status }));
  return response.text();
}

/** One that was merged meanwhile answers with the conversation it went into. */
function correctAddress({ dataset: { address, number, title } }) {
  if (title) document.title = `${title} · Pylon`;
  if (!address || address === location.pathname) return;
  history.replaceState({ drawer: number }, "", address);
  page.href = address;
  const card = cardOf(number);
  shown = card ? placeOf(card) : { ...shown, number };
  markOpen();
}

function fail({ message }, number, address) {
  const again = Object.assign(document.createElement("button"), { className: "button", type: "button", textContent: gettext("Try again") });
  again.addEventListener("click", () => show(number, address));
  const box = Object.assign(document.createElement("div"), { className: "empty" });
  box.append(Object.assign(document.createElement("p"), { textContent: message }), again);
  body.replaceChildren(box);
  announce(message);
}

function enter() {
  drawer.showModal();
  // What is said at the page's edge must be heard and reached: outside an open dialog nothing is.
  for (const id of ["toasts", "announcer"]) drawer.append(document.getElementById(id));
  body.focus({ preventScroll: true });
}

function leave() {
  reading?.abort();
  mounted?.();
  mounted = null;
}

function left() {
  // The browser tells of a closing a moment later: it may be open again by then, or have been left already.
  if (drawer.open || !shown) return;
  leave();
  const { number, list, index } = shown;
  shown = null;
  markOpen();
  body.replaceChildren();
  document.title = boardTitle;
  for (const id of ["toasts", "announcer"]) document.body.append(document.getElementById(id));
  const cards = list?.isConnected ? list.querySelectorAll(".card") : [];
  const card = cardOf(number) ?? cards[Math.min(index, cards.length - 1)] ?? board.querySelector(".card");
  card?.querySelector(".card-link").focus({ preventScroll: true });
  if (!history.state?.drawer) return;
  leaving = new Promise((resolve) => addEventListener("popstate", resolve, { once: true })).then(() => { leaving = null; });
  history.back();
}

function turn(by) {
  const card = beside(by);
  if (card) openDrawer(card).then(() => body.focus({ preventScroll: true }));
  else announce(by > 0 ? gettext("This is the last card of the column") : gettext("This is the first card of the column"));
}

/** The card before or after; when the open one has gone elsewhere, the one that took its place. */
function beside(by) {
  const cards = shown.list?.isConnected ? [...shown.list.querySelectorAll(".card")] : [];
  const at = cards.findIndex((card) => card.dataset.number === shown.number);
  return at >= 0 ? cards[at + by] : cards[by > 0 ? shown.index : shown.index - 1];
}

function placeOf(card) {
  const { number } = card.dataset;
  // Having left its column, a card doesn't take the reader along.
  if (shown?.number === number && shown.list?.isConnected && shown.list !== card.parentElement) return shown;
  const list = card.parentElement;
  return { number, list, index: [...list.querySelectorAll(".card")].indexOf(card) };
}

function cardOf(number) {
  return board.querySelector(`.card[data-number="${CSS.escape(number)}"]`);
}

function waiting(title) {
  const box = Object.assign(document.createElement("div"), { className: "drawer-waiting" });
  box.append(
    Object.assign(document.createElement("h2"), { id: "conversation-title", textContent: title }),
    Object.assign(document.createElement("p"), { className: "muted", textContent: gettext("Loading…") }),
  );
  return box;
}

const boardTitle = document.title;
const does = { close: () => drawer.close(), previous: () => turn(-1), next: () => turn(1) };

drawer.addEventListener("click", ({ target }) => does[target.closest("button[data-drawer]")?.dataset.drawer]?.());
drawer.addEventListener("close", left);
drawer.addEventListener("pointerdown", (event) => {
  if (event.target !== drawer || event.button) return;
  event.preventDefault();
  const under = [...board.querySelectorAll(".card")].find((card) => {
    const { left: from, right, top, bottom } = card.getBoundingClientRect();
    return event.clientX >= from && event.clientX <= right && event.clientY >= top && event.clientY <= bottom;
  });
  if (under) openDrawer(under);
  else drawer.close();
});
drawer.addEventListener("keydown", (event) => {
  const by = { j: 1, k: -1 }[event.key];
  if (!by || event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey) return;
  if (event.target.closest("input, select, textarea, [contenteditable]")) return;
  event.preventDefault();
  turn(by);
});
drawer.addEventListener("drawer:close", () => drawer.close());
drawer.addEventListener("drawer:next", () => (beside(1) ? turn(1) : drawer.close()));
drawer.addEventListener("drawer:open", ({ detail: { number } }) => {
  const card = cardOf(String(number));
  if (card) openDrawer(card);
  else location.assign(`/conversations/${number}/`);
});
addEventListener("popstate", ({ state }) => {
  if (state?.drawer) show(state.drawer, location.pathname);
  else if (drawer.open) drawer.close();
});
