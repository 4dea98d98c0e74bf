"""Blended list prices over time, one step line per model. A time without a known price is a gap."""

import math
from collections.abc import Sequence
from datetime import datetime

from dashboard import formats
from dashboard.charts import theme, ticks
from dashboard.charts.price_history import month_ticks
from dashboard.charts.text import plot_text
from dashboard.price_list import ModelLine, Segment

# A developer has one colour, so its second and third model differ by their dashes.
DASHES = ("solid", "dash", "dot", "dashdot")


def shown(lines: Sequence[ModelLine]) -> list[ModelLine]:
    """Lines with something to draw: a price of nothing has no place on a logarithmic axis."""
    return [line for line in lines if any(segment.usd_per_mtok for segment in line.segments)]


def dashes(lines: Sequence[ModelLine]) -> list[str]:
    """The dash of each line: the first of a colour is solid."""
    used: dict[str, int] = {}
    found = []
    for line in lines:
        colour = colour_of(line)
        found.append(DASHES[used.get(colour, 0) % len(DASHES)])
        used[colour] = used.get(colour, 0) + 1
    return found


def colour_of(line: ModelLine) -> str:
    return f"c-{theme.colour_name(line.model.developer.slug)}"


def figure(lines: Sequence[ModelLine], *, end: datetime) -> theme.Figure:
    """Lines up to ``end``. Empty without any."""
    layout = theme.base_layout()
    drawn = shown(lines)
    if not drawn:
        return {"data": [], "layout": layout}
    segments = [segment for line in drawn for segment in line.segments if segment.usd_per_mtok]
    first = min(segment.start for segment in segments)
    usd = [float(segment.usd_per_mtok) for segment in segments]
    low, high = min(usd) * 0.75, max(usd) * 1.35
    dates, prices = month_ticks(first, end), ticks.one_two_five(low, high)
    layout["margin"] = {"l": 48, "r": 16, "t": 10, "b": 30}
    layout["xaxis"] = theme.axis(
        "",
        type="date",
        range=[first.isoformat(), end.isoformat()],
        tickvals=[tick.isoformat() for tick in dates],
        ticktext=[f"{tick:%b %Y}" for tick in dates],
    )
    layout["yaxis"] = theme.axis(
        "",
        type="log",
        range=[math.log10(low), math.log10(high)],
        tickvals=prices,
        ticktext=[ticks.usd_tick(price) for price in prices],
    )
    data = [_trace(line, dash, end) for line, dash in zip(drawn, dashes(drawn), strict=True)]
    return {"data": data, "layout": layout}


def _trace(line: ModelLine, dash: str, end: datetime) -> theme.Figure:
    xs: list[str | None] = []
    ys: list[float | None] = []
    words: list[str] = []
    before: Segment | None = None
    for segment in line.segments:
        if not segment.usd_per_mtok:
            continue
        if before and before.end != segment.start:
            xs.append(None)
            ys.append(None)
            words.append("")
        text = plot_text(_words(segment, before))
        xs += [segment.start.isoformat(), min(segment.end or end, end).isoformat()]
        ys += [float(segment.usd_per_mtok)] * 2
        words += [text, text]
        before = segment
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plot_text(line.model.name),
        "x": xs,
        "y": ys,
        "text": words,
        "hovertemplate": "%{fullData.name}<br>%{text}<extra></extra>",
        "line": {"shape": "hv", "width": 2.25, "dash": dash, "color": theme.token(colour_of(line))},
    }


def _words(segment: Segment, before: Segment | None) -> str:
    """At most 60 characters: price, since when, and the step that led to it."""
    text = f"{formats.usd(segment.usd_per_mtok)} since {formats.day(segment.start.date())}"
    if before:
        step = (segment.usd_per_mtok / before.usd_per_mtok - 1) * 100
        text += f", from {formats.usd(before.usd_per_mtok)} ({step:+.0f}%)"
    return text
