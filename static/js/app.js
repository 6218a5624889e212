// What every page has: times in the reader's zone, toasts, menus that close, and the stream of changes.
import { toast } from "./toast.js";
import "./times.js";
import "./shortcut-help.js";
import { forgetDrafts } from "./drafts.js";
import { listen } from "./live.js";
import { gettext } from "./words.js";

// On a narrow screen where one is may be beyond the edge of its bar.
for (const here of document.querySelectorAll(".nav > [aria-current], .tabs > [aria-current]")) {
  const bar = here.parentElement;
  const { left, width } = here.getBoundingClientRect();
  bar.scrollLeft += left + width / 2 - (bar.getBoundingClientRect().left + bar.clientWidth / 2);
}

document.addEventListener("click", (event) => {
  for (const menu of document.querySelectorAll("details.person-menu[open]")) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.person-menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// Whoever sits here next reads nothing of what was begun.
document.addEventListener("submit", ({ target }) => {
  if (new URL(target.action).pathname === "/sign-out/") forgetDrafts();
});

document.addEventListener("htmx:sendError", () => toast(gettext("The server can’t be reached. Nothing was changed."), { error: true }));
document.addEventListener("htmx:responseError", ({ detail }) => {
  if (![409, 422].includes(detail.xhr.status)) toast(gettext("That didn’t work. Reload the page and try again."), { error: true });
});
// What was just done, and how it is undone.
document.addEventListener("pylon:toast", ({ detail: { text, undo, values } }) => {
  const run = () => htmx.ajax("POST", undo, { target: "#timeline", swap: "outerHTML", values });
  toast(text, undo ? { action: { label: gettext("Undo"), run } } : {});
});
// Signed out meanwhile: a fragment of the sign-in page makes no sense here.
document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.responseURL.includes("/sign-in/")) {
    event.detail.shouldSwap = false;
    location.reload();
  }
});
// A page that was reloaded under the address of the board's drawer and is left by Back gets the board's address, but
// no board: the browser takes the two for one document.
const drawn = location.pathname;
addEventListener("popstate", () => {
  if (location.pathname !== drawn && !document.getElementById("drawer")) location.reload();
});

if (document.getElementById("live")) listen();
if (document.getElementById("palette-pages")) import("./palette.js");
