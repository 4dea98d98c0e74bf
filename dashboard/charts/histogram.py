"""A small histogram as inline SVG, for a page that needs no script. Marks at the middle and at 95 percent."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dashboard.charts.svg import element
from dashboard.charts.theme import tokens

WIDTH, HEIGHT, FOOT = 320.0, 84.0, 16.0
BINS = 24


@dataclass(frozen=True, slots=True)
class Spread:
    """How one quantity is spread over the calls or samples of a run, in its own unit."""

    n: int
    least: float
    p50: float
    p90: float
    p95: float
    most: float


def spread_of(values: Sequence[float]) -> Spread | None:
    """None without values."""
    if not values:
        return None
    data = np.asarray(values, dtype=float)
    p50, p90, p95 = (float(each) for each in np.percentile(data, (50, 90, 95)))
    return Spread(n=len(data), least=float(data.min()), p50=p50, p90=p90, p95=p95, most=float(data.max()))


def histogram_svg(values: Sequence[float], spread: Spread) -> SafeString:
    """Counts in even steps from the least to the most. Hidden from screen readers: the page says the same in words."""
    width = spread.most - spread.least
    counts = np.histogram(values, bins=BINS, range=(spread.least, spread.most))[0] if width else np.array([spread.n])
    step, top = WIDTH / len(counts), float(max(counts))
    base = HEIGHT - FOOT
    bars = [
        element(
            "rect",
            class_="column",
            x=n * step + 0.5,
            y=base - (height := max(2.0, base * count / top)),
            width=max(1.0, step - 1),
            height=height,
        )
        for n, count in enumerate(counts)
        if count
    ]
    marks = []
    for value, name in ((spread.p50, "p50"), (spread.p95, "p95")):
        x = WIDTH * (value - spread.least) / width if width else WIDTH / 2
        anchor = "start" if x < 30 else "end" if x > WIDTH - 30 else "middle"
        marks.append(element("line", class_="mark", x1=x, x2=x, y1=0, y2=base))
        if name == "p50" or (width and abs(x - WIDTH * (spread.p50 - spread.least) / width) > 34):
            marks.append(element("text", class_="tick", text=name, x=x, y=HEIGHT - 3, text_anchor=anchor))
    return element(
        "svg",
        *bars,
        *marks,
        viewBox=f"0 0 {WIDTH:g} {HEIGHT:g}",
        class_="histogram",
        aria_hidden="true",
        focusable="false",
    )


def coloured(drawing: str) -> SafeString:
    """The drawing with the colours of evals.css written into it, for a picture outside the page."""
    values = tokens()
    for name, attribute in (("column", "fill"), ("mark", "stroke")):
        colour = escape(values[{"column": "accent", "mark": "ink-2"}[name]])
        drawing = drawing.replace(f'class="{name}"', f'{attribute}="{colour}"')
    return mark_safe(drawing)  # noqa: S308  made of escaped elements
