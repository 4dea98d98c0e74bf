"""What training runs cost, phase by phase, at a rent the visitor chooses."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from urllib.parse import parse_qsl

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse

from dashboard import formats
from dashboard.charts import training as chart
from dashboard.errors import BadParameter
from dashboard.frontier import unique
from dashboard.ledger import DEFAULT_RENT, MAX_RENT, Ledger, RunComparison, comparison, ledgers
from dashboard.plausibility_inputs import Field, changed_inputs, parse_inputs
from dashboard.query import parse_amount
from dashboard.sharing import Exhibit, share
from dashboard.stated_totals import StatedTotals, conflicting_totals
from dashboard.tables import training as tables
from dashboard.tables.models import phases
from dashboard.training_costs import CostLine, OwnershipAssumptions, cloud_quotes, cost_lines
from dashboard.views.reading import Reading, plain


@dataclass(frozen=True, slots=True)
class Costs:
    """All runs at a rent, and the two compared in four ways."""

    rent: Decimal
    assumed: OwnershipAssumptions
    fields: list[Field]
    ledgers: list[Ledger]
    pair: RunComparison | None
    four_costs: list[tuple[Ledger, list[CostLine]]]
    totals: list[StatedTotals]

    @property
    def named(self) -> list[Ledger]:
        return [self.pair.first, self.pair.second] if self.pair else []

    @property
    def bars(self) -> list[Ledger]:
        return chart.shown(self.ledgers, self.named)

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The query string's content, defaults left out."""
        rent = [("usd_per_gpu_hour", f"{self.rent.normalize():f}")] if self.rent != DEFAULT_RENT else []
        judged = [(name, value) for name, value in changed_inputs(self.fields) if value]
        return [*rent, *parse_qsl(self.assumed.parameters), *judged]


def page(request: HttpRequest) -> HttpResponse:
    """``/training/?usd_per_gpu_hour=2``."""
    seen = look(request.GET)
    found, shown = seen.value, exhibit(seen.value)
    context = {
        "rent": found.rent,
        "rent_text": f"{found.rent.normalize():f}",
        "notices": seen.notices,
        "pair": found.pair,
        "named": found.named,
        "sentence": shown.sentence,
        "assumed": found.assumed,
        "four_costs": found.four_costs,
        "method_rows": list(zip(*(lines for _, lines in found.four_costs), strict=True)),
        "ledgers": found.ledgers,
        "plausibility_fields": found.fields,
        "totals": found.totals,
        "has_chart": shown.has_chart,
        "figure": shown.figure,
        "drawings": shown.drawings,
        "shared": share(request, shown),
    }
    return render(request, "dashboard/training.html", context, status=seen.status)


def look(values: QueryDict) -> Reading[Costs]:
    """What is asked for; a value that cannot be read is named and replaced by its default."""
    given = plain(values)
    rent, notices = read(given)
    assumed, unread = OwnershipAssumptions.parse(given)
    judged_by, fields, misread = parse_inputs(given)
    notices += [*unread, *misread]
    found = ledgers(rent, judged_by)
    pair = comparison(found)
    named = [pair.first, pair.second] if pair else []
    quotes = cloud_quotes() if named else {}
    four_costs = [(ledger, cost_lines(ledger, assumed, quotes)) for ledger in named]
    costs = Costs(rent, assumed, fields, found, pair, four_costs, conflicting_totals(found))
    return Reading(costs, ("assumptions",) if notices else (), notices)


def exhibit(found: Costs) -> Exhibit:
    bars = found.bars
    named = {
        "runs": lambda: tables.runs(found.ledgers),
        "phases": lambda: phases(found.named),
        "methods": lambda: tables.methods(found.four_costs),
        "totals": lambda: tables.totals(found.totals),
    }
    return Exhibit(
        name="training",
        chart="What final training runs cost",
        sentence=sentence(found.pair, found.rent),
        note=f"GPU-hours the developers state, at {formats.usd(found.rent)} an hour; the final run only",
        parameters=found.parameters,
        tables=named,
        figure=chart.figure(bars),
        height=36 + 36 * len(bars),
        box="bars",
        sources=unique(source for ledger in bars for source in ledger.sources),
        json_url=f"{reverse('api:training')}?usd_per_gpu_hour={found.rent.normalize():f}",
    )


def read(values: Mapping[str, str]) -> tuple[Decimal, list[str]]:
    text = values.get("usd_per_gpu_hour", "")
    if not text:
        return DEFAULT_RENT, []
    try:
        return parse_amount("usd_per_gpu_hour", text, most=MAX_RENT, example="2"), []
    except BadParameter as error:
        return DEFAULT_RENT, [f"{error.message} {formats.usd(DEFAULT_RENT)} is used instead."]


def sentence(pair: RunComparison | None, rent: Decimal) -> str:
    """The answer in one sentence."""
    if pair is None or pair.gpu_hours_ratio is None:
        return "What it costs to train a model, and what that figure leaves out."
    ratio = pair.gpu_hours_ratio
    more, fewer = (pair.second, pair.first) if ratio >= 1 else (pair.first, pair.second)
    factor = formats.times(ratio if ratio >= 1 else 1 / ratio)
    return (
        f"The final run of {fewer.run.version.model.name} cost {formats.usd_short(fewer.usd)} at {formats.usd(rent)} "
        f"per GPU-hour; {more.run.version.model.name} took {factor} the GPU-hours."
    )
