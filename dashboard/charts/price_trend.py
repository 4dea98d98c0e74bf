"""The price of a fixed capability: the line is what the level cost on each day, each mark a new record low."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from dashboard import formats
from dashboard.charts import theme
from dashboard.charts.price_axes import price_layout
from dashboard.charts.text import plot_text, text_width
from dashboard.price_list import midnight
from dashboard.price_trend import CapabilityPriceTrend, Cheapest, PricePoint

# A price must be drawn for some time to be seen: the axis spans at least this.
SHORTEST = timedelta(days=60)
LINE = "Lowest list price on the day"


def figure(found: CapabilityPriceTrend) -> theme.Figure:
    """Trace 0 is the line, trace 1 the record lows, numbered as in the table, trace 2 the day's price where it differs.

    Empty without any.
    """
    records, until = found.records, midnight(found.day)
    if not records:
        return {"data": [], "layout": theme.base_layout()}
    first = midnight(records[0].on)
    start, end = first - (until - first) * 0.02, max(until, first + SHORTEST)
    usd = [float(point.usd_per_mtok) for point in (*records, *(each.point for each in found.cheapest))]
    layout = price_layout(start, end, low=min(usd) * 0.6, high=max(usd) * 1.8)
    layout["annotations"] = [
        _label(midnight(point.on), float(point.usd_per_mtok), str(number), shift=8)
        for number, point in enumerate(records, start=1)
    ]
    data = [_line(found.cheapest, until), _marks(records, [midnight(point.on) for point in records])]
    now = found.cheapest_now
    if now and now.usd_per_mtok > records[-1].usd_per_mtok:
        text = f"{formats.usd(now.usd_per_mtok)} on {formats.day(found.day)}"
        data.append(_marks([now], [until], words=[f"{now.version.name}: {text}"], size=9))
        layout["annotations"].append(_label(until, float(now.usd_per_mtok), text, shift=-text_width(text, 12) - 4))
    return {"data": data, "layout": layout}


def _line(found: Sequence[Cheapest], until: datetime) -> theme.Figure:
    xs: list[str | None] = []
    ys: list[float | None] = []
    words: list[str] = []
    for position, each in enumerate(found):
        if position and found[position - 1].end != each.start:
            xs, ys, words = [*xs, None], [*ys, None], [*words, ""]
        point, usd = each.point, float(each.point.usd_per_mtok)
        text = f"{formats.usd(point.usd_per_mtok)} since {formats.day(each.start.date())}"
        text = f"{plot_text(text)}<br>{plot_text(f'{point.version.name}, {point.segment.price.provider}', 120)}"
        xs += [each.start.isoformat(), max(each.start, min(each.end or until, until)).isoformat()]
        ys += [usd, usd]
        words += [text, text]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": LINE,
        "x": xs,
        "y": ys,
        "text": words,
        "hovertemplate": "%{text}<extra></extra>",
        "line": {"shape": "hv", "color": theme.token("frontier"), "width": 1.75},
    }


def _marks(
    points: Sequence[PricePoint], moments: Sequence[datetime], words: Sequence[str] = (), size: int = 12
) -> theme.Figure:
    said = words or [
        f"{point.version.name}: {formats.usd(point.usd_per_mtok)}, {formats.day(point.on)}" for point in points
    ]
    colours = [theme.token(f"c-{theme.colour_name(point.version.model.developer.slug)}") for point in points]
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [moment.isoformat() for moment in moments],
        "y": [float(point.usd_per_mtok) for point in points],
        "text": [plot_text(text) for text in said],
        "hovertemplate": "%{text}<extra></extra>",
        "cliponaxis": False,
        "marker": {"size": size, "color": colours, "line": {"width": 1.25, "color": theme.token("surface")}},
    }


def _label(moment: datetime, usd: float, text: str, *, shift: float) -> theme.Figure:
    return {
        "x": moment.isoformat(),
        "y": math.log10(usd),
        "text": text,
        "showarrow": False,
        "xanchor": "left",
        "xshift": shift,
        "yshift": 12,
        "font": {"color": theme.token("ink-2"), "size": 12},
    }
