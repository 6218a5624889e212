// The command palette: Ctrl or Cmd and K. A field with a list under it, as the combobox pattern has it: the focus stays
// in the field, `aria-activedescendant` says which option is the one. Commands are the page's own and work without the
// server; conversations, accounts and people are asked for.
import { commands } from "./palette-commands.js";
import { fit } from "./palette-match.js";
import { groups, register } from "./shortcuts.js";
import { gettext, ngettext } from "./words.js";

const ASK_AFTER_MS = 120;
const RECENT = "pylon:recent-commands";
const KEPT = 12;
const SHOWN = 12; // commands, while something is typed

const dialog = element("dialog", { className: "palette", id: "palette" });
dialog.setAttribute("aria-label", gettext("Commands"));
const field = element("input", { className: "palette-field", type: "text", id: "palette-field", autocomplete: "off", spellcheck: false });
for (const [name, value] of Object.entries({
  role: "combobox", "aria-expanded": "true", "aria-controls": "palette-list", "aria-autocomplete": "list", "aria-label": gettext("Search or run a command"), autocapitalize: "none",
})) field.setAttribute(name, value);
const context = element("span", { className: "palette-context", hidden: true });
const list = element("div", { className: "palette-list", id: "palette-list" });
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", gettext("Results"));
const count = element("p", { className: "visually-hidden" });
count.setAttribute("role", "status");
const close = element("button", { className: "button button-quiet button-small palette-close", type: "button", textContent: gettext("Esc") });
close.setAttribute("aria-label", gettext("Esc: close"));
const top = element("div", { className: "palette-top" });
top.append(context, field, close);
dialog.append(top, list, count);
document.body.append(dialog);

let known = []; // the commands there are
let within = null; // the command whose choices are shown
let fetched = ""; // the server's options, as drawn
let asking = null;
let timer = null;

export async function openPalette() {
  if (dialog.open) return dialog.close();
  const asked = commands(document.activeElement);
  known = [];
  enter(null);
  dialog.showModal(); // at once: what is typed next is meant for it, not for the page's keys
  field.focus();
  known = await asked;
  if (dialog.open && !within) draw();
}

register({ keys: "mod+k", label: gettext("Search or run a command"), run: () => void openPalette(), dialog: "*" });
register({ keys: "/", label: gettext("Search"), run: () => location.assign("/search/"), when: () => location.pathname !== "/search/" });
for (const [keys, href, label] of [["g b", "/board/", gettext("Board")], ["g a", "/accounts/", gettext("Accounts")], ["g n", "/analytics/", gettext("Analytics")], ["g s", "/settings/", gettext("Settings")]]) {
  register({ keys, label, group: groups.go, run: () => location.assign(href) });
}
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-palette]")) openPalette();
});
dialog.addEventListener("click", ({ target }) => {
  const option = target.closest("[role=option]");
  if (option) run(option);
  else if (target === dialog || target.closest(".palette-close")) dialog.close();
});
dialog.addEventListener("close", () => asking?.abort());
list.addEventListener("pointermove", ({ target }) => {
  const option = target.closest("[role=option]");
  if (option && option !== active()) activate(option, { scroll: false });
});
field.addEventListener("input", () => {
  draw();
  ask();
});
field.addEventListener("keydown", (event) => {
  if (event.isComposing) return;
  const options = [...list.querySelectorAll("[role=option]")];
  const at = options.indexOf(active());
  const to = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: Math.min(at + 8, options.length - 1), PageUp: Math.max(at - 8, 0) }[event.key];
  if (to !== undefined && options.length) activate(options[(to + options.length) % options.length]);
  else if (event.key === "Enter" && active()) run(active(), event);
  else if (event.key === "Backspace" && !field.value && within) enter(null);
  else if (event.key === "Escape" && within) enter(null);
  else return;
  event.preventDefault();
});

function enter(command) {
  within = command;
  field.value = "";
  fetched = "";
  field.placeholder = command ? "" : gettext("Search or run a command");
  context.hidden = !command;
  context.textContent = command ? command.label : "";
  list.scrollTop = 0;
  draw();
  ask();
}

function draw() {
  const typed = field.value.trim();
  const before = active()?.dataset.key;
  list.replaceChildren(...(within ? choicesOf(typed) : commandsFor(typed)));
  const answers = new DOMParser().parseFromString(fetched, "text/html").body;
  if (within) {
    for (const option of answers.querySelectorAll("[role=option]")) {
      if (fit(option.textContent, typed)) list.append(document.adoptNode(option));
    }
  } else list.append(...[...answers.children].map((child) => document.adoptNode(child)));
  const options = [...list.querySelectorAll("[role=option]")];
  options.forEach((option, at) => {
    option.id = `palette-${at}`;
    option.dataset.key ??= option.dataset.href ?? option.dataset.value;
    option.setAttribute("aria-selected", "false");
  });
  if (!options.length) list.append(element("p", { className: "palette-empty muted", textContent: gettext("Nothing fits.") }));
  activate(options.find(({ dataset }) => dataset.key === before && !typed) ?? options[0], { scroll: false });
  count.textContent = ngettext("{count} result", "{count} results", options.length);
}

function commandsFor(typed) {
  const recent = recents();
  const place = ({ id }) => (recent.includes(id) ? recent.indexOf(id) : KEPT);
  const fitting = known
    .map((command) => ({ command, score: Math.max(fit(command.label, typed), fit(`${command.group} ${command.label}`, typed) - 100) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => (typed ? b.score - a.score : 0) || place(a.command) - place(b.command))
    .slice(0, typed ? SHOWN : undefined)
    .map(({ command }) => command);
  if (typed) return fitting.length ? [group(gettext("Commands"), fitting)] : [];
  const lately = fitting.filter(({ id }) => recent.includes(id) && place({ id }) < 4);
  const rest = known.filter((command) => !lately.includes(command));
  const names = [...new Set(rest.map((command) => command.group))];
  const groups = names.map((name) => group(name, rest.filter((command) => command.group === name)));
  // What is open comes first, then what was used last.
  const first = rest.some(({ id }) => id === "close" || id === "copy") ? groups.splice(0, 1) : [];
  return [...first, ...(lately.length ? [group(gettext("Lately"), lately)] : []), ...groups];
}

function group(name, entries) {
  const box = element("div", {});
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", name);
  const title = element("div", { className: "palette-group", textContent: name });
  title.setAttribute("aria-hidden", "true");
  box.append(title, ...entries.map((command) => {
    const row = option(command.label);
    row.dataset.key = row.dataset.command = command.id;
    if (command.keys) {
      const hint = element("span", { className: "palette-hint" });
      hint.append(...command.keys.flat().map((key) => element("kbd", { textContent: key })));
      row.append(hint);
    }
    return row;
  }));
  return box;
}

function choicesOf(typed) {
  const rows = within.choices().filter(({ label }) => fit(label, typed)).map(({ value, label }) => {
    const row = option(label);
    row.dataset.value = value;
    return row;
  });
  if (within.free && typed) {
    const row = option(gettext("Add “{tag}”", { tag: typed }));
    row.dataset.value = typed;
    rows.unshift(row);
  }
  return rows;
}

function option(label) {
  const row = element("div", { className: "palette-option" });
  row.setAttribute("role", "option");
  row.append(element("span", { className: "truncate", textContent: label }));
  return row;
}

function ask() {
  clearTimeout(timer);
  asking?.abort();
  const typed = field.value.trim();
  if (within && (!within.ask || fetched)) return;
  if (!within && !typed) {
    if (fetched) {
      fetched = "";
      draw();
    }
    return;
  }
  const address = within ? within.ask : `/palette/?${new URLSearchParams({ q: field.value })}`;
  timer = setTimeout(async () => {
    const mine = (asking = new AbortController());
    dialog.setAttribute("aria-busy", "true");
    try {
      const response = await fetch(address, { signal: AbortSignal.any([mine.signal, AbortSignal.timeout(10_000)]) });
      if (response.ok && !response.redirected) fetched = await response.text();
      else fetched = "";
      if (!mine.signal.aborted) draw();
    } catch {
      // Offline, or overtaken by the next letter: the commands are there all the same.
    } finally {
      if (asking === mine) dialog.removeAttribute("aria-busy");
    }
  }, within ? 0 : ASK_AFTER_MS);
}

function run(option, event) {
  const { href, command: id, value } = option.dataset;
  const command = id && known.find((one) => one.id === id);
  if (command) remember(id);
  if (command?.choices) return enter(command);
  const chosen = within;
  dialog.close();
  const address = href ?? command?.href;
  if (value !== undefined && chosen) chosen.run(value);
  else if (address && (event?.ctrlKey || event?.metaKey)) open(address, "_blank", "noopener");
  else if (address) location.assign(address);
  else command?.run();
}

function active() {
  return document.getElementById(field.getAttribute("aria-activedescendant") ?? "");
}

function activate(option, { scroll = true } = {}) {
  active()?.setAttribute("aria-selected", "false");
  if (!option) return field.removeAttribute("aria-activedescendant");
  option.setAttribute("aria-selected", "true");
  field.setAttribute("aria-activedescendant", option.id);
  if (scroll) option.scrollIntoView({ block: "nearest" });
}

function recents() {
  const kept = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
  return Array.isArray(kept) ? kept : [];
}

/** Names of commands and of our own pages alone: nothing that a customer said stays in the browser. */
function remember(id) {
  localStorage.setItem(RECENT, JSON.stringify([id, ...recents().filter((one) => one !== id)].slice(0, KEPT)));
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
