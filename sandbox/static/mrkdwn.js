// Slack's mrkdwn as DOM nodes: links, mentions, dates, code, bold, italics, strike, quotes, emoji.

import { h, safeUrl } from "./dom.js";
import { emoji } from "./emoji.js";
import { channel, person, state } from "./state.js";

const INLINE =
  /<(?<ref>[^<>\n]+)>|`(?<code>[^`\n]+)`|(?<![\w*])\*(?<bold>[^*\n]+)\*(?![\w*])|(?<![\w_])_(?<italic>[^_\n]+)_(?![\w_])|(?<![\w~])~(?<strike>[^~\n]+)~(?![\w~])|:(?<emoji>[a-z0-9_+'-]+):/g;
const STYLES = { bold: "strong", italic: "em", strike: "s" };

export const unescape = (text) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&");

/** Text in mrkdwn as an array of nodes. */
export function mrkdwn(text) {
  return text.split(/```\n?([\s\S]*?)\n?```/).flatMap((part, number) =>
    number % 2 ? [h("pre", {}, h("code", {}, unescape(part)))] : lines(part, number > 0),
  );
}

/** True when a message is nothing but a few emoji, which are then shown large. */
export function onlyEmoji(text) {
  const names = [...text.matchAll(/:([a-z0-9_+'-]+):/g)].map((match) => match[1]);
  return names.length > 0 && names.length <= 6 && names.every(emoji) && text.replace(/:[a-z0-9_+'-]+:|\s/g, "") === "";
}

function lines(text, afterCode) {
  const nodes = [];
  let quoted = null;
  const trimmed = afterCode ? text.replace(/^\n/, "") : text;
  for (const [number, line] of trimmed.split("\n").entries()) {
    if (/^(&gt;|>)/.test(line)) {
      quoted ??= nodes[nodes.push(h("blockquote")) - 1];
      if (quoted.childNodes.length) quoted.append(h("br"));
      quoted.append(...inline(line.replace(/^(&gt;|>) ?/, "")));
    } else {
      if (number > 0 && !quoted) nodes.push(h("br"));
      quoted = null;
      nodes.push(...inline(line));
    }
  }
  return nodes;
}

export function inline(text) {
  const nodes = [];
  let position = 0;
  for (const match of text.matchAll(INLINE)) {
    nodes.push(unescape(text.slice(position, match.index)), inlineNode(match));
    position = match.index + match[0].length;
  }
  nodes.push(unescape(text.slice(position)));
  return nodes.filter((node) => node !== "");
}

function inlineNode(match) {
  const { ref, code, emoji: name } = match.groups;
  if (ref !== undefined) return reference(ref);
  if (code !== undefined) return h("code", {}, unescape(code));
  if (name !== undefined) return emoji(name) ? h("span", { role: "img", "aria-label": name, class: "emoji" }, emoji(name)) : match[0];
  const [kind, inner] = Object.entries(match.groups).find(([, value]) => value !== undefined);
  return h(STYLES[kind], {}, ...inline(inner));
}


function reference(inner) {
  const cut = inner.indexOf("|");
  const target = cut < 0 ? inner : inner.slice(0, cut);
  const label = cut < 0 ? "" : inner.slice(cut + 1);
  if (target.startsWith("@")) return mention(target.slice(1));
  if (target.startsWith("#")) return h("span", { class: "mention" }, `#${channel(target.slice(1))?.name ?? label}`);
  if (target.startsWith("!date^")) return date(target.slice(6), unescape(label));
  if (target.startsWith("!")) return h("span", { class: "mention loud" }, `@${unescape(label || target.slice(1)).replace(/^@/, "")}`);
  const url = safeUrl(unescape(target));
  const text = unescape(label || target.replace(/^mailto:/, ""));
  return url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, text) : text;
}

function mention(id) {
  return h("span", { class: id === state.me ? "mention me" : "mention" }, `@${person(id).real_name}`);
}

function date(spec, fallback) {
  const [stamp, format, link] = spec.split("^");
  const when = new Date(Number(stamp) * 1000);
  if (Number.isNaN(when.getTime()) || !format) return fallback;
  const text = format.replace(/\{(\w+)\}/g, (whole, token) => dateToken(when, token) ?? whole);
  const url = link && safeUrl(link);
  const time = h("time", { datetime: when.toISOString(), title: when.toLocaleString() }, text);
  return url ? h("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, time) : time;
}

function dateToken(when, token) {
  const pretty = token.endsWith("_pretty") ? relativeDay(when) : null;
  if (pretty) return pretty;
  const day = (options) => when.toLocaleDateString([], options);
  return {
    date_num: () => when.toISOString().slice(0, 10),
    date_slash: () => day({}),
    date: () => day({ day: "numeric", month: "long", year: "numeric" }),
    date_pretty: () => day({ day: "numeric", month: "long", year: "numeric" }),
    date_short: () => day({ day: "numeric", month: "short", year: "numeric" }),
    date_short_pretty: () => day({ day: "numeric", month: "short", year: "numeric" }),
    date_long: () => day({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    date_long_pretty: () => day({ weekday: "long", day: "numeric", month: "long", year: "numeric" }),
    time: () => when.toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }),
    time_secs: () => when.toLocaleTimeString(),
    ago: () => ago(when),
  }[token]?.();
}

function relativeDay(when) {
  const days = Math.round((new Date(when).setHours(0, 0, 0, 0) - new Date().setHours(0, 0, 0, 0)) / 86400000);
  return { 0: "today", "-1": "yesterday", 1: "tomorrow" }[days] ?? null;
}

function ago(when) {
  const seconds = (when - Date.now()) / 1000;
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]].find(([, s]) => Math.abs(seconds) >= s) ?? ["second", 1];
  return new Intl.RelativeTimeFormat([], { numeric: "auto" }).format(Math.round(seconds / size), unit);
}
