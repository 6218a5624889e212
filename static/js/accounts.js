/* The list's checkboxes: how many are chosen, all of the page at once. Without this file the bar works all the same. */

const form = document.querySelector(".account-picks");
const all = form?.querySelector("[data-pick-all]");

if (all) {
  const boxes = [...form.querySelectorAll('input[name="account"]')];
  const told = form.querySelector("[data-picked]");
  const mergeTwo = form.querySelector("[data-pick-two]");

  const tell = () => {
    const count = boxes.filter((box) => box.checked).length;
    told.textContent = String(count);
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
    if (mergeTwo) mergeTwo.disabled = count !== 2;
  };

  all.addEventListener("change", () => {
    for (const box of boxes) box.checked = all.checked;
    tell();
  });
  form.addEventListener("change", tell);
  window.addEventListener("pageshow", tell);
  tell();
}
