// One message, and lists of them that change only where something changed.

import { act, ask } from "./api.js";
import { renderBlocks } from "./blocks.js";
import { byId, clock, dayName, h, icon, safeUrl } from "./dom.js";
import { PALETTE, emojiText } from "./emoji.js";
import { mrkdwn, onlyEmoji, unescape } from "./mrkdwn.js";
import { app, installedHere, isCustomer, person, state, team } from "./state.js";

const NOTES = new Set(["channel_join", "channel_leave", "channel_name", "channel_topic", "tombstone"]);
const GROUP_SECONDS = 300;

/** Show `messages` in `list`; nodes of unchanged messages stay, so focus and half-made choices stay too. */
export function showMessages(list, messages, { inThread = false, openThread } = {}) {
  const old = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const nodes = [];
  let before = null;
  for (const message of messages) {
    if (!inThread && (!before || dayName(before.ts) !== dayName(message.ts))) nodes.push(kept(old, `day ${dayName(message.ts)}`, () => dayLine(message)));
    const follows = before && author(before) === author(message) && message.ts - before.ts < GROUP_SECONDS && !NOTES.has(before.subtype) && !before.reply_count;
    const key = JSON.stringify([state.me, follows, inThread, message]);
    nodes.push(kept(old, key, () => messageNode(message, { follows, inThread, openThread })));
    before = message;
  }
  if (nodes.length === list.children.length && nodes.every((node, place) => list.children[place] === node)) return;
  list.replaceChildren(...nodes);
}

function kept(old, key, make) {
  const node = old.get(key) ?? make();
  node.dataset.key = key;
  return node;
}

const author = (message) => message.user ?? message.bot_id;
const dayLine = (message) => h("div", { class: "day", role: "separator" }, h("span", {}, dayName(message.ts)));

function messageNode(message, { follows, inThread, openThread }) {
  if (NOTES.has(message.subtype)) return note(message, inThread, openThread);
  const by = person(author(message));
  const outside = by.team_id && isCustomer(by) && !message.bot_id;
  const head = h("div", { class: "by" },
    h("strong", {}, message.username ?? by.real_name),
    message.bot_id && h("span", { class: "tag app" }, "app"),
    outside && h("span", { class: "tag company" }, team(by.team_id)?.name ?? by.team_id),
    by.is_restricted && h("span", { class: "tag" }, "guest"),
    h("a", { class: "time", href: `/archives/${state.channel}/p${message.ts.replace(".", "")}` }, clock(message.ts)));
  return h("article", { class: `message${follows ? " follows" : ""}${message.is_ephemeral ? " ephemeral" : ""}`, tabindex: "-1", dataset: { ts: message.ts } },
    h("div", { class: "gutter" }, follows ? h("span", { class: "time" }, clock(message.ts)) : h("img", { class: "avatar", src: message.icons?.url ?? by.avatar, alt: "", width: 36, height: 36 })),
    h("div", { class: "content" },
      !follows && head,
      message.is_ephemeral && h("div", { class: "muted small" }, "Only visible to you"),
      message.subtype === "thread_broadcast" && !inThread && h("button", { class: "linklike small", onclick: () => openThread?.(message.thread_ts) }, "↳ replied to a thread"),
      body(message), files(message), reactions(message),
      !inThread && message.reply_count > 0 && threadLine(message, openThread)),
    !message.is_ephemeral && toolbar(message, inThread, openThread));
}

function note(message, inThread, openThread) {
  const text = message.subtype === "tombstone" ? ["This message was deleted."] : mrkdwn(message.text);
  const says = message.subtype === "channel_name" ? [h("span", {}, person(message.user).real_name), " "] : [];
  const inviter = message.inviter ? ` (invited by ${person(message.inviter).real_name})` : "";
  return h("article", { class: "note", dataset: { ts: message.ts } }, h("span", {}, says, text, inviter), h("span", { class: "time" }, clock(message.ts)),
    !inThread && message.reply_count > 0 && threadLine(message, openThread));
}

function body(message) {
  const blocks = (message.blocks ?? []).filter((block) => block.type !== "rich_text");
  const press = (element, block, value) =>
    ask("press", { channel: state.channel, message_ts: message.ts, action_id: element.action_id, block_id: block.block_id, as: state.me, value });
  const edited = message.edited && !message.bot_id && h("span", { class: "muted small" }, " (edited)");
  const large = onlyEmoji(message.text ?? "");
  const shown = blocks.length
    ? h("div", { class: "kit" }, renderBlocks(blocks, { press }))
    : message.text && h("div", { class: `text${large ? " large" : ""}` }, mrkdwn(message.text), edited);
  return [shown, (message.attachments ?? []).map((one) => attachment(one, press))];
}

function attachment(one, press) {
  const link = one.title_link ?? one.from_url;
  return h("div", { class: "attachment" },
    one.title && h("strong", {}, link && safeUrl(link) ? h("a", { href: safeUrl(link), target: "_blank", rel: "noopener noreferrer" }, one.title) : one.title),
    one.text && h("div", { class: "text" }, mrkdwn(one.text)),
    one.blocks && renderBlocks(one.blocks, { press }));
}

function files(message) {
  return (message.files ?? []).map((file) =>
    h("a", { class: "file", href: `/files/${message.user}/${file.id}/${encodeURIComponent(file.name ?? "file")}`, target: "_blank", rel: "noopener" },
      h("span", { class: "file-icon" }, icon("file")), h("span", {}, file.name), h("span", { class: "muted small" }, size(file.size))));
}

const size = (bytes) => (bytes > 1e6 ? `${(bytes / 1e6).toFixed(1)} MB` : bytes > 1e3 ? `${Math.round(bytes / 1e3)} kB` : `${bytes} bytes`);

function reactions(message) {
  if (!message.reactions) return null;
  return h("div", { class: "reactions" }, message.reactions.map((one) => {
    const mine = one.users.includes(state.me);
    return h("button", { class: `reaction${mine ? " mine" : ""}`, "aria-pressed": String(mine), title: one.users.map((id) => person(id).real_name).join(", "),
      "aria-label": `${one.name}, ${one.count}`, onclick: () => toggle(message, one.name, mine) }, emojiText(one.name), " ", String(one.count));
  }));
}

const toggle = (message, name, mine) => act(mine ? "unreact" : "react", { channel: state.channel, message_ts: message.ts, name, as: state.me });

function threadLine(message, openThread) {
  const who = message.reply_users.slice(0, 4).map((id) => h("img", { class: "avatar tiny", src: person(id).avatar, alt: "", width: 20, height: 20 }));
  const count = message.reply_count === 1 ? "1 reply" : `${message.reply_count} replies`;
  return h("button", { class: "thread-line", onclick: () => openThread?.(message.ts) }, who, h("span", {}, count), h("span", { class: "muted small" }, `${dayName(message.latest_reply)}, ${clock(message.latest_reply)}`));
}

function toolbar(message, inThread, openThread) {
  const mine = message.user === state.me;
  const button = (label, face, onclick) => h("button", { class: "icon", "aria-label": label, title: label, onclick }, icon(face));
  return h("div", { class: "toolbar", role: "group", "aria-label": "Message actions" },
    button("React", "smile", (event) => palette(event.currentTarget, message)),
    !inThread && button("Reply in thread", "reply", () => openThread?.(message.thread_ts ?? message.ts)),
    mine && button("Edit", "edit", () => edit(message)),
    mine && button("Delete", "trash", () => act("delete", { channel: state.channel, message_ts: message.ts, as: state.me })),
    installedHere() && button("Shortcuts", "bolt", () => shortcuts(message)));
}

function palette(button, message) {
  const open = button.parentElement.querySelector(".palette");
  if (open) return open.remove();
  const pick = (name) => { box.remove(); toggle(message, name, message.reactions?.some((one) => one.name === name && one.users.includes(state.me))); };
  const box = h("div", { class: "palette", onkeydown: (event) => { if (event.key === "Escape") { box.remove(); button.focus(); } } },
    PALETTE.map((name) => h("button", { class: "icon", "aria-label": name, onclick: () => pick(name) }, emojiText(name))));
  button.parentElement.append(box);
  box.firstChild.focus();
  return null;
}

function edit(message) {
  const dialog = byId("dialog");
  const box = h("textarea", { rows: 5, "aria-label": "Message" });
  box.value = unescape(message.text);
  const save = async (event) => {
    event.preventDefault();
    if (await act("edit", { channel: state.channel, message_ts: message.ts, as: state.me, text: escape(box.value) })) dialog.close();
  };
  dialog.replaceChildren(h("form", { onsubmit: save }, h("h2", {}, "Edit message"), box,
    h("div", { class: "row end" }, h("button", { type: "button", class: "btn", onclick: () => dialog.close() }, "Cancel"), h("button", { class: "btn primary" }, "Save"))));
  dialog.showModal();
  box.focus();
}

// References such as <@U1> come back from the editor as they were; only lone signs are escaped.
const escape = (text) => text.replaceAll("&", "&amp;").replace(/<(?![@#!]|https?:)/g, "&lt;").replace(/(<[@#!h][^<>\n]*>)|>/g, (whole, reference) => reference ?? "&gt;");

function shortcuts(message) {
  const dialog = byId("dialog");
  const run = (callback_id) => { dialog.close(); ask("shortcut", { channel: state.channel, message_ts: message.ts, callback_id, as: state.me }); };
  dialog.replaceChildren(h("h2", {}, "Message shortcuts"), h("div", { class: "stack" },
    app().shortcuts.map((one) => h("button", { class: "btn wide", onclick: () => run(one.callback_id) }, one.name))),
    h("div", { class: "row end" }, h("button", { class: "btn", onclick: () => dialog.close() }, "Close")));
  dialog.showModal();
}
