"""The list of models, and everything known about one."""

from dataclasses import dataclass
from datetime import UTC, date, datetime

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from catalog.errors import UnknownModel
from catalog.models import Claim, Merge, Model, ModelVersion, Price
from catalog.selectors.merges import merged_slugs
from catalog.selectors.models import near_names, search_models
from dashboard import formats
from dashboard.charts import price_history as chart
from dashboard.charts.figure_svg import both_sizes
from dashboard.dossier import Dossier, VersionDossier, dossier
from dashboard.errors import BadParameter
from dashboard.ledger import ledgers_of
from dashboard.query import DEFAULT_MIX, FrontierQuery, Mix, parse_day
from dashboard.views.errors import not_found
from evals.models import Run
from evals.selectors import runs_of_versions

MODELS_PER_PAGE = 100
MOST_RUNS = 20
MOST_PRICES = 200


def listing(request: HttpRequest) -> HttpResponse:
    """``/models/?q=``."""
    words = request.GET.get("q", "")[:100].replace("\x00", "")
    pages = Paginator(search_models(words), MODELS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "q": words,
        "pages": pages,
        "total": pages.paginator.count,
        "models": [list_row(model) for model in pages.object_list],
        "near": near_names(words) if words and not pages.paginator.count else [],
    }
    return render(request, "dashboard/models.html", context)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One model in the list."""

    name: str
    slug: str
    developer: str
    newest: ModelVersion | None
    access: str
    count: int
    released_on: date | None


def list_row(model: Model) -> ListRow:
    versions = list(model.versions.all())
    for version in versions:
        version.model = model  # already at hand; the mark needs its developer
    released = [version.released_on for version in versions if version.released_on]
    access = {version.open_weights for version in versions}
    words = {True: "open weights", False: "closed weights", None: "unknown"}
    return ListRow(
        name=model.name,
        slug=model.slug,
        developer=model.developer.name,
        newest=max(versions, key=lambda version: version.released_on or date.min) if versions else None,
        access=", ".join(sorted(words[value] for value in access)) or "unknown",
        count=len(versions),
        released_on=min(released) if released else None,
    )


def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """``/models/<slug>/?mix=&as_of=``. An unknown slug gets the nearest ones."""
    notices = []
    mix, day = DEFAULT_MIX, None
    try:
        mix = Mix.parse(request.GET["mix"]) if request.GET.get("mix") else DEFAULT_MIX
        day = parse_day(request.GET["as_of"]) if request.GET.get("as_of") else None
    except BadParameter as error:
        notices.append(f"{error.message} The default is shown instead.")
    try:
        found = dossier(slug, day=day, mix=mix)
    except UnknownModel as error:
        if now := merged_slugs(Merge.Kind.MODEL).get(slug):
            return redirect("dashboard:model", slug=now)  # a merge may be undone, so this is not for ever
        return not_found(request, str(error).partition(" Nearest")[0], list(error.near))
    lines = chart.lines(found.history, found.day)
    figure = chart.figure(lines)
    keys = [each.version.pk for each in found.versions]
    for each in found.versions:
        each.version.model = found.model
    current = found.current
    licences = current.claims.get(Claim.Attribute.LICENCE, []) if current else []
    newest_first = sorted(found.history, key=starts, reverse=True)
    context = {
        "found": found,
        "current": current,
        "total_params": current and current.number(Claim.Attribute.TOTAL_PARAMS),
        "active_params": current and current.number(Claim.Attribute.ACTIVE_PARAMS),
        "licence": licences[0].value if licences else "",
        "has_offers": any(each.offers for each in found.versions),
        "has_scores": any(each.scores for each in found.versions),
        "history": newest_first[:MOST_PRICES],
        "more_history": max(0, len(newest_first) - MOST_PRICES),
        "json_url": reverse("api:model", args=[slug]),
        "sentence": sentence(found),
        "conflicts": [(each, name, said) for each in found.versions for name, said in each.facts if disagree(said)],
        "has_chart": bool(lines),
        "figure": figure,
        "drawings": both_sizes(figure, 280) if lines else "",
        "legend": list({line.seller: line for line in lines}.values()),
        "trainings": ledgers_of({each.version.pk: each.claims for each in found.versions}),
        "runs": own_runs(keys),
        "notices": notices,
        "query": FrontierQuery(mix=mix, as_of=day),
        "mix": mix,
    }
    return render(request, "dashboard/model.html", context, status=400 if notices else 200)


def starts(price: Price) -> tuple[bool, datetime]:
    """When a price began or was first seen; undated ones sort as the oldest."""
    began = price.effective_from or price.observed_from
    return began is not None, began or datetime.min.replace(tzinfo=UTC)


def own_runs(version_ids: list[int]) -> list[Run]:
    """The latest runs that have ended, on endpoints that serve these versions."""
    # An open run changes by the second; the pages of runs follow it, this page is kept.
    ended = [state for state in Run.State if state not in Run.OPEN_STATES]
    runs = runs_of_versions(version_ids).select_related("suite", "endpoint").filter(state__in=ended)
    return list(runs.order_by("-created_at")[:MOST_RUNS])


def disagree(said: list[Claim]) -> bool:
    """Whether sources state different values for the same thing; a qualifier makes it another thing."""
    plain = {claim.number if claim.number is not None else claim.value for claim in said if not claim.qualifier}
    return len(plain) > 1


def sentence(found: Dossier) -> str:
    """What the model is, in one sentence made of what is known."""
    current = found.current
    if current is None:
        return f"{found.model.name} by {found.model.developer.name}."
    parts = [f"{found.model.name} by {found.model.developer.name}"]
    if found.first_released_on:
        parts.append(f"released {formats.day(found.first_released_on)}")
    if size := size_words(current):
        parts.append(size)
    if current.price and current.price.usd_per_mtok is not None:
        parts.append(f"{formats.usd(current.price.usd_per_mtok)} per million tokens ({found.mix.words})")
    return f"{', '.join(parts)}."


def size_words(current: VersionDossier) -> str:
    total, active = current.number(Claim.Attribute.TOTAL_PARAMS), current.number(Claim.Attribute.ACTIVE_PARAMS)
    if total is None:
        return ""
    if active is None or active == total:
        return f"{formats.short(total)} parameters"
    return f"{formats.short(total)} parameters of which {formats.short(active)} work on each token"
