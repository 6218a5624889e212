// The keys of a conversation, as long as it is shown.
import { groups, register } from "./shortcuts.js";
import { gettext } from "./words.js";

export function mountKeys(root, signal) {
  const press = (selector) => () => root.querySelector(selector)?.click();
  const reach = (selector) => () => root.querySelector(selector)?.focus();
  const keys = {
    r: { label: gettext("Reply to the customer"), run: write("reply", ".for-customer") },
    n: { label: gettext("Write an internal note"), run: write("note", ".for-team") },
    e: { label: gettext("Close the conversation"), run: press('#properties [name="status"][value="closed"]') },
    i: { label: gettext("Set it to In Progress"), run: press('#properties [name="status"][value="in_progress"]') },
    o: { label: gettext("Set it to To Do"), run: press('#properties [name="status"][value="todo"]') },
    a: { label: gettext("Choose the owner"), run: reach("#owner") },
    p: { label: gettext("Choose the priority"), run: reach("#priority") },
    t: { label: gettext("Add a tag"), run: press("#tag > summary") },
    z: { label: gettext("Snooze"), run: press("#snooze > summary") },
  };

  function write(kind, tab) {
    return () => {
      const field = root.querySelector(`#composer[data-writes="${kind}"] textarea`);
      if (field) field.focus();
      else root.querySelector(tab)?.click();
    };
  }

  for (const [key, { label, run }] of Object.entries(keys)) {
    const forget = register({ keys: key, label, group: groups.conversation, run, dialog: "#drawer", command: true });
    signal.addEventListener("abort", forget);
  }
}
