"""Training runs as bars: what the developers' own GPU-hours cost at the rent, phase upon phase."""

from collections.abc import Sequence

from dashboard import formats
from dashboard.charts import theme, ticks
from dashboard.charts.text import plot_text, text_width
from dashboard.ledger import Ledger

MOST_BARS = 12


def shown(ledgers: Sequence[Ledger], always: Sequence[Ledger] = ()) -> list[Ledger]:
    """Runs whose hours the developer states, the dearest first, the named ones always among them."""
    stated = [ledger for ledger in ledgers if ledger.usd is not None and not ledger.is_estimate]
    kept = [ledger for ledger in stated if ledger in always]
    kept += [ledger for ledger in stated if ledger not in always][: MOST_BARS - len(kept)]
    return sorted(kept, key=lambda ledger: ledger.gpu_hours or 0.0)


def figure(ledgers: Sequence[Ledger]) -> theme.Figure:
    """One bar per run in millions of US dollars; ``customdata`` keeps the GPU-hours, for a new rent in the browser."""
    layout = theme.base_layout()
    if not ledgers:
        return {"data": [], "layout": layout}
    names = _names(ledgers)
    millions = [float(ledger.usd or 0) / 1e6 for ledger in ledgers]
    top = (max(millions) or 1.0) * 1.16
    step = ticks.round_step(top, 5)
    marks = [number * step for number in range(int(top / step) + 1)]
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
                "text": [formats.usd_short(ledger.usd) for ledger in ledgers],
                "textposition": "outside",
                "cliponaxis": False,
                "textfont": {"color": theme.token("ink"), "size": 13},
                "hovertemplate": "%{y}: %{text}, %{customdata:,.0f} GPU-hours<extra></extra>",
                "width": 0.6,
                "marker": {
                    "color": [
                        theme.token(f"c-{theme.colour_name(ledger.run.version.model.developer.slug)}")
                        for ledger in ledgers
                    ]
                },
            }
        ],
        "layout": layout,
    }


def _names(ledgers: Sequence[Ledger]) -> list[str]:
    """Model names; where two runs share one, the names of their versions, since equal names would share a bar."""
    short = [ledger.run.version.model.name for ledger in ledgers]
    return [
        plot_text(name if short.count(name) == 1 else ledger.name) for name, ledger in zip(short, ledgers, strict=True)
    ]
