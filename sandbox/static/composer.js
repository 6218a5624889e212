// Writing: messages, replies, slash commands, mentions, files.

import { act, ask } from "./api.js";
import { h, icon, toast } from "./dom.js";
import { app, channel, channelName, installedHere, person, state } from "./state.js";

/** Fill a form; `thread_ts` gives the thread it writes to, if any. */
export function fillComposer(form, { threadOf = () => null, id }) {
  const files = [];
  const where = channel(state.channel);
  const text = h("textarea", { rows: 1, id, autocomplete: "off", placeholder: threadOf() ? "Reply…" : `Write in #${where.kind === "im" ? app().name : channelName(where)}`,
    "aria-label": threadOf() ? "Reply" : "Message", "aria-describedby": `${id}-hint` });
  const also = h("input", { type: "checkbox" });
  const names = h("span", { class: "small muted" });
  const picker = h("input", { type: "file", hidden: true, multiple: true, onchange: async () => {
    for (const file of picker.files) files.push(await encoded(file));
    names.textContent = files.map((file) => file.name).join(", ");
  } });
  const send = async (event) => {
    event?.preventDefault();
    const written = text.value.trim();
    if (!written && !files.length) return;
    const sent = await deliver(written, { thread_ts: threadOf(), broadcast: also.checked, files: [...files] });
    if (!sent) return;
    text.value = "";
    files.length = 0;
    names.textContent = "";
    also.checked = false;
    grow(text);
  };
  text.addEventListener("input", () => grow(text));
  text.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing) send(event);
  });
  form.onsubmit = send;
  form.replaceChildren(h("div", { class: "composer-box" }, text,
    h("div", { class: "composer-row" },
      h("button", { type: "button", class: "icon", "aria-label": "Attach a file", title: "Attach a file", onclick: () => picker.click() }, icon("plus")), picker, names,
      threadOf() && h("label", { class: "small" }, also, " also in the channel"),
      h("span", { class: "small muted hint", id: `${id}-hint` }, installedHere() ? `Enter sends · @name mentions · ${app().commands[0]} runs a command` : "Enter sends · @name mentions"),
      h("button", { class: "btn primary send" }, "Send"))));
}

async function deliver(written, { thread_ts, broadcast, files }) {
  const command = app().commands.find((name) => written === name || written.startsWith(`${name} `));
  if (command) return ask("command", { channel: state.channel, as: state.me, text: written });
  if (/^\/\w/.test(written)) return toast(`${written.split(" ")[0]} is not a command here.`, "bad");
  return act("post", { channel: state.channel, as: state.me, text: withMentions(written), thread_ts, broadcast, files });
}

function grow(text) {
  text.style.height = "auto";
  text.style.height = `${Math.min(text.scrollHeight, 220)}px`;
}

/** Escape what was typed and turn @names of the channel's people into mentions, the longest names first. */
function withMentions(written) {
  let text = written.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
  text = text.replace(/(?<![\w<|])https?:\/\/[^\s<]+[^\s<.,;:!?)]/g, (url) => `<${url}>`);
  const people = channel(state.channel).members.map(person);
  const names = people.flatMap((one) => [[one.real_name, one.id], [one.name, one.id]]).sort((a, b) => b[0].length - a[0].length);
  for (const [name, id] of names) text = text.replaceAll(`@${name}`, `<@${id}>`);
  return text.replace(/(?<!\w)@(here|channel)\b/g, "<!$1>");
}

async function encoded(file) {
  const bytes = new Uint8Array(await file.arrayBuffer());
  const binary = Array.from(bytes, (byte) => String.fromCharCode(byte)).join("");
  return { name: file.name, mimetype: file.type || undefined, content_base64: btoa(binary) };
}
