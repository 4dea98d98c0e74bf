"""What training runs cost, phase by phase, at a rent the visitor chooses."""

from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from dashboard import formats
from dashboard.charts import training as chart
from dashboard.frontier_row import unique
from dashboard.ledger import Ledger, RunComparison, comparison, ledgers
from dashboard.sharing import Exhibit, share
from dashboard.stated_totals import StatedTotals, conflicting_totals
from dashboard.tables import training as tables
from dashboard.tables.models import phases
from dashboard.training_costs import FIELDS, CostLine, Market, Rate, chip_of, cost_lines, market
from dashboard.training_query import TrainingQuery
from dashboard.views.reading import Reading, plain


@dataclass(frozen=True, slots=True)
class Costs:
    """All runs under the reader's assumptions, and the two compared in four ways."""

    query: TrainingQuery
    ledgers: list[Ledger]
    pair: RunComparison | None
    market: Market
    totals: list[StatedTotals]

    @property
    def named(self) -> list[Ledger]:
        return [self.pair.first, self.pair.second] if self.pair else []

    @property
    def four_costs(self) -> list[tuple[Ledger, list[CostLine]]]:
        return [(ledger, cost_lines(ledger, self.query.owned, self.market)) for ledger in self.named]


def page(request: HttpRequest) -> HttpResponse:
    """``/training/?usd_per_gpu_hour=2&server_price=&usd_per_kwh=&owned_years=&peak_tflop=&utilisation_low=``..."""
    seen = look(request.GET)
    found, query = seen.value, seen.value.query
    if not seen.bad and "" in request.GET.dict().values():
        # A form without script sends every field; the address keeps those that say something.
        return redirect(f"{request.path}{query.string}")
    shown = exhibit(found)
    four_costs = found.four_costs
    power = found.market.electricity(query.owned)
    context = {
        "rent": query.rent,
        "rent_text": f"{query.rent.normalize():f}",
        "notices": seen.notices,
        "pair": found.pair,
        "named": found.named,
        "sentence": shown.sentence,
        "contrast": contrast(found.pair),
        "owning_fields": owning_fields(query, power),
        "server_rates": server_rates(query, found.named, found.market),
        "power_rate": power,
        "four_costs": four_costs,
        "method_rows": list(zip(*(lines for _, lines in four_costs), strict=True)),
        "ledgers": found.ledgers,
        "judging_fields": query.judging,
        "totals": found.totals,
        "has_chart": shown.has_chart,
        "figure": shown.figure,
        "drawings": shown.drawings,
        "shared": share(request, shown),
    }
    return render(request, "dashboard/training.html", context, status=seen.status)


def look(values: QueryDict) -> Reading[Costs]:
    """What is asked for; a value that cannot be read is named and replaced by its default."""
    query, errors = TrainingQuery.read(plain(values))
    found = ledgers(query.rent, query.judged_by)
    costs = Costs(query, found, comparison(found), market(), conflicting_totals(found))
    notices = [f"{error.message} The usual value is used instead." for error in errors]
    return Reading(costs, tuple(error.parameter for error in errors), notices)


def exhibit(found: Costs) -> Exhibit:
    query = found.query
    bars = chart.shown(found.ledgers, found.named)
    named = {
        "runs": lambda: tables.runs(found.ledgers),
        "phases": lambda: phases(found.named),
        "methods": lambda: tables.methods(found.four_costs),
        "totals": lambda: tables.totals(found.totals),
    }
    rent = {"usd_per_gpu_hour": f"{query.rent.normalize():f}"}
    return Exhibit(
        name="training",
        chart="What final training runs cost",
        sentence=sentence(found.pair, query.rent),
        note=f"GPU-hours the developers state, at {formats.usd(query.rent)} an hour; the final run only",
        parameters=tuple(query.parameters.items()),
        tables=named,
        figure=chart.figure(bars),
        height=36 + 36 * len(bars),
        box="bars",
        sources=unique(source for ledger in bars for source in ledger.sources),
        json_url=f"{reverse('api:training')}?{urlencode(rent | query.parameters)}",
    )


def owning_fields(query: TrainingQuery, power: Rate) -> list[tuple[str, str, str, Decimal, str]]:
    """Name, label, present value, greatest value, and what an empty field stands for, of each assumption."""
    usual = {"server_price": "as quoted", "usd_per_kwh": power.text.removeprefix("$"), "owned_years": "0"}
    given = query.owned.parameters
    return [(name, label, given.get(name, ""), most, usual[name]) for name, label, most, _ in FIELDS]


def server_rates(query: TrainingQuery, named: list[Ledger], known: Market) -> list[tuple[str, Rate]]:
    """What a chip of each compared run costs with its share of the server, each chip once."""
    chips = {chip.pk: chip for ledger in named if (chip := chip_of(ledger))}
    return [(chip.name, known.server(query.owned, chip)) for chip in chips.values()]


def contrast(pair: RunComparison | None) -> tuple[Ledger, str, str] | None:
    """The run of fewer GPU-hours, the other's name, and how many times as many that one took."""
    if pair is None or pair.gpu_hours_ratio is None:
        return None
    ratio = pair.gpu_hours_ratio
    more, fewer = (pair.second, pair.first) if ratio >= 1 else (pair.first, pair.second)
    return fewer, more.run.version.model.name, formats.times(ratio if ratio >= 1 else 1 / ratio)


def sentence(pair: RunComparison | None, rent: Decimal) -> str:
    """The answer in one sentence."""
    found = contrast(pair)
    if found is None:
        return "What it costs to train a model, and what that figure leaves out."
    fewer, more, factor = found
    return (
        f"The final run of {fewer.run.version.model.name} cost {formats.usd_short(fewer.usd)} at {formats.usd(rent)} "
        f"per GPU-hour; {more} took {factor} the GPU-hours."
    )
