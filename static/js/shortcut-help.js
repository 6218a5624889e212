// The list of the page's keyboard shortcuts, on `?`, and the switch for those of one key.
import { groups, keyNames, register, shortcuts, singleKeysOff, switchSingleKeys } from "./shortcuts.js";
import { gettext } from "./words.js";

const help = element("dialog", { className: "help", id: "shortcut-help" });
help.setAttribute("aria-labelledby", "shortcut-help-title");
document.body.append(help);

export function openHelp() {
  if (help.open) return;
  draw();
  help.showModal();
}

register({ keys: "?", label: gettext("Keyboard shortcuts"), run: openHelp, dialog: "#drawer", command: true });
document.addEventListener("click", ({ target }) => {
  if (target.closest("[data-shortcut-help]")) openHelp();
});
help.addEventListener("click", ({ target }) => {
  if (target === help || target.closest("[data-close]")) help.close();
});

function draw() {
  const byGroup = grouped(shortcuts());
  const known = Object.values(groups).filter((group) => byGroup.has(group));
  const others = [...byGroup.keys()].filter((group) => !known.includes(group));
  const close = element("button", { type: "button", className: "button button-quiet button-small", textContent: gettext("Close") });
  close.dataset.close = "";
  const head = element("header", { className: "help-head" });
  head.append(element("h2", { id: "shortcut-help-title", textContent: gettext("Keyboard shortcuts") }), close);
  const body = element("div", { className: "help-body" });
  body.append(...[...known, ...others].map((group) => section(group, byGroup.get(group))));
  help.replaceChildren(head, body, singleKeySwitch());
}

function section(group, entries) {
  const list = element("dl", {});
  for (const { label, sequences } of entries) {
    const row = element("div", {});
    const keys = element("dd", {});
    sequences.forEach((sequence, at) => {
      if (at) keys.append(element("span", { className: "help-or", textContent: gettext("or") }));
      keyNames(sequence).forEach((step, place) => {
        if (place) keys.append(element("span", { className: "help-or", textContent: gettext("then") }));
        keys.append(...step.map((key) => element("kbd", { textContent: key })));
      });
    });
    row.append(element("dt", { textContent: label }), keys);
    list.append(row);
  }
  const box = element("section", {});
  box.append(element("h3", { textContent: group }), list);
  return box;
}

function singleKeySwitch() {
  const box = element("input", { type: "checkbox", checked: !singleKeysOff() });
  box.addEventListener("change", () => switchSingleKeys(box.checked));
  const label = element("label", { className: "check" });
  label.append(box, element("span", { textContent: gettext("Shortcuts of single keys, without Ctrl or Cmd") }));
  const foot = element("footer", { className: "help-foot" });
  foot.append(label);
  return foot;
}

function grouped(entries) {
  const found = new Map();
  for (const entry of entries) found.set(entry.group, [...(found.get(entry.group) ?? []), entry]);
  return found;
}

function element(name, properties) {
  return Object.assign(document.createElement(name), properties);
}
