// The app's modals and its Home tab.

import { act, ask, read } from "./api.js";
import { renderBlocks, textObject } from "./blocks.js";
import { byId, h } from "./dom.js";
import { app, state } from "./state.js";

let shown = null;

/** Show the modal on top of this person's stack, if there is one and it changed. */
export async function showModal() {
  const { modal } = await read("views", { as: state.me });
  const dialog = byId("dialog");
  const mark = modal && `${modal.id} ${modal.hash}`;
  if (mark === shown) return;
  shown = mark;
  if (!modal) return void (dialog.classList.contains("view") && dialog.close());
  const fields = new Map();
  const values = () => Object.fromEntries([...fields].map(([id, value]) => [id, value()]));
  const press = (element, block, value) => !fields.has(element.action_id) || block.dispatch_action || block.type !== "input"
    ? ask("press-in-view", { view_id: modal.id, as: state.me, action_id: element.action_id, value, values: values() }) : null;
  const close = () => act("close-view", { view_id: modal.id, as: state.me });
  const submit = async (event) => {
    event.preventDefault();
    const answer = await ask("submit-view", { view_id: modal.id, as: state.me, values: values() });
    if (answer) showErrors(dialog, answer.app_answer);
  };
  dialog.classList.add("view");
  dialog.onclose = () => dialog.classList.remove("view");
  dialog.oncancel = close;
  dialog.replaceChildren(h("form", { onsubmit: submit, novalidate: true },
    h("h2", {}, textObject(modal.title)), renderBlocks(modal.blocks, { press, fields }),
    h("div", { class: "row end" },
      h("button", { type: "button", class: "btn", onclick: close }, modal.close ? textObject(modal.close) : "Close"),
      modal.submit && h("button", { class: "btn primary" }, textObject(modal.submit)))));
  if (!dialog.open) dialog.showModal();
}

function showErrors(dialog, answer) {
  let errors = {};
  try {
    errors = JSON.parse(answer).errors ?? {};
  } catch {
    // An empty answer means that the app took the values.
  }
  for (const place of dialog.querySelectorAll(".field-error")) place.textContent = errors[place.dataset.for] ?? "";
}

/** The Home tab, shown where a channel's messages are otherwise. */
export async function showHome(container) {
  const { home } = await read("views", { as: state.me });
  const press = (element, block, value) => ask("press-in-view", { view_id: home.id, as: state.me, action_id: element.action_id, value });
  container.replaceChildren(h("div", { class: "home kit" }, home ? renderBlocks(home.blocks, { press }) : h("p", { class: "muted" }, `${app().name} has not published a Home tab for you yet.`)));
}
