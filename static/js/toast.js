const LASTS_MS = 6_000;
const LASTS_WITH_MORE_MS = 12_000; // where there is something to do or a list to read

/** Says something at the edge of the page. `action` is `{ label, run }`; `details` are lines under the text. */
export function toast(text, { error = false, action, details = [] } = {}) {
  const lasts = action || details.length ? LASTS_WITH_MORE_MS : LASTS_MS;
  const box = document.createElement("div");
  box.className = error ? "toast toast-error" : "toast";
  const said = document.createElement("div");
  said.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (details.length) {
    const list = Object.assign(document.createElement("ul"), { className: "toast-details" });
    list.append(...details.map((line) => Object.assign(document.createElement("li"), { textContent: line })));
    said.append(list);
  }
  box.append(said);
  if (action) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: action.label });
    button.addEventListener("click", () => {
      box.remove();
      action.run();
    });
    box.append(button);
  }
  document.getElementById("toasts").replaceChildren(box);
  let timer = setTimeout(() => box.remove(), lasts);
  // Who reads or reaches for it gets the time to.
  for (const reached of ["pointerenter", "focusin"]) box.addEventListener(reached, () => clearTimeout(timer));
  for (const left of ["pointerleave", "focusout"]) {
    box.addEventListener(left, () => {
      clearTimeout(timer);
      timer = setTimeout(() => box.remove(), lasts);
    });
  }
}
