// Keyboard shortcuts: a page's scripts register theirs, one listener runs them, `?` lists them.
//
//   register({ keys: "g b", label: gettext("Board"), group: groups.go, run: () => …, when: () => true });
//
// `keys`: keys pressed one after the other ("g b"), each perhaps with modifiers ("shift+d", "mod+k"; mod is Ctrl, or
// Cmd on a Mac); an array: any of them. Names are those of `KeyboardEvent.key`, letters in lower case.
// `run(event)`: may answer false: not handled, the browser goes on. `when()`: whether it does something just now.
// `dialog`: the selector of a dialog in which it works; without, it rests while a modal dialog is open; "*": always.
// `within`: the selector of what must hold the focus. `repeats`: also while the key is held down.
// `command`: true puts it into the command palette too.
import { gettext } from "./words.js";

const NEXT_KEY_MS = 1_200;
const OFF = "pylon:single-keys-off";
const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
const registered = new Set();
let pressed = [];
let timer = null;

export const groups = {
  everywhere: gettext("Everywhere"),
  go: gettext("Go to"),
  board: gettext("Board"),
  conversation: gettext("Conversation"),
};

/** Answers a function that takes the shortcut away again. */
export function register(shortcut) {
  const entry = { group: groups.everywhere, ...shortcut, sequences: [shortcut.keys].flat().map((keys) => keys.split(" ")) };
  registered.add(entry);
  return () => registered.delete(entry);
}

/** What is registered, in this order: `{ label, group, sequences, run, when, command }`. */
export function shortcuts() {
  return [...registered];
}

/** Keys of one character, alone or one after the other, may be in the way of who speaks to the computer. */
export function singleKeysOff() {
  return localStorage.getItem(OFF) === "yes";
}

export function switchSingleKeys(on) {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
}

/** As a person reads it: an array of the keys' names for each step of the sequence. */
export function keyNames(sequence) {
  return sequence.map((step) => step.split(/\+(?=.)/).map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key)));
}

const names = {
  mod: isMac ? "⌘" : gettext("Ctrl"), shift: isMac ? "⇧" : gettext("Shift"), alt: isMac ? "⌥" : gettext("Alt"),
  ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→",
  Escape: gettext("Esc"), Enter: gettext("Enter"), " ": gettext("Space"), Space: gettext("Space"),
};

document.addEventListener("keydown", (event) => {
  if (event.defaultPrevented || event.isComposing || ["Control", "Shift", "Alt", "Meta"].includes(event.key)) return;
  clearTimeout(timer);
  const step = stepOf(event);
  const able = [...registered].filter((entry) => mayRun(entry, event));
  // Longest first: after "g", a "b" means "g b" and not "b".
  for (const keys of pressed.length ? [[...pressed, step], [step]] : [[step]]) {
    const entry = able.find(({ sequences }) => sequences.some((sequence) => same(sequence, keys)));
    if (entry && (!event.repeat || entry.repeats)) {
      pressed = [];
      if (entry.run(event) !== false) event.preventDefault();
      return;
    }
    if (able.some(({ sequences }) => sequences.some((sequence) => begins(sequence, keys)))) {
      pressed = keys;
      timer = setTimeout(() => { pressed = []; }, NEXT_KEY_MS);
      event.preventDefault();
      return;
    }
  }
  pressed = [];
});

function stepOf(event) {
  const letter = /^Key([A-Z])$/.exec(event.code)?.[1].toLowerCase();
  // With a keyboard for another script the letters are where they are printed beside.
  const key = event.key.length === 1 && event.key > "\u007f" && letter ? letter : event.key;
  const isSign = key.length === 1 && !/[a-z]/i.test(key); // which may take Shift to write
  return [
    (isMac ? event.metaKey : event.ctrlKey) && "mod",
    (isMac ? event.ctrlKey : event.metaKey) && "other",
    event.altKey && !event.getModifierState("AltGraph") && "alt",
    event.shiftKey && !isSign && "shift",
    key === " " ? "Space" : key.length === 1 ? key.toLowerCase() : key,
  ].filter(Boolean).join("+");
}

function mayRun(entry, event) {
  const { target } = event;
  const withModifier = event.ctrlKey || event.metaKey;
  if (!withModifier && isField(target)) return false;
  if (!withModifier && event.key.length === 1 && event.key !== " " && singleKeysOff()) return false;
  if (entry.within && !target.closest?.(entry.within)) return false;
  const dialog = target.closest?.("dialog:modal") ?? [...document.querySelectorAll("dialog:modal")].pop();
  if (dialog && entry.dialog !== "*" && !(entry.dialog && dialog.matches(entry.dialog))) return false;
  return !entry.when || entry.when();
}

function isField(element) {
  if (!element.matches?.("input, select, textarea, [contenteditable]:not([contenteditable='false']), [role='combobox'], [role='textbox']")) return false;
  return !element.matches("input:is([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset])");
}

function same(sequence, keys) {
  return sequence.length === keys.length && begins([...sequence, ""], keys);
}

function begins(sequence, keys) {
  return sequence.length > keys.length && keys.every((key, at) => sequence[at] === key);
}
