"""The price of a level of capability over time."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from catalog.errors import UnknownCapability
from catalog.selectors.capabilities import capability_choices
from dashboard import formats
from dashboard.charts import price_trend as chart
from dashboard.charts.figure_svg import figure_svg
from dashboard.price_trend import CapabilityPriceTrend, Reference, TrendQuery, capability_price_trend
from dashboard.views.frontier import PRICE_POLICIES
from dashboard.views.reading import given, read

REFERENCES_SHOWN = 12


def page(request: HttpRequest) -> HttpResponse:
    """``/trends/?capability=&level=&mix=&as_of=``."""
    values = given(request)
    asked = read(values, TrendQuery.parse)
    notices, bad = list(asked.notices), list(asked.bad)
    try:
        found = capability_price_trend(asked.value)
    except UnknownCapability as error:
        notices.append(f"{error} The capability index is shown instead.")
        bad.append("capability")
        left = {name: value for name, value in values.items() if name not in ("capability", "level", *asked.bad)}
        found = capability_price_trend(TrendQuery.parse(left))
    figure = chart.figure(found.records, until=found.day)
    context = {
        "found": found,
        "query": found.query.base,
        "level": "" if found.level is None else f"{found.axis.shown(found.level):g}",
        "notices": notices,
        "bad": bad,
        "sentence": sentence(found),
        "words": words(found),
        "figure": figure,
        "svg_wide": figure_svg(figure, width=1180, height=380, extra_class="wide") if found.records else "",
        "svg_narrow": figure_svg(figure, width=380, height=380, extra_class="narrow") if found.records else "",
        "choices": capability_choices(),
        "price_policies": PRICE_POLICIES,
        "references": [(each.name, reference_url(found, each)) for each in spread(found.references)],
        "json_url": f"{reverse('api:price_of_capability')}?{urlencode(frozen(found), safe=':')}",
        "permalink": f"{request.path}?{urlencode(frozen(found), safe=':')}",
    }
    return render(request, "dashboard/trends.html", context, status=400 if bad else 200)


def frozen(found: CapabilityPriceTrend) -> dict[str, str]:
    """The query with its day and level written down."""
    level = {} if found.level is None else {"level": f"{found.axis.shown(found.level):g}"}
    return found.query.base.frozen().parameters | level


def reference_url(found: CapabilityPriceTrend, reference: Reference) -> str:
    """The same page at the level of a model; floored to what the page writes, so that the model itself reaches it."""
    shown = int(found.axis.shown(reference.level) * 10) / 10
    return f"?{urlencode(found.query.base.parameters | {'level': f'{shown:g}'}, safe=':')}"


def spread(references: list[Reference]) -> list[Reference]:
    """At most a dozen, evenly over the scale."""
    if len(references) <= REFERENCES_SHOWN:
        return references
    step = (len(references) - 1) / (REFERENCES_SHOWN - 1)
    return [references[round(position * step)] for position in range(REFERENCES_SHOWN)]


def sentence(found: CapabilityPriceTrend) -> str:
    """What the level cost first and costs now."""
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
    if now.usd_per_mtok == first.usd_per_mtok:
        return f"{then}, and still does."
    return f"{then} and costs {formats.usd(now.usd_per_mtok)} on {formats.day(found.day)}."


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
    return f"It {trend.words}.{left_out}"
