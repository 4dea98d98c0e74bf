"""Draws our plain figures as SVG, for pages before and without script and for images.

Knows what our own charts use: lines (``hv`` or straight), markers, horizontal bars, stacked or not, annotations at the
right edge, and axes with explicit ranges and ticks.
"""

import math
from datetime import UTC, datetime
from typing import Any

from django.utils.safestring import SafeString

from dashboard.charts.hatching import hatching
from dashboard.charts.key import DASHES
from dashboard.charts.svg import element
from dashboard.charts.text import text_width, unescaped
from dashboard.charts.theme import Figure, class_of


def figure_svg(figure: Figure, *, width: float = 620, height: float = 280, extra_class: str = "") -> SafeString:
    """The figure at one size. Marks carry classes, so that the stylesheet colours them in both themes."""
    return _Drawing(figure, width, height).svg(extra_class)


def both_sizes(figure: Figure, height: float) -> SafeString:
    """One drawing for wide screens and one for narrow ones; the stylesheet shows the one that fits."""
    wide = figure_svg(figure, width=1240, height=height, extra_class="wide")
    return wide + figure_svg(figure, width=360, height=height, extra_class="narrow")


class _Drawing:
    def __init__(self, figure: Figure, width: float, height: float) -> None:
        self.data: list[Figure] = figure["data"]
        self.layout: Figure = figure["layout"]
        self.width, self.height = width, height
        margin = self.layout["margin"]
        self.left, self.top = float(margin["l"]), float(margin["t"])
        self.right, self.bottom = width - float(margin["r"]), height - float(margin["b"])
        self.categories = list(
            dict.fromkeys(name for trace in self.data if trace["type"] == "bar" for name in trace["y"])
        )
        self.stacked: dict[str, float] = {}

    def svg(self, extra_class: str) -> SafeString:
        return element(
            "svg",
            *self._axes(),
            *(part for trace in self.data for part in self._trace(trace)),
            *(self._annotation(each) for each in self.layout.get("annotations", [])),
            viewBox=f"0 0 {self.width:g} {self.height:g}",
            class_=f"plot {extra_class}".strip(),
            aria_hidden="true",
            focusable="false",
        )

    def x(self, value: Any) -> float:
        return self._place(value, self.layout["xaxis"], self.left, self.right)

    def y(self, value: Any) -> float:
        if self.categories:
            step = (self.bottom - self.top) / len(self.categories)
            return self.bottom - (self.categories.index(value) + 0.5) * step
        return self._place(value, self.layout["yaxis"], self.bottom, self.top)

    @staticmethod
    def _place(value: Any, axis: Figure, start: float, end: float) -> float:
        low, high = _number(axis["range"][0]), _number(axis["range"][1])
        number = _number(value)
        if axis.get("type") == "log":
            number = math.log10(number)
        return start + (number - low) / (high - low) * (end - start)

    def _axes(self) -> list[SafeString]:
        drawn, used = [], -math.inf
        xaxis, yaxis = self.layout["xaxis"], self.layout["yaxis"]
        for value, text in zip(xaxis["tickvals"], xaxis["ticktext"], strict=True):
            x = self.x(value)
            drawn.append(element("line", x1=x, x2=x, y1=self.top, y2=self.bottom, class_="grid"))
            half = text_width(text, 12) / 2
            if x - half < used:
                continue  # a line without a word is better than words over words
            used = x + half + 8
            drawn.append(element("text", text=text, x=x, y=self.bottom + 17, text_anchor="middle", class_="tick"))
        if title := xaxis["title"]["text"]:
            x = (self.left + self.right) / 2
            drawn.append(element("text", text=title, x=x, y=self.height - 6, text_anchor="middle", class_="tick"))
        if self.categories:
            for name in self.categories:
                y = self.y(name) + 4
                drawn.append(element("text", text=name, x=self.left - 8, y=y, text_anchor="end", class_="label"))
            return drawn
        for value, text in zip(yaxis["tickvals"], yaxis["ticktext"], strict=True):
            y = self.y(value)
            drawn.append(element("line", x1=self.left, x2=self.right, y1=y, y2=y, class_="grid"))
            drawn.append(element("text", text=text, x=self.left - 7, y=y + 4, text_anchor="end", class_="tick"))
        return drawn

    def _trace(self, trace: Figure) -> list[SafeString]:
        if trace["type"] == "bar":
            return self._bars(trace)
        if trace["mode"] == "text":
            return [
                element("text", text=unescaped(text).strip(), x=self.x(x) + 6, y=self.y(y) + 4, class_="label on")
                for x, y, text in zip(trace["x"], trace["y"], trace["text"], strict=True)
            ]
        if "lines" in trace["mode"]:
            return [self._line(trace)]
        return [
            element("circle", cx=self.x(x), cy=self.y(y), r=4.5, class_=f"mark {class_of(trace['marker']['color'], i)}")
            for i, (x, y) in enumerate(zip(trace["x"], trace["y"], strict=True))
        ]

    def _line(self, trace: Figure) -> SafeString:
        path, pen_down, last_y = "", False, 0.0
        for raw_x, raw_y in zip(trace["x"], trace["y"], strict=True):
            if raw_x is None or raw_y is None:
                pen_down = False
                continue
            x, y = self.x(raw_x), self.y(raw_y)
            if not pen_down:
                path += f"M{x:.1f} {y:.1f}"
            elif trace["line"].get("shape") == "hv":
                path += f"H{x:.1f}V{y:.1f}" if y != last_y else f"H{x:.1f}"
            else:
                path += f"L{x:.1f} {y:.1f}"
            pen_down, last_y = True, y
        dash = DASHES.get(trace["line"].get("dash", ""))
        return element("path", d=path, class_=f"step {class_of(trace['line']['color'])}", stroke_dasharray=dash)

    def _bars(self, trace: Figure) -> list[SafeString]:
        drawn = []
        thick = min(34.0, (self.bottom - self.top) / len(self.categories) * 0.6)
        shapes = trace["marker"].get("pattern", {}).get("shape", [""] * len(trace["x"]))
        for i, (name, amount) in enumerate(zip(trace["y"], trace["x"], strict=True)):
            start = self.stacked.get(name, 0.0)
            self.stacked[name] = start + (amount or 0.0)
            x, end, y = self.x(start), self.x(self.stacked[name]), self.y(name)
            colour, width = class_of(trace["marker"]["color"], i), max(0.0, end - x)
            if shapes[i]:
                path = hatching(x, y - thick / 2, width, thick)
                drawn.append(element("path", d=path, class_=f"hatch {colour}"))
            else:
                mark = f"bar-mark {colour}"
                drawn.append(element("rect", class_=mark, x=x, y=y - thick / 2, width=width, height=thick))
            drawn += self._whisker(trace, i)
            text = trace.get("text", [""] * len(trace["x"]))[i]
            if text and trace.get("textposition") != "none":
                drawn.append(element("text", text=text, x=end + 6, y=y + 4, class_="label on"))
        return drawn

    def _whisker(self, trace: Figure, i: int) -> list[SafeString]:
        """From the low to the high end of a bar's value, where they are known."""
        bars = trace.get("error_x")
        if not bars or not (bars["array"][i] or bars["arrayminus"][i]):
            return []
        low, high = (self.x(trace["x"][i] + way) for way in (-bars["arrayminus"][i], bars["array"][i]))
        y = self.y(trace["y"][i])
        path = f"M{low:.1f} {y:.1f}H{high:.1f}M{low:.1f} {y - 4:.1f}v8M{high:.1f} {y - 4:.1f}v8"
        return [element("path", d=path, class_="spread")]

    def _annotation(self, each: Figure) -> SafeString:
        x = (self.right if each.get("xref") == "paper" else self.x(each["x"])) + each.get("xshift", 0)
        y = self.y(10 ** each["y"] if self.layout["yaxis"].get("type") == "log" else each["y"])
        anchor = "end" if each.get("xanchor") == "right" else None
        where = y + 4 - each.get("yshift", 0)
        return element("text", text=unescaped(each["text"]), x=x, y=where, text_anchor=anchor, class_="label")


def _number(value: Any) -> float:
    """Days since 1970 for a date, the number itself otherwise."""
    if isinstance(value, str):
        moment = datetime.fromisoformat(value)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() / 86_400
    return float(value)
