"""What a mix of two models reaches for a budget."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from catalog.errors import UnknownCapability
from dashboard import formats
from dashboard.charts import routing as chart
from dashboard.errors import BadParameter
from dashboard.frontier_row import unique
from dashboard.routing import Routing, RoutingQuery, routing
from dashboard.sharing import Exhibit, share
from dashboard.tables import routing as tables
from dashboard.views.reading import Reading, plain, read

ROUTES_PER_PAGE = 100
OPEN_BUDGET = (
    "This budget is half-way between the two, where a mix adds most over a single model; enter your own below."
)


def page(request: HttpRequest) -> HttpResponse:
    """``/routing/?capability=&input_tokens=&output_tokens=&budget=``."""
    seen = look(request.GET)
    found, shown = seen.value, exhibit(seen.value)
    context = {
        "found": found,
        "pages": Paginator(found.routes, ROUTES_PER_PAGE).get_page(request.GET.get("page")),
        "notices": seen.notices,
        "bad": seen.bad,
        "sentence": shown.sentence,
        "lede": lede(found),
        "budget": "" if found.budget is None else formats.exact(round(found.budget, 4)),
        "figure": shown.figure,
        "drawings": shown.drawings,
        "shared": share(request, shown),
    }
    return render(request, "dashboard/routing.html", context, status=seen.status)


def look(values: QueryDict) -> Reading[Routing]:
    """What is asked for; a value that cannot be read is named and replaced by its default."""
    given = plain(values)
    asked = read(given, RoutingQuery.parse)
    try:
        return Reading(routing(asked.value), asked.bad, asked.notices)
    except (UnknownCapability, BadParameter) as error:
        left = {name: value for name, value in given.items() if name not in ("capability", *asked.bad)}
        return Reading(
            routing(RoutingQuery.parse(left)),
            (*asked.bad, "capability"),
            [*asked.notices, f"{error} The most widely measured benchmark is shown instead."],
        )


def exhibit(found: Routing) -> Exhibit:
    query = found.query
    title = found.axis.title if found.axis else "tasks"
    return Exhibit(
        name="routing",
        chart="What mixes of two models reach",
        sentence=sentence(found),
        note=f"Share of {title} solved against list price for {query.input_tokens} input and {query.output_tokens} "
        f"output tokens a task, as of {formats.day(query.base.day)}",
        parameters=tuple((query.parameters | {"as_of": query.base.day.isoformat()}).items()),
        day=query.base.day,
        tables={"models": lambda: tables.routes(found)},
        figure=chart.figure(found),
        height=420,
        box="mixes",
        sources=unique(source for route in found.routes for source in route.row.sources),
    )


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
    """What the best single model of that price solves, and where the budget comes from if nobody gave one."""
    found_words = _gain_words(found)
    if found_words and found.query.budget is None and len(found.shares) == 2:
        return f"{found_words} {OPEN_BUDGET}"
    return found_words


def _gain_words(found: Routing) -> str:
    single = found.best_single
    if single is None or found.gain is None:
        return ""
    if found.gain < 0.0005:
        return "No mix does better than that model on its own."
    return (
        f"The best single model at that price, {single.row.name}, solves {formats.percent(single.score)}: the mix adds "
        f"{found.gain * 100:.1f} points."
    )
