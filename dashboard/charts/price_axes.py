"""The axes that every chart of prices over time has: months from left to right, US$ on a logarithmic scale."""

import math
from datetime import UTC, datetime

from dashboard.charts import theme, ticks


def price_layout(start: datetime, end: datetime, *, low: float, high: float) -> theme.Figure:
    """A layout from ``start`` to ``end`` and from the price ``low`` to ``high``."""
    dates, prices = month_ticks(start, end), ticks.one_two_five(low, high)
    return theme.base_layout() | {
        "margin": {"l": 48, "r": 16, "t": 10, "b": 30},
        "xaxis": theme.axis(
            "",
            type="date",
            range=[start.isoformat(), end.isoformat()],
            tickvals=[tick.isoformat() for tick in dates],
            ticktext=[f"{tick:%b %Y}" for tick in dates],
        ),
        "yaxis": theme.axis(
            "",
            type="log",
            range=[math.log10(low), math.log10(high)],
            tickvals=prices,
            ticktext=[ticks.usd_tick(price) for price in prices],
        ),
    }


def month_ticks(first: datetime, last: datetime, most: int = 6) -> list[datetime]:
    """First days of months, as many as fit; the first moment where there is none."""
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next(step for step in (1, 2, 3, 6, 12, 24, 120, 1200) if months / step <= most)
    number = first.year * 12 + first.month - 1
    starts = (datetime((number + i) // 12, (number + i) % 12 + 1, 1, tzinfo=UTC) for i in range(months + 1))
    round_ones = [start for start in starts if first <= start <= last and (start.month - 1) % min(step, 12) == 0]
    return round_ones[:: max(1, step // 12)] or [first]
