"""Prices over time, what changed, and what the visitor's traffic costs on any day."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from catalog.selectors.price_timeline import PriceChange
from dashboard import formats
from dashboard.charts import price_steps as chart
from dashboard.charts.figure_svg import figure_svg
from dashboard.exports import Table, csv_response
from dashboard.lineup import models_to_choose
from dashboard.price_list import RECENT, ModelLine, PriceList, PriceQuery, change_counts, midnight, price_list
from dashboard.views.compare import find
from dashboard.views.frontier import PRICE_POLICIES
from dashboard.views.reading import Reading, given, read
from dashboard.workload import Workload

CHANGES_PER_PAGE = 50
OFFERED = 300
BASES = (("effective", "Took effect"), ("observed", "First seen"))
CHANGE_COLUMNS = (
    "at",
    "basis",
    "model",
    "version",
    "provider",
    "provider_model_id",
    "component",
    "before_usd_per_mtok",
    "after_usd_per_mtok",
    "change_share",
    "source_url",
    "source_publisher",
    "before_source_url",
    "licence",
)


def page(request: HttpRequest) -> HttpResponse:
    """``/prices/?model=&mix=&as_of=&basis=&input_mtok=…``."""
    values = given(request)
    slugs, notices = chosen_models(request.GET.getlist("model"))
    asked = query_of(values, slugs)
    traffic = read(values, Workload.parse)
    found = price_list(asked.value, traffic.value, today=timezone.now().date())
    notices = [*notices, *asked.notices, *traffic.notices]
    bad = [*asked.bad, *traffic.bad]
    end = midnight(max(found.day, found.today))
    figure = chart.figure(found.lines, end=end)
    drawn = chart.shown(found.lines)
    kept = [*asked.value.parameters, *traffic.value.parameters.items()]
    frozen = [each for each in kept if each[0] != "as_of"]
    pages = Paginator(found.changes, CHANGES_PER_PAGE).get_page(values.get("page"))
    context = {
        "found": found,
        "query": found.query,
        "workload": traffic.value,
        "work": traffic.value.texts,
        "bad": bad,
        "notices": notices,
        "sentence": sentence(found),
        "lede": lede(found),
        "pages": pages,
        "changes": pages.object_list,
        "has_chart": bool(drawn),
        "figure": figure,
        "svg_wide": figure_svg(figure, width=1180, height=380, extra_class="wide") if drawn else "",
        "svg_narrow": figure_svg(figure, width=380, height=380, extra_class="narrow") if drawn else "",
        "key": legend(drawn),
        "lines": found.lines,
        "removable": removable(asked.value, traffic.value),
        "kept": kept,
        "bases": BASES,
        "price_policies": PRICE_POLICIES,
        "choices": list(models_to_choose()[:OFFERED]),
        "csv_url": f"{reverse('dashboard:prices_csv')}{string(kept)}",
        "json_url": f"{reverse('api:prices')}{string([each for each in kept if each[0] in ('model', 'as_of')])}",
        "permalink": f"{request.path}{string([*frozen, ('as_of', found.day.isoformat())])}",
    }
    return render(request, "dashboard/prices.html", context, status=400 if bad else 200)


def csv(request: HttpRequest) -> HttpResponse:
    """The table of changes, all pages of it."""
    slugs, _ = chosen_models(request.GET.getlist("model"))
    asked = query_of(given(request), slugs)
    if asked.bad:
        return HttpResponse(asked.notices[0], status=400, content_type="text/plain; charset=utf-8")
    found = price_list(asked.value, Workload(), today=timezone.now().date())
    return csv_response(f"price-changes-{found.day.isoformat()}.csv", changes_table(found))


def query_of(values: dict[str, str], slugs: Sequence[str]) -> Reading[PriceQuery]:
    return read(values, lambda each: PriceQuery.parse(each, slugs))


def chosen_models(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Slugs of the models named, and what to tell about the names that fit none."""
    slugs, notices = [], []
    for typed in words[:20]:
        name = typed.replace("\x00", "").strip()[:200]
        if not name:
            continue
        slug, message, near = find(name)
        if slug:
            slugs.append(slug)
        else:
            notices.append(f"{message} Close to it: {', '.join(near)}." if near else message)
    return slugs, notices


def string(parameters: Sequence[tuple[str, str]]) -> str:
    return f"?{urlencode(parameters, safe=':')}" if parameters else ""


def removable(query: PriceQuery, workload: Workload) -> list[tuple[str, str]]:
    """Each chosen model with the address of the page without it."""
    others = [each for each in (*query.parameters, *workload.parameters.items()) if each[0] != "model"]
    return [
        (slug, f"?{urlencode([*(('model', other) for other in query.models if other != slug), *others], safe=':')}")
        for slug in query.models
    ]


@dataclass(frozen=True, slots=True)
class KeyEntry:
    line: ModelLine
    colour: str
    dash: str


def legend(lines: Sequence[ModelLine]) -> list[KeyEntry]:
    pattern = {"solid": "", "dash": "7 4", "dot": "2 4", "dashdot": "7 4 2 4"}
    return [
        KeyEntry(line, chart.colour_of(line), pattern[dash])
        for line, dash in zip(lines, chart.dashes(lines), strict=True)
    ]


def sentence(found: PriceList) -> str:
    """What prices did lately."""
    fell, rose = change_counts(found.changes, since=midnight(found.day) - RECENT)
    if fell or rose:
        what = f"{formats.plural(fell, 'list price')} fell" if fell else f"{formats.plural(rose, 'list price')} rose"
        also = f" and {rose} rose" if fell and rose else ""
        return f"In the {RECENT.days} days to {formats.day(found.day)}, {what}{also}."
    if found.changes:
        return f"No list price has changed since {formats.day(found.changes[0].at.date())}."
    return "No change of a list price is known."


def lede(found: PriceList) -> str:
    """The largest recent cut, by name."""
    since = midnight(found.day) - RECENT
    cuts = [change for change in found.changes if change.share is not None and change.at >= since and change.share < 0]
    if not cuts:
        return ""
    largest = min(cuts, key=lambda change: (change.share or 0, change.offering.version.name))
    return f"The largest cut: {change_words(largest)}."


def change_words(change: PriceChange) -> str:
    """ "GPT-5.6 Luna by OpenAI, output $6.00 to $1.20 on 30 Jul 2026\""""
    before, after = formats.usd(change.before.usd_per_mtok), formats.usd(change.after.usd_per_mtok)
    on = "seen" if change.is_observed_only else "on"
    return (
        f"{change.offering.version.name} by {change.offering.provider.name}, {change.component.replace('_', ' ')} "
        f"{before} to {after}, {on} {formats.day(change.at.date())}"
    )


def changes_table(found: PriceList) -> Table:
    yield CHANGE_COLUMNS
    for change in found.changes:
        version = change.offering.version
        source = change.after.source
        yield [
            change.at.isoformat(),
            "observed" if change.is_observed_only else "effective",
            version.model.slug,
            version.slug,
            change.offering.provider.name,
            change.offering.provider_model_id,
            change.component,
            change.before.usd_per_mtok,
            change.after.usd_per_mtok,
            change.share,
            source.url,
            source.publisher,
            change.before.source.url,
            source.licence,
        ]
