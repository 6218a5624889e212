// Retells every <time data-style> in the reader's zone and language of numbers, and keeps "5 min" true.
const REDRAW_MS = 30_000;
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

// The server draws its next pages in it: what was said on which day.
document.cookie = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; path=/; max-age=31536000; samesite=lax`;

const styles = {
  ago: (at) => ago(at),
  waiting: (at) => `waiting ${ago(at)}`,
  due: (at) => (isOver(at) ? `overdue ${ago(at)}` : `due in ${lasting(at - Date.now())}`),
  clock: (at) => (at.toDateString() === new Date().toDateString() ? clock.format(at) : `${day.format(at)}, ${clock.format(at)}`),
  time: (at) => clock.format(at),
  day: (at) => day.format(at),
  full: (at) => full.format(at),
};

function isOver(at) {
  return at <= Date.now();
}

function lasting(span) {
  const minutes = Math.ceil(span / 60_000);
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h`;
  return `${Math.floor(minutes / (24 * 60))} d`;
}

function ago(at) {
  const minutes = Math.max(0, Math.floor((Date.now() - at) / 60_000));
  if (minutes < 1) return "now";
  if (minutes < 7 * 24 * 60) return lasting(minutes * 60_000);
  return at.getFullYear() === new Date().getFullYear() ? day.format(at) : full.format(at).split(",").slice(0, 2).join(",");
}

function retell(root) {
  for (const time of root.querySelectorAll("time[data-style]")) {
    const at = new Date(time.dateTime);
    const text = styles[time.dataset.style](at);
    if (time.textContent !== text) time.textContent = text;
    // For the badge around it: by its colour it tells what is late.
    if (time.dataset.style === "due") time.toggleAttribute("data-late", isOver(at));
    if (!time.title) time.title = full.format(at);
  }
}

retell(document);
setInterval(() => retell(document), REDRAW_MS);
new MutationObserver((changes) => {
  for (const { addedNodes } of changes) {
    for (const node of addedNodes) if (node.nodeType === Node.ELEMENT_NODE) retell(node);
  }
}).observe(document.body, { childList: true, subtree: true });
