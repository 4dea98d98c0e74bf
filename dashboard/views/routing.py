"""What a mix of two models reaches for a budget."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.errors import UnknownCapability
from dashboard import formats
from dashboard.charts import routing as chart
from dashboard.charts.figure_svg import figure_svg
from dashboard.errors import BadParameter
from dashboard.routing import Routing, RoutingQuery, routing
from dashboard.views.reading import given, read


def page(request: HttpRequest) -> HttpResponse:
    """``/routing/?capability=&input_tokens=&output_tokens=&budget=``."""
    values = given(request)
    asked = read(values, RoutingQuery.parse)
    notices, bad = list(asked.notices), list(asked.bad)
    try:
        found = routing(asked.value)
    except (UnknownCapability, BadParameter) as error:
        notices.append(f"{error} The most widely measured benchmark is shown instead.")
        bad.append("capability")
        found = routing(
            RoutingQuery.parse(
                {name: value for name, value in values.items() if name not in ("capability", *asked.bad)}
            )
        )
    figure = chart.figure(found)
    drawn = bool(figure["data"])
    context = {
        "found": found,
        "notices": notices,
        "bad": bad,
        "sentence": sentence(found),
        "lede": lede(found),
        "budget": "" if found.budget is None else formats.exact(round(found.budget, 4)),
        "figure": figure,
        "svg_wide": figure_svg(figure, width=1180, height=420, extra_class="wide") if drawn else "",
        "svg_narrow": figure_svg(figure, width=380, height=420, extra_class="narrow") if drawn else "",
        "permalink": f"{request.path}?{urlencode(found.query.parameters, safe=':')}",
    }
    return render(request, "dashboard/routing.html", context, status=400 if bad else 200)


def sentence(found: Routing) -> str:
    """What the budget buys."""
    if not found.routes or found.axis is None or found.budget is None:
        return "No benchmark has models with both a score and a price yet."
    spend = f"{formats.usd(found.budget)} per 1,000 tasks"
    if not found.shares or found.mixed_score is None:
        cheapest = found.routes[0]
        return f"{spend} buys nothing: the cheapest, {cheapest.row.name}, costs {formats.usd(cheapest.usd)}."
    solved = f"solves {formats.percent(found.mixed_score)} of {found.axis.title}"
    if len(found.shares) == 1:
        return f"For {spend}, {found.shares[0][0].row.name} alone {solved}."
    (first, share), (second, other) = found.shares
    return (
        f"For {spend}, sending {formats.percent(share, 0)} of the tasks to {first.row.name} and "
        f"{formats.percent(other, 0)} to {second.row.name} {solved}."
    )


def lede(found: Routing) -> str:
    """What the best single model of that price solves."""
    single = found.best_single
    if single is None or found.gain is None:
        return ""
    if found.gain < 0.0005:
        return "No mix does better than that model on its own."
    return (
        f"The best single model at that price, {single.row.name}, solves {formats.percent(single.score)}: the mix adds "
        f"{found.gain * 100:.1f} points."
    )
