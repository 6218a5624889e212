import { gettext, locale } from "./words.js";

// Retells every <time data-style> in the reader's zone and language, and keeps "5 min" true.
const REDRAW_MS = 30_000;
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const day = new Intl.DateTimeFormat(locale, { day: "numeric", month: "short" });
const date = new Intl.DateTimeFormat(locale, { dateStyle: "medium" });
const full = new Intl.DateTimeFormat(locale, { dateStyle: "medium", timeStyle: "short" });

// The server draws its next pages in it: what was said on which day.
document.cookie = `zone=${Intl.DateTimeFormat().resolvedOptions().timeZone}; path=/; max-age=31536000; samesite=lax`;

const styles = {
  ago: (at) => ago(at),
  waiting: (at) => gettext("waiting {time}", { time: ago(at) }),
  due: (at) => (isOver(at) ? gettext("overdue {time}", { time: ago(at) }) : gettext("due in {time}", { time: lasting(at - Date.now()) })),
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
  if (minutes < 60) return gettext("{count} min", { count: minutes });
  if (minutes < 24 * 60) return gettext("{count} h", { count: Math.floor(minutes / 60) });
  return gettext("{count} d", { count: Math.floor(minutes / (24 * 60)) });
}

function ago(at) {
  const minutes = Math.max(0, Math.floor((Date.now() - at) / 60_000));
  if (minutes < 1) return gettext("now");
  if (minutes < 7 * 24 * 60) return lasting(minutes * 60_000);
  return at.getFullYear() === new Date().getFullYear() ? day.format(at) : date.format(at);
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
