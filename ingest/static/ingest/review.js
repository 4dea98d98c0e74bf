// One key per answer. Without this file every answer is a button of its card.
(() => {
  const cards = [...document.querySelectorAll(".review-card")];
  let current = -1;
  const show = (index) => {
    if (!cards.length) return;
    cards[current]?.classList.remove("is-current");
    current = Math.max(0, Math.min(index, cards.length - 1));
    const card = cards[current];
    card.classList.add("is-current");
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    if (event.key === "j" || event.key === "n") show(current + 1);
    else if (event.key === "k") show(current - 1);
    else cards[current]?.querySelector(`[data-key="${CSS.escape(event.key)}"]`)?.click();
  });
  cards.forEach((card, index) => card.addEventListener("focusin", () => index !== current && show(index)));
  show(0);
})();
