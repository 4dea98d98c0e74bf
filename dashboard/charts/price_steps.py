"""Blended list prices over time, one step line per model. A time without a known price is a gap."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dashboard import formats
from dashboard.charts import theme
from dashboard.charts.price_axes import price_layout
from dashboard.charts.text import plot_text
from dashboard.price_list import ModelLine, Segment, Shift

# A developer has one colour, so its second and third model differ by their dashes.
DASHES = ("solid", "dash", "dot", "dashdot")
# A line that begins on the last day still needs a width.
SHORTEST = timedelta(days=60)
LONG = 120


def shown(lines: Sequence[ModelLine]) -> list[ModelLine]:
    """Lines with something to draw: a price of nothing has no place on a logarithmic axis."""
    return [line for line in lines if any(segment.usd_per_mtok for segment in line.segments)]


def dashes(lines: Sequence[ModelLine]) -> list[str]:
    """The dash of each line: the first of a colour is solid."""
    used: dict[str, int] = {}
    found = []
    for line in lines:
        colour = colour_of(line)
        found.append(DASHES[used.get(colour, 0) % len(DASHES)])
        used[colour] = used.get(colour, 0) + 1
    return found


def colour_of(line: ModelLine) -> str:
    return f"c-{theme.colour_name(line.model.developer.slug)}"


def figure(lines: Sequence[ModelLine], *, end: datetime) -> theme.Figure:
    """Lines up to ``end``, then the dots where they pass to another version or seller. Empty without any."""
    drawn = shown(lines)
    if not drawn:
        return {"data": [], "layout": theme.base_layout()}
    segments = [segment for line in drawn for segment in line.segments if segment.usd_per_mtok]
    usd = [float(segment.usd_per_mtok) for segment in segments]
    start = min(*(segment.start for segment in segments), end - SHORTEST)
    layout = price_layout(start, end, low=min(usd) * 0.75, high=max(usd) * 1.35)
    data = [_trace(line, dash, end) for line, dash in zip(drawn, dashes(drawn), strict=True)]
    return {"data": [*data, *(_dots(line) for line in drawn if _drawn_shifts(line))], "layout": layout}


def _trace(line: ModelLine, dash: str, end: datetime) -> theme.Figure:
    xs: list[str | None] = []
    ys: list[float | None] = []
    words: list[str] = []
    before: Segment | None = None
    for segment in line.segments:
        if not segment.usd_per_mtok:
            continue
        if before and before.end != segment.start:
            xs.append(None)
            ys.append(None)
            words.append("")
        text = _words(segment, before)
        stop = max(segment.start, min(segment.end or end, end))
        xs += [segment.start.isoformat(), stop.isoformat()]
        ys += [float(segment.usd_per_mtok)] * 2
        words += [text, text]
        before = segment
    return {
        "type": "scatter",
        "mode": "lines",
        "name": plot_text(line.model.name),
        "x": xs,
        "y": ys,
        "text": words,
        "hovertemplate": "%{fullData.name}<br>%{text}<extra></extra>",
        "line": {"shape": "hv", "width": 2.25, "dash": dash, "color": theme.token(colour_of(line))},
    }


def _drawn_shifts(line: ModelLine) -> list[Shift]:
    return [shift for shift in line.shifts if shift.after.usd_per_mtok]


def _dots(line: ModelLine) -> theme.Figure:
    """A mark at each place where the price is from then on one of another thing."""
    shifts = _drawn_shifts(line)
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [shift.after.start.isoformat() for shift in shifts],
        "y": [float(shift.after.usd_per_mtok) for shift in shifts],
        "text": [
            f"{plot_text(line.model.name)}<br>{plot_text(shift.words, LONG)}<br>{_words(shift.after, shift.before)}"
            for shift in shifts
        ],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {
            "size": 9,
            "color": theme.token(colour_of(line)),
            "line": {"width": 1.25, "color": theme.token("surface")},
        },
    }


def _words(segment: Segment, before: Segment | None) -> str:
    """The price with since when, the step that led to it, whose it is, and who says so."""
    text = f"{formats.usd(segment.usd_per_mtok)} since {formats.day(segment.start.date())}"
    if before and before.usd_per_mtok:
        step = (segment.usd_per_mtok / before.usd_per_mtok - 1) * 100
        text += f", from {formats.usd(before.usd_per_mtok)} ({step:+.0f}%)"
    publishers = ", ".join(dict.fromkeys(source.publisher for source in segment.price.sources))
    whose = f"{segment.version.name}, {segment.price.provider}; source: {publishers}"
    return f"{plot_text(text)}<br>{plot_text(whose, LONG)}"
