// Where drawn cards go. A column is ordered by key, the newest first; of two drawings of a card the later wins.
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

/** Takes what the server drew after a change. Returns what it wants the person to be told. */
export function apply(html, options = {}) {
  if (held) return held.push(() => apply(html, options)), "";
  const patch = parse(html);
  for (const card of patch.querySelectorAll(".card")) place(card, options);
  for (const { dataset } of patch.querySelectorAll("[data-gone]")) document.getElementById(`card-${dataset.gone}`)?.remove();
  if (!("filtered" in board.dataset)) count(patch);
  rove();
  return patch.querySelector("[data-toast]")?.textContent ?? "";
}

/** Takes the whole board as drawn now; what was loaded further down a column stays. */
export function fresh(html) {
  if (held) return held.push(() => fresh(html));
  const drawn = parse(html);
  const focus = document.activeElement?.closest?.(".card")?.id;
  const known = new Set([...drawn.querySelectorAll(".card")].map((card) => card.id));
  for (const list of drawn.querySelectorAll("[data-cards]")) {
    const mine = column(list.dataset.cards);
    const cards = [...list.querySelectorAll(".card")];
    const more = list.querySelector(".more");
    const below = more ? [...mine.querySelectorAll(".card")].filter((card) => !known.has(card.id) && isBefore(cards.at(-1), card)) : [];
    const top = mine.scrollTop;
    const end = below.length ? mine.querySelector(".more") : more;
    mine.replaceChildren(...cards.map(newest), ...below, ...(end ? [end] : []));
    if (end) htmx.process(end);
    mine.scrollTop = top;
  }
  count(drawn);
  rove();
  if (focus) document.getElementById(focus)?.querySelector(".card-link").focus({ preventScroll: true });
}

/** Puts a card into its column, or `into` another. Without `force` an older or equal drawing changes nothing. */
export function place(card, { into = card.dataset.status, force = false } = {}) {
  const shown = document.getElementById(card.id);
  if (shown && !force && Number(shown.dataset.version) >= Number(card.dataset.version)) return;
  const focused = shown?.contains(document.activeElement);
  if (!chosen(card)) return shown?.remove();
  const list = column(into);
  const next = [...list.querySelectorAll(".card")].find((other) => other.id !== card.id && isBefore(card, other));
  const more = list.querySelector(".more");
  if (shown && shown !== card) shown.remove();
  if (!next && more && !focused && into === card.dataset.status && shown !== card) return; // further down than what is loaded
  if (shown !== card) card.classList.add("is-fresh");
  list.insertBefore(card, next ?? more);
  if (focused) card.querySelector(".card-link").focus();
}

/** One card of each column can be reached by Tab; the arrow keys reach the others. */
export function rove(active) {
  for (const list of board.querySelectorAll("[data-cards]")) {
    const cards = [...list.querySelectorAll(".card")];
    const mine = cards.includes(active) ? active : cards.find((card) => card.querySelector(".card-link").tabIndex === 0 && card.dataset.roving) ?? cards[0];
    for (const card of cards) {
      card.toggleAttribute("data-roving", card === mine);
      for (const each of card.querySelectorAll(".card-link, .card-move")) each.tabIndex = card === mine ? 0 : -1;
    }
  }
}

function parse(html) {
  const template = document.createElement("template");
  template.innerHTML = html;
  return template.content;
}

function column(status) {
  return board.querySelector(`[data-cards="${status}"]`);
}

function newest(card) {
  const shown = document.getElementById(card.id);
  return shown && Number(shown.dataset.version) === Number(card.dataset.version) ? shown : card;
}

function isBefore(card, other) {
  const [a, b] = [card, other].map(({ dataset }) => dataset.key.split("_").map(Number));
  return a[0] !== b[0] ? a[0] > b[0] : a[1] > b[1];
}

function chosen({ dataset }) {
  const { filterOwner, filterAccount } = board.dataset;
  const owned = !filterOwner || (filterOwner === "nobody" ? !dataset.owner : dataset.owner === filterOwner);
  return owned && (!filterAccount || dataset.account === filterAccount);
}

function count(drawn) {
  for (const each of drawn.querySelectorAll("[data-count]")) {
    for (const shown of board.querySelectorAll(`[data-count="${each.dataset.count}"]`)) shown.textContent = each.textContent;
  }
}
