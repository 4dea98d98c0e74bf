// Ticked rows lead to a comparison: says how many are ticked, and stops at as many as fit beside each other.
(() => {
  "use strict";
  const FEWEST = 2;
  const MOST = 6;

  const count = (form) => {
    const said = document.querySelector(`[data-picked="${form.id}"]`);
    const boxes = [...form.elements].filter((field) => field.type === "checkbox");
    const ticked = boxes.filter((box) => box.checked).length;
    boxes.forEach((box) => {
      box.disabled = !box.checked && ticked >= MOST;
    });
    [...form.elements].filter((field) => field.type === "submit").forEach((button) => {
      button.disabled = ticked < FEWEST;
    });
    said.textContent =
      ticked === 0 ? "Tick two to six models." : `${ticked} of at most ${MOST} ticked${ticked < FEWEST ? ", one more is needed" : ""}.`;
  };
  const countAll = () =>
    document.querySelectorAll("[data-picked]").forEach((said) => count(document.getElementById(said.dataset.picked)));

  document.addEventListener("change", (event) => {
    const form = event.target.form;
    if (form && document.querySelector(`[data-picked="${form.id}"]`)) count(form);
  });
  document.addEventListener("viewchange", countAll);
  countAll();
})();
