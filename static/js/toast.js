const LASTS_MS = 6_000;

/** Says something at the edge of the page. `action` is `{ label, run }`. */
export function toast(text, { error = false, action } = {}) {
  const box = document.createElement("div");
  box.className = error ? "toast toast-error" : "toast";
  box.append(Object.assign(document.createElement("span"), { textContent: text }));
  if (action) {
    const button = Object.assign(document.createElement("button"), { type: "button", textContent: action.label });
    button.addEventListener("click", () => {
      box.remove();
      action.run();
    });
    box.append(button);
  }
  document.getElementById("toasts").replaceChildren(box);
  let timer = setTimeout(() => box.remove(), LASTS_MS);
  // Who reads or reaches for it gets the time to.
  box.addEventListener("pointerenter", () => clearTimeout(timer));
  box.addEventListener("focusin", () => clearTimeout(timer));
  for (const left of ["pointerleave", "focusout"]) {
    box.addEventListener(left, () => {
      clearTimeout(timer);
      timer = setTimeout(() => box.remove(), LASTS_MS);
    });
  }
}
