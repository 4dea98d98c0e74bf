"""What training runs cost, phase by phase, at a rent the visitor chooses."""

from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from dashboard import formats
from dashboard.charts import training as chart
from dashboard.charts.figure_svg import both_sizes
from dashboard.ledger import Ledger, RunComparison, comparison, ledgers
from dashboard.stated_totals import conflicting_totals
from dashboard.training_costs import FIELDS, Market, Rate, chip_of, cost_lines, market
from dashboard.training_query import TrainingQuery


def page(request: HttpRequest) -> HttpResponse:
    """``/training/?usd_per_gpu_hour=2&server_price=&usd_per_kwh=&owned_years=&peak_tflop=&utilisation_low=``..."""
    query, errors = TrainingQuery.read(request.GET.dict())
    if not errors and "" in request.GET.dict().values():
        # A form without script sends every field; the address keeps those that say something.
        return redirect(f"{request.path}{query.string}")
    found = ledgers(query.rent, query.judged_by)
    pair = comparison(found)
    named = [pair.first, pair.second] if pair else []
    known = market()
    power = known.electricity(query.owned)
    four_costs = [(ledger, cost_lines(ledger, query.owned, known)) for ledger in named]
    bars = chart.shown(found, named)
    figure = chart.figure(bars)
    rent = f"{query.rent.normalize():f}"
    context = {
        "rent": query.rent,
        "rent_text": rent,
        "notices": [f"{error.message} The usual value is used instead." for error in errors],
        "pair": pair,
        "named": named,
        "sentence": sentence(pair, query.rent),
        "contrast": contrast(pair),
        "owning_fields": owning_fields(query, power),
        "server_rates": server_rates(query, named, known),
        "power_rate": power,
        "four_costs": four_costs,
        "method_rows": list(zip(*(lines for _, lines in four_costs), strict=True)),
        "ledgers": found,
        "judging_fields": query.judging,
        "totals": conflicting_totals(found),
        "has_chart": bool(bars),
        "figure": figure,
        "drawings": both_sizes(figure, 36 + 36 * len(bars)) if bars else "",
        "permalink": f"{request.path}{query.string}",
        "json_url": f"{reverse('api:training')}?{urlencode({'usd_per_gpu_hour': rent} | query.parameters)}",
    }
    return render(request, "dashboard/training.html", context, status=400 if errors else 200)


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
