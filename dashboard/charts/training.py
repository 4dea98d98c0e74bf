"""Training runs as bars: what the developers' own GPU-hours cost at the rent, phase upon phase."""

from collections.abc import Sequence

from dashboard import formats
from dashboard.charts import theme, ticks
from dashboard.charts.text import plot_text, text_width
from dashboard.ledger import Ledger

MOST_BARS = 12
# The axis beyond the longest bar, for its value.
TEXT_ROOM = 1.3


def shown(ledgers: Sequence[Ledger], always: Sequence[Ledger] = ()) -> list[Ledger]:
    """Runs of known hours, the dearest first, the named ones always among them."""
    known = [ledger for ledger in ledgers if ledger.usd is not None]
    kept = [ledger for ledger in known if ledger in always]
    kept += [ledger for ledger in known if ledger not in always][: MOST_BARS - len(kept)]
    return sorted(kept, key=lambda ledger: ledger.gpu_hours or 0.0)


def figure(ledgers: Sequence[Ledger]) -> theme.Figure:
    """One bar per run in millions of US dollars, hatched where it is an estimate, with what such a run needs as a line.

    ``customdata`` keeps the GPU-hours and ``meta`` the rest, for a new rent in the browser. Trace 1 writes the values.
    """
    layout = theme.base_layout()
    if not ledgers:
        return {"data": [], "layout": layout}
    names = _names(ledgers)
    millions = [float(ledger.usd or 0) / 1e6 for ledger in ledgers]
    needed = [ledger.needed_usd for ledger in ledgers]
    ends = [max(at, ends[1] / 1e6) if ends else at for at, ends in zip(millions, needed, strict=True)]
    top = (max(ends) or 1.0) * TEXT_ROOM
    step = ticks.round_step(top, 5)
    marks = [number * step for number in range(int(top / step) + 1)]
    texts = [_value(ledger) for ledger in ledgers]
    layout["margin"] = {"l": round(max(text_width(name, 13) for name in names)) + 16, "r": 20, "t": 6, "b": 30}
    layout["dragmode"] = False
    layout["xaxis"] = theme.axis(
        "", range=[0, top], tickvals=marks, ticktext=[f"${mark:g}M" if mark else "$0" for mark in marks]
    )
    layout["yaxis"] = theme.axis(
        "",
        tickvals=names,
        ticktext=names,
        showgrid=False,
        tickfont={"color": theme.token("ink"), "size": 13},
        ticklabelstandoff=8,
    )
    return {
        "data": [
            {
                "type": "bar",
                "orientation": "h",
                "y": names,
                "x": millions,
                "customdata": [ledger.gpu_hours for ledger in ledgers],
                "meta": {
                    "methods": [ledger.method for ledger in ledgers],
                    "needed": [_hours(ledger) for ledger in ledgers],
                },
                "text": texts,
                "textposition": "none",
                "hovertext": [_needed_words(ledger) for ledger in ledgers],
                "hovertemplate": "%{y}: %{text}, %{customdata:,.0f} GPU-hours%{hovertext}<extra></extra>",
                "width": 0.6,
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "array": [each[1] / 1e6 - at if each else 0 for at, each in zip(millions, needed, strict=True)],
                    "arrayminus": [
                        at - each[0] / 1e6 if each else 0 for at, each in zip(millions, needed, strict=True)
                    ],
                    "color": theme.token("c-other"),
                    "thickness": 2,
                    "width": 4,
                },
                "marker": {
                    "color": [
                        theme.token(f"c-{theme.colour_name(ledger.run.version.model.developer.slug)}")
                        for ledger in ledgers
                    ],
                    "pattern": {
                        "shape": ["/" if ledger.is_estimate else "" for ledger in ledgers],
                        "fillmode": "replace",
                        "size": 7,
                        "solidity": 0.4,
                    },
                },
            },
            {
                "type": "scatter",
                "mode": "text",
                "x": ends,
                "y": names,
                # plotly.js has no distance between a point and its text.
                "text": [f"\u00a0\u00a0{text}" for text in texts],
                "textposition": "middle right",
                "textfont": {"color": theme.token("ink"), "size": 13},
                "cliponaxis": False,
                "hoverinfo": "skip",
            },
        ],
        "layout": layout,
    }


def _names(ledgers: Sequence[Ledger]) -> list[str]:
    """Model names; where two runs share one, the names of their versions, since equal names would share a bar."""
    short = [ledger.run.version.model.name for ledger in ledgers]
    return [
        plot_text(name if short.count(name) == 1 else ledger.name) for name, ledger in zip(short, ledgers, strict=True)
    ]


def _value(ledger: Ledger) -> str:
    """The cost, and how it came about where it is not hours times the rent like the others."""
    method = "" if ledger.method == "derived" else f" {ledger.method}"
    return f"{formats.usd_short(ledger.usd)}{method}"


def _hours(ledger: Ledger) -> list[float] | None:
    """Low and high end of the GPU-hours that such a run needs."""
    needed = ledger.verdict.needed_gpu_hours
    return [needed.low, needed.high] if needed else None


def _needed_words(ledger: Ledger) -> str:
    """For the tooltip; the rent of the moment is not in it, so that the browser need not write it anew."""
    needed = ledger.verdict.needed_gpu_hours
    return f"; such a run needs {formats.short(needed.low)} to {formats.short(needed.high)} (90%)" if needed else ""
