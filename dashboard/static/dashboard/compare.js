// The side-by-side card: chosen points take the first place, the workload recomputes while typing.
(() => {
  "use strict";
  const { usd } = window;
  const points = () => JSON.parse(document.getElementById("frontier-points").textContent);
  const field = (scope, name) => scope.querySelector(`[data-f="${name}"]`);

  // Where no price of cached input is known, the price of input stands in.
  const cost = (point, input, cached, output) => {
    if (((input || cached) && point.input === null) || (output && point.output === null)) return null;
    return input * (point.input || 0) + cached * (point.cached ?? point.input ?? 0) + output * (point.output || 0);
  };
  const typed = (id) => Number(document.getElementById(id)?.value) || 0;
  const pair = (side) => {
    const all = points();
    return [side.dataset.first, side.dataset.second].map((slug) => all.find((point) => point.id === slug));
  };

  const workload = (side) => {
    const both = pair(side);
    if (both.some((point) => !point)) return;
    document.querySelectorAll("#w-result p").forEach((line, i) => {
      field(line, "name").textContent = both[i].name;
      field(line, "cost").textContent = usd(cost(both[i], typed("w-input"), typed("w-cached"), typed("w-output")));
    });
  };

  const draw = (side) => {
    const [a, b] = pair(side);
    [a, b].forEach((point, i) => {
      const pick = side.querySelector(`[data-side="${i}"]`);
      pick.querySelector(".dot").className = `dot c-${point.colour}${point.open ? " open" : point.open === null ? " unclear" : ""}`;
      field(pick, "developer").textContent = point.developer;
      field(pick, "name").textContent = point.name;
      field(side, `level-${i}`).textContent = point.level_text;
      field(side, `input-${i}`).textContent = usd(point.input);
      const cached = field(side, `cached-${i}`);
      if (cached) cached.textContent = point.cached_text;
      field(side, `output-${i}`).textContent = usd(point.output);
      field(side, `price-${i}`).textContent = point.price_text;
      field(side, `seller-${i}`).textContent = point.seller;
      field(side, `weights-${i}`).textContent = point.weights;
      field(side, `released-${i}`).textContent = point.released;
    });
    const ratio = b.price / a.price;
    const factor = ratio >= 1 ? ratio : 1 / ratio;
    const gap = side.dataset.noun.startsWith("percentage") ? (a.level - b.level) * 100 : a.level - b.level;
    field(side, "ratio").textContent = `${factor >= 9.95 ? factor.toFixed(0) : factor.toFixed(1)}×`;
    field(side, "words").textContent =
      `${ratio >= 1 ? "cheaper" : "dearer"} ${side.dataset.per}, ${Math.abs(gap).toFixed(1)} ${side.dataset.noun} ${gap < 0 ? "lower" : "higher"}`;
    document.getElementById("compare-link").href = a.slug === b.slug ? a.url : `/compare/${a.slug}/${b.slug}/${location.search}`;
    workload(side);
  };

  document.addEventListener("choose", (event) => {
    const side = document.getElementById("side");
    const slug = event.detail && event.detail.id;
    if (!side || !slug || slug === side.dataset.first) return;
    side.dataset.second = side.dataset.first;
    side.dataset.first = slug;
    draw(side);
    document.getElementById("said").textContent = `${event.detail.name} is now in the side-by-side card.`;
  });
  document.addEventListener("input", (event) => {
    if (["w-input", "w-cached", "w-output"].includes(event.target.id)) workload(document.getElementById("side"));
  });
})();
