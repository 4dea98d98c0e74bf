"""Our own tests and where they can be sent: one suite with its items and results, and the list of endpoints."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone

from catalog.models import Price
from catalog.selectors.prices import OfferingPrice, PriceInForce, prices_in_force
from dashboard import formats
from dashboard.run_rules import with_rules
from dashboard.runs import RunView, all_runs, run_views
from dashboard.sharing import Exhibit, share
from dashboard.tables import evals as tables
from dashboard.views.reading import Reading
from evals.models import Endpoint, Run, RunSample, Sample, Suite

ITEMS_PER_PAGE = 50
RUNS_SHOWN = 50
ENDPOINTS_PER_PAGE = 50
JUDGED = (RunSample.Outcome.CORRECT, RunSample.Outcome.INCORRECT)
LETTERS = "ABCD"  # what the scorer of choices assumes where a sample does not say


@dataclass(frozen=True, slots=True)
class ItemLine:
    """An item with how hard it was: the share of its scored answers that were wrong; None before any."""

    item: Sample
    n_scored: int
    n_wrong: int

    @property
    def difficulty(self) -> float | None:
        return self.n_wrong / self.n_scored if self.n_scored else None

    @property
    def chance(self) -> float | None:
        return chance_of(self.item)


@dataclass(frozen=True, slots=True)
class EndpointLine:
    endpoint: Endpoint
    last: RunView | None
    offer: OfferingPrice | None

    @property
    def input_price(self) -> PriceInForce | None:
        return self.offer.components.get(str(Price.Component.INPUT)) if self.offer else None

    @property
    def output_price(self) -> PriceInForce | None:
        return self.offer.components.get(str(Price.Component.OUTPUT)) if self.offer else None


def suite(request: HttpRequest, slug: str) -> HttpResponse:
    """``/evals/suites/<slug>/?page=``: what it measures, its items, and what every run found."""
    found = suite_or_404(slug)
    pages = Paginator(items_of(found), ITEMS_PER_PAGE).get_page(request.GET.get("page"))
    rows: list[Any] = list(pages.object_list)  # the paginator's type forgets the annotations
    runs = all_runs().filter(suite=found)
    categories = list(found.samples.values_list("category").annotate(n=Count("pk")).order_by("category"))
    context: dict[str, Any] = {
        "suite": found,
        "pages": pages,
        "lines": [ItemLine(item, item.n_scored, item.n_wrong) for item in rows],
        "categories": categories,
        "scorers": sorted(set(found.samples.order_by().values_list("scorer", flat=True))),
        "n_runs": (n_runs := runs.count()),
        "runs": with_rules(run_views(runs[:RUNS_SHOWN])),
        "shared": share(request, exhibit(found, runs=n_runs)),
    }
    return render(request, "dashboard/suite.html", context)


def suite_or_404(slug: str) -> Suite:
    return get_object_or_404(Suite, slug=slug)


def items_of(found: Suite) -> QuerySet[Any]:
    """The items in their order, each with how many of its answers were scored and how many of these were wrong."""
    return found.samples.annotate(
        n_scored=Count("run_samples", filter=Q(run_samples__outcome__in=JUDGED)),
        n_wrong=Count("run_samples", filter=Q(run_samples__outcome=RunSample.Outcome.INCORRECT)),
    ).order_by("position")


def look(values: QueryDict, slug: str) -> Reading[Suite]:  # noqa: ARG001  it has no choices
    return Reading(suite_or_404(slug))


def exhibit(found: Suite, *, runs: int | None = None) -> Exhibit:
    """All runs of the suite, and its items."""
    count = found.runs.count() if runs is None else runs
    return Exhibit(
        name="suite",
        args=(found.slug,),
        sentence=f"{found.name}: {formats.plural(count, 'run')}, with what a correct answer cost.",
        note=f"Version {found.slug}, never changed once run",
        tables={
            "runs": lambda: tables.runs(with_rules(run_views(all_runs().filter(suite=found)))),
            "items": lambda: tables.items(_item_cells(found), reverse("dashboard:suite", args=[found.slug])),
        },
    )


def _item_cells(found: Suite) -> Iterator[tables.ItemCells]:
    for item in items_of(found):
        line = ItemLine(item, item.n_scored, item.n_wrong)
        yield item, line.chance, line.n_scored, line.n_wrong, line.difficulty


def endpoints(request: HttpRequest) -> HttpResponse:
    """``/evals/endpoints/``: what can be measured, in which state, at which price. No address and no key."""
    rows = Endpoint.objects.select_related("version__model", "offering__version__model", "offering__provider").order_by(
        "name", "pk"
    )
    pages = Paginator(rows, ENDPOINTS_PER_PAGE).get_page(request.GET.get("page"))
    shown = list(pages.object_list)
    last = last_runs(shown)
    prices = prices_of(shown)
    suites = Suite.objects.annotate(
        n_items=Count("samples", distinct=True), n_runs=Count("runs", distinct=True)
    ).order_by("slug")
    context = {
        "pages": pages,
        "lines": [
            EndpointLine(each, last.get(each.pk), prices.get(each.offering_id) if each.offering_id else None)
            for each in shown
        ],
        "suites": suites,
    }
    return render(request, "dashboard/endpoints.html", context)


def last_runs(shown: list[Endpoint]) -> dict[int, RunView]:
    """The newest run of each endpoint."""
    newest: dict[int, Any] = {}
    for pk, endpoint in (
        Run.objects.filter(endpoint__in=shown).order_by("-created_at", "pk").values_list("pk", "endpoint_id")
    ):
        newest.setdefault(endpoint, pk)
    return {view.run.endpoint_id: view for view in run_views(all_runs().filter(pk__in=newest.values()))}


def prices_of(shown: list[Endpoint]) -> dict[int, OfferingPrice]:
    """List prices of today by offering."""
    versions = {each.offering.version_id for each in shown if each.offering}
    found = prices_in_force(as_of=timezone.now().date(), version_ids=versions) if versions else {}
    return {offer.offering.pk: offer for offers in found.values() for offer in offers}


def chance_of(item: Sample) -> float | None:
    """What a guess would get: one in the number of choices; None where an answer is written freely."""
    if item.scorer != "choice":
        return None
    letters = item.scorer_options.get("letters", LETTERS)
    return 1 / len(letters) if letters else None
