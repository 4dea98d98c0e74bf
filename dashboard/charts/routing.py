"""Share of tasks solved against cost, with the line that mixes of two models reach."""

from collections.abc import Sequence

from dashboard import formats
from dashboard.charts import theme, ticks
from dashboard.charts.text import plot_text
from dashboard.routing import Route, Routing


def figure(found: Routing) -> theme.Figure:
    """Trace 0 is the line through the corners, trace 1 the models, trace 2 the mix asked for. Linear axes: mixes of two
    models lie on a straight line only there. The axis ends a little beyond the dearest corner.
    """
    layout = theme.base_layout()
    corners = found.corners
    if not corners or found.axis is None:
        return {"data": [], "layout": layout}
    top = float(corners[-1].usd) * 1.25 or 1.0
    shown = [route for route in found.routes if float(route.usd) <= top]
    scores = [route.score * 100 for route in shown]
    low, high, step = ticks.round_range(min(scores), max(scores))
    low, high = max(low, -4.0), min(high, 104.0)
    usd_step = ticks.round_step(top, 6)
    usd = [round(number * usd_step, 10) for number in range(int(top / usd_step) + 1)]
    first = int(-(-low // step))
    marks = [round(number * step, 10) for number in range(first, int(high // step) + 1)]
    layout["margin"] = {"l": 48, "r": 16, "t": 10, "b": 46}
    layout["xaxis"] = theme.axis(
        "US$ per 1,000 tasks → dearer",
        range=[-top * 0.02, top],
        tickvals=usd,
        ticktext=[f"${value:g}" for value in usd],
    )
    layout["yaxis"] = theme.axis("", range=[low, high], tickvals=marks, ticktext=[f"{mark:g}%" for mark in marks])
    layout["annotations"] = [
        {
            "x": float(route.usd),
            "y": route.score * 100,
            "text": plot_text(route.row.name),
            "showarrow": False,
            "xanchor": "left",
            "xshift": 8,
            "yshift": -12,
            "font": {"color": theme.token("ink"), "size": 12},
        }
        for route in corners
    ]
    if words := dearer_words(found, shown):
        layout["annotations"].append(
            {
                "x": top,
                "y": low + (high - low) * 0.04,
                "text": words,
                "showarrow": False,
                "xanchor": "right",
                "xshift": -4,
                "font": {"color": theme.token("ink-3"), "size": 12},
            }
        )
    data = [
        {
            "type": "scatter",
            "name": "best mixes",
            "mode": "lines",
            "x": [*(float(route.usd) for route in corners), top],
            "y": [*(route.score * 100 for route in corners), corners[-1].score * 100],
            "line": {"color": theme.token("frontier"), "width": 1.75},
            "hoverinfo": "skip",
        },
        {
            "type": "scatter",
            "mode": "markers",
            "x": [float(route.usd) for route in shown],
            "y": scores,
            "text": [
                plot_text(f"{route.row.name}: {formats.percent(route.score)}, {formats.usd(route.usd)}")
                for route in shown
            ],
            "hovertemplate": "%{text}<extra></extra>",
            "marker": {
                "size": [13 if route.is_corner else 10 for route in shown],
                "color": [
                    theme.token(f"c-{theme.colour_name(route.row.version.model.developer.slug)}") for route in shown
                ],
                "line": {"width": 1.25, "color": theme.token("surface")},
            },
        },
    ]
    if found.budget is not None and found.mixed_score is not None and float(found.budget) <= top:
        data.append(
            {
                "type": "scatter",
                "name": "the mix for the budget",
                "mode": "markers",
                "x": [float(found.budget)],
                "y": [found.mixed_score * 100],
                "text": [plot_text(f"the mix: {formats.percent(found.mixed_score)}, {formats.usd(found.budget)}")],
                "hovertemplate": "%{text}<extra></extra>",
                "marker": {"size": 14, "symbol": "x", "color": [theme.token("ink")]},
            }
        )
    return {"data": data, "layout": layout}


def dearer_words(found: Routing, shown: Sequence[Route]) -> str:
    """What lies beyond the end of the axis."""
    beyond = found.routes[len(shown) :]
    if not beyond:
        return ""
    verb = "is" if len(beyond) == 1 else "are"
    return f"{formats.plural(len(beyond), 'dearer model')}, up to {formats.usd(beyond[-1].usd)}, {verb} in the table"
