"""Rented GPUs against an API: the price of a million tokens by how busy the machine is."""

import math
from decimal import Decimal

from dashboard import formats
from dashboard.charts import theme, ticks
from dashboard.charts.text import plot_text
from dashboard.whole_life import WholeLife

PERCENTS = (1, 2, 3, 5, 7, 10, 15, 20, 25, 30, 40, 50, 60, 70, 80, 90, 100)


def curve(found: WholeLife) -> list[tuple[Decimal, Decimal]]:
    """The share of hours busy, and USD per million tokens at it."""
    shares = [Decimal(percent) / 100 for percent in PERCENTS]
    return [(share, found.query.self_hosted(share)) for share in shares]


def figure(found: WholeLife) -> theme.Figure:
    """Trace 0 is the machine, trace 1 the API, trace 2 the utilisation assumed. Empty where the machine is free."""
    layout = theme.base_layout()
    rented = [float(usd) for _, usd in curve(found)]
    if not all(rented):
        return {"data": [], "layout": layout}
    api = found.chosen.api_usd_per_mtok if found.chosen else None
    here = float(found.query.self_hosted())
    ends = [*rented, here, *([float(api)] if api else [])]
    low, high = min(ends) * 0.7, max(ends) * 1.4
    prices = ticks.one_two_five(low, high)
    layout["margin"] = {"l": 48, "r": 16, "t": 10, "b": 46}
    layout["xaxis"] = theme.axis(
        "share of hours busy → better used",
        range=[0, 100],
        tickvals=[0, 20, 40, 60, 80, 100],
        ticktext=["0%", "20%", "40%", "60%", "80%", "100%"],
    )
    layout["yaxis"] = theme.axis(
        "",
        type="log",
        range=[math.log10(low), math.log10(high)],
        tickvals=prices,
        ticktext=[ticks.usd_tick(price) for price in prices],
    )
    percent = float(found.query.utilisation_percent)
    data = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": list(PERCENTS),
            "y": rented,
            "line": {"color": theme.token("frontier"), "width": 2.25},
            "hovertemplate": "rented, %{x}% busy: $%{y:.3g} per 1M<extra></extra>",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [percent],
            "y": [here],
            "text": [plot_text(f"your machine: {formats.usd(here)} per 1M")],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {"size": 13, "color": [theme.token("ink")]},
        },
    ]
    layout["annotations"] = [_label(min(percent + 2, 62.0), here, "rented GPUs", 12)]
    if api and found.chosen:
        colour = theme.colour_name(found.chosen.version.model.developer.slug)
        data.insert(
            1,
            {
                "type": "scatter",
                "mode": "lines",
                "x": [0, 100],
                "y": [float(api), float(api)],
                "line": {"color": theme.token(f"c-{colour}"), "width": 2.25, "dash": "dash"},
                "hovertemplate": "API: $%{y:.3g} per 1M<extra></extra>",
            },
        )
        layout["annotations"].append(_label(58.0, float(api), f"API of {found.chosen.api_name}", 12))
    return {"data": data, "layout": layout}


def _label(x: float, usd: float, text: str, up: int) -> theme.Figure:
    return {
        "x": x,
        "y": math.log10(usd),
        "text": plot_text(text),
        "showarrow": False,
        "xanchor": "left",
        "yshift": up,
        "font": {"color": theme.token("ink"), "size": 12},
    }
