"""Prices over time: one step line per provider and component. A gap in what is known is a gap in the line."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from catalog.models import Offering, Price
from catalog.selectors.price_periods import BEGINNING, begins
from dashboard import formats
from dashboard.charts import theme
from dashboard.charts.price_axes import price_layout
from dashboard.charts.text import plot_text

DASHES = {"input": "dot", "output": "solid"}
MOST_LINES, LONGEST_WORDS = 8, 120


@dataclass(frozen=True, slots=True)
class Line:
    """One component of one offering: (start, end, USD) periods in order of time, and who says each of them."""

    offering: Offering
    component: str
    periods: list[tuple[datetime, datetime, float]]
    publishers: list[str]

    @property
    def name(self) -> str:
        return f"{self.seller}, {self.component}"

    @property
    def seller(self) -> str:
        return f"{self.offering.provider.name}: {self.offering.version.name}"

    @property
    def colour(self) -> str:
        return theme.colour_name(self.offering.provider.slug)


def lines(history: Iterable[Price], until: date) -> list[Line]:
    """Standard list prices of input and output, the developer's own first, then the most often changed."""
    end = datetime.combine(until, datetime.min.time(), tzinfo=UTC) + timedelta(days=1)
    rows: defaultdict[tuple[int, str], list[Price]] = defaultdict(list)
    for price in history:
        plain = price.service_class == "standard" and not price.min_input_tokens and not price.announced
        if plain and price.component in DASHES and not _is_windowed(price) and not price.offering.region:
            rows[price.offering_id, price.component].append(price)
    found = [
        Line(prices[0].offering, component, [each[:3] for each in periods], [each[3] for each in periods])
        for (_, component), prices in rows.items()
        if (periods := _periods(prices, min(end, _end_of_sale(prices, end) or end)))
    ]
    found.sort(key=lambda line: (not line.offering.is_first_party, -len(line.periods), line.name))
    return found[:MOST_LINES]


def _is_windowed(price: Price) -> bool:
    """Whether it holds for hours of the day or days of the week only."""
    return price.utc_from is not None or bool(price.weekdays)


def _end_of_sale(prices: Sequence[Price], end: datetime) -> datetime | None:
    """The day its provider stated, which lists of prices may not have noticed, or when they stopped listing it."""
    day = prices[0].offering.retired_on
    ends = [datetime.combine(day, datetime.min.time(), tzinfo=UTC)] if day else []
    absent = [price.absent_since for price in prices if price.effective_to is None or price.effective_to > end]
    gone = [moment for moment in absent if moment]
    ends += [max(gone)] if gone and len(gone) == len(absent) else []
    return min(ends, default=None)


def _periods(prices: Sequence[Price], end: datetime) -> list[tuple[datetime, datetime, float, str]]:
    """What each row covers: to its stated end, else to the next row's start, else to the end of the chart."""
    dated = [(_start(price), price) for price in prices]
    started = sorted(
        ((start, price) for start, price in dated if start and start < end), key=lambda each: (each[0], each[1].pk)
    )
    periods = []
    for position, (start, price) in enumerate(started):
        following = started[position + 1][0] if position + 1 < len(started) else end
        stop = min(price.effective_to or end, following)
        if price.usd_per_mtok and stop > start:
            periods.append((start, stop, float(price.usd_per_mtok), price.source.publisher))
    return periods


def _start(price: Price) -> datetime | None:
    """From when it is shown to hold: what holds since nobody knows when begins with the release."""
    start, released = begins(price), price.offering.version.released_on
    if start != BEGINNING:
        return start
    return datetime.combine(released, datetime.min.time(), tzinfo=UTC) if released else None


def figure(found: Sequence[Line]) -> theme.Figure:
    """One trace per line. Empty without any."""
    if not found:
        return {"data": [], "layout": theme.base_layout()}
    spans = [period for line in found for period in line.periods]
    first, last = min(start for start, _, _ in spans), max(stop for _, stop, _ in spans)
    low, high = min(usd for *_, usd in spans) * 0.75, max(usd for *_, usd in spans) * 1.35
    layout = price_layout(first, last, low=low, high=high)
    return {"data": [_trace(line) for line in found], "layout": layout}


def _trace(line: Line) -> theme.Figure:
    xs: list[str | None] = []
    ys: list[float | None] = []
    words: list[str] = []
    before = None
    for (start, stop, usd), publisher in zip(line.periods, line.publishers, strict=True):
        span = f"{formats.day(start)} to {formats.day(stop)}{_change(before, usd)}"
        text = plot_text(f"{formats.usd(usd)} per 1M, {span}, source: {publisher}", LONGEST_WORDS)
        xs += [start.isoformat(), stop.isoformat()]
        ys += [usd, usd]
        words += [text, text]
        before = usd
    xs, ys, words = _with_gaps(xs, ys, words, line.periods)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plot_text(line.name),
        "x": xs,
        "y": ys,
        "text": words,
        "hovertemplate": "%{fullData.name}<br>%{text}<extra></extra>",
        "line": {
            "shape": "hv",
            "width": 2.25,
            "dash": DASHES[line.component],
            "color": theme.token(f"c-{line.colour}"),
        },
    }


def _with_gaps(
    xs: list[str | None], ys: list[float | None], words: list[str], periods: Sequence[tuple[datetime, datetime, float]]
) -> tuple[list[str | None], list[float | None], list[str]]:
    """Lift the pen where one period does not begin at the end of the one before."""
    gaps = [i for i in range(1, len(periods)) if periods[i][0] > periods[i - 1][1]]
    for position in reversed(gaps):
        at = 2 * position
        xs[at:at], ys[at:at], words[at:at] = [None], [None], [""]
    return xs, ys, words


def _change(before: float | None, usd: float) -> str:
    if before is None or before == usd:
        return ""
    return f" ({(usd / before - 1) * 100:+.0f}%)"
