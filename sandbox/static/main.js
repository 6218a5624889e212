// The page: who you are, where you are, and keeping it live.

import { act, read } from "./api.js";
import { fillComposer } from "./composer.js";
import { byId, h, icon } from "./dom.js";
import { showMessages } from "./messages.js";
import { showFaults, showLog, showThread } from "./panels.js";
import { app, channel, channelName, homeTeam, installedHere, isCustomer, loadWorld, me, myAppDm, myChannels, person, remember, state, team } from "./state.js";
import { showHome, showModal } from "./views.js";

const HOME = "home";
const POLL_SECONDS = 5;

async function start() {
  await loadWorld();
  const query = new URLSearchParams(location.search);
  const wanted = query.get("as") ?? localStorage.getItem("sandbox-me");
  state.me = state.world.people.find((one) => one.id === wanted)?.id ?? firstCustomer();
  const place = query.get("channel");
  if (place && channel(place) && !channel(place).members.includes(state.me)) {
    state.me = channel(place).members.find((id) => !person(id).bot_id) ?? state.me;
  }
  wire();
  await go(place && channel(place) ? place : (myChannels().find((one) => one.teams.length > 1) ?? myChannels()[0])?.id);
  if (query.get("thread")) openThread(query.get("thread"));
  if (query.get("ts")) document.querySelector(`[data-ts="${CSS.escape(query.get("ts"))}"]`)?.scrollIntoView({ block: "center" });
  listen();
}

const firstCustomer = () => (state.world.people.find((one) => isCustomer(one) && !one.bot_id) ?? state.world.people[0]).id;

function wire() {
  byId("choose-person").onclick = choosePerson;
  byId("show-channels").append(icon("menu"));
  byId("show-channels").onclick = () => pane(byId("shell").dataset.pane === "sidebar" ? "channel" : "sidebar");
  for (const button of document.querySelectorAll("[data-panel]")) {
    button.onclick = () => openPanel(state.panel === button.dataset.panel ? null : button.dataset.panel);
    button.addEventListener("refill", () => openPanel(button.dataset.panel));
  }
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !byId("dialog").open && !byId("panel").hidden && !event.target.closest(".palette")) openPanel(null);
    if (event.key === "k" && (event.ctrlKey || event.metaKey)) { event.preventDefault(); choosePerson(); }
  });
}

/** On a narrow screen one pane is seen at a time. */
const pane = (name) => { byId("shell").dataset.pane = name; };

async function become(id) {
  byId("dialog").close();
  state.me = id;
  state.thread = null;
  openPanel(null);
  const still = state.channel && channel(state.channel)?.members.includes(id);
  await go(still ? state.channel : (myChannels().find((one) => one.teams.length > 1) ?? myChannels()[0])?.id);
}

async function go(id) {
  state.channel = id ?? null;
  state.unread.delete(id);
  if (state.panel === "thread") openPanel(null);
  pane("channel");
  drawPerson();
  drawSidebar();
  drawHead();
  const list = byId("messages");
  list.replaceChildren();
  const form = byId("composer");
  form.hidden = !id || id === HOME || channel(id).is_archived;
  if (id === HOME) {
    await act("open-home", { as: state.me });
    await showHome(list);
  } else if (id) {
    fillComposer(form, { id: "composer-text" });
    await drawMessages({ toEnd: true });
  } else {
    list.append(h("p", { class: "muted pad" }, "You are in no channel."));
  }
  remember();
  await showModal();
}

async function drawMessages({ toEnd = false } = {}) {
  const asked = state.channel;
  const { messages } = await read("messages", { channel: asked, as: state.me });
  if (asked !== state.channel) return;
  const list = byId("messages");
  const atEnd = toEnd || list.scrollHeight - list.scrollTop - list.clientHeight < 80;
  showMessages(list, messages, { openThread });
  if (!messages.length) list.replaceChildren(h("p", { class: "muted pad" }, "Nothing here yet. Say hello."));
  if (atEnd) list.scrollTop = list.scrollHeight;
}

function openThread(ts) {
  state.thread = ts;
  openPanel("thread");
}

function openPanel(name) {
  state.panel = name;
  if (name !== "thread") state.thread = null;
  const panel = byId("panel");
  panel.hidden = !name;
  byId("shell").classList.toggle("with-panel", Boolean(name));
  for (const button of document.querySelectorAll("[data-panel]")) button.setAttribute("aria-pressed", String(button.dataset.panel === name));
  if (name) pane("panel");
  else pane("channel");
  refreshPanel({ fresh: true });
  remember();
}

function refreshPanel({ fresh = false } = {}) {
  const close = () => openPanel(null);
  if (state.panel === "thread") showThread({ close, fresh });
  if (state.panel === "log") showLog({ close, fresh });
  if (state.panel === "faults" && fresh) showFaults({ close });
}

function drawPerson() {
  const one = me();
  byId("choose-person").replaceChildren(
    h("img", { class: "avatar small", src: one.avatar, alt: "", width: 26, height: 26 }),
    h("span", { class: "who" }, h("span", { class: "muted prefix" }, "You are "), h("strong", {}, one.real_name), h("span", { class: "muted company" }, ` · ${team(one.team_id)?.name}`)),
    icon("down"));
}

function drawSidebar() {
  const item = (id, label, extra) => h("button", { class: `place${state.channel === id ? " here" : ""}${state.unread.has(id) ? " unread" : ""}`, "aria-current": state.channel === id ? "page" : null, onclick: () => go(id) }, h("span", { class: "grow" }, label), extra);
  const others = (one) => one.teams.filter((id) => id !== me().team_id).map((id) => h("span", { class: "tag" }, team(id)?.name ?? id));
  const list = myChannels().map((one) => item(one.id, `# ${channelName(one)}`, others(one)));
  const dm = myAppDm();
  byId("sidebar").replaceChildren(
    h("h2", {}, team(me().team_id)?.name ?? ""), h("h3", {}, "Channels"), ...list,
    ...(installedHere() && !me().bot_id ? [h("h3", {}, "App"), item(HOME, `${app().name} Home`), ...(dm ? [item(dm.id, `${app().name} messages`)] : [])] : []));
}

function drawHead() {
  const one = channel(state.channel);
  const head = byId("channel-head");
  if (!one) return head.replaceChildren(h("h1", {}, state.channel === HOME ? `${app().name} Home` : "No channel"));
  const listens = state.world.installations.some((found) => one.members.includes(found.user_id));
  const people = one.members.map(person).filter((found) => !found.bot_id);
  return head.replaceChildren(
    h("div", { class: "grow" }, h("h1", {}, one.kind === "im" ? `${app().name} messages` : `# ${channelName(one)}`), h("p", { class: "muted small" }, one.is_archived ? "Archived" : one.topic)),
    h("button", { class: "btn small", onclick: () => showMembers(one), title: people.map((found) => found.real_name).join(", ") }, `${people.length} people`),
    one.kind !== "im" && (listens ? h("span", { class: "pill good" }, `${app().name} is here`) : h("button", { class: "btn small", onclick: invite, disabled: me().team_id !== homeTeam(), title: me().team_id === homeTeam() ? "" : "Somebody of the workspace that has the app can invite it" }, `Invite ${app().name}`)));
}

const invite = () => act("invite", { channel: state.channel, user: "app", by: state.me });

function showMembers(one) {
  const dialog = byId("dialog");
  dialog.replaceChildren(h("h2", {}, `People in #${channelName(one)}`), h("ul", { class: "people" },
    one.members.map(person).map((found) => h("li", {}, h("img", { class: "avatar small", src: found.avatar, alt: "", width: 26, height: 26 }), h("span", { class: "grow" }, found.real_name, " ", h("span", { class: "muted small" }, found.title ?? "")), h("span", { class: "tag" }, found.bot_id ? "app" : (team(found.team_id)?.name ?? ""))))),
    h("div", { class: "row end" }, h("button", { class: "btn", onclick: () => dialog.close() }, "Close")));
  dialog.showModal();
}

function choosePerson() {
  const dialog = byId("dialog");
  const card = (one) => h("button", { class: `person-card${one.id === state.me ? " here" : ""}`, onclick: () => become(one.id) },
    h("img", { class: "avatar", src: one.avatar, alt: "", width: 36, height: 36 }), h("span", {}, h("strong", {}, one.real_name), one.is_restricted ? h("span", { class: "tag" }, "guest") : "", h("br"), h("span", { class: "muted small" }, one.title)));
  const group = (found) => h("section", {}, h("h3", {}, found.name, h("span", { class: "tag" }, found.id === homeTeam() ? "the support team" : "customer")),
    h("div", { class: "person-grid" }, state.world.people.filter((one) => one.team_id === found.id && !one.bot_id).map(card)));
  const teams = [...state.world.teams].sort((a, b) => (a.id === homeTeam()) - (b.id === homeTeam()));
  dialog.replaceChildren(h("h2", {}, "Who are you?"), ...teams.map(group), h("div", { class: "row end" }, h("button", { class: "btn", onclick: () => dialog.close() }, "Cancel")));
  dialog.showModal();
}

/** Changes arrive as server-sent events; while the stream is down the page asks every few seconds. */
function listen() {
  const stream = new EventSource("/sandbox/api/stream");
  let timer = null;
  stream.onopen = () => { clearInterval(timer); timer = null; refreshAll(); };
  stream.onerror = () => { timer ??= setInterval(refreshAll, POLL_SECONDS * 1000); };
  stream.onmessage = (event) => changed(JSON.parse(event.data));
}

const waiting = new Set();

function changed(change) {
  if (change.type === "reset") return location.assign("/");
  if (change.type === "message" && change.channel !== state.channel && channel(change.channel)?.members.includes(state.me)) state.unread.add(change.channel);
  if (change.type === "message" && !channel(change.channel)) waiting.add("world");
  waiting.add(change.type === "message" && change.channel === state.channel ? "here" : change.type);
  if (waiting.size) setTimeout(flush, 60);
  return null;
}

async function flush() {
  const seen = new Set(waiting);
  waiting.clear();
  if (!seen.size) return;
  if (["channel", "people", "world"].some((kind) => seen.has(kind))) { await loadWorld(); drawHead(); }
  if (["channel", "people", "world", "message"].some((kind) => seen.has(kind))) drawSidebar();
  if (seen.has("here")) { await drawMessages(); if (state.panel === "thread") refreshPanel(); }
  if (seen.has("view")) { await showModal(); if (state.channel === HOME) await showHome(byId("messages")); }
  if (state.panel === "log" && (seen.has("delivery") || seen.has("call"))) refreshPanel();
}

async function refreshAll() {
  await loadWorld();
  drawHead();
  drawSidebar();
  if (state.channel && state.channel !== HOME) await drawMessages();
  refreshPanel();
  await showModal();
}

start();
