// Block Kit: messages, modals and the Home tab share this renderer.

import { h, safeUrl, byId } from "./dom.js";
import { inline, mrkdwn, unescape } from "./mrkdwn.js";
import { person, state } from "./state.js";

/** `press(element, block, value)` is called when somebody uses an element; `fields` collects inputs. */
export function renderBlocks(blocks, { press, fields } = {}) {
  return blocks.map((block) => (RENDER[block.type] ?? unknown)(block, { press, fields })).filter(Boolean);
}

const RENDER = {
  section: (block, tools) =>
    h("div", { class: "block section" },
      h("div", { class: "section-body" },
        block.text && h("div", { class: "text" }, textObject(block.text)),
        block.fields && h("div", { class: "fields" }, block.fields.map((field) => h("div", { class: "text" }, textObject(field))))),
      block.accessory && h("div", { class: "accessory" }, element(block.accessory, block, tools))),
  header: (block) => h("h3", { class: "block header" }, textObject(block.text)),
  divider: () => h("hr", { class: "block" }),
  context: (block) =>
    h("div", { class: "block context" }, block.elements.map((one) => (one.type === "image" ? image(one) : h("span", { class: "text" }, textObject(one))))),
  actions: (block, tools) => h("div", { class: "block actions" }, block.elements.map((one) => element(one, block, tools))),
  image: (block) => h("figure", { class: "block" }, block.title && h("figcaption", {}, textObject(block.title)), image(block)),
  markdown: (block) => h("div", { class: "block text" }, markdown(block.text)),
  rich_text: (block) => h("div", { class: "block text" }, block.elements.map(richText)),
  input: (block, tools) =>
    h("label", { class: "block input" }, h("span", { class: "label" }, textObject(block.label), block.optional && h("small", {}, " (optional)")),
      element(block.element, block, tools), block.hint && h("small", {}, textObject(block.hint)),
      h("span", { class: "field-error", dataset: { for: block.block_id }, role: "alert" })),
};

const unknown = (block) => h("div", { class: "block context" }, `[${block.type}]`);

const ELEMENTS = {
  button: (one, block, tools) => {
    const link = one.url && safeUrl(one.url);
    return h("button", {
      type: "button", class: `btn ${one.style ?? ""}`, "aria-label": one.accessibility_label,
      onclick: async (event) => {
        if (one.confirm && !(await confirmed(one.confirm))) return;
        if (link) window.open(link, "_blank", "noopener");
        await busy(event.target, () => tools.press?.(one, block, null));
      },
    }, textObject(one.text), link && h("span", { "aria-hidden": "true" }, " ↗"));
  },
  overflow: (one, block, tools) => select(one, block, tools, options(one), "⋯"),
  static_select: (one, block, tools) => select(one, block, tools, options(one)),
  external_select: (one, block, tools) => select(one, block, tools, []),
  users_select: (one, block, tools) => select(one, block, tools, people(), null, one.initial_user),
  conversations_select: (one, block, tools) => select(one, block, tools, channels(), null, one.initial_conversation),
  channels_select: (one, block, tools) => select(one, block, tools, channels(), null, one.initial_channel),
  multi_static_select: (one, block, tools) => choices(one, block, tools, "checkbox"),
  checkboxes: (one, block, tools) => choices(one, block, tools, "checkbox"),
  radio_buttons: (one, block, tools) => choices(one, block, tools, "radio"),
  plain_text_input: (one, block, tools) => field(one, block, tools, one.multiline ? "textarea" : "input", { value: one.initial_value ?? "", maxlength: one.max_length }),
  email_text_input: (one, block, tools) => field(one, block, tools, "input", { type: "email", value: one.initial_value ?? "" }),
  url_text_input: (one, block, tools) => field(one, block, tools, "input", { type: "url", value: one.initial_value ?? "" }),
  number_input: (one, block, tools) => field(one, block, tools, "input", { type: "number", value: one.initial_value ?? "" }),
  datepicker: (one, block, tools) => field(one, block, tools, "input", { type: "date", value: one.initial_date ?? "" }),
  timepicker: (one, block, tools) => field(one, block, tools, "input", { type: "time", value: one.initial_time ?? "" }),
  image: (one) => image(one),
};

const element = (one, block, tools) => (ELEMENTS[one.type] ?? (() => h("span", { class: "muted" }, `[${one.type}]`)))(one, block, tools);

export const textObject = (text) => (text.type === "mrkdwn" ? mrkdwn(text.text) : emojiOnly(text.text));
const emojiOnly = (text) => text.split(/(:[a-z0-9_+'-]+:)/).flatMap((part, number) => (number % 2 ? inline(part) : unescape(part)));

function image(one) {
  const url = safeUrl(one.image_url);
  return url ? h("img", { src: url, alt: one.alt_text, loading: "lazy" }) : h("span", {}, one.alt_text);
}

const optionOf = (option) => ({ value: option.value, label: unescape(option.text.text) });
const options = (one) => (one.options ?? (one.option_groups ?? []).flatMap((group) => group.options)).map(optionOf);
const people = () => state.world.people.filter((one) => !one.bot_id).map((one) => ({ value: one.id, label: one.real_name }));
const channels = () => state.world.channels.filter((one) => one.kind !== "im").map((one) => ({ value: one.id, label: `#${one.name}` }));

function select(one, block, tools, items, face = null, initial = one.initial_option?.value) {
  const hint = face ?? one.placeholder?.text ?? "Choose…";
  const box = h("select", {
    class: face ? "btn overflow" : "btn", "aria-label": nameOf(one, block, face ? "More" : one.action_id),
    onchange: async () => {
      if (!box.value) return;
      if (tools.press) await busy(box, () => tools.press(one, block, box.value));
      if (face) box.value = "";
    },
  }, h("option", { value: "" }, hint), items.map((item) => h("option", { value: item.value }, item.label)));
  box.value = initial ?? "";
  tools.fields?.set(one.action_id, () => box.value || null);
  return box;
}

function choices(one, block, tools, type) {
  const initial = one.initial_options?.map((option) => option.value) ?? [one.initial_option?.value];
  const boxes = (one.options ?? []).map((option) => [option, h("input", { type, name: `${block.block_id}-${one.action_id}`, checked: initial.includes(option.value) })]);
  const chosen = () => boxes.filter(([, box]) => box.checked).map(([option]) => option.value);
  const value = () => (type === "radio" ? (chosen()[0] ?? null) : chosen());
  tools.fields?.set(one.action_id, value);
  const changed = () => !tools.fields && tools.press?.(one, block, value());
  return h("span", { class: "choices", onchange: changed }, boxes.map(([option, box]) => h("label", {}, box, " ", textObject(option.text))));
}

function field(one, block, tools, tag, attributes) {
  const box = h(tag, { placeholder: one.placeholder?.text, "aria-label": nameOf(one, block), ...attributes });
  if (!tools.fields) box.addEventListener("change", () => tools.press?.(one, block, box.value));
  tools.fields?.set(one.action_id, () => box.value || null);
  return box;
}

// Elements of input blocks have their block's label; others need a name of their own.
const nameOf = (one, block, otherwise = one.action_id) => (block.type === "input" ? null : (one.placeholder?.text ?? otherwise));

async function busy(control, work) {
  control.disabled = true;
  try {
    await work();
  } finally {
    control.disabled = false;
  }
}

function confirmed(confirm) {
  const dialog = byId("dialog");
  return new Promise((answer) => {
    const done = (yes) => { dialog.close(); answer(yes); };
    dialog.replaceChildren(
      h("h2", {}, textObject(confirm.title)), h("p", {}, textObject(confirm.text)),
      h("div", { class: "row end" },
        h("button", { class: "btn", onclick: () => done(false) }, textObject(confirm.deny ?? { text: "Cancel" })),
        h("button", { class: `btn ${confirm.style ?? "primary"}`, onclick: () => done(true) }, textObject(confirm.confirm ?? { text: "Yes" }))));
    dialog.oncancel = () => answer(false);
    dialog.showModal();
  });
}

function richText(one) {
  const inner = (one.elements ?? []).map(richElement);
  if (one.type === "rich_text_preformatted") return h("pre", {}, h("code", {}, inner));
  if (one.type === "rich_text_quote") return h("blockquote", {}, inner);
  if (one.type === "rich_text_list") {
    const list = h(one.style === "ordered" ? "ol" : "ul");
    list.append(...one.elements.map((item) => h("li", {}, richText(item))));
    return list;
  }
  return h("div", {}, inner);
}

function richElement(one) {
  if (one.type === "user") return h("span", { class: "mention" }, `@${person(one.user_id).real_name}`);
  if (one.type === "emoji") return inline(`:${one.name}:`)[0];
  if (one.type === "link") return h("a", { href: safeUrl(one.url) ?? "#", rel: "noopener noreferrer", target: "_blank" }, one.text ?? one.url);
  if (one.type === "broadcast") return h("span", { class: "mention loud" }, `@${one.range}`);
  const tag = one.style?.code ? "code" : one.style?.bold ? "strong" : one.style?.italic ? "em" : one.style?.strike ? "s" : "span";
  return h(tag, {}, one.text ?? "");
}

/** The standard Markdown of markdown blocks, turned into the mrkdwn the rest of the page knows. */
function markdown(text) {
  const escaped = text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replace(/(?<!^)>/gm, "&gt;").replace(/^>/gm, "&gt;");
  return mrkdwn(
    escaped
      .replace(/\*\*([^*\n]+)\*\*/g, "\u0001$1\u0001")
      .replace(/(?<![\w*])\*([^*\n]+)\*(?![\w*])/g, "_$1_")
      .replaceAll("\u0001", "*")
      .replace(/~~([^~\n]+)~~/g, "~$1~")
      .replace(/^#{1,6} +(.+)$/gm, "*$1*")
      .replace(/^(\s*)[-*] /gm, "$1• ")
      .replace(/\[([^\]\n]+)\]\((https?:[^)\s]+)\)/g, "<$2|$1>"));
}
