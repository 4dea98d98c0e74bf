"""What the main chart needs in the page and in a frame: drawings, figure, and the points as the browser knows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.urls import reverse

from dashboard import answer, formats
from dashboard.charts import frontier as chart
from dashboard.charts import theme
from dashboard.charts.frontier_key import frontier_key
from dashboard.charts.frontier_svg import frontier_svg
from dashboard.charts.text import clean_text
from dashboard.frontier import TRIO, Frontier
from dashboard.frontier_row import FrontierRow


def pinned_ids(found: Frontier) -> list[str]:
    """The pair that the headline compares."""
    comparison = answer.favourite_comparison(found)
    return [comparison.first.id, comparison.second.id] if comparison else []


def chart_context(found: Frontier, pinned: Sequence[str] | None = None) -> dict[str, Any]:
    """The same for the page and the frame; ``pinned`` is a pair that a visitor chose."""
    pinned = pinned_ids(found) if pinned is None else list(pinned)
    drawn = chart.view(found, pinned)
    points = drawn.points if drawn else []
    sold = sum(not row.is_past for row in points)
    return {
        "frontier": found,
        "query": found.query,
        "sentence": answer.sentence(found),
        "svg_wide": frontier_svg(found, pinned=pinned),
        "svg_narrow": frontier_svg(found, pinned=pinned, width=390, height=400, narrow=True),
        "figure": chart.figure(found, pinned),
        "points": [
            point(found, row) | {"pinned": row.id in pinned, "reach": drawn.reach(row), "weight": drawn.weight(row)}
            for row in points
        ]
        if drawn
        else [],
        "key": frontier_key(drawn) if drawn else [],
        "not_drawn": len(found.rows) - sold if drawn else 0,
    }


@dataclass(frozen=True, slots=True)
class Developer:
    """An entry of the key; ``url`` is the view with it taken out, or put back."""

    name: str
    colour: str
    is_hidden: bool
    url: str


def developers(found: Frontier) -> list[Developer]:
    """The key: developers with a colour of their own by number of marks, then those taken out, the others together."""
    hidden = found.query.hide
    number = dict.fromkeys(hidden, 0)
    names = {colour: theme.COLOUR_NAMES[colour] for colour in hidden}
    for row in (*found.rows, *found.past):
        number[row.key] = number.get(row.key, 0) + 1
        names[row.key] = "Others" if row.key == "other" else row.developer
    ranked = sorted(number, key=lambda colour: (colour == "other", -number[colour], colour))
    return [
        Developer(
            names[colour],
            colour,
            colour in hidden,
            found.query.but(hide=",".join(each for each in (*hidden, colour) if not (each == colour in hidden))) or "?",
        )
        for colour in ranked
    ]


def point(found: Frontier, row: FrontierRow) -> dict[str, Any]:
    """What the browser knows about a mark: for the spoken text, the labels and the side-by-side card.

    ``id`` tells the points apart, ``slug`` is the model's. ``price`` is what the x axis shows.
    """
    return {
        "id": row.id,
        "slug": row.slug,
        "name": clean_text(row.name, 34),
        "developer": clean_text(row.developer),
        "colour": row.key,
        "open": row.version.open_weights,
        "frontier": bool(row.on_frontier),
        "past": row.past_words,
        "named": row.id in TRIO,
        "level": row.value,
        "level_text": found.axis.text(row.value),
        "level_shown": None if row.value is None else found.axis.rounded(row.value),
        "price": as_float(row.cost),
        "price_text": formats.usd(row.cost),
        "spoken": spoken(found, row),
        "sale": sale(row),
        "input": as_float(row.component_usd("input")),
        "cached": as_float(row.component_usd("cached_input")),
        "cached_text": cached_words(row),
        "output": as_float(row.component_usd("output")),
        "weights": weights(row),
        "seller": seller(row),
        "released": formats.day(row.version.released_on),
        "url": reverse("dashboard:model", args=[row.slug]),
    }


def cached_words(row: FrontierRow) -> str:
    """The price of cached input, or that of input which stands in where none is known."""
    usd = row.component_usd("cached_input")
    if usd is None and (stand_in := row.component_usd("input")) is not None:
        return f"{formats.usd(stand_in)} assumed"
    return formats.usd(usd)


def spoken(found: Frontier, row: FrontierRow) -> str:
    """The cost in full, whose price it is where it is not the developer's, and what a buyer has to know of the sale."""
    parts = [f"{formats.usd(row.cost)} {found.cost.spoken}"]
    if not found.cost.is_measured and row.is_of_others:
        parts.append(f"price of {row.price_words}")
    # What is not on sale is said already.
    if row.sale_words and not row.is_past:
        parts.append(row.sale_words)
    return clean_text(", ".join(parts), None)


def sale(row: FrontierRow) -> str:
    return clean_text(row.sale_words, None) or "no end known"


def weights(row: FrontierRow) -> str:
    return {True: "open", False: "closed", None: formats.UNKNOWN}[row.version.open_weights]


def seller(row: FrontierRow) -> str:
    return clean_text(row.price.provider, 24) if row.price else ""


def as_float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)
