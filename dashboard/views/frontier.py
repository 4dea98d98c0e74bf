"""The first page: the answer in one sentence, the chart, the table; and the same rows as CSV."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from catalog.errors import UnknownCapability
from catalog.selectors.capabilities import capability_choices
from dashboard import answer, formats
from dashboard.charts import frontier as chart
from dashboard.charts import theme
from dashboard.charts.frontier_svg import frontier_svg
from dashboard.charts.text import clean_text
from dashboard.errors import BadParameter
from dashboard.exports import csv_response, file_name, frontier_table
from dashboard.frontier import Frontier, FrontierRow, frontier, unique
from dashboard.query import FrontierQuery

ROWS_PER_PAGE = 100
SCORE_POLICIES = (
    ("independent", "independent first"),
    ("vendor", "the developer's own first"),
    ("median", "median of sources"),
    ("worst", "worst of sources"),
)
PRICE_POLICIES = (
    ("first_party", "the developer"),
    ("cheapest", "the cheapest provider"),
    ("median", "the median provider"),
)
ACCESS = (("all", "All"), ("open", "Open weights"), ("api", "Closed weights"))


def page(request: HttpRequest) -> HttpResponse:
    """``/``. A value that cannot be read is named, answered with 400, and replaced by its default."""
    given = request.GET.dict()
    found, bad, notices = read(given)
    pages = Paginator(by_level(found), ROWS_PER_PAGE).get_page(given.get("page"))
    comparison = answer.favourite_comparison(found)
    pinned = pinned_slugs(found)
    drawn = chart.view(found, pinned)
    context = {
        "frontier": found,
        "query": found.query,
        "form": {"mix": found.query.mix.text, "as_of": found.query.day.isoformat()} | given,
        "today": FrontierQuery().day.isoformat(),
        "bad": bad,
        "notices": notices,
        "sentence": answer.sentence(found),
        "certainty": answer.certainty(found, comparison),
        "counts": counts(found),
        "reading": reading(found),
        "picks": answer.picks(found),
        "choices": capability_choices(),
        "score_policies": SCORE_POLICIES,
        "policy_words": policy_words(found),
        "price_policies": PRICE_POLICIES,
        "access_choices": ACCESS,
        "comparison": comparison,
        "pair": [comparison.first, comparison.second] if comparison else [],
        "pair_path": "/".join(pinned),
        "side": side_by_side(found, comparison) if comparison else None,
        "table": pages.object_list,
        "pages": pages,
        "summary": summary(found),
        "svg_wide": frontier_svg(found, pinned=pinned),
        "svg_narrow": frontier_svg(found, pinned=pinned, width=390, height=400, narrow=True),
        "figure": chart.figure(found, pinned),
        "points": [point(found, row) | {"pinned": row.slug in pinned} for row in drawn.points] if drawn else [],
        "developers": developers(found),
        "permalink": f"{request.path}{found.query.frozen().string}",
        "share": share_links(request, found),
        "json_url": f"{reverse('api:frontier')}{found.query.frozen().string}",
        "file_name": file_name(found.query, ""),
        "show_unknown_url": f"{request.path}{found.query.but(unknown='show')}#table",
        "not_shown": not_shown(found),
        "not_drawn": len(found.rows) - len(drawn.points) if drawn else 0,
        "is_empty": not found.catalog,
    } | price_sources(found)
    return render(request, "dashboard/frontier.html", context, status=400 if bad else 200)


def pinned_slugs(found: Frontier) -> list[str]:
    """The pair that the headline compares."""
    comparison = answer.favourite_comparison(found)
    return [comparison.first.slug, comparison.second.slug] if comparison else []


def csv(request: HttpRequest) -> HttpResponse:
    """The table as CSV, under the same query string."""
    found, bad, notices = read(request.GET.dict())
    if bad:
        return HttpResponse(notices[0], status=400, content_type="text/plain; charset=utf-8")
    return csv_response(file_name(found.query, ".csv"), frontier_table(found))


def share_links(request: HttpRequest, found: Frontier) -> dict[str, str]:
    """Absolute addresses of this view for other places. All name the day, so that they keep showing what was seen."""
    frozen = found.query.frozen().string
    page_url = request.build_absolute_uri(f"{request.path}{frozen}")
    return {
        "page": page_url,
        "svg": f"{reverse('dashboard:frontier_svg')}{frozen}",
        "embed": request.build_absolute_uri(f"{reverse('dashboard:embed')}{frozen}"),
        "preview": request.build_absolute_uri(f"{reverse('dashboard:preview')}{frozen}"),
        "oembed": request.build_absolute_uri(f"{reverse('dashboard:oembed')}?{urlencode({'url': page_url})}"),
        "day": formats.day(found.query.day),
        "year": str(found.query.day.year),
    }


def read(given: dict[str, str]) -> tuple[Frontier, str, list[str]]:
    """The frontier asked for, the name of a parameter that could not be read, and what to tell the visitor."""
    notices = []
    bad = ""
    values = dict(given)
    while True:
        try:
            query = FrontierQuery.parse(values)
            found = frontier(query)
            break
        except BadParameter as error:
            bad = error.parameter
            notices.append(f"{error.message} The default is shown instead.")
            values.pop(error.parameter)
        except UnknownCapability as error:
            bad = "capability"
            notices.append(f"{error} The capability index is shown instead.")
            values.pop("capability")
    if ignored := set(query.ignored) - {"page"}:
        notices.append(f"Not understood and left aside: {', '.join(sorted(ignored))}.")
    return found, bad, notices


def by_level(found: Frontier) -> list[FrontierRow]:
    """The most capable first; rows without a level last."""
    return sorted(found.shown, key=lambda row: (row.value is None, -(row.value or 0.0)))


def counts(found: Frontier) -> str:
    return f"{len(found.rows)} of {formats.plural(len(found.catalog), 'model')} · {len(found.frontier)} on the frontier"


@dataclass(frozen=True, slots=True)
class Reading:
    """How old the newest reading of the prices is, in words; ``is_old``: older than ``PRICES_OLD_AFTER_DAYS``."""

    words: str
    is_old: bool


def reading(found: Frontier) -> Reading:
    """Against the day asked for: a view of the past is not old because time went on."""
    if found.read_on is None:
        return Reading("no reading of these prices is known" if found.rows else "", is_old=bool(found.rows))
    age = (found.query.day - found.read_on).days
    if age <= 0:
        return Reading("", is_old=False)
    return Reading(
        f"last read {formats.plural(age, 'day')} before, on {formats.day(found.read_on)}"
        if found.query.as_of
        else f"last read {formats.plural(age, 'day')} ago",
        is_old=age > settings.PRICES_OLD_AFTER_DAYS,
    )


def not_shown(found: Frontier) -> str:
    """ "5 models are not on the chart: 4 without a price, 1 without a score.", or nothing.

    With the ones on the chart they add up to the models of the catalog.
    """
    classes = (
        (len(found.without_price), "without a price"),
        (len(found.withdrawn), "no longer sold"),
        (len(found.without_capability), "without a score"),
        (found.with_neither, "with neither"),
        (found.later, f"released after {formats.day(found.query.day)}"),
        (found.left_out, "left out by the filters"),
    )
    missing = [f"{count} {what}" for count, what in classes if count]
    if not missing:
        return ""
    total = len(found.catalog) - len(found.rows)
    return f"{formats.plural(total, 'model')} not on the chart: {', '.join(missing)}."


def policy_words(found: Frontier) -> str:
    """Whose scores count, for the line under the title; nothing for our own runs, which no policy chooses among."""
    if found.query.capability.startswith("suite:"):
        return ""
    return f"scores: {dict(SCORE_POLICIES)[found.query.policy]}"


def summary(found: Frontier) -> str:
    """The chart in words, for those who do not see it."""
    steps = "; ".join(
        f"{row.name}, {formats.usd(row.usd_per_mtok)}, {found.axis.short} {found.axis.text(row.value)}"
        for row in found.frontier
    )
    return f"{formats.plural(len(found.rows), 'model')}. Frontier from the cheapest up: {steps or 'none'}."


def price_sources(found: Frontier, limit: int = 3) -> dict[str, Any]:
    """The sources behind the most prices, most used first."""
    used = [source for row in found.rows for source in row.price_sources]
    by_publisher = {source.publisher: source for source in reversed(unique(used))}
    often = sorted(by_publisher, key=lambda name: (-sum(source.publisher == name for source in used), name))
    return {
        "price_sources": [by_publisher[name] for name in often[:limit]],
        "more_price_sources": max(0, len(often) - limit),
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
    for row in found.rows:
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
    """What the browser knows about a mark: for the spoken text, the labels and the side-by-side card."""
    return {
        "slug": row.slug,
        "name": clean_text(row.name, 34),
        "developer": clean_text(row.developer),
        "colour": theme.colour_name(row.version.model.developer.slug),
        "open": row.version.open_weights,
        "frontier": bool(row.on_frontier),
        "level": row.value,
        "level_text": found.axis.text(row.value),
        "price": as_float(row.usd_per_mtok),
        "price_text": formats.usd(row.usd_per_mtok),
        "input": as_float(row.component_usd("input")),
        "output": as_float(row.component_usd("output")),
        "weights": chart.weights_words(row),
        "seller": seller(row),
        "released": formats.day(row.version.released_on),
        "url": reverse("dashboard:model", args=[row.slug]),
    }


def seller(row: FrontierRow) -> str:
    return clean_text(row.price.provider, 24) if row.price else ""


def as_float(value: Decimal | None) -> float | None:
    return None if value is None else float(value)


@dataclass(frozen=True, slots=True)
class Fact:
    title: str
    key: str
    first: str
    second: str


def side_by_side(found: Frontier, comparison: answer.Comparison) -> dict[str, Any]:
    """The card's content as first drawn; ``compare.js`` redraws it for other pairs."""
    first, second = comparison.first, comparison.second
    ratio = comparison.price_ratio
    cheaper = ratio is not None and ratio >= 1
    factor = None if ratio is None else ratio if cheaper else 1 / ratio
    gap = found.axis.difference(comparison.difference)
    level = "lower" if comparison.difference < 0 else "higher"
    words = f"{'cheaper' if cheaper else 'dearer'} per blended token, {gap} {level}"
    mix = found.query.mix
    million_tokens = {"input": mix.input * 100, "output": mix.output * 100}
    return {
        "ratio": formats.times(factor),
        "words": words,
        "facts": [
            Fact(found.axis.short, "level", found.axis.text(first.value), found.axis.text(second.value)),
            *(
                Fact(title, key, formats.usd(first.component_usd(key)), formats.usd(second.component_usd(key)))
                for title, key in (("Input $/M", "input"), ("Output $/M", "output"))
            ),
            Fact("Blended $/M", "price", formats.usd(first.usd_per_mtok), formats.usd(second.usd_per_mtok)),
            Fact("Price of", "seller", seller(first), seller(second)),
            Fact("Access", "weights", chart.weights_words(first), chart.weights_words(second)),
            Fact(
                "Released",
                "released",
                formats.day(first.version.released_on),
                formats.day(second.version.released_on),
            ),
        ],
        "input_mtok": f"{million_tokens['input'].normalize():f}",
        "output_mtok": f"{million_tokens['output'].normalize():f}",
        "workload": [{"name": row.name, "cost": workload_cost(row, million_tokens)} for row in (first, second)],
    }


def workload_cost(row: FrontierRow, million_tokens: dict[str, Decimal]) -> Decimal | None:
    """USD for that many million tokens; unknown as soon as a price that is needed is unknown."""
    total = Decimal(0)
    for component, amount in million_tokens.items():
        price = row.component_usd(component)
        if amount and price is None:
            return None
        total += amount * (price or 0)
    return total
