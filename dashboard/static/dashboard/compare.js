// The side-by-side card: chosen points take the first place, the workload recomputes while typing. Both go into the
// address, so that a reload, the Link and the comparison have what is on the screen.
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

  const FIELDS = { "w-input": "input_mtok", "w-cached": "cached_mtok", "w-output": "output_mtok" };
  const inputs = () => Object.keys(FIELDS).map((id) => document.getElementById(id)).filter(Boolean);
  const chosenPair = (side) => {
    const now = `${side.dataset.first},${side.dataset.second}`;
    return now === side.dataset.pair ? "" : now;
  };
  const ownWork = () => {
    const fields = inputs();
    if (fields.every((field) => Number(field.value) === Number(field.dataset.usual))) return {};
    return Object.fromEntries(fields.map((field) => [FIELDS[field.id], field.value || "0"]));
  };
  const string = (values) => {
    const text = values.toString().replaceAll("%3A", ":").replaceAll("%2C", ",");
    return text && `?${text}`;
  };
  // The query string with the choices of the card instead of those that it had.
  const withChoices = (search, pairText, work) => {
    const values = new URLSearchParams(search);
    ["pair", ...Object.values(FIELDS)].forEach((name) => values.delete(name));
    if (pairText) values.set("pair", pairText);
    Object.entries(work).forEach(([name, value]) => values.set(name, value));
    return values;
  };
  const link = (side) => {
    const [a, b] = pair(side);
    if (!a || !b) return;
    const work = ownWork();
    const values = withChoices(location.search, "", work);
    values.delete("page");
    // The traffic is the mix of a comparison.
    if (Object.keys(work).length) values.delete("mix");
    const open = document.getElementById("compare-link");
    open.href = a.slug === b.slug ? a.url : `/compare/${a.slug}/${b.slug}/${string(values)}`;
    open.textContent = a.slug === b.slug ? "Open the model’s page" : "Open comparison";
    const copied = document.querySelector("[data-share] a[data-copy]");
    if (copied) {
      const url = new URL(copied.href);
      copied.href = url.origin + url.pathname + string(withChoices(url.search, chosenPair(side), work)) + url.hash;
    }
  };
  const remember = (side) => {
    const search = string(withChoices(location.search, chosenPair(side), ownWork()));
    history.replaceState(history.state, "", location.pathname + search + location.hash);
    link(side);
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
      field(side, `sale-${i}`).textContent = point.sale;
      field(side, `weights-${i}`).textContent = point.weights;
      field(side, `released-${i}`).textContent = point.released;
    });
    const ratio = b.price / a.price;
    const factor = ratio >= 1 ? ratio : 1 / ratio;
    const gap = a.level_shown - b.level_shown; // as written, so that a reader who subtracts finds the same
    field(side, "ratio").textContent = `${factor >= 9.95 ? factor.toFixed(0) : factor.toFixed(1)}×`;
    field(side, "words").textContent =
      `${ratio >= 1 ? "cheaper" : "dearer"} ${side.dataset.per}, ${Math.abs(gap).toFixed(1)} ${side.dataset.noun} ${gap < 0 ? "lower" : "higher"}`;
    workload(side);
  };

  document.addEventListener("choose", (event) => {
    const side = document.getElementById("side");
    const slug = event.detail && event.detail.id;
    if (!side || !slug || slug === side.dataset.first) return;
    side.dataset.second = side.dataset.first;
    side.dataset.first = slug;
    draw(side);
    remember(side);
    document.getElementById("said").textContent = `${event.detail.name} is now in the side-by-side card.`;
  });
  document.addEventListener("input", (event) => {
    if (!(event.target.id in FIELDS)) return;
    const side = document.getElementById("side");
    workload(side);
    remember(side);
  });

  // A filter brings a new page: what was chosen on the old one stays, where the new one has both models. Back and
  // forward show what their address says.
  let before = null;
  let byHistory = false;
  const keep = () => {
    const side = document.getElementById("side");
    before = side && { pair: chosenPair(side), work: ownWork() };
  };
  addEventListener("popstate", () => {
    byHistory = true;
  });
  document.addEventListener("choose", keep);
  document.addEventListener("input", keep);
  document.addEventListener("viewchange", () => {
    const side = document.getElementById("side");
    if (side && before && !byHistory) {
      const [first, second] = before.pair.split(",");
      const ids = points().map((point) => point.id);
      inputs().forEach((field) => {
        field.value = before.work[FIELDS[field.id]] ?? field.value;
      });
      if (ids.includes(first) && ids.includes(second)) Object.assign(side.dataset, { first, second });
      if (pair(side).every(Boolean)) draw(side);
      remember(side);
    }
    byHistory = false;
    keep();
  });
  const side = document.getElementById("side");
  if (side) {
    link(side);
    keep();
  }
})();
