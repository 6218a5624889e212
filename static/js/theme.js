// Light or dark, where somebody wants another one than the system's. `scheme.js` shows it before the page is drawn.
const KEPT = "pylon:theme";

/** "light", "dark", or empty: as the system has it. */
export function setTheme(theme) {
  if (theme) localStorage.setItem(KEPT, theme);
  else localStorage.removeItem(KEPT);
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
}
