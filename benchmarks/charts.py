"""The main chart in Chromium: time until it can be used, bytes of a first view, layout shift and placing of names.

    python benchmarks/charts.py [--quick]

The references are the same page with another library in the place of ours: R3 the whole plotly.js of the Python wheel,
R4 the whole of ECharts (from the npm registry) drawing the same marks. Rounds are interleaved, each in a fresh browser
context; what counts is the median of their ratios. Ends with 1 when a limit is not kept.
"""

import argparse
import contextlib
import re
import sys
import tempfile
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from statistics import median

from _site import ROOT, Row, Server, Site, changed_files, from_npm, of_rounds, report, site
from playwright.sync_api import Browser, sync_playwright

from tests.support.browser import ARGUMENTS, chromium_path

NPM_FILE = ROOT / "node_modules" / "plotly.js-basic-dist-min" / "plotly-basic.min.js"
BASIC, ECHARTS = "plotly.js-basic-dist-min@4.1.1", "echarts@6.1.0"
# The time of two frames after the drawing, and what has moved until then.
WATCH = """
  window.moved = 0;
  const add = (e) => { if (!e.hadRecentInput) window.moved += e.value; };
  new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type: "layout-shift", buffered: true });
  window.ready = new Promise((done) => document.addEventListener("chartdrawn", () =>
    requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now())))));
  let placing = 0, place;
  Object.defineProperty(window, "placeLabels", {
    set(real) { place = (...given) => { const at = performance.now(); const out = real(...given);
      window.placing = performance.now() - at; return out; }; },
    get() { return place; },
  });
"""
REDRAW = """() => new Promise((done) => {
  const at = performance.now();
  document.addEventListener("chartdrawn", () => done([window.placing, performance.now() - at]), { once: true });
  document.dispatchEvent(new Event("themechange"));
})"""
# The same marks and stairs, on the same axes, from the same figure in the page; started as our chart is.
OTHER = """
(() => {
  const tag = document.currentScript;
  const box = document.querySelector("[data-chart]");
  const figure = JSON.parse(document.getElementById(box.dataset.chart).textContent);
  const draw = () => {
    const canvas = document.createElement("div");
    canvas.className = "canvas";
    box.append(canvas);
    box.classList.add("drawn");
    const chart = window.echarts.init(canvas, null, { width: box.clientWidth, height: box.clientHeight });
    const pairs = (trace) => trace.x.map((x, i) => [x, trace.y[i]]);
    const marks = figure.data.filter((trace) => trace.mode === "markers").map((trace) => ({
      type: "scatter", symbolSize: 9, data: pairs(trace), animation: false,
    }));
    const lines = figure.data.filter((trace) => trace.mode === "lines").map((trace) => ({
      type: "line", step: "end", showSymbol: false, data: pairs(trace), animation: false,
    }));
    chart.on("finished", () => {
      chart.off("finished");
      box.dispatchEvent(new CustomEvent("chartdrawn", { bubbles: true }));
    });
    chart.setOption({
      animation: false, tooltip: {}, series: [...lines, ...marks],
      xAxis: { type: "log" }, yAxis: { type: "value", scale: true },
    });
  };
  new IntersectionObserver((entries, watcher) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    watcher.disconnect();
    const script = document.createElement("script");
    script.src = tag.dataset.plotly;
    script.onload = draw;
    document.head.append(script);
  }, { rootMargin: "200px" }).observe(box);
})();
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="three rounds")
    rounds = 3 if parser.parse_args().quick else 7
    path = chromium_path()
    if path is None:
        print("Nothing is measured: there is no Chromium on PATH.")
        return 1
    rows = []
    with tempfile.TemporaryDirectory(prefix="cpd-npm-", dir="/tmp") as folder, sync_playwright() as playwright:
        libraries = {
            "ours": basic(Path(folder)),
            "R3": Path(str(files("plotly")), "package_data", "plotly.min.js").read_bytes(),
            "R4": from_npm(ECHARTS, "dist/echarts.min.js", Path(folder)),
        }
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        for models in (300, 3000):
            needed = libraries if models == 300 else {name: libraries[name] for name in ("ours", "R3")}
            with site(models) as filled, servers(filled, needed) as running:
                rows += measured(chromium, running, models, rounds)
        chromium.close()
    return report(rows)


def basic(folder: Path) -> bytes | None:
    """The small bundle that is served: as installed, else fetched."""
    return NPM_FILE.read_bytes() if NPM_FILE.is_file() else from_npm(BASIC, "plotly-basic.min.js", folder)


@contextlib.contextmanager
def servers(filled: Site, libraries: dict[str, bytes | None]) -> Iterator[dict[str, Server]]:
    """One server for each library that there is; nothing but the collected files differs."""
    with contextlib.ExitStack() as stack:
        running = {}
        for name, library in libraries.items():
            if library is None:
                continue
            changed = {"plotly/plotly.min": library} | ({"dashboard/chart": OTHER.encode()} if name == "R4" else {})
            static = changed_files(filled, f"static-{name}", changed)
            running[name] = stack.enter_context(filled.server(STATIC_ROOT=str(static)))
            for _ in range(8):
                running[name].get("/")  # kept by both processes
        yield running


def measured(chromium: Browser, running: dict[str, Server], models: int, rounds: int) -> list[Row]:
    found = [
        {name: visit(chromium, server)["ready"] for name, server in running.items()}  # one of each by turns
        for _ in range(rounds)
    ]
    limit = 0.45 if models == 300 else 0.55
    rows = [of_rounds(f"chart ready, {models:,} models", found, "ours", "R3", limit, "R3 the wheel's plotly.js")]
    if models != 300 or "ours" not in running:
        return rows
    seen = [visit(chromium, running["ours"]) for _ in range(rounds)]
    library = re.findall(r'data-plotly="([^"]+)"', running["R3"].text("/"))[0]
    whole = int(running["R3"].headers(library)["content-length"])
    return [
        *rows,
        of_rounds("chart ready, 300 models", found, "ours", "R4", 1.8, "R4 ECharts, same marks"),
        Row(
            "first view, all files",
            median(each["bytes"] for each in seen) / 1000,
            "KB",
            "R3's library alone, KB",
            whole / 1000,
            0.40,
        ),
        Row("layout shift until drawn, CLS", max(each["moved"] for each in seen), "", "", 1, 0.02),
        Row(
            "placing of names",
            median(each["placing"] for each in seen),
            "ms",
            "the whole redraw",
            median(each["redraw"] for each in seen),
            0.2,
        ),
        *in_html(running["ours"]),
    ]


def visit(chromium: Browser, server: Server) -> dict[str, float]:
    """A first visit: when the chart could be used, what it took to fetch, and what moved; then a redraw."""
    context = chromium.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    page.add_init_script(WATCH)
    fetched: list[float] = []
    devtools = context.new_cdp_session(page)
    devtools.send("Network.enable")
    devtools.on("Network.loadingFinished", lambda event: fetched.append(event["encodedDataLength"]))
    page.goto(server.url)
    found = {"ready": page.evaluate("window.ready"), "moved": page.evaluate("window.moved"), "bytes": sum(fetched)}
    if page.evaluate("window.placing !== undefined"):
        found["placing"], found["redraw"] = page.evaluate(REDRAW)
    context.close()
    return found


def in_html(server: Server) -> list[Row]:
    """What a reader has before any script runs."""
    page = server.text("/")
    parts = {"the answer": r"<h1[^>]*>[^<]*\w", "the table": r"<table", "the drawing": r"<svg[^>]*class=\"[^\"]*wide"}
    missing = [name for name, pattern in parts.items() if not re.search(pattern, page)]
    return [Row(f"in the HTML but missing: {', '.join(missing) or 'nothing'}", len(missing), "", "", 1, 0)]


if __name__ == "__main__":
    sys.exit(main())
