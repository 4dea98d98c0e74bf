// Upgrades the SVG of each [data-chart] to plotly.js, which is loaded when the first chart comes near the screen.
// Without it, or when it fails, the SVG stays.
(() => {
  "use strict";
  const script = document.currentScript;
  const root = document.documentElement;
  const narrow = () => matchMedia("(max-width: 760px)").matches;
  const token = (name) => getComputedStyle(root).getPropertyValue(`--${name}`).trim();
  const config = {
    displaylogo: false,
    showSendToCloud: false,
    displayModeBar: false,
    responsive: true,
    doubleClick: "reset",
  };

  // What will be needed at once is fetched while the page is being laid out, and run after it has been painted.
  const fetchLibrary = () => {
    const link = document.createElement("link");
    Object.assign(link, { rel: "preload", as: "script", href: script.dataset.plotly });
    document.head.append(link);
  };

  let library;
  const loadLibrary = () => {
    library ??= new Promise((resolve, reject) => {
      const tag = document.createElement("script");
      // The large bundle writes a map's style sheet, which the policy forbids, unless an element has this id already.
      tag.id = "9f215cf04c5486422605d13261cb87401f4e7763b6296af81e98efbc0130da53";
      tag.src = script.dataset.plotly;
      tag.onload = () => resolve(window.Plotly);
      tag.onerror = () => reject(new Error("plotly.js could not be loaded"));
      document.head.append(tag);
    });
    return library;
  };

  // Figures name colours as tokens; fill in the theme in force. Text is never touched: "var(" is only looked for whole.
  const resolved = (node) => {
    if (typeof node === "string") {
      const found = /^var\(--([a-z0-9-]+)\)$/.exec(node);
      return found ? token(found[1]) : node;
    }
    if (Array.isArray(node)) return node.map(resolved);
    if (node && typeof node === "object") {
      return Object.fromEntries(Object.entries(node).map(([key, value]) => [key, resolved(value)]));
    }
    return node;
  };

  const json = (id) => {
    const holder = id && document.getElementById(id);
    return holder ? JSON.parse(holder.textContent) : null;
  };

  class Chart {
    constructor(box) {
      this.box = box;
      this.source = json(box.dataset.chart);
      this.points = json(box.dataset.points) || [];
      this.current = -1;
      this.canvas = document.createElement("div");
      this.canvas.className = "canvas";
      box.append(this.canvas);
      box.addEventListener("keydown", (event) => this.key(event));
      box.addEventListener("blur", () => this.drawn && window.Plotly.Fx.unhover(this.canvas));
    }

    figure() {
      const figure = resolved(this.source);
      const layout = figure.layout;
      if (narrow()) {
        if (this.points.length) layout.margin = { ...layout.margin, l: 40 };
        layout.dragmode = false; // a finger scrolls the page, it does not zoom
        if (layout.yaxis) layout.yaxis.title = { text: "" };
        if (layout.xaxis && layout.xaxis.type === "date") {
          // As many words as fit, instead of slanted ones that the box cuts off.
          const room = this.box.clientWidth - layout.margin.l - layout.margin.r;
          const nth = Math.ceil((layout.xaxis.ticktext.length * 66) / Math.max(room, 66));
          layout.xaxis.ticktext = layout.xaxis.ticktext.map((text, i) => (i % nth ? "" : text));
          layout.xaxis.tickangle = 0;
        }
        if (layout.xaxis && layout.xaxis.type === "log") {
          layout.xaxis.ticktext = layout.xaxis.ticktext.map((text, i) =>
            Number.isInteger(Math.round(Math.log10(layout.xaxis.tickvals[i]) * 1e9) / 1e9) ? text : "",
          );
        }
      }
      return figure;
    }

    async draw() {
      const figure = this.figure();
      const { layout } = figure;
      // Before the first drawing, so that names and marks are drawn at once; where the marks will be is known.
      if (this.hasNames()) Object.assign(layout, this.names(figure, this.planned(layout)));
      await window.Plotly.react(this.canvas, figure.data, layout, config);
      if (!this.drawn) {
        this.drawn = true;
        this.box.classList.add("drawn");
        this.canvas.on("plotly_click", (event) => {
          const at = event.points.find((p) => p.curveNumber === 1);
          if (at && this.points.length) this.choose(at.pointIndex);
        });
        this.canvas.on("plotly_relayout", (change) => this.moved(change));
      }
      this.box.dispatchEvent(new CustomEvent("chartdrawn", { bubbles: true }));
    }

    hasNames() {
      return this.box.dataset.labels && this.points.length > 0;
    }

    // The plot area of a figure whose margins and ranges are stated: its size, and where a value lies in it, in pixels;
    // ``at`` is the x of a pixel.
    planned(layout) {
      const { l, r, t, b } = layout.margin;
      const width = this.canvas.clientWidth - l - r;
      const height = this.canvas.clientHeight - t - b;
      const along = ({ type, range: [from, to] }, length) => (value) =>
        (((type === "log" ? Math.log10(value) : value) - from) / (to - from)) * length;
      const up = along(layout.yaxis, height);
      const { type, range: [from, to] } = layout.xaxis;
      const at = (pixel) => {
        const value = from + (pixel / width) * (to - from);
        return type === "log" ? 10 ** value : value;
      };
      return { width, height, x: along(layout.xaxis, width), y: (value) => height - up(value), at };
    }

    // The same of what is drawn, at the present zoom.
    drawnArea() {
      const { xaxis, yaxis } = this.canvas._fullLayout;
      return {
        width: xaxis._length,
        height: yaxis._length,
        x: (value) => xaxis.d2p(value),
        y: (value) => yaxis.d2p(value),
        at: (pixel) => xaxis.p2d(pixel),
      };
    }

    // After a zoom or another size.
    async label() {
      if (!this.hasNames()) return;
      this.labelling = true;
      await window.Plotly.relayout(this.canvas, this.names(this.canvas, this.drawnArea()));
      this.labelling = false;
    }

    // Names are annotations in the place that labels.js finds, with a line to the mark where that is further away.
    names(figure, { width, height, x, y, at }) {
      const data = figure.data[1];
      const points = this.points.map((point, i) => ({
        ...point,
        at: i,
        x: x(data.x[i]),
        y: y(data.y[i]),
        big: point.frontier || point.pinned,
        wanted: point.frontier || point.pinned || point.named || (!narrow() && this.box.dataset.labels === "fit"),
      }));
      const steps = points.filter((p) => p.frontier);
      const seen = points.filter((p) => p.x >= 0 && p.x <= width && p.y >= 0 && p.y <= height);
      const last = steps.at(-1);
      const hints =
        last && !narrow() && last.x < width - 90
          ? [[width - 58, last.y + 3, width - 2, last.y + 20], [width - 58, last.y - 20, width - 2, last.y - 3]]
          : [];
      const isClear = ([left, top, right, bottom]) =>
        top >= 2 &&
        bottom <= height &&
        !seen.some((p) => p.x + p.reach > left && p.x - p.reach < right && p.y + p.reach > top && p.y - p.reach < bottom);
      const hint = hints.find(isClear);
      const lines = hint ? [[0, 0, 118, 22], hint] : [[0, 0, 118, 22]];
      steps.forEach((p, i) => {
        const next = steps[i + 1];
        lines.push([p.x, p.y - 2, next ? next.x : width, p.y + 2]);
        if (next) lines.push([next.x - 2, next.y, next.x + 2, p.y]);
      });
      const size = narrow() ? 11.5 : 12.5;
      const placed = window.placeLabels(seen, lines, width, height, size, token("font"));
      const annotations = placed.map(({ point, dx, dy }) => ({
        x: Math.log10(data.x[point.at]),
        y: data.y[point.at],
        text: data.text[point.at].length > 40 ? point.name.replace(/[&<>]/g, "") : data.text[point.at],
        showarrow: false,
        xanchor: "left",
        yanchor: "top",
        xshift: dx,
        yshift: -dy,
        borderpad: 0,
        captureevents: false,
        font: { size, color: token(point.big ? "ink" : "ink-2"), weight: point.big ? 600 : 400 },
      }));
      annotations.push({
        xref: "paper", yref: "paper", x: 0, y: 1, xanchor: "left", yanchor: "top", xshift: 8, yshift: -2,
        text: "↖ more for less", showarrow: false, font: { size: 12, color: token("ink-3") },
      });
      // On a logarithmic axis plotly.js takes no pixels below 1, so a leader is measured from its left end.
      const shapes = placed
        .filter((each) => each.leader)
        .map(({ point, leader: [x0, y0, x1, y1] }) => {
          const left = Math.min(x0, x1) - 1;
          return {
            type: "line", xsizemode: "pixel", ysizemode: "pixel", line: { width: 1, color: token("ink-3") },
            xanchor: at(point.x + left), x0: x0 - left, x1: x1 - left,
            yanchor: data.y[point.at], y0: -y0, y1: -y1,
          };
        });
      if (hint) {
        annotations.push({
          xref: "paper", x: 1, xanchor: "right", yref: "y", y: data.y[last.at], yanchor: "top", xshift: -4,
          yshift: last.y - hint[1],
          text: "frontier", showarrow: false, font: { size: 12, color: token("ink-3") },
        });
      }
      return { annotations, shapes };
    }

    moved(change) {
      if (this.labelling) return;
      const zoomed = Object.keys(change).some((key) => /^[xy]axis\./.test(key));
      if (!zoomed && !("autosize" in change)) return;
      const reset = document.querySelector(`[data-reset="${this.box.id}"]`);
      if (reset && zoomed) reset.hidden = false;
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.label(), 60);
    }

    reset() {
      this.draw();
    }

    choose(at) {
      this.current = at;
      this.box.dispatchEvent(new CustomEvent("choose", { bubbles: true, detail: this.points[at] }));
    }

    key(event) {
      const count = this.points.length;
      if (!count || !this.drawn) return;
      const byLevel = () => this.points.map((_, i) => i).sort((a, b) => this.points[a].level - this.points[b].level);
      const clamp = (n) => Math.max(0, Math.min(count - 1, n));
      const from = this.current;
      if (event.key === "ArrowRight") this.current = from < 0 ? 0 : clamp(from + 1);
      else if (event.key === "ArrowLeft") this.current = from < 0 ? 0 : clamp(from - 1);
      else if (event.key === "Home") this.current = 0;
      else if (event.key === "End") this.current = count - 1;
      else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
        const order = byLevel();
        const place = order.indexOf(Math.max(from, 0));
        this.current = order[clamp(place + (event.key === "ArrowUp" ? 1 : -1))];
      } else if (event.key === "Enter" && from >= 0) {
        this.choose(from);
        return;
      } else if (event.key === "Escape") {
        this.current = -1;
        window.Plotly.Fx.unhover(this.canvas);
        return;
      } else return;
      event.preventDefault();
      const p = this.points[this.current];
      window.Plotly.Fx.hover(this.canvas, [{ curveNumber: 1, pointNumber: this.current }]);
      const said = document.getElementById("said");
      if (said) {
        const place = p.frontier ? ", on the frontier" : p.past ? `, ${p.past}` : "";
        said.textContent = `${p.name}, ${p.developer}, ${p.level_text}, ${p.spoken}${place}, ${this.current + 1} of ${count}`;
      }
    }
  }

  const charts = new Map();
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) {
        if (!entry.isIntersecting) continue;
        watcher.unobserve(entry.target);
        loadLibrary()
          .then(() => charts.get(entry.target).draw())
          .catch(() => entry.target.classList.remove("drawn"));
      }
    },
    { rootMargin: "200px" },
  );
  const prepare = (scope) => {
    for (const box of charts.keys()) if (!box.isConnected) charts.delete(box);
    scope.querySelectorAll("[data-chart]").forEach((box) => {
      charts.set(box, new Chart(box));
      library ?? fetchLibrary();
      watcher.observe(box);
    });
  };
  const redraw = () => charts.forEach((chart) => chart.drawn && chart.draw());

  document.addEventListener("themechange", redraw);
  document.addEventListener("viewchange", (event) => prepare(event.target));
  let resizing;
  let wasNarrow = narrow();
  addEventListener("resize", () => {
    clearTimeout(resizing);
    resizing = setTimeout(() => {
      if (narrow() !== wasNarrow) redraw();
      else charts.forEach((chart) => chart.drawn && chart.label());
      wasNarrow = narrow();
    }, 150);
  });
  document.addEventListener("click", (event) => {
    const reset = event.target.closest("[data-reset]");
    if (reset) {
      reset.hidden = true;
      charts.get(document.getElementById(reset.dataset.reset)).reset();
      document.getElementById(reset.dataset.reset).focus();
    }
  });
  window.setFigure = (id, figure) => {
    const chart = charts.get(document.getElementById(id));
    if (!chart) return;
    chart.source = figure;
    if (chart.drawn) chart.draw();
  };
  prepare(document);
})();
