// "Move to…": one menu for all cards, for touch, switch and keyboard alike.
import { statusNames } from "./board-words.js";
import { gettext } from "./words.js";

const menu = Object.assign(document.createElement("div"), { className: "menu move-menu", popover: "auto" });
menu.setAttribute("role", "menu");
menu.setAttribute("aria-label", gettext("Move to"));
document.body.append(menu);

export function openMoveMenu(card, choose) {
  menu.replaceChildren(
    ...Object.entries(statusNames).map(([status, name]) => {
      const item = Object.assign(document.createElement("button"), { type: "button", textContent: name });
      item.setAttribute("role", "menuitemradio");
      item.setAttribute("aria-checked", String(card.dataset.status === status));
      item.addEventListener("click", () => {
        closeMoveMenu();
        card.querySelector(".card-link").focus();
        choose(status);
      });
      return item;
    }),
  );
  menu.showPopover();
  const place = card.querySelector(".card-move").getBoundingClientRect();
  menu.style.left = `${Math.max(8, Math.min(place.right - menu.offsetWidth, innerWidth - menu.offsetWidth - 8))}px`;
  menu.style.top = `${Math.min(place.bottom + 4, innerHeight - menu.offsetHeight - 8)}px`;
  menu.querySelector('[aria-checked="false"]').focus();
}

export function closeMoveMenu() {
  menu.hidePopover();
}

menu.addEventListener("keydown", (event) => {
  const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!by) return;
  event.preventDefault();
  const items = [...menu.children];
  items[(items.indexOf(document.activeElement) + by + items.length) % items.length].focus();
});
