// What the command palette can do on this page: `{ id, label, group, keys, run }`, or with `choices` a second list.
import { keyNames, shortcuts } from "./shortcuts.js";
import { toast } from "./toast.js";
import { gettext, ngettext } from "./words.js";

const SNOOZES = {
  "1h": gettext("For an hour"), tomorrow: gettext("Until tomorrow"), monday: gettext("Until Monday"), "1w": gettext("For a week"),
};
const PRIORITIES = {
  urgent: gettext("Urgent"), high: gettext("High"), normal: gettext("Normal"), low: gettext("Low"),
};
const SCHEMES = { light: gettext("Light"), dark: gettext("Dark"), "": gettext("As the system has it") };

/** `focused`: where the focus was before the palette took it: what the commands are about. */
export async function commands(focused) {
  const everywhere = [...pages(), ...registered(), ...others()];
  return [...await actions(focused), ...everywhere];
}

/** The pages come with the page, for this person: what they may not open is not among them. */
function pages() {
  const listed = JSON.parse(document.getElementById("palette-pages")?.textContent ?? "[]");
  return listed.map(({ label, href, group, keys }) => ({ id: href, label, href, group, keys: keys && [[keys]] }));
}

function registered() {
  return shortcuts()
    .filter(({ command, when }) => command && (!when || when()))
    .map(({ label, group, sequences, run }) => ({ id: label, label, group, keys: keyNames(sequences[0]), run }));
}

function others() {
  const theme = {
    id: "theme", label: gettext("Change colours"), group: gettext("Everywhere"),
    choices: () => Object.entries(SCHEMES).map(([value, label]) => ({ value, label })),
    run: (value) => import("./theme.js").then(({ setTheme }) => setTheme(value)),
  };
  const out = document.querySelector("form[action*='sign-out'] button");
  const signOut = { id: "sign-out", label: gettext("Sign out"), group: gettext("Everywhere"), run: () => out.click() };
  return out ? [theme, signOut] : [theme];
}

/** On the selected cards, or on the conversation that is open. */
async function actions(focused) {
  const target = await chosen(focused);
  if (!target) return [];
  const { name, change, address } = target;
  const group = name;
  const act = !("mayChange" in document.body.dataset) ? [] : [
    { id: "close", label: gettext("Close"), group, run: () => change({ status: "closed" }) },
    { id: "start", label: gettext("Move to In Progress"), group, run: () => change({ status: "in_progress" }) },
    { id: "todo", label: gettext("Move to To Do"), group, run: () => change({ status: "todo" }) },
    { id: "assign-me", label: gettext("Assign to me"), group, run: () => change({ owner: document.body.dataset.user }) },
    {
      id: "assign", label: gettext("Assign to…"), group, ask: "/palette/owner/",
      choices: () => [{ value: "", label: gettext("Nobody") }], run: (owner) => change({ owner }),
    },
    {
      id: "priority", label: gettext("Set priority…"), group,
      choices: () => Object.entries(PRIORITIES).map(([value, label]) => ({ value, label })), run: (priority) => change({ priority }),
    },
    {
      id: "tag", label: gettext("Add tag…"), group, ask: "/palette/tag/", free: true,
      choices: () => [], run: (tag) => change({ add_tag: tag }),
    },
    {
      id: "snooze", label: gettext("Snooze…"), group,
      choices: () => Object.entries(SNOOZES).map(([value, label]) => ({ value, label })),
      run: (snooze) => change({ snooze, zone: Intl.DateTimeFormat().resolvedOptions().timeZone }),
    },
  ];
  const copy = { id: "copy", label: gettext("Copy link"), group, run: () => copyLink(address) };
  return address ? [...act, copy] : act;
}

async function chosen(focused) {
  const open = document.getElementById("conversation");
  if (open) {
    const { id, number, address } = open.dataset;
    return { name: `#${number}`, address, change: (fields) => changeOpen(open, id, fields) };
  }
  if (!document.getElementById("board")) return null;
  const [{ selected }, { change }] = await Promise.all([import("./board-select.js"), import("./board-changes.js")]);
  const card = focused?.closest?.("#board .card");
  const cards = selected().length ? selected() : card ? [card] : [];
  if (!cards.length) return null;
  const name = cards.length === 1 ? `#${cards[0].dataset.number}` : ngettext("{count} card", "{count} cards", cards.length);
  const address = cards.length === 1 ? cards[0].querySelector(".card-link").href : "";
  return { name, address, change: (fields) => change(cards, fields) };
}

async function changeOpen(root, id, fields) {
  const headers = JSON.parse(document.body.getAttribute("hx-headers"));
  const body = new URLSearchParams({ id, seen: "{}", query: "", ...fields });
  let answer;
  try {
    answer = await fetch("/board/change/", { method: "POST", headers, body, signal: AbortSignal.timeout(15_000) });
  } catch {
    return toast(gettext("The server can’t be reached. Nothing was changed."), { error: true });
  }
  if (answer.redirected) return location.reload();
  const drawn = new DOMParser().parseFromString(await answer.text(), "text/html");
  const told = drawn.querySelector("[data-toast], [data-told]")?.textContent.trim();
  toast(told || (answer.ok ? gettext("Done.") : gettext("That didn’t work. Reload the page and try again.")), { error: !answer.ok });
  document.dispatchEvent(new CustomEvent("pylon:refresh"));
}

async function copyLink(address) {
  try {
    await navigator.clipboard.writeText(new URL(address, location.href).href);
    toast(gettext("Link copied"));
  } catch {
    toast(gettext("The browser doesn’t let us copy."), { error: true });
  }
}
