"""Capability against price: one mark per model, the frontier as a staircase."""

import math
from collections.abc import Collection
from dataclasses import dataclass

from dashboard import formats
from dashboard.charts import theme, ticks
from dashboard.charts.text import plot_text
from dashboard.frontier import Frontier, FrontierRow

BIG, SMALL = 13, 10
SYMBOLS = {True: "diamond", False: "circle", None: "square"}
# Line breaks are the only markup in a hover text (bold would be a style attribute, which the policy forbids);
# everything else is data, passed in escaped.
HOVER = "%{text}<br>%{customdata[0]}<br>%{customdata[1]}<br>%{customdata[2]}<br>%{customdata[3]}<extra></extra>"


@dataclass(frozen=True, slots=True)
class FrontierView:
    """What both drawings of the chart share: the ends of the axes, their ticks, the points and the stairs."""

    low_usd: float
    high_usd: float
    low: float
    high: float
    step: float
    points: list[FrontierRow]
    stairs: list[tuple[float, float]]
    pinned: frozenset[str]

    def is_big(self, row: FrontierRow) -> bool:
        """Drawn larger and named first: on the frontier, or one of the pair that the headline compares."""
        return bool(row.on_frontier) or row.slug in self.pinned

    @property
    def price_ticks(self) -> list[float]:
        return ticks.one_two_five(self.low_usd, self.high_usd)

    @property
    def level_ticks(self) -> list[float]:
        first = math.ceil(self.low / self.step)
        last = math.floor(self.high / self.step)
        return [round(number * self.step, 10) for number in range(first, last + 1)]


def view(frontier: Frontier, pinned: Collection[str] = ()) -> FrontierView | None:
    """None where no model can be drawn. A free model has no place on a logarithmic axis: it lifts the left edge."""
    points = [row for row in frontier.rows if row.usd_per_mtok]
    if not points:
        return None
    prices = [usd(row) for row in points]
    levels = [level(frontier, row) for row in points]
    low_usd, high_usd = min(prices) * 0.72, max(prices) * 1.45
    low, high, step = ticks.round_range(min(levels), max(levels))
    if frontier.axis.is_share:
        low, high = max(low, -4.0), min(high, 104.0)
    stairs = [(max(usd(row), low_usd), level(frontier, row)) for row in frontier.frontier]
    stairs.append((high_usd, stairs[-1][1]))
    return FrontierView(low_usd, high_usd, low, high, step, points, stairs, frozenset(pinned))


def usd(row: FrontierRow) -> float:
    return float(row.usd_per_mtok or 0)


def level(frontier: Frontier, row: FrontierRow) -> float:
    return frontier.axis.shown(row.value or 0.0)


def figure(frontier: Frontier, pinned: Collection[str] = ()) -> theme.Figure:
    """Trace 0 is the frontier, trace 1 the models in the order of ``view(frontier).points``."""
    layout = theme.base_layout()
    found = view(frontier, pinned)
    if found is None:
        return {"data": [], "layout": layout}
    below = found.low - (found.high - found.low)
    stairs = [(found.stairs[0][0], below), *found.stairs]
    layout["xaxis"] = theme.axis(
        "US$ per 1M tokens → dearer",
        type="log",
        range=[math.log10(found.low_usd), math.log10(found.high_usd)],
        tickvals=found.price_ticks,
        ticktext=[ticks.usd_tick(value) for value in found.price_ticks],
    )
    layout["yaxis"] = theme.axis(
        f"{plot_text(frontier.axis.title)} → more capable",
        range=[found.low, found.high],
        tickvals=found.level_ticks,
        ticktext=[f"{value:g}{'%' if frontier.axis.is_share else ''}" for value in found.level_ticks],
    )
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "x": [x for x, _ in stairs],
                "y": [y for _, y in stairs],
                "line": {"shape": "hv", "color": theme.token("frontier"), "width": 1.75},
                "fill": "tozeroy",
                "fillcolor": theme.token("frontier-fill"),
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": [usd(row) for row in found.points],
                "y": [level(frontier, row) for row in found.points],
                "text": [plot_text(row.name) for row in found.points],
                "customdata": [_hover(frontier, row) for row in found.points],
                "hovertemplate": HOVER,
                "marker": {
                    "opacity": 1,  # sizes in a list would make Plotly choose 0.7
                    "size": [BIG if found.is_big(row) else SMALL for row in found.points],
                    "symbol": [SYMBOLS[row.version.open_weights] for row in found.points],
                    "color": [fill(row) for row in found.points],
                    "line": {
                        "width": [outline(found, row)[0] for row in found.points],
                        "color": [outline(found, row)[1] for row in found.points],
                    },
                },
            },
        ],
        "layout": layout,
    }


def colour(row: FrontierRow) -> str:
    return theme.token(f"c-{theme.colour_name(row.version.model.developer.slug)}")


def fill(row: FrontierRow) -> str:
    """Hollow where the level is provisional."""
    return theme.token("surface") if row.is_provisional else colour(row)


def outline(found: FrontierView, row: FrontierRow) -> tuple[float, str]:
    """Width and colour: a ring round the compared pair, the mark's own colour where it is hollow."""
    if row.slug in found.pinned:
        return 2.5, theme.token("ink")
    return (2.0, colour(row)) if row.is_provisional else (1.25, theme.token("surface"))


def _hover(frontier: Frontier, row: FrontierRow) -> list[str]:
    """Four lines under the name; every string escaped."""
    lines = (
        f"{row.developer} · {weights_words(row)}",
        level_words(frontier, row),
        price_words(row),
        source_words(row),
    )
    return [plot_text(line) for line in lines]


def weights_words(row: FrontierRow) -> str:
    return {True: "open weights", False: "API only", None: "access unknown"}[row.version.open_weights]


def level_words(frontier: Frontier, row: FrontierRow) -> str:
    capability = row.capability
    text = f"{frontier.axis.short} {frontier.axis.text(row.value)}"
    if capability and capability.low is not None and capability.high is not None:
        text += f" ({frontier.axis.text(capability.low)} to {frontier.axis.text(capability.high)})"
    return f"{text}, provisional" if row.is_provisional else text


def price_words(row: FrontierRow) -> str:
    blended = f"{formats.usd(row.usd_per_mtok)} per 1M blended"
    parts = [
        f"{formats.usd(value)} {word}"
        for name, word in (("input", "in"), ("output", "out"))
        if (value := row.component_usd(name)) is not None
    ]
    return f"{' · '.join(parts)} · {blended}" if parts else blended


def source_words(row: FrontierRow) -> str:
    names = ", ".join(source.publisher for source in row.price_sources) or (row.price.policy_note if row.price else "")
    since = f", since {formats.day(row.price_since)}" if row.price_since else ""
    return f"Price: {names or 'source unknown'}{since}"
