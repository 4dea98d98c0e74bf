// Arrow keys walk the marks of a chart that has no layer of its own (chart.js walks [data-points]): left and right along
// a line, up and down between lines. Each mark is spoken in the words of its tooltip.
(() => {
  "use strict";
  const marks = (trace, curve) => {
    const skipped = trace.hoverinfo === "skip" || trace.visible === "legendonly";
    const along = trace.orientation === "h" ? trace.y : trace.x;
    if (skipped || !along) return [];
    const known = [...along.keys()].filter((i) => trace.x[i] !== null && trace.y[i] !== null);
    // The two ends of a step say the same.
    const words = (i) => (Array.isArray(trace.text) ? trace.text[i] : null);
    return known
      .filter((i, place) => !words(i) || place === 0 || words(i) !== words(known[place - 1]))
      .map((i) => ({ curve, i, at: along[i] }));
  };
  const distance = (a, b) => Math.abs((Date.parse(a) || Number(a)) - (Date.parse(b) || Number(b)));

  const walk = (box) => {
    const canvas = box.querySelector(".canvas");
    const lines = () => canvas.data.map(marks).filter((line) => line.length);
    let at = null; // [line, mark]
    let drawing;
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-roledescription", "chart");
    box.setAttribute("aria-label", `${box.getAttribute("aria-label") || ""} Arrow keys move between marks.`.trim());
    const said = document.getElementById("said") || document.createElement("p");
    if (!said.id) {
      said.id = "said";
      said.className = "sr";
      said.setAttribute("aria-live", "polite");
      document.body.append(said);
    }

    const between = (all, step) => {
      const line = Math.max(0, Math.min(all.length - 1, at[0] + step));
      if (line === at[0]) return at;
      const here = all[at[0]][at[1]].at;
      const nearest = all[line].reduce((best, mark, i) => (distance(mark.at, here) < distance(all[line][best].at, here) ? i : best), 0);
      return [line, nearest];
    };
    const next = (key, all) => {
      if (at === null || !all[at[0]]?.[at[1]]) return key === "End" ? [0, all[0].length - 1] : [0, 0];
      const last = all[at[0]].length - 1;
      const single = all.length === 1;
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: 1, ArrowUp: -1 }[key];
      if (key === "Home") return [at[0], 0];
      if (key === "End") return [at[0], last];
      if (single || key === "ArrowRight" || key === "ArrowLeft") return [at[0], Math.max(0, Math.min(last, at[1] + step))];
      return between(all, step);
    };
    const speak = (all) => {
      const words = [...canvas.querySelectorAll(".hoverlayer .hovertext")].map((label) => {
        const parts = [...label.querySelectorAll("text")].map((text) => {
          const rows = [...text.querySelectorAll(".line")];
          return rows.length ? rows.map((row) => row.textContent).join(", ") : text.textContent;
        });
        return parts.filter(Boolean).join(", ");
      });
      said.textContent = [...words, `${at[1] + 1} of ${all[at[0]].length}`].join(", ");
    };

    box.addEventListener("keydown", (event) => {
      if (event.target !== box || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key === "Escape") {
        at = null;
        window.Plotly.Fx.unhover(canvas);
        return;
      }
      const all = lines();
      if (!all.length || !["ArrowRight", "ArrowLeft", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return;
      event.preventDefault();
      at = next(event.key, all);
      const mark = all[at[0]][at[1]];
      window.Plotly.Fx.hover(canvas, [{ curveNumber: mark.curve, pointNumber: mark.i }]);
      // plotly.js draws at most one label in 50 ms, and tells nobody of one that no mouse asked for.
      clearTimeout(drawing);
      drawing = setTimeout(() => speak(all), 70);
    });
    box.addEventListener("blur", () => window.Plotly.Fx.unhover(canvas));
  };

  const walked = new WeakSet();
  document.addEventListener("chartdrawn", (event) => {
    const box = event.target;
    if (box.dataset.points || walked.has(box)) return;
    walked.add(box);
    walk(box);
  });
})();
