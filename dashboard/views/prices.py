"""Prices over time, what changed, and what the visitor's traffic costs on any day."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.utils import timezone

from catalog.selectors.price_timeline import PriceChange
from dashboard import formats
from dashboard.charts import price_steps as chart
from dashboard.frontier_row import unique
from dashboard.lineup import models_to_choose
from dashboard.price_list import (
    MOST_LINES,
    RECENT,
    ModelLine,
    PriceList,
    PriceQuery,
    RecentChanges,
    earlier_reading,
    midnight,
    price_list,
    recent_changes,
)
from dashboard.sharing import Exhibit, share
from dashboard.tables import prices as tables
from dashboard.views.compare import find
from dashboard.views.frontier import PRICE_POLICIES
from dashboard.views.reading import Reading, plain, read
from dashboard.workload import Workload

CHANGES_PER_PAGE = 50
OFFERED = 300
MOST_NAMES = 20
BASES = (("effective", "Took effect"), ("observed", "First seen"))


@dataclass(frozen=True, slots=True)
class Priced:
    """The price list with the visitor's traffic."""

    found: PriceList
    workload: Workload

    @property
    def kept(self) -> list[tuple[str, str]]:
        """The query string's content, defaults left out."""
        return [*self.found.query.parameters, *self.workload.parameters.items()]


def page(request: HttpRequest) -> HttpResponse:
    """``/prices/?model=&mix=&as_of=&basis=&input_mtok=…``."""
    seen = look(request.GET)
    found, workload, shown = seen.value.found, seen.value.workload, exhibit(seen.value)
    pages = Paginator(found.changes, CHANGES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "found": found,
        "query": found.query,
        "workload": workload,
        "work": workload.texts,
        "bad": seen.bad,
        "notices": seen.notices,
        "sentence": shown.sentence,
        "lede": lede(found),
        "pages": pages,
        "changes": [(change, earlier_reading(change)) for change in pages.object_list],
        "has_chart": shown.has_chart,
        "figure": shown.figure,
        "drawings": shown.drawings,
        "key": legend(chart.shown(found.lines)),
        "lines": found.lines,
        "shifting": [line for line in chart.shown(found.lines) if line.shifts],
        "removable": removable(found.query, workload),
        "kept": seen.value.kept,
        "bases": BASES,
        "price_policies": PRICE_POLICIES,
        "choices": list(models_to_choose()[:OFFERED]),
        "shared": share(request, shown),
    }
    # A model that is not found is told of, and is no reason to refuse the rest.
    return render(request, "dashboard/prices.html", context, status=seen.status)


def look(values: QueryDict) -> Reading[Priced]:
    """What is asked for; a value that cannot be read is named and replaced by its default."""
    slugs, notices = chosen_models(values.getlist("model"))
    given = plain(values)
    asked = read(given, lambda each: PriceQuery.parse(each, slugs))
    traffic = read(given, Workload.parse)
    found = price_list(asked.value, traffic.value, today=timezone.now().date())
    left_out = slugs[MOST_LINES:]
    return Reading(
        Priced(found, traffic.value),
        (*asked.bad, *traffic.bad, *(["model"] if left_out else [])),
        [*asked.notices, *traffic.notices, *too_many(left_out), *notices, *too_early(found)],
    )


def too_many(left_out: Sequence[str]) -> list[str]:
    """What is said of models that find no place."""
    if not left_out:
        return []
    return [f"At most {MOST_LINES} models fit into one chart. Left out: {', '.join(left_out)}."]


def too_early(found: PriceList) -> list[str]:
    """What to ask for instead of a day before every price."""
    if found.first_day is None or found.day >= found.first_day:
        return []
    whose = "of these models" if found.query.models else "here"
    return [f"The first day with a price {whose} is {formats.day(found.first_day)}."]


def exhibit(priced: Priced) -> Exhibit:
    found = priced.found
    frozen = [each for each in priced.kept if each[0] != "as_of"]
    named = {
        "changes": lambda: tables.changes(found),
        "history": lambda: tables.history(found),
        "traffic": lambda: tables.traffic(found, priced.workload),
        "announced": lambda: tables.announced(found),
    }
    return Exhibit(
        name="prices",
        chart="Price history",
        sentence=sentence(found),
        note=f"Blended list price ({found.query.mix.words}), US$ per 1M tokens, as of {formats.day(found.day)}",
        parameters=[*frozen, ("as_of", found.day.isoformat())],
        day=found.day,
        tables=named,
        charted="history",
        figure=chart.figure(found.lines, end=found.end),
        sources=unique(source for line in found.lines for segment in line.segments for source in segment.price.sources),
    )


def chosen_models(words: Sequence[str]) -> tuple[list[str], list[str]]:
    """Slugs of the models named, and what to tell about the names that fit none."""
    slugs, notices = [], []
    for typed in words[:MOST_NAMES]:
        name = typed.replace("\x00", "").strip()[:200]
        if not name:
            continue
        slug, message, near = find(name)
        if slug:
            slugs.append(slug)
        else:
            notices.append(f"{message} Close to it: {', '.join(near)}." if near else message)
    return list(dict.fromkeys(slugs)), notices


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
    """What prices did lately, as far as it is known to be lately."""
    recent = _recent(found)
    fell, rose = recent.fell, recent.rose
    if fell or rose:
        what = f"{formats.plural(fell, 'list price')} fell" if fell else f"{formats.plural(rose, 'list price')} rose"
        also = f" and {rose} rose" if fell and rose else ""
        return f"In the {RECENT.days} days to {formats.day(found.day)}, {what}{also}."
    if recent.undated:
        return f"No list price is known to have changed in the {RECENT.days} days to {formats.day(found.day)}."
    if found.changes:
        return f"No list price has changed since {formats.day(found.changes[0].at.date())}."
    return "No change of a list price is known."


def lede(found: PriceList) -> str:
    """The largest recent cut by name, what is counted, and what is not."""
    recent = _recent(found)
    said = [f"The largest cut: {change_words(recent.largest_cut)}."] if recent.largest_cut else []
    if recent.dated:
        said.append("Counted are prices of one component, such as input, at one provider.")
    if recent.undated:
        what = formats.plural(len(recent.undated), "more change is", "more changes are")
        said.append(
            f"{what} not counted: the earlier price was last read before those days, or at another source, so when it "
            "changed is not known."
        )
    return " ".join(said)


def _recent(found: PriceList) -> RecentChanges:
    return recent_changes(found.changes, since=midnight(found.day) - RECENT)


def change_words(change: PriceChange) -> str:
    """ "GPT-5.6 Luna by OpenAI, output $6.00 to $1.20, on 30 Jul 2026\""""
    before, after = formats.usd(change.before.usd_per_mtok), formats.usd(change.after.usd_per_mtok)
    on, read = formats.day(change.at.date()), earlier_reading(change)
    when = f"between {formats.day(read)} and {on}" if read else f"seen {on}" if change.is_observed_only else f"on {on}"
    return (
        f"{change.offering.version.name} by {change.offering.provider.name}, {change.component.replace('_', ' ')} "
        f"{before} to {after}, {when}"
    )
