"""Where numbers come from: every source with what rests on it, and one source with its facts."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from catalog.models import Source
from catalog.selectors.sources import FACTS, facts_of, sources
from dashboard import formats
from dashboard.sharing import Exhibit, share
from dashboard.tables import provenance as tables
from dashboard.views.reading import Reading, plain

SOURCES_PER_PAGE = 100
FACTS_SHOWN = 100
WORDS = {
    "prices": ("price", "prices"),
    "scores": ("score", "scores"),
    "claims": ("fact", "facts about versions"),
    "versions": ("release date", "release dates"),
    "benchmarks": ("benchmark", "benchmarks"),
    "hardware": ("accelerator", "accelerators"),
    "hardware_prices": ("GPU rent", "GPU rents"),
    "reference_prices": ("price of hardware or power", "prices of hardware or power"),
    "retirements": ("end of sale", "ends of sale"),
    "training_runs": ("training run", "training runs"),
    "training_phases": ("training phase", "training phases"),
}


@dataclass(frozen=True, slots=True)
class SourceRow:
    source: Source
    total: int
    words: str


@dataclass(frozen=True, slots=True)
class FactGroup:
    """Facts of one kind; ``more`` are not listed."""

    title: str
    lines: list["FactLine"]
    more: int


@dataclass(frozen=True, slots=True)
class FactLine:
    title: str
    value: str
    detail: str
    url: str = ""


def listing(request: HttpRequest) -> HttpResponse:
    """``/sources/?q=``."""
    seen = look(request.GET)
    pages = Paginator(seen.value.sources, SOURCES_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "q": seen.value.words,
        "pages": pages,
        "rows": [row(source) for source in pages.object_list],
        "total": pages.paginator.count,
        "shared": share(request, exhibit(seen.value, total=pages.paginator.count)),
    }
    return render(request, "dashboard/sources.html", context)


@dataclass(frozen=True, slots=True)
class Found:
    """Sources with every word in their publisher, title or address."""

    words: str
    sources: QuerySet[Source]


def look(values: QueryDict) -> Reading[Found]:
    words = plain(values).get("q", "")[:100]
    found = sources()
    for word in words.split():
        found = found.filter(Q(publisher__icontains=word) | Q(title__icontains=word) | Q(url__icontains=word))
    return Reading(Found(words, found))


def exhibit(found: Found, *, total: int | None = None) -> Exhibit:
    count = found.sources.count() if total is None else total
    parameters = [("q", found.words)] if found.words else []
    return Exhibit(
        name="sources",
        sentence=f"{formats.plural(count, 'source')} "
        + (f"with “{found.words}”." if found.words else "of every number, and what rests on each."),
        note="A lower rank wins when sources disagree",
        parameters=parameters,
        tables={
            "sources": lambda: tables.sources(
                (each.source, each.total, each.words) for each in map(row, found.sources.iterator())
            )
        },
        # The API has all sources, not those with some words.
        json_url="" if parameters else reverse("api:sources"),
    )


def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """``/sources/<id>/``: everything that rests on it."""
    source = source_or_404(pk)
    groups = []
    for name, facts in facts_of(source).items():
        total = getattr(source, f"n_{name}")
        if total:
            lines = [line(name, fact) for fact in facts[:FACTS_SHOWN]]
            groups.append(FactGroup(formats.plural(total, *WORDS[name]), lines, total - len(lines)))
    context = {
        "source": source,
        "row": row(source),
        "groups": groups,
        "shared": share(request, exhibit_of_one(source)),
    }
    return render(request, "dashboard/source.html", context)


def source_or_404(pk: int) -> Any:
    return get_object_or_404(sources(), pk=pk)


def look_at_one(values: QueryDict, pk: int) -> Reading[Any]:  # noqa: ARG001  it has no choices
    return Reading(source_or_404(pk))


def exhibit_of_one(source: Any) -> Exhibit:
    return Exhibit(
        name="source",
        args=(source.pk,),
        sentence=f"{source.title or source.publisher}: {row(source).words}.",
        note=source.url,
        tables={"facts": lambda: tables.facts(source, all_lines(source))},
        sources=[source],
    )


def all_lines(source: Source) -> Iterator[tuple[str, FactLine]]:
    """Every fact that rests on a source, with its kind."""
    for name, facts in facts_of(source).items():
        for fact in facts.iterator():
            yield WORDS[name][0], line(name, fact)


def row(source: Any) -> SourceRow:
    counts = [(name, getattr(source, f"n_{name}")) for name in FACTS]
    words = ", ".join(formats.plural(count, *WORDS[name]) for name, count in counts if count)
    return SourceRow(source, source.n_facts, words or "nothing rests on it")


def line(kind: str, fact: Any) -> FactLine:
    """One fact in words."""
    return _LINES[kind](fact)


def _model_url(version: Any) -> str:
    return reverse("dashboard:model", args=[version.model.slug])


def _price(price: Any) -> FactLine:
    since = price.effective_from or price.observed_from
    when = f"{'from' if price.effective_from else 'seen'} {formats.day(since.date())}" if since else "undated"
    title = f"{price.offering.version.name} by {price.offering.provider.name}, {price.component.replace('_', ' ')}"
    return FactLine(title, f"{formats.usd(price.usd_per_mtok)} per 1M", when, _model_url(price.offering.version))


def _score(score: Any) -> FactLine:
    unit = "%" if score.original_unit == "percent" else f" {score.original_unit}".rstrip()
    by = f"measured by {score.measured_by.name}" if score.measured_by else ""
    return FactLine(
        f"{score.version.name} on {score.benchmark}", f"{score.original_value}{unit}", by, _model_url(score.version)
    )


def _claim(claim: Any) -> FactLine:
    value = claim.value if claim.number is None else f"{formats.short(claim.number)} {claim.unit}".strip()
    title = f"{claim.version.name}, {claim.get_attribute_display()}"
    return FactLine(title, value, claim.qualifier, _model_url(claim.version))


def _version(version: Any) -> FactLine:
    return FactLine(version.name, formats.day(version.released_on), version.note, _model_url(version))


def _benchmark(benchmark: Any) -> FactLine:
    return FactLine(str(benchmark), benchmark.metric or formats.UNKNOWN, benchmark.description)


def _hardware(hardware: Any) -> FactLine:
    peak = hardware.peak_bf16_flop_per_s
    return FactLine(
        hardware.name, formats.UNKNOWN if peak is None else f"{peak / 1e12:,.0f} TFLOP/s BF16", hardware.note
    )


def _hardware_price(price: Any) -> FactLine:
    when = f"{price.get_terms_display()}, {formats.day(price.quoted_on)}"
    return FactLine(
        f"{price.hardware.name} from {price.provider}", f"{formats.usd(price.usd_per_gpu_hour)} an hour", when
    )


def _reference_price(price: Any) -> FactLine:
    return FactLine(price.what, formats.usd(price.usd), f"{price.get_kind_display()}, {formats.day(price.quoted_on)}")


def _retirement(offering: Any) -> FactLine:
    title = f"{offering.provider.name} ends the sale of {offering.version.name}"
    return FactLine(title, formats.day(offering.retired_on), offering.note, _model_url(offering.version))


def _training_run(run: Any) -> FactLine:
    return FactLine(str(run), f"{formats.short(run.tokens)} tokens", run.scope, _model_url(run.version))


def _training_phase(phase: Any) -> FactLine:
    hours = f"{formats.short(phase.gpu_hours)} GPU-hours"
    chip = phase.hardware.name if phase.hardware else ""
    return FactLine(f"{phase.run.version.name}, {phase.name}", hours, chip, _model_url(phase.run.version))


_LINES = {
    "prices": _price,
    "scores": _score,
    "claims": _claim,
    "versions": _version,
    "benchmarks": _benchmark,
    "hardware": _hardware,
    "hardware_prices": _hardware_price,
    "reference_prices": _reference_price,
    "retirements": _retirement,
    "training_runs": _training_run,
    "training_phases": _training_phase,
}
