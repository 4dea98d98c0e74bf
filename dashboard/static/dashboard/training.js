// The rent slider: every cost on the page is its hours times the rent, so the browser can redraw all of them at once.
// The other assumptions are fields of the same form and go to the server together with the rent.
(() => {
  "use strict";
  const form = document.getElementById("rent-form");
  const slider = document.getElementById("rent-slider");
  const field = document.getElementById("rent");
  const holder = document.getElementById("training-figure");
  const figure = holder ? JSON.parse(holder.textContent) : null;

  const { usd, usdShort: short } = window;
  const step = (span) => {
    const power = 10 ** Math.floor(Math.log10(span / 5));
    return [1, 2, 5, 10].map((digit) => digit * power).find((size) => size >= (span / 5) * 0.999);
  };

  const redraw = (rent) => {
    document.querySelectorAll("[data-hours]").forEach((cell) => {
      const cost = Number(cell.dataset.hours) * rent;
      cell.textContent = cell.dataset.short === undefined ? usd(cost) : short(cost);
      if (cell.dataset.v !== undefined) cell.dataset.v = String(cost);
    });
    document.querySelectorAll("[data-rent]").forEach((cell) => {
      cell.textContent = usd(rent);
    });
    if (figure && figure.data.length) {
      const bars = figure.data[0];
      bars.x = bars.customdata.map((hours) => (hours * rent) / 1e6);
      bars.text = bars.x.map((millions, i) => {
        const method = bars.meta.methods[i];
        return `${short(millions * 1e6)}${method === "derived" ? "" : ` ${method}`}`;
      });
      const needed = bars.meta.needed.map((hours) => hours && hours.map((each) => (each * rent) / 1e6));
      bars.error_x.array = bars.x.map((at, i) => (needed[i] ? needed[i][1] - at : 0));
      bars.error_x.arrayminus = bars.x.map((at, i) => (needed[i] ? at - needed[i][0] : 0));
      const ends = bars.x.map((at, i) => (needed[i] ? Math.max(at, needed[i][1]) : at));
      Object.assign(figure.data[1], { x: ends, text: bars.text.map((text) => `\u00a0\u00a0${text}`) });
      const top = Math.max(...ends) * 1.3 || 1;
      const size = step(top);
      const marks = Array.from({ length: Math.floor(top / size) + 1 }, (_, i) => Number((i * size).toPrecision(6)));
      Object.assign(figure.layout.xaxis, { range: [0, top], tickvals: marks, ticktext: marks.map((m) => (m ? `$${m}M` : "$0")) });
      window.setFigure("training-chart", figure);
    }
  };
  const at = (address, rent) => {
    const url = new URL(address, location.href);
    if (rent === 2) url.searchParams.delete("usd_per_gpu_hour");
    else url.searchParams.set("usd_per_gpu_hour", String(rent));
    return url;
  };
  // What is taken away beside charts and tables is what is on the screen, so its addresses and texts follow the rent.
  const shareAgain = async (url) => {
    const page = new DOMParser().parseFromString(await (await fetch(url)).text(), "text/html");
    if (url.href !== location.href) return; // the rent has moved on
    const fresh = page.querySelectorAll("[data-share]");
    document.querySelectorAll("[data-share]").forEach((old, i) => old.replaceWith(document.importNode(fresh[i], true)));
  };
  const settle = (rent) => {
    const url = at(location.href, rent);
    history.replaceState(null, "", url);
    shareAgain(url);
    document.getElementById("said").textContent = `Costs are now at ${usd(rent)} per GPU-hour.`;
  };
  const valid = (text) => {
    const rent = Number(text);
    return text !== "" && Number.isFinite(rent) && rent >= 0 && rent <= 1000 ? rent : null;
  };

  slider.addEventListener("input", () => {
    field.value = slider.value;
    redraw(Number(slider.value));
  });
  slider.addEventListener("change", () => settle(Number(slider.value)));
  field.addEventListener("input", () => {
    const rent = valid(field.value);
    if (rent === null) return;
    slider.value = String(rent);
    redraw(rent);
  });
  field.addEventListener("change", () => {
    const rent = valid(field.value);
    if (rent !== null) settle(rent);
  });
  form.addEventListener("submit", (event) => {
    if (valid(field.value) === null) return; // the server names what is wrong
    const others = [...form.elements].filter((each) => each.name && each !== field);
    if (others.some((each) => each.value !== each.defaultValue)) return; // the server works these out
    event.preventDefault();
    redraw(valid(field.value));
    settle(valid(field.value));
  });
})();
