"""What a chart's colours, shapes and lines mean: for pictures and frames, which leave the page that says it."""

from typing import NamedTuple

from django.utils.safestring import SafeString

from dashboard.charts.hatching import hatching
from dashboard.charts.svg import element
from dashboard.charts.text import unescaped
from dashboard.charts.theme import COLOUR_NAMES, Figure, class_of

DASHES = {"dot": "2 4", "dash": "7 4", "dashdot": "7 4 2 4"}
SPREAD = "what a run of that compute needs (90%)"
# Everything but a line stands in a square of this size.
LINE_WIDTH, MARK_WIDTH, HEIGHT = 24, 14, 14


class KeyEntry(NamedTuple):
    """One meaning: its words, the classes of its sample, the dashes of a line as SVG writes them.

    ``mark``  line, circle, diamond, square, ring, band, bar, hatch or spread
    """

    name: str
    colour: str
    dash: str | None = None
    mark: str = "line"

    @property
    def width(self) -> int:
        return LINE_WIDTH if self.mark == "line" else MARK_WIDTH

    def drawn(self, x: float, y: float) -> SafeString:
        """The sample with its left end at ``x`` and its middle at ``y``."""
        middle, r = x + MARK_WIDTH / 2, 5.0
        classes = f"mark {self.colour}"
        if self.mark == "line":
            path = f"M{x:g} {y:g}h{LINE_WIDTH}"
            return element("path", d=path, class_=f"step {self.colour}".strip(), stroke_dasharray=self.dash)
        if self.mark == "diamond":
            d = r * 1.3
            path = f"M{middle:g} {y - d:g}l{d:g} {d:g}l{-d:g} {d:g}l{-d:g} {-d:g}Z"
            return element("path", d=path, class_=classes)
        if self.mark == "square":
            return element("rect", x=middle - r, y=y - r, width=2 * r, height=2 * r, class_=classes)
        if self.mark == "ring":
            return element("circle", cx=middle, cy=y, r=6.0, class_="ring")
        if self.mark == "hatch":
            return element("path", d=hatching(x, y - r, MARK_WIDTH, 2 * r, 4), class_=f"hatch {self.colour}".strip())
        if self.mark == "spread":
            return element("path", d=f"M{x:g} {y:g}h{MARK_WIDTH}m0 -4v8m{-MARK_WIDTH} -8v8", class_="spread")
        if self.mark in ("band", "bar"):
            kind = "band" if self.mark == "band" else f"bar-mark {self.colour}"
            return element("rect", x=x, y=y - r, width=MARK_WIDTH, height=2 * r, class_=kind)
        return element("circle", cx=middle, cy=y, r=r, class_=classes)

    @property
    def sample(self) -> SafeString:
        """A drawing of its own, for a list in a page."""
        return element(
            "svg",
            self.drawn(1, HEIGHT / 2),
            width=self.width + 2,
            height=HEIGHT,
            viewBox=f"0 0 {self.width + 2} {HEIGHT}",
            class_="sample plot",
            aria_hidden="true",
            focusable="false",
        )


def key(figure: Figure) -> list[KeyEntry]:
    """The lines and marks that have names; marks without one by the developers whose colours they have."""
    found: list[KeyEntry] = []
    for trace in figure["data"]:
        colours = trace.get("marker", {}).get("color")
        mark = "bar" if trace["type"] == "bar" else "circle"
        if name := trace.get("name"):
            line = trace.get("line")
            colour = line["color"] if line else colours
            dash = DASHES.get(line.get("dash", "")) if line else None
            found.append(KeyEntry(unescaped(name), class_of(colour), dash, "line" if line else mark))
        elif isinstance(colours, list) and trace.get("hoverinfo") != "skip":
            names = [class_of(colour) for colour in colours]
            shapes = trace["marker"].get("pattern", {}).get("shape", [])
            found += [
                KeyEntry(words, f"c-{name}", None, mark) for name, words in COLOUR_NAMES.items() if f"c-{name}" in names
            ]
            found += [KeyEntry("estimate", "", None, "hatch")] if any(shapes) else []
            found += [KeyEntry(SPREAD, "", None, "spread")] if any(trace.get("error_x", {}).get("array", [])) else []
    return list(dict.fromkeys(found))
