import { gettext } from "./words.js";

export const statusNames = { todo: gettext("To Do"), in_progress: gettext("In Progress"), closed: gettext("Closed") };

export function nameOf(card) {
  return `#${card.dataset.number} ${card.querySelector(".card-link").textContent.trim()}`;
}

/** For who hears the page instead of seeing it. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}
