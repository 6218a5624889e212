// A button with `data-copies` copies the text of the field with that id.
import { toast } from "./toast.js";
import { gettext } from "./words.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copies]");
  if (!button) return;
  const field = document.getElementById(button.dataset.copies);
  field.select();
  try {
    await navigator.clipboard.writeText(field.value);
    toast(gettext("Copied."));
  } catch {
    // Without https the browser lets no script write there: the text is selected.
    toast(gettext("Press Ctrl+C to copy: the text is selected."));
  }
});
