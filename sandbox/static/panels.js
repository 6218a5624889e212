// The side panel: a thread, the log of requests, the faults.

import { act, read } from "./api.js";
import { fillComposer } from "./composer.js";
import { byId, clock, h, icon, toast } from "./dom.js";
import { showMessages } from "./messages.js";
import { state } from "./state.js";

export async function showThread({ close, fresh }) {
  const panel = byId("panel");
  const asked = state.thread;
  const { messages } = await read("messages", { channel: state.channel, thread_ts: asked, as: state.me });
  if (state.panel !== "thread" || state.thread !== asked) return; // another panel was opened meanwhile
  if (fresh || !panel.querySelector(".thread-list")) {
    const form = h("form", { class: "composer" });
    panel.replaceChildren(head("Thread", close), h("div", { class: "messages thread-list", tabindex: "0", role: "log", "aria-label": "Thread" }), form);
    fillComposer(form, { threadOf: () => state.thread, id: "reply-text" });
  }
  const list = panel.querySelector(".thread-list");
  showMessages(list, messages, { inThread: true });
  list.scrollTop = list.scrollHeight;
}

let logTab = "deliveries";

export async function showLog({ close, fresh }) {
  const panel = byId("panel");
  const log = await read("log", { limit: 150 });
  if (state.panel !== "log") return; // another panel was opened meanwhile
  const openRows = new Set([...panel.querySelectorAll("details[open]")].map((row) => row.dataset.key));
  if (fresh || !panel.querySelector(".log")) {
    const tab = (name, label) => h("button", { class: "tab", role: "tab", dataset: { tab: name }, onclick: () => { logTab = name; showLog({ close }); } }, label);
    panel.replaceChildren(head("Log", close), h("div", { class: "tabs", role: "tablist" }, tab("deliveries", "Sent to the app"), tab("calls", "Called by the app")), h("div", { class: "log" }));
  }
  for (const button of panel.querySelectorAll(".tab")) button.setAttribute("aria-selected", String(button.dataset.tab === logTab));
  const rows = logTab === "calls" ? log.calls.map(callRow) : log.deliveries.map(deliveryRow);
  for (const row of rows) row.open = openRows.has(row.dataset.key);
  panel.querySelector(".log").replaceChildren(...(rows.length ? rows.reverse() : [h("p", { class: "muted pad" }, "Nothing yet.")]));
}

function deliveryRow(one) {
  const last = one.attempts.at(-1);
  const good = one.state === "delivered";
  const word = one.state === "pending" ? "waiting" : (last?.status ?? last?.reason ?? one.state);
  const tries = one.attempts.length > 1 ? ` ×${one.attempts.length}` : "";
  const attempts = one.attempts.map((try_) => `${try_.duplicate ? "duplicate" : try_.number ? `retry ${try_.number}` : "first"}: ${try_.status ?? try_.reason}, ${Math.round(try_.seconds * 1000)} ms`);
  return row(`d${one.id}`, one.created, one.summary, `${word}${tries}`, good ? "good" : one.state === "pending" ? "" : "bad",
    h("ul", {}, attempts.map((text) => h("li", {}, text))), h("pre", {}, pretty(one.body)));
}

function callRow(one) {
  const good = one.answer.ok;
  return row(`c${one.id}`, one.at, one.method, good ? "ok" : (one.answer.error ?? one.status), good ? "good" : "bad",
    h("h4", {}, "Arguments"), h("pre", {}, JSON.stringify(one.args, null, 2)), h("h4", {}, `Answer, ${one.status}`), h("pre", {}, JSON.stringify(one.answer, null, 2)));
}

const row = (key, at, name, word, kind, ...details) =>
  h("details", { dataset: { key } }, h("summary", {}, h("span", { class: "time" }, clock(at)), h("span", { class: "grow" }, name), h("span", { class: `pill ${kind}` }, String(word))), details);

function pretty(body) {
  const text = body.startsWith("payload=") ? new URLSearchParams(body).get("payload") : body;
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return body.replaceAll("&", "\n");
  }
}

export function showFaults({ close }) {
  const now = state.world.misbehaviour;
  const rule = now.calls[0] ?? {};
  const number = (name, label, value, attributes = {}) => h("label", {}, h("span", {}, label), h("input", { name, type: "number", min: 0, step: "any", value: String(value), ...attributes }));
  const form = h("form", { class: "faults", onsubmit: apply },
    h("p", { class: "muted" }, "What a real network and a busy Slack do to an app, on request. The same seed gives the same faults."),
    h("fieldset", {}, h("legend", {}, "Events on their way to the app"),
      number("duplicate", "Sent twice, percent", now.events.duplicate_share * 100, { max: 100 }),
      number("shuffle", "Shuffled within, seconds", now.events.shuffle_window_seconds),
      number("delay_share", "Delayed, percent", now.events.delay_share * 100, { max: 100 }),
      number("delay", "Delayed by, seconds", now.events.delay_seconds)),
    h("fieldset", {}, h("legend", {}, "Calls by the app"),
      h("label", {}, h("span", {}, "Method"), h("input", { name: "method", placeholder: "any, or chat.update", value: rule.method && rule.method !== "*" ? rule.method : "" })),
      h("label", {}, h("span", {}, "Fault"), faultSelect(rule.fault)),
      number("share", "Struck, percent", (rule.share ?? 0) * 100, { max: 100 }),
      number("retry_after", "Retry-After, seconds", rule.retry_after_seconds ?? 1),
      number("posts", "Posts a second per channel, 0 for any", now.posts_per_second, { step: 1 })),
    number("seed", "Seed", now.seed, { step: 1 }),
    h("div", { class: "row" }, h("button", { class: "btn primary" }, "Apply"), h("button", { class: "btn", type: "button", onclick: calm }, "All normal")),
    h("fieldset", {}, h("legend", {}, "The world"),
      h("div", { class: "row" },
        h("button", { class: "btn", type: "button", onclick: () => world("/sandbox/story", { name: "three-companies", again: true }, "The story was played.") }, "Play the story again"),
        h("button", { class: "btn danger", type: "button", onclick: () => world("/sandbox/reset", {}, "Everything is as in the beginning.") }, "Start over"))));
  byId("panel").replaceChildren(head("Faults", close), form);
}

const faultSelect = (chosen) => {
  const select = h("select", { name: "fault" }, h("option", { value: "rate_limited" }, "429 with Retry-After"), h("option", { value: "server_error" }, "503 server error"), h("option", { value: "timeout" }, "no answer"));
  select.value = chosen ?? "rate_limited";
  return select;
};

async function apply(event) {
  event.preventDefault();
  const value = Object.fromEntries(new FormData(event.target));
  const share = Number(value.share) / 100;
  const settings = {
    seed: Number(value.seed), posts_per_second: Number(value.posts),
    events: { duplicate_share: Number(value.duplicate) / 100, shuffle_window_seconds: Number(value.shuffle), delay_share: Number(value.delay_share) / 100, delay_seconds: Number(value.delay) },
    calls: share ? [{ method: value.method || "*", fault: value.fault, share, retry_after_seconds: Number(value.retry_after) }] : [],
  };
  const answer = await act("misbehave", settings);
  if (answer) { state.world.misbehaviour = answer.misbehaviour; toast("The faults are on."); }
}

async function calm() {
  const answer = await act("misbehave", {});
  if (!answer) return;
  state.world.misbehaviour = answer.misbehaviour;
  toast("Everything is normal again.");
  document.querySelector('[data-panel="faults"]').dispatchEvent(new CustomEvent("refill"));
}

async function world(path, body, done) {
  if (await act("", body, path)) toast(done);
}

const head = (title, close) => h("header", { class: "panel-head" }, h("h2", {}, title), h("button", { class: "icon", "aria-label": "Close", onclick: close }, icon("close")));
