"""The list of models, and everything known about one."""

from dataclasses import dataclass

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from catalog.errors import UnknownModel
from catalog.models import Claim, Model
from catalog.selectors.conflicts import claim_conflicts
from catalog.selectors.models import near_names, search_models
from dashboard import formats
from dashboard.charts import price_history as chart
from dashboard.dossier import Dossier, VersionDossier, dossier
from dashboard.ledger import Ledger, ledgers_of
from dashboard.model_list import listed
from dashboard.query import DEFAULT_MIX, FrontierQuery
from dashboard.sharing import Exhibit, query_string, share
from dashboard.tables import models as tables
from dashboard.views.errors import not_found
from dashboard.views.reading import Reading, moved, plain, read
from evals.models import Run
from evals.selectors import runs_of_versions

MODELS_PER_PAGE = 100
MOST_RUNS = 20
MOST_PRICES = 200


def listing(request: HttpRequest) -> HttpResponse:
    """``/models/?q=``."""
    found = look_at_all(request.GET).value
    pages = Paginator(found.models, MODELS_PER_PAGE).get_page(request.GET.get("page"))
    total = pages.paginator.count
    context = {
        "q": found.words,
        "pages": pages,
        "total": total,
        "models": listed(pages.object_list),
        "mix": DEFAULT_MIX,
        "near": near_names(found.words) if found.words and not total else [],
        "shared": share(request, exhibit_of_all(found, total=total)),
    }
    return render(request, "dashboard/models.html", context)


@dataclass(frozen=True, slots=True)
class Found:
    words: str
    models: QuerySet[Model]


def look_at_all(values: QueryDict) -> Reading[Found]:
    words = plain(values).get("q", "")[:100]
    return Reading(Found(words, search_models(words)))


def exhibit_of_all(found: Found, *, total: int | None = None) -> Exhibit:
    count = found.models.count() if total is None else total
    parameters = [("q", found.words)] if found.words else []
    return Exhibit(
        name="models",
        sentence=f"{formats.plural(count, 'model')}{f' with “{found.words}”' if found.words else ''}.",
        note=f"Index and today's list price of each, blended {DEFAULT_MIX.words}",
        parameters=parameters,
        tables={"models": lambda: tables.listing(found.models)},
        json_url=f"{reverse('api:models')}{query_string(parameters)}",
    )


def detail(request: HttpRequest, slug: str) -> HttpResponse:
    """``/models/<slug>/?mix=&as_of=``. An unknown slug gets the nearest ones, one that was merged leads on."""
    try:
        seen = look(request.GET, slug)
    except UnknownModel as error:
        return not_found(request, str(error).partition(" Nearest")[0], list(error.near))
    found = seen.value
    if found.model.slug != slug:
        # A merge may be undone, so this is not for ever.
        return redirect(moved(reverse("dashboard:model", args=[found.model.slug]), request.GET))
    lines = chart.lines(found.history, found.day)
    ledgers = trainings(found)
    disputed = claim_conflicts(
        (each.version for each in found.versions),
        {each.version.pk: each.claims for each in found.versions},
        (ledger.run for ledger in ledgers),
    )
    shown = exhibit(found)
    for each in found.versions:
        each.version.model = found.model
    current = found.current
    licences = current.claims.get(Claim.Attribute.LICENCE, []) if current else []
    context = {
        "found": found,
        "current": current,
        "total_params": current and current.number(Claim.Attribute.TOTAL_PARAMS),
        "active_params": current and current.number(Claim.Attribute.ACTIVE_PARAMS),
        "licence": licences[0].value if licences else "",
        "has_offers": any(each.offers for each in found.versions),
        "has_scores": any(each.scores for each in found.versions),
        "history": found.newest_first[:MOST_PRICES],
        "more_history": max(0, len(found.history) - MOST_PRICES),
        "sentence": shown.sentence,
        "conflicts": [each for each in disputed if each.same_question],
        "has_chart": shown.has_chart,
        "figure": shown.figure,
        "drawings": shown.drawings,
        "legend": list({line.seller: line for line in lines}.values()),
        "trainings": ledgers,
        "runs": own_runs([each.version.pk for each in found.versions]),
        "notices": seen.notices,
        "query": FrontierQuery(mix=found.mix, as_of=found.day),
        "mix": found.mix,
        "shared": share(request, shown),
    }
    return render(request, "dashboard/model.html", context, status=seen.status)


def look(values: QueryDict, slug: str) -> Reading[Dossier]:
    """Everything about one model.

    :raises UnknownModel: with near names.
    """
    names = ("mix", "as_of")
    asked = read({name: value for name, value in plain(values).items() if name in names}, FrontierQuery.parse)
    return Reading(dossier(slug, day=asked.value.as_of, mix=asked.value.mix), asked.bad, asked.notices)


def exhibit(found: Dossier) -> Exhibit:
    named = {
        "prices": lambda: tables.offers(found),
        "history": lambda: tables.history(found),
        "scores": lambda: tables.scores(found),
        "facts": lambda: tables.facts(found),
        "training": lambda: tables.phases(trainings(found)),
    }
    mix = [] if found.mix == DEFAULT_MIX else [("mix", found.mix.text)]
    return Exhibit(
        name="model",
        args=(found.model.slug,),
        chart=f"Price history of {found.model.name}",
        sentence=sentence(found),
        note=f"List prices, US$ per 1M tokens, to {formats.day(found.day)}",
        parameters=[*mix, ("as_of", found.day.isoformat())],
        day=found.day,
        tables=named,
        charted="history",
        figure=chart.figure(chart.lines(found.history, found.day)),
        height=280,
        box="small",
        sources=found.sources,
        json_url=f"{reverse('api:model', args=[found.model.slug])}?as_of={found.day.isoformat()}",
    )


def trainings(found: Dossier) -> list[Ledger]:
    """The training runs of its versions at the usual rent."""
    return ledgers_of({each.version.pk: each.claims for each in found.versions})


def own_runs(version_ids: list[int]) -> list[Run]:
    """The latest runs that have ended, on endpoints that serve these versions."""
    # An open run changes by the second; the pages of runs follow it, this page is kept.
    ended = [state for state in Run.State if state not in Run.OPEN_STATES]
    runs = runs_of_versions(version_ids).select_related("suite", "endpoint").filter(state__in=ended)
    return list(runs.order_by("-created_at")[:MOST_RUNS])


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
        ended = f", {current.price.ended.words}" if current.price.ended else ""
        parts.append(f"{formats.usd(current.price.usd_per_mtok)} per million tokens ({found.mix.words}){ended}")
    return f"{', '.join(parts)}."


def size_words(current: VersionDossier) -> str:
    total, active = current.number(Claim.Attribute.TOTAL_PARAMS), current.number(Claim.Attribute.ACTIVE_PARAMS)
    if total is None:
        return ""
    if active is None or active == total:
        return f"{formats.short(total)} parameters"
    return f"{formats.short(total)} parameters of which {formats.short(active)} work on each token"
