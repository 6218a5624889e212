// A conversation's small menus: one open at a time, closed by Escape and by a click elsewhere; choosers that come into
// view; and focus that stays where it was when the head is drawn again.
export function mountMenus(root, signal) {
  const open = () => root.querySelector("details.pop[open]");

  document.addEventListener("click", ({ target }) => {
    const menu = open();
    if (menu && !menu.contains(target)) menu.open = false;
  }, { signal });
  root.addEventListener("toggle", ({ target }) => {
    if (!target.matches("details.pop") || !target.open) return;
    for (const other of root.querySelectorAll("details.pop[open]")) if (other !== target) other.open = false;
    target.querySelector("input:not([type=hidden], [type=date]), .menu button")?.focus();
  }, { signal, capture: true });
  root.addEventListener("keydown", (event) => {
    const menu = event.key === "Escape" && open();
    if (!menu) return;
    event.preventDefault();
    event.stopPropagation();
    menu.open = false;
    menu.querySelector("summary").focus();
  }, { signal });
  // The zone in which "tomorrow at nine" is meant.
  root.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.path.endsWith("/snooze/")) detail.parameters.zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  }, { signal });

  // The chooser of another conversation is where the eyes are, and ready to be written in.
  root.addEventListener("htmx:afterSettle", ({ detail: { target } }) => {
    if (!target.matches(".correct-place")) return;
    target.scrollIntoView({ block: "nearest" });
    if (matchMedia("(hover: hover)").matches) target.querySelector("input[type=search]")?.focus();
  }, { signal });

  let held = "";
  root.addEventListener("htmx:oobBeforeSwap", ({ detail: { target } }) => {
    if (target.id === "conversation-head" && target.contains(document.activeElement)) held = nameOf(document.activeElement);
  }, { signal });
  root.addEventListener("htmx:oobAfterSwap", ({ detail: { target } }) => {
    if (target.id !== "conversation-head" || !held) return;
    root.querySelector(held)?.focus({ preventScroll: true });
    held = "";
  }, { signal });
}

/** A selector that finds the same control in the head as it is drawn next. */
function nameOf(element) {
  const menu = element.closest("details.pop");
  if (menu) return `#${menu.id} > summary`;
  if (element.id) return `#${element.id}`;
  return `#conversation-head [name="${CSS.escape(element.name ?? "")}"][value="${CSS.escape(element.value ?? "")}"]`;
}
