// Where drawn cards go. A list is ordered by key, the newest first; of two drawings of a card the later wins.
export const board = document.getElementById("board");

let held = null; // what arrives while a card is in somebody's hand

export function hold() {
  held = [];
}

export function release() {
  const waiting = held ?? [];
  held = null;
  for (const arrive of waiting) arrive();
}

/** Takes what the server drew after a change. `shared`: one drawing for all readers, which knows of none what is new. */
export function apply(html, { force = false, shared = false } = {}) {
  if (held) return held.push(() => apply(html, { force, shared }));
  const patch = parse(html);
  for (const card of patch.querySelectorAll(".card")) {
    const shown = document.getElementById(card.id);
    if (shared) card.toggleAttribute("data-unread", Boolean(shown && "unread" in shown.dataset));
    else if (shown) shown.toggleAttribute("data-unread", "unread" in card.dataset);
    place(card, { force });
  }
  for (const { dataset } of patch.querySelectorAll("[data-gone]")) remove(document.getElementById(`card-${dataset.gone}`));
  count(patch);
  drawn();
}

/** Takes the whole board as drawn now; what was loaded further down a list stays. */
export function fresh(html) {
  if (held) return held.push(() => fresh(html));
  const now = parse(html).querySelector("#board");
  const focus = document.activeElement?.closest?.(".card")?.id;
  const known = new Set([...now.querySelectorAll(".card")].map((card) => card.id));
  if (names(now) === names(board)) {
    for (const list of now.querySelectorAll("[data-cards]")) refill(listOf(list.dataset.cards, list.dataset.lane), list, known);
    count(now);
  } else board.replaceChildren(...now.childNodes); // other swimlanes than before
  drawn();
  if (focus) document.getElementById(focus)?.querySelector(".card-link").focus({ preventScroll: true });
}

/** Takes the next cards of a list in the place of the link that asked for them. */
export function lengthen(more, html) {
  const list = more.parentElement;
  const page = parse(html);
  more.replaceWith(...page.querySelectorAll(".more"));
  for (const card of page.querySelectorAll(".card")) {
    const shown = document.getElementById(card.id);
    if (shown && version(shown) >= version(card)) continue; // changed while this page was on its way
    shown?.remove();
    list.insertBefore(card, [...list.children].find((other) => isBefore(card, other)) ?? null);
  }
  drawn();
}

/** Puts a card into its list, or `into` another. Without `force` an older or equal drawing changes nothing. */
export function place(card, { into = homeOf(card), force = false } = {}) {
  const shown = document.getElementById(card.id);
  if (shown && !force && version(shown) >= version(card)) return;
  const focused = shown?.contains(document.activeElement);
  if (!into) { // a lane that isn't there yet
    board.dispatchEvent(new CustomEvent("board:incomplete"));
    return remove(shown);
  }
  const next = [...into.querySelectorAll(".card")].find((other) => other.id !== card.id && isBefore(card, other));
  const more = into.querySelector(".more");
  if (shown && shown !== card) {
    if (!next && more && !focused && into === homeOf(card)) return remove(shown); // further down than what is loaded
    shown.remove();
  } else if (!shown && !next && more) return;
  if (shown !== card) card.classList.add("is-fresh");
  into.insertBefore(card, next ?? more);
  if (focused) card.querySelector(".card-link").focus({ preventScroll: !force });
}

/** One card of each list can be reached by Tab; the arrow keys reach the others. */
export function rove(active) {
  for (const list of board.querySelectorAll("[data-cards]")) {
    const cards = [...list.querySelectorAll(".card")];
    const mine = cards.includes(active) ? active : cards.find((card) => "roving" in card.dataset) ?? cards[0];
    for (const card of cards) {
      card.toggleAttribute("data-roving", card === mine);
      for (const each of card.querySelectorAll(".card-link, .card-move, .card-check")) each.tabIndex = card === mine ? 0 : -1;
    }
  }
}

/** The cards above and below in the same column, beyond its swimlane too. */
export function neighbours(card) {
  const cards = [...board.querySelectorAll(`[data-cards="${card.parentElement.dataset.cards}"] .card`)];
  const at = cards.indexOf(card);
  return { before: cards[at - 1], after: cards[at + 1] };
}

/** The list so many columns to the right, or lanes below. */
export function listBeside(list, { column = 0, lane = 0 }) {
  const lists = [...board.querySelectorAll("[data-cards]")];
  const same = lists.filter(({ dataset }) => (column ? dataset.lane === list.dataset.lane : dataset.cards === list.dataset.cards));
  return same[same.indexOf(list) + (column || lane)];
}

/** Whether something was said since the card was drawn as it is shown. */
export function saysMore(card) {
  const shown = document.getElementById(card.id);
  return !shown || shown.dataset.key !== card.dataset.key;
}

export function listOf(status, lane) {
  return [...board.querySelectorAll(`[data-cards="${status}"]`)].find(({ dataset }) => (dataset.lane ?? "") === (lane ?? ""));
}

export function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function refill(mine, list, known) {
  const cards = [...list.querySelectorAll(".card")];
  const more = list.querySelector(".more");
  const below = more ? [...mine.querySelectorAll(".card")].filter((card) => !known.has(card.id) && isBefore(cards.at(-1), card)) : [];
  const top = mine.scrollTop;
  const end = below.length ? mine.querySelector(".more") : more;
  mine.replaceChildren(...cards.map(newest), ...below, ...(end ? [end] : []));
  mine.scrollTop = top;
}

/** Says that cards were drawn, so that what is marked on them can be marked anew. */
function drawn() {
  rove();
  board.dispatchEvent(new CustomEvent("board:drawn"));
}

function remove(card) {
  if (!card) return;
  const { before, after } = neighbours(card);
  const focused = card.contains(document.activeElement);
  card.remove();
  if (focused) (after ?? before)?.querySelector(".card-link").focus({ preventScroll: true });
}

function homeOf({ dataset }) {
  const { group } = board.dataset;
  return listOf(dataset.status, group ? dataset[group] : "");
}

function names(root) {
  return [...root.querySelectorAll("[data-cards]")].map(({ dataset }) => `${dataset.cards}/${dataset.lane ?? ""}`).join(" ");
}

function newest(card) {
  const shown = document.getElementById(card.id);
  return shown && version(shown) === version(card) ? shown : card;
}

function version({ dataset }) {
  return Number(dataset.version);
}

function isBefore(card, other) {
  if (!other.dataset.key) return true; // before the link to what follows
  const [a, b] = [card, other].map(({ dataset }) => dataset.key.split("_").map(Number));
  return a[0] !== b[0] ? a[0] > b[0] : a[1] > b[1];
}

function count(root) {
  for (const each of root.querySelectorAll("[data-count]")) {
    for (const shown of board.querySelectorAll(`[data-count="${each.dataset.count}"]`)) {
      if (shown.textContent !== each.textContent) shown.textContent = each.textContent;
    }
  }
}
