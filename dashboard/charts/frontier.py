"""Capability against cost: one mark per model or setting, the frontier as a staircase."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from dashboard import formats
from dashboard.charts import theme, ticks
from dashboard.charts.text import plot_text
from dashboard.frontier import TRIO, Frontier
from dashboard.frontier_row import FrontierRow

BIG, SMALL, RING, PALE = 13, 10, 20, 0.45
# From the middle of a mark to where a name may begin: a diamond's corners, and the ring round what is possible.
BIG_REACH, SMALL_REACH, RING_REACH = 8.5, 7.0, 11.0
LONGEST_LINE = 90
MOST_POINTS, GRID = 300, (24, 16)
# Above the best model, a share of the axis: room for the names of the frontier where it is flat.
HEADROOM = 0.07
SYMBOLS = {True: "diamond", False: "circle", None: "square"}
# Line breaks are the only markup in a hover text (bold would be a style attribute, which the policy forbids);
# everything else is data, passed in escaped.
HOVER = {
    lines: "".join(["%{text}", *(f"<br>%{{customdata[{line}]}}" for line in range(lines)), "<extra></extra>"])
    for lines in (3, 4, 5)
}


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
    band: list[tuple[float, float, float]]
    siblings: list[list[FrontierRow]]
    all_names: bool = True

    def is_big(self, row: FrontierRow) -> bool:
        """Drawn larger and named first: on the frontier, or one of the pair that the headline compares."""
        return bool(row.on_frontier) or self.is_pinned(row)

    def is_pinned(self, row: FrontierRow) -> bool:
        return row.id in self.pinned

    def is_named(self, row: FrontierRow) -> bool:
        """Whether its name is wanted where few names fit: the trio this site was built to compare is one."""
        return self.is_big(row) or row.id in TRIO

    def reach(self, row: FrontierRow) -> float:
        """How far its mark goes from its middle, in pixels."""
        if row.standing == "possible":
            return RING_REACH
        return BIG_REACH if self.is_big(row) else SMALL_REACH

    def weight(self, row: FrontierRow) -> float:
        """Whose name is placed first: the headline's pair, the frontier, the trio, then the most capable.

        Of the pair the longer name, for which there are fewer places.
        """
        pair = 4e6 + 1e4 * len(row.name)
        ranks = ((self.is_pinned(row), pair), (bool(row.on_frontier), 2e6), (self.is_named(row), 1e6))
        return sum(worth for holds, worth in ranks if holds) + (row.value or 0.0)

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
    if not any(row.cost for row in frontier.rows):
        return None
    every = [row for row in (*frontier.rows, *frontier.past) if row.cost]
    points = _thinned(frontier, sorted(every, key=usd), pinned)
    within = [row for row in (*points, *frontier.unfiltered) if row.cost]
    prices = [usd(row) for row in within]
    levels = [level(frontier, row) for row in within]
    low_usd, high_usd = min(prices) * 0.72, max(prices) * 1.45
    if frontier.query.intervals == "show":
        levels += [end for row in points for end in level_ends(frontier, row)]
    low, high, step = ticks.round_range(min(levels), max(levels))
    high += (high - low) * HEADROOM
    if frontier.axis.is_share:
        low, high = max(low, -4.0), min(high, 104.0)
    stairs = [(max(usd(row), low_usd), level(frontier, row)) for row in frontier.frontier]
    stairs.append((high_usd, stairs[-1][1]))
    shown = frontier.axis.shown
    band = [
        (max(float(price), low_usd), min(max(shown(under), low), high), min(max(shown(over), low), high))
        for price, under, over in frontier.band
    ]
    if band:
        band.append((high_usd, *band[-1][1:]))
    return FrontierView(
        low_usd,
        high_usd,
        low,
        high,
        step,
        points,
        stairs,
        frozenset(pinned),
        band,
        _siblings(points),
        all_names=frontier.query.labels == "fit",
    )


def _thinned(frontier: Frontier, points: list[FrontierRow], pinned: Collection[str]) -> list[FrontierRow]:
    """All points, or where they are too many to tell apart one for each cell of a fine grid.

    The frontier, the pinned pair and the trio always stay; in a cell the cheapest stays, being the first.
    """
    if len(points) <= MOST_POINTS:
        return points
    levels = [level(frontier, row) for row in points]
    low, span = min(levels), (max(levels) - min(levels)) or 1.0
    first, reach = math.log(usd(points[0])), math.log(usd(points[-1]) / usd(points[0])) or 1.0
    kept: list[FrontierRow] = []
    taken: set[tuple[int, int]] = set()
    for row, value in zip(points, levels, strict=True):
        cell = (int((math.log(usd(row)) - first) / reach * GRID[0]), int((value - low) / span * GRID[1]))
        if row.on_frontier or row.id in pinned or row.slug in TRIO or cell not in taken:
            kept.append(row)
        taken.add(cell)
    return kept


def _siblings(points: Sequence[FrontierRow]) -> list[list[FrontierRow]]:
    """The settings of one version that are joined by a line, in the order of the points."""
    found: dict[int, list[FrontierRow]] = {}
    for row in points:
        if row.variant:
            found.setdefault(row.version.pk, []).append(row)
    return [sorted(rows, key=lambda row: (usd(row), row.value or 0)) for rows in found.values() if len(rows) > 1]


def usd(row: FrontierRow) -> float:
    """The cost of a complete row. Raises ``ValueError`` for an unknown one, which has no place on the chart."""
    if row.cost is None:
        raise ValueError(f"{row.slug} has no cost; only complete rows are drawn.")
    return float(row.cost)


def level_ends(frontier: Frontier, row: FrontierRow) -> tuple[float, ...]:
    """The ends of the level's interval as plotted; nothing where it is not known."""
    found = row.capability
    if found is None or found.low is None or found.high is None:
        return ()
    return frontier.axis.shown(found.low), frontier.axis.shown(found.high)


def usd_ends(frontier: Frontier, row: FrontierRow, most: float) -> tuple[float, ...]:
    """The ends of the measured cost's interval, an infinite one at ``most``; nothing for a list price."""
    interval = row.measured.interval if row.measured and frontier.cost.is_measured else None
    return (interval.low, min(interval.high, most)) if interval else ()


def level(frontier: Frontier, row: FrontierRow) -> float:
    """The capability of a complete row. Raises ``ValueError`` for an unknown one."""
    if row.value is None:
        raise ValueError(f"{row.slug} has no level; only complete rows are drawn.")
    return frontier.axis.shown(row.value)


def figure(frontier: Frontier, pinned: Collection[str] = ()) -> theme.Figure:
    """Trace 0 is the frontier, trace 1 the models in the order of ``view(frontier).points``; then band and rings."""
    layout = theme.base_layout()
    found = view(frontier, pinned)
    if found is None:
        return {"data": [], "layout": layout}
    below = found.low - (found.high - found.low)
    stairs = [(found.stairs[0][0], below), *found.stairs]
    layout["xaxis"] = theme.axis(
        f"{plot_text(frontier.cost.title)} → dearer",
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
                "customdata": [
                    [plot_text(line, LONGEST_LINE) for line in hover_lines(frontier, row)] for row in found.points
                ],
                "hovertemplate": [HOVER[len(hover_lines(frontier, row))] for row in found.points],
                **_intervals(frontier, found),
                "marker": {
                    # Said for each: sizes in a list would make Plotly choose 0.7.
                    "opacity": [PALE if row.is_past else 1 for row in found.points],
                    "size": [BIG if found.is_big(row) else SMALL for row in found.points],
                    "symbol": [SYMBOLS[row.version.open_weights] for row in found.points],
                    "color": [fill(row) for row in found.points],
                    "line": {
                        "width": [outline(found, row)[0] for row in found.points],
                        "color": [outline(found, row)[1] for row in found.points],
                    },
                },
            },
            *_band(found),
            *_joins(frontier, found),
            *_rings(frontier, found),
        ],
        "layout": layout,
    }


def _band(found: FrontierView) -> list[theme.Figure]:
    """The uncertainty of the frontier, behind everything: an upper edge, and a lower one filled up to it."""
    if not found.band:
        return []
    edge = {
        "type": "scatter",
        "mode": "lines",
        "x": [price for price, _, _ in found.band],
        "line": {"shape": "hv", "width": 0},
        "hoverinfo": "skip",
        "zorder": -1,
    }
    fill = {"fill": "tonexty", "fillcolor": theme.token("frontier-band")}
    return [
        edge | {"y": [over for *_, over in found.band]},
        edge | {"y": [under for _, under, _ in found.band]} | fill,
    ]


def _intervals(frontier: Frontier, found: FrontierView) -> theme.Figure:
    """Error bars of the marks, where they are asked for."""
    if frontier.query.intervals == "hide":
        return {}
    bars: theme.Figure = {}
    for name, middle, ends in (
        (
            "error_y",
            [level(frontier, row) for row in found.points],
            [level_ends(frontier, row) for row in found.points],
        ),
        (
            "error_x",
            [usd(row) for row in found.points],
            [usd_ends(frontier, row, found.high_usd) for row in found.points],
        ),
    ):
        if any(ends):
            bars[name] = {
                "type": "data",
                "symmetric": False,
                "array": [max(0.0, end[1] - at) if end else 0 for at, end in zip(middle, ends, strict=True)],
                "arrayminus": [max(0.0, at - end[0]) if end else 0 for at, end in zip(middle, ends, strict=True)],
                "color": theme.token("ink-3"),
                "thickness": 1,
                "width": 3,
            }
    return bars


def _joins(frontier: Frontier, found: FrontierView) -> list[theme.Figure]:
    """A thin line through the settings of each model."""
    if not found.siblings:
        return []
    lines = [[*((usd(row), level(frontier, row)) for row in rows), (None, None)] for rows in found.siblings]
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [x for line in lines for x, _ in line],
            "y": [y for line in lines for _, y in line],
            "line": {"color": theme.token("ink-3"), "width": 1},
            "connectgaps": False,
            "hoverinfo": "skip",
            "zorder": -1,
        }
    ]


def _rings(frontier: Frontier, found: FrontierView) -> list[theme.Figure]:
    """A ring round the models that are on the frontier in some draws only."""
    ringed = [row for row in found.points if row.standing == "possible"]
    if not ringed:
        return []
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "x": [usd(row) for row in ringed],
            "y": [level(frontier, row) for row in ringed],
            "hoverinfo": "skip",
            "marker": {
                "size": RING,
                "symbol": "circle-open",
                "color": theme.token("ink-3"),
                "line": {"width": 1.25, "color": theme.token("ink-3")},
            },
        }
    ]


def colour(row: FrontierRow) -> str:
    return theme.token(f"c-{theme.colour_name(row.version.model.developer.slug)}")


def fill(row: FrontierRow) -> str:
    """Hollow where the level is provisional."""
    return theme.token("surface") if row.is_provisional else colour(row)


def outline(found: FrontierView, row: FrontierRow) -> tuple[float, str]:
    """Width and colour: a ring round the compared pair, the mark's own colour where it is hollow."""
    if found.is_pinned(row):
        return 2.5, theme.token("ink")
    return (2.0, colour(row)) if row.is_provisional else (1.25, theme.token("surface"))


def hover_lines(frontier: Frontier, row: FrontierRow) -> list[str]:
    """At most five lines under the name."""
    past = f" · {row.sale_words}" if row.sale_words else ""
    measured = f"{formats.usd(row.cost)} per solved task ({row.measured.words})" if row.measured else ""
    lines = [
        f"{row.developer} · {weights_words(row)}{standing_words(row)}{past}",
        level_words(frontier, row),
        measured,
        f"List price: {price_words(row)}" if measured else price_words(row),
        source_words(row),
    ]
    return [line for line in lines if line]


def weights_words(row: FrontierRow) -> str:
    return {True: "open weights", False: "closed weights", None: "access unknown"}[row.version.open_weights]


def standing_words(row: FrontierRow) -> str:
    """How sure the place on the frontier is; nothing where it is unlikely or unknown."""
    share = row.frontier_probability
    return f" · {row.standing} on the frontier ({formats.chance(share)})" if row.standing and share is not None else ""


def level_words(frontier: Frontier, row: FrontierRow) -> str:
    capability = row.capability
    text = f"{frontier.axis.short} {frontier.axis.text(row.value)}"
    if capability and capability.low is not None and capability.high is not None:
        text += f" ({frontier.axis.text(capability.low)} to {frontier.axis.text(capability.high)})"
    if capability and row.variant and capability.detail:
        text += f", {capability.detail.partition(';')[0]}"
    return f"{text}, provisional" if row.is_provisional else text


def price_words(row: FrontierRow) -> str:
    last = "last known: " if row.withdrawn_on else ""
    blended = f"{formats.usd(row.usd_per_mtok)} per 1M blended"
    parts = [
        f"{formats.usd(value)} {word}"
        for name, word in (("input", "in"), ("output", "out"))
        if (value := row.component_usd(name)) is not None
    ]
    return f"{last}{' · '.join([*parts, blended])}"


def source_words(row: FrontierRow) -> str:
    names = ", ".join(source.publisher for source in row.price_sources) or (row.price.policy_note if row.price else "")
    since = f", {row.since_words}" if row.price_since else ""
    whose = f"Price of {row.price.provider}" if row.price and row.is_of_others else "Price"
    return f"{whose}: {names or 'source unknown'}{since}"
