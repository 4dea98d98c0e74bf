"""Levels with their intervals, one line per model: whether two of them can be told apart is seen at a glance."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from dashboard.charts import theme, ticks
from dashboard.charts.text import plot_text

ROW_HEIGHT = 52


@dataclass(frozen=True, slots=True)
class Level:
    """One model on the axis as it is plotted. ``colour`` is the name of a token; ``text`` is the value in words."""

    name: str
    value: float
    low: float | None
    high: float | None
    colour: str
    text: str


def height(levels: Sequence[Level]) -> int:
    return 52 + ROW_HEIGHT * len(levels)


def figure(levels: Sequence[Level], *, title: str, unit: str = "") -> theme.Figure:
    """The first level on top. Two traces per known interval and one for all the marks; empty without levels."""
    layout = theme.base_layout()
    if not levels:
        return {"data": [], "layout": layout}
    ends = [end for level in levels for end in (level.value, level.low, level.high) if end is not None]
    low, high, step = ticks.round_range(min(ends), max(ends), steps=6)
    marks = [round(number * step, 10) for number in range(math.ceil(low / step), math.floor(high / step) + 1)]
    layout["margin"] = {"l": 16, "r": 16, "t": 4, "b": 44}
    layout["dragmode"] = False
    layout["xaxis"] = theme.axis(
        title, range=[low, high], tickvals=marks, ticktext=[f"{mark:g}{unit}" for mark in marks], fixedrange=True
    )
    layout["yaxis"] = theme.axis(
        "", range=[-0.5, len(levels) - 0.5 + 0.15], tickvals=[], ticktext=[], showgrid=False, fixedrange=True
    )
    places = [len(levels) - 1 - position for position in range(len(levels))]
    layout["annotations"] = [
        {
            "x": low,
            "y": place + 0.3,
            "text": plot_text(f"{level.name}  {level.text}"),
            "xanchor": "left",
            "showarrow": False,
            "font": {"color": theme.token("ink"), "size": 13},
        }
        for place, level in zip(places, levels, strict=True)
    ]
    lines = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [level.low, level.high],
            "y": [place, place],
            "line": {"color": theme.token(level.colour), "width": 2.25},
            "hoverinfo": "skip",
        }
        for place, level in zip(places, levels, strict=True)
        if level.low is not None and level.high is not None
    ]
    points = {
        "type": "scatter",
        "mode": "markers",
        "x": [level.value for level in levels],
        "y": places,
        "text": [plot_text(f"{level.name}: {level.text}") for level in levels],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": 12, "color": [theme.token(level.colour) for level in levels]},
    }
    return {"data": [*lines, points], "layout": layout}
