// The board's filters: several choices of one list go together, when the list is closed; single ones at once.
const form = document.getElementById("filters");
const header = document.querySelector(".board-header");
const changed = new Set();

const openOnes = () => header.querySelectorAll("details.pop[open]");

header.addEventListener("toggle", ({ target }) => {
  if (target.open) {
    for (const other of openOnes()) if (other !== target) other.open = false;
    target.querySelector("[data-narrows], input:not([type=hidden])")?.focus({ preventScroll: true });
  } else if (changed.has(target)) show();
}, { capture: true });
document.addEventListener("click", ({ target }) => {
  for (const menu of openOnes()) if (!menu.contains(target)) menu.open = false;
});
header.addEventListener("keydown", (event) => {
  const menu = event.target.closest("details.pop[open]");
  if (event.key !== "Escape" || !menu) return;
  event.preventDefault();
  menu.open = false;
  menu.querySelector("summary").focus();
});

form?.addEventListener("change", ({ target }) => {
  if (target.matches("[data-now]")) show();
  else if (target.type === "checkbox") changed.add(target.closest("details"));
});
form?.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-narrows]")) return;
  const wanted = target.value.trim().toLocaleLowerCase();
  for (const option of target.parentElement.querySelectorAll(".check")) {
    option.hidden = !option.textContent.toLocaleLowerCase().includes(wanted);
  }
});
// What is empty need not stand in the address.
form?.addEventListener("formdata", ({ formData }) => {
  for (const [name, value] of [...formData]) if (value === "") formData.delete(name);
});

function show() {
  form.requestSubmit();
}
