// What people do to cards, one or many at once: shown at once, then as the server says it is.
import { announce, nameOf, statusNames } from "./board-words.js";
import { apply, board, listOf, parse, place } from "./board-cards.js";
import { send } from "./board-server.js";
import { toast } from "./toast.js";
import { gettext, ngettext } from "./words.js";

/** Into another list: another column, another swimlane, or both. */
export function moveInto(cards, list) {
  const { group } = board.dataset;
  const fields = { status: list.dataset.cards };
  if (group) fields[group] = list.dataset.lane;
  return change(cards, fields);
}

/**
 * `fields`: what they shall have, by the names of the server's form, an array where a name comes more than once;
 * `address`: who takes them.
 */
export async function change(cards, fields, address = "/board/change/") {
  const { group } = board.dataset;
  const moves = (card) => ["status", group].some((name) => name && name in fields && card.dataset[name] !== fields[name]);
  if (!cards.some(moves) && isMove(fields)) return cards.forEach((card) => place(card, { force: true }));
  const said = cards.length === 1 ? nameOf(cards[0]) : ngettext("{count} card", "{count} cards", cards.length);
  const focused = cards.find((card) => card.contains(document.activeElement));
  for (const card of cards) {
    const home = listOf(fields.status ?? card.dataset.status, group ? fields[group] ?? card.dataset[group] : "");
    if (moves(card)) place(card, { into: home, force: true });
    card.classList.add("is-saving");
  }
  focused?.querySelector(".card-link").focus();
  if (fields.status) announce(gettext("{what}: moving to {where}", { what: said, where: statusNames[fields.status] }));
  const asked = cards.flatMap(({ id, dataset }) => [["id", id.replace("card-", "")], ["seen", seen(dataset)]]);
  const wanted = Object.entries(fields).flatMap(([name, values]) => [values].flat().map((value) => [name, value]));
  try {
    tell(await send(address, [...asked, ...wanted]), said);
  } catch (error) {
    for (const card of cards) {
      card.classList.remove("is-saving");
      place(card, { force: true });
    }
    const where = cards.length === 1 && fields.status ? gettext("and is back in {where}", { where: statusNames[cards[0].dataset.status] }) : "";
    const outcome = `${gettext("{what} could not be changed", { what: said })} ${where}`.trim();
    announce(`${outcome}. ${error.message}`);
    toast(`${outcome}. ${error.message}`, { error: true });
  }
}

/** What the person saw, so that of two who change the same the second is told. */
function seen({ status, owner, priority }) {
  return JSON.stringify({ status, owner, priority });
}

function isMove(fields) {
  return Object.keys(fields).every((name) => name === "status" || name === board.dataset.group);
}

/** The server's answer: the cards as they are now, what was done, what was refused and why, and how it is undone. */
function tell({ html, conflict }, what) {
  apply(html, { force: true });
  const answer = parse(html);
  const text = answer.querySelector("[data-toast]")?.textContent.trim() ?? "";
  const refusals = [...answer.querySelectorAll("[data-refused]")].map((line) => line.textContent.trim());
  const undo = answer.querySelector("[data-undo]")?.dataset.undo;
  announce([text, ...refusals].join(". "));
  toast(text, {
    error: conflict,
    details: refusals,
    action: undo && { label: gettext("Undo"), run: () => takeBack(undo, what) },
  });
}

async function takeBack(undo, what) {
  try {
    tell(await send("/board/undo/", [["undo", undo]]), what);
  } catch (error) {
    toast(gettext("{what} could not be changed back. {why}", { what, why: error.message }), { error: true });
  }
}
