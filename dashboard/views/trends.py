"""The price of a level of capability over time."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from catalog.errors import UnknownCapability
from catalog.selectors.capabilities import capability_choices
from dashboard import formats
from dashboard.charts import price_trend as chart
from dashboard.charts.key import KeyEntry, key
from dashboard.charts.theme import Figure, colour_name
from dashboard.frontier_row import unique
from dashboard.price_trend import (
    REFERENCE_STEP,
    CapabilityPriceTrend,
    PricePoint,
    Reference,
    TrendQuery,
    capability_price_trend,
    level_text,
    rounded_down,
)
from dashboard.sharing import Exhibit, query_string, share
from dashboard.tables import trends as tables
from dashboard.views.frontier import PRICE_POLICIES
from dashboard.views.reading import Reading, plain, read

REFERENCES_SHOWN = 12


def page(request: HttpRequest) -> HttpResponse:
    """``/trends/?capability=&level=&mix=&as_of=``."""
    seen = look(request.GET)
    found, shown = seen.value, exhibit(seen.value)
    context = {
        "found": found,
        "query": found.query.base,
        "level": "" if found.shown is None else level_text(found.shown),
        "typed": "" if found.query.level is None else level_text(found.query.level),
        "notices": seen.notices,
        "bad": seen.bad,
        "sentence": shown.sentence,
        "words": " ".join(filter(None, (low_words(found), words(found)))),
        "chart_words": chart_words(found),
        "line": chart.LINE,
        "figure": shown.figure,
        "drawings": shown.drawings,
        "choices": capability_choices(),
        "price_policies": PRICE_POLICIES,
        "references": [(each.name, reference_url(found, each)) for each in spread(found.references)],
        "shared": share(request, shown),
    }
    return render(request, "dashboard/trends.html", context, status=seen.status)


def look(values: QueryDict) -> Reading[CapabilityPriceTrend]:
    """What is asked for; a value that cannot be read is named and replaced by its default."""
    given = plain(values)
    asked = read(given, TrendQuery.parse)
    try:
        found = capability_price_trend(asked.value)
        return Reading(found, asked.bad, [*asked.notices, *too_early(found)])
    except UnknownCapability as error:
        left = {name: value for name, value in given.items() if name not in ("capability", "level", *asked.bad)}
        return Reading(
            capability_price_trend(TrendQuery.parse(left)),
            (*asked.bad, "capability"),
            [*asked.notices, f"{error} The capability index is shown instead."],
        )


def too_early(found: CapabilityPriceTrend) -> list[str]:
    """What to ask for instead of a day before every price."""
    if found.first_day is None or found.day >= found.first_day:
        return []
    return [f"The first day with a price of anything on this scale is {formats.day(found.first_day)}."]


def exhibit(found: CapabilityPriceTrend) -> Exhibit:
    parameters, drawn = tuple(frozen(found).items()), chart.figure(found)
    return Exhibit(
        name="trends",
        chart="The cheapest way to a level of capability",
        sentence=sentence(found),
        note=(
            f"Blended list price ({found.mix.words}), US$ per 1M tokens, as of {formats.day(found.day)}; numbered: "
            "lower than all before"
        ),
        parameters=parameters,
        day=found.day,
        tables={"records": lambda: tables.records(found), "cheapest": lambda: tables.cheapest(found)},
        figure=drawn,
        keyed=numbered(found, drawn),
        sources=unique(
            source for point in (*found.records, *(each.point for each in found.cheapest)) for source in point.sources
        ),
        json_url=f"{reverse('api:price_of_capability')}{query_string(parameters)}",
    )


def numbered(found: CapabilityPriceTrend, figure: Figure) -> list[KeyEntry]:
    """The line, and which model each number on it is."""
    lines = [entry for entry in key(figure) if entry.mark == "line"]
    marks = [
        KeyEntry(f"{n} {point.version.name}", f"c-{colour_name(point.version.model.developer.slug)}", None, "circle")
        for n, point in enumerate(found.records, start=1)
    ]
    return [*lines, *marks] if figure["data"] else []


def frozen(found: CapabilityPriceTrend) -> dict[str, str]:
    """The query with its day and level written down."""
    level = {} if found.shown is None else {"level": level_text(found.shown)}
    return found.query.base.frozen().parameters | level


def reference_url(found: CapabilityPriceTrend, reference: Reference) -> str:
    """The same page at the level of a model, rounded down so that the model itself reaches it."""
    level = level_text(rounded_down(found.axis, reference.level, REFERENCE_STEP))
    return f"?{urlencode(found.query.base.parameters | {'level': level}, safe=':')}"


def spread(references: list[Reference]) -> list[Reference]:
    """At most a dozen, evenly over the scale."""
    if len(references) <= REFERENCES_SHOWN:
        return references
    step = (len(references) - 1) / (REFERENCES_SHOWN - 1)
    return [references[round(position * step)] for position in range(REFERENCES_SHOWN)]


def sentence(found: CapabilityPriceTrend) -> str:
    """What the level cost first, costs now, and cost at its lowest where that is less."""
    if found.level is None:
        return "Nothing has been measured on this scale yet."
    what = level_words(found)
    if not found.records:
        return f"Nobody is known to have sold {what} by {formats.day(found.day)}."
    first = found.records[0]
    price, on = formats.usd(first.usd_per_mtok), formats.day(first.on)
    then = f"{what[0].upper()}{what[1:]} cost {price} per million tokens on {on}"
    now = found.cheapest_now
    if now is None:
        return f"{then}; nobody is known to sell it on {formats.day(found.day)}."
    lowest = passed_low(found)
    low = f" (lowest: {formats.usd(lowest.usd_per_mtok)})" if lowest else ""
    if now.usd_per_mtok == first.usd_per_mtok:
        return f"{then}, and still does{low}."
    return f"{then} and costs {formats.usd(now.usd_per_mtok)} on {formats.day(found.day)}{low}."


def passed_low(found: CapabilityPriceTrend) -> PricePoint | None:
    """The lowest price so far, where nobody asks so little on the day."""
    lowest, now = found.records[-1], found.cheapest_now
    return lowest if now is None or lowest.usd_per_mtok < now.usd_per_mtok else None


def low_words(found: CapabilityPriceTrend) -> str:
    """When and by whom the level was cheapest, where that is over."""
    if not found.records or (lowest := passed_low(found)) is None:
        return ""
    seller = lowest.segment.price.provider
    return f"The lowest so far was {formats.usd(lowest.usd_per_mtok)} on {formats.day(lowest.on)}, asked by {seller}."


def chart_words(found: CapabilityPriceTrend) -> str:
    """The chart as a sentence."""
    if not found.records:
        return ""
    lowest, now = found.records[-1], found.cheapest_now
    today = f"{formats.usd(now.usd_per_mtok)} from {now.segment.price.provider}" if now else "sold by nobody known"
    return (
        f"The lowest list price of this level on each day, to {formats.day(found.day)}: then {today}. The lowest ever "
        f"seen, {formats.usd(lowest.usd_per_mtok)} on {formats.day(lowest.on)}, is mark {len(found.records)}. The same "
        "record lows are in the table below."
    )


def level_words(found: CapabilityPriceTrend) -> str:
    """ "an index of 130.0" or "59.1% on GPQA Diamond\""""
    text = found.axis.text(found.level)
    return f"an index of {text}" if found.axis.name == "index" else f"{text} on {found.axis.title}"


def words(found: CapabilityPriceTrend) -> str:
    """The trend as far as the data carry it: under five record lows, or with a very wide interval, in words alone."""
    trend = found.trend
    if trend is None:
        return ""
    count = formats.plural(trend.n, "record low")
    if trend.words_only or trend.factor_per_year is None:
        return f"{trend.words.capitalize()}: {count}, too little to state a rate."
    left_out = ""
    if trend.leave_one_out:
        low, high = (formats.times(each) for each in trend.leave_one_out)
        left_out = f" Leaving out any one of them: {low} to {high} a year."
    return f"The record low {trend.words}.{left_out}"
