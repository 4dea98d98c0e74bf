"""The price of a fixed capability: each mark is a new record low, the steps are what the level cost on each day."""

import math
from collections.abc import Sequence
from datetime import date, timedelta

from dashboard import formats
from dashboard.charts import theme, ticks
from dashboard.charts.price_axes import month_ticks
from dashboard.charts.text import plot_text
from dashboard.price_list import midnight
from dashboard.price_trend import PricePoint

# A price must be drawn for some time to be seen: the axis spans at least this.
SHORTEST = timedelta(days=60)


def figure(records: Sequence[PricePoint], *, until: date) -> theme.Figure:
    """Trace 0 is the staircase, trace 1 the record lows, numbered as in the table. Empty without any."""
    layout = theme.base_layout()
    if not records:
        return {"data": [], "layout": layout}
    first, end = midnight(records[0].on), midnight(until)
    start, end = first - (end - first) * 0.02, max(end, first + SHORTEST)
    usd = [float(point.usd_per_mtok) for point in records]
    low, high = min(usd) * 0.6, max(usd) * 1.8
    dates, prices = month_ticks(start, end), ticks.one_two_five(low, high)
    layout["margin"] = {"l": 48, "r": 16, "t": 10, "b": 30}
    layout["xaxis"] = theme.axis(
        "",
        type="date",
        range=[start.isoformat(), end.isoformat()],
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
    layout["annotations"] = [
        {
            "x": midnight(point.on).isoformat(),
            "y": math.log10(price),
            "text": str(number),
            "showarrow": False,
            "xanchor": "left",
            "xshift": 8,
            "yshift": 12,
            "font": {"color": theme.token("ink-2"), "size": 12},
        }
        for number, (point, price) in enumerate(zip(records, usd, strict=True), start=1)
    ]
    days = [midnight(point.on).isoformat() for point in records]
    colours = [theme.token(f"c-{theme.colour_name(point.version.model.developer.slug)}") for point in records]
    return {
        "data": [
            {
                "type": "scatter",
                "mode": "lines",
                "x": [*days, end.isoformat()],
                "y": [*usd, usd[-1]],
                "line": {"shape": "hv", "color": theme.token("frontier"), "width": 1.75},
                "hoverinfo": "skip",
            },
            {
                "type": "scatter",
                "mode": "markers",
                "x": days,
                "y": usd,
                "text": [
                    plot_text(f"{point.version.name}: {formats.usd(point.usd_per_mtok)}, {formats.day(point.on)}")
                    for point in records
                ],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {"size": 12, "color": colours, "line": {"width": 1.25, "color": theme.token("surface")}},
            },
        ],
        "layout": layout,
    }
