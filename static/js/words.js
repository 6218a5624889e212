// What scripts say, in the page's language. The catalogue is Django's own (`JavaScriptCatalog`); without it: English.
const catalogue = globalThis.django;

const language = document.documentElement.lang;

/** In which numbers and dates are written: the page's language, as it is spoken where the browser's reader lives. */
export const locale = navigator.languages.find((one) => one.split("-")[0] === language) ?? language;

/** `{name}` in the text is filled from `values`. */
export function gettext(text, values) {
  return fill(catalogue ? catalogue.gettext(text) : text, values);
}

/** `{count}` is filled by itself. */
export function ngettext(one, many, count, values) {
  const text = catalogue ? catalogue.ngettext(one, many, count) : count === 1 ? one : many;
  return fill(text, { count, ...values });
}

function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
