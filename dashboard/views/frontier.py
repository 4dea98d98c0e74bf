"""The first page: the answer in one sentence, the chart, the table."""

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.safestring import SafeString

from catalog.errors import UnknownCapability
from catalog.selectors.capabilities import capability_choices
from dashboard import answer, formats, frontier_words
from dashboard.charts.frontier_svg import frontier_svg
from dashboard.errors import BadParameter
from dashboard.frontier import Frontier, frontier
from dashboard.frontier_chart import chart_context, developers, pinned_ids
from dashboard.frontier_row import FrontierRow, unique
from dashboard.frontier_words import SCORE_POLICIES
from dashboard.measured_costs import measured_suites
from dashboard.measured_view import measured_view
from dashboard.query import DEFAULT_MIX, FrontierQuery
from dashboard.sharing import Exhibit, share
from dashboard.side_by_side import chosen_pair, side_by_side
from dashboard.tables import frontier as tables
from dashboard.views.reading import Reading, plain
from dashboard.views.reading import read as reading
from dashboard.workload import NAMES, Workload

ROWS_PER_PAGE = 100
PRICE_POLICIES = (
    ("first_party", "the developer, else the median"),
    ("cheapest", "the cheapest provider"),
    ("median", "the median provider"),
)
ACCESS = (("all", "All"), ("open", "Open weights"), ("api", "Closed weights"))
PRESETS = (("Blended", DEFAULT_MIX.text), ("Input", "1:0:0"), ("Output", "0:0:1"), ("Agent 2:18:1", "2:18:1"))
# Assumptions under "More": open when one of them is not the default.
SELDOM = ("policy", "price_policy", "variants", "older", "intervals", "labels")


def page(request: HttpRequest) -> HttpResponse:
    """``/``. A value that cannot be read is named, answered with 400, and replaced by its default."""
    given = request.GET.dict()
    found, bad, notices = read(given)
    query = found.query
    pages = Paginator(by_level(found), ROWS_PER_PAGE).get_page(given.get("page"))
    headline = answer.favourite_comparison(found)
    chosen, strange = chosen_pair(found, given.get("pair", "").strip())
    comparison = chosen or headline
    pair = [comparison.first, comparison.second] if comparison else []
    typed = {name: given[name] for name in NAMES if given.get(name, "").strip()}
    traffic = reading(typed, Workload.parse)
    own_work = traffic.value if typed else None
    if strange or traffic.bad:
        bad = bad or "pair"
        notices = [*notices, *filter(None, [strange]), *traffic.notices]
    drawn = chart_context(found, [row.id for row in pair])
    suites = found.measurement.suites or measured_suites(query.day)
    measured = measured_view(found) if suites and not (found.cost.is_measured and found.rows) else None
    measured_url = (measured.url if measured and not found.cost.is_measured else "") or query.but(cost="measured")
    first_day = frontier_words.first_day(found)
    context = drawn | {
        "form": {"mix": query.mix.text, "as_of": query.day.isoformat()} | given,
        "today": FrontierQuery().day.isoformat(),
        "bad": bad,
        "notices": notices,
        "certainty": " ".join(filter(None, (answer.certainty(found, headline), answer.assumption(headline)))),
        "counts": frontier_words.counts(found),
        "reach": frontier_words.reach(found),
        "unscored_url": unscored_url(found),
        "reading": frontier_words.reading(found),
        "picks": answer.picks(found),
        "choices": capability_choices(),
        "score_policies": SCORE_POLICIES,
        "policy_words": frontier_words.policy_words(found),
        "assumed_words": frontier_words.assumed_words(found),
        "measured_words": frontier_words.measured_words(found),
        "measured_rows": frontier_words.measured_rows(found),
        "price_policies": PRICE_POLICIES,
        "access_choices": ACCESS,
        "cost_choices": cost_choices(query, measured_url),
        "suites": suites,
        "measured": measured,
        "first_day": first_day,
        "first_day_url": query.but(as_of=first_day.isoformat()) if first_day else "",
        "is_seldom": bool(set(SELDOM) & set(query.parameters)),
        "comparison": comparison,
        "pair": pair,
        "headline_pair": ",".join(row.id for row in (headline.first, headline.second)) if headline else "",
        "ending": [row for row in (headline.first, headline.second) if row.sale_words] if headline else [],
        "pair_url": pair_url(comparison, query, own_work) if comparison else "",
        "first_pair": frontier_words.first_pair(found),
        "side": side_by_side(found, comparison, own_work) if comparison else None,
        "table": pages.object_list,
        "first_unscored": next((row.id for row in pages.object_list if row.value is None), ""),
        "pages": pages,
        "summary": frontier_words.summary(found),
        "developers": developers(found),
        "shared": share(request, exhibit(found, drawn)),
        "show_unknown_url": f"{request.path}{query.but(unknown='show')}#table",
        "show_older_url": f"{request.path}{query.but(older='show')}",
        "not_shown": frontier_words.not_shown(found),
        "is_empty": not found.catalog,
    }
    context |= frontier_words.price_sources(found)
    return render(request, "dashboard/frontier.html", context, status=400 if bad else 200)


def pair_url(pair: answer.Comparison, query: FrontierQuery, workload: Workload | None = None) -> str:
    """Where the two are compared at length, for the visitor's own ``workload`` instead of the mix where it was set; for
    two settings of one model its page, which has both.
    """
    first, second = pair.first.slug, pair.second.slug
    if first == second:
        return reverse("dashboard:model", args=[first])
    string = query.string
    if workload:
        given = {name: value for name, value in query.parameters.items() if name != "mix"} | workload.parameters
        string = f"?{urlencode(given, safe=':,')}" if given else ""
    return f"{reverse('dashboard:compare', args=[f'{first}/{second}'])}{string}"


def look(values: QueryDict) -> Reading[Frontier]:
    """What is asked for; a value that cannot be read is named and replaced by its default."""
    found, bad, notices = read(plain(values))
    return Reading(found, (bad,) if bad else (), notices)


def exhibit(found: Frontier, drawn: dict[str, Any] | None = None) -> Exhibit:
    """``drawn`` is its ``chart_context``, where it is at hand."""
    drawn, query = drawn or chart_context(found), found.query.frozen()

    def draw(width: int, height: int, narrow: bool) -> SafeString:
        return frontier_svg(found, pinned=pinned_ids(found), width=width, height=height, narrow=narrow)

    basis = frontier_words.measured_words(found) if found.cost.is_measured else f"prices as of {formats.day(query.day)}"
    return Exhibit(
        name="frontier",
        chart=found.cost.heading,
        sentence=answer.sentence(found),
        note=f"{found.axis.title} against {found.cost.basis}, {basis}",
        parameters=tuple(query.parameters.items()),
        day=query.day,
        tables={"models": lambda: tables.models(found)},
        figure=drawn["figure"],
        height=430,
        draw=draw,
        keyed=drawn["key"],
        points=drawn["points"],
        labels=query.labels,
        sources=unique(source for row in found.shown for source in row.sources),
        json_url=f"{reverse('api:frontier')}{query.string}",
    )


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
    return found, bad, [*notices, *frontier_words.notices(found)]


def by_level(found: Frontier) -> list[FrontierRow]:
    """The most capable first; rows without a level last, the newest of them first."""

    def place(row: FrontierRow) -> tuple[bool, float, int]:
        released = row.version.released_on
        return row.value is None, -(row.value or 0.0), -released.toordinal() if row.value is None and released else 0

    return sorted(found.shown, key=place)


def unscored_url(found: Frontier) -> str:
    """The table with every model, at the first that has no score."""
    query = replace(found.query, unknown="show")
    before = sum(row.value is not None for row in replace(found, query=query).shown)
    number = before // ROWS_PER_PAGE + 1
    page = f"&page={number}" if number > 1 else ""
    return f"{reverse('dashboard:frontier')}{query.string}{page}#unscored"


@dataclass(frozen=True, slots=True)
class CostChoice:
    """One way to read the x axis; ``url`` is this view with it."""

    key: str
    name: str
    url: str
    is_current: bool


def cost_choices(query: FrontierQuery, measured_url: str) -> list[CostChoice]:
    """List prices of some mixes, and the measured cost; what is typed into the mix field is none of the first."""
    is_list = query.cost == "list"
    presets = [
        CostChoice(
            name.split()[0].lower(),
            name,
            query.but(mix=mix, cost="", task="") or "?",
            is_list and query.mix.text == mix,
        )
        for name, mix in PRESETS
    ]
    return [*presets, CostChoice("measured", "Measured", measured_url, not is_list)]
