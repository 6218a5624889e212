export const statusNames = { todo: "To Do", in_progress: "In Progress", closed: "Closed" };

export function nameOf(card) {
  return `#${card.dataset.number} ${card.querySelector(".card-link").textContent.trim()}`;
}

/** For who hears the page instead of seeing it. */
export function announce(text) {
  document.getElementById("announcer").textContent = text;
}
