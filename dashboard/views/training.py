"""What training runs cost, phase by phase, at a rent the visitor chooses."""

from decimal import Decimal

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from dashboard import formats
from dashboard.charts import training as chart
from dashboard.charts.figure_svg import both_sizes
from dashboard.errors import BadParameter
from dashboard.ledger import DEFAULT_RENT, MAX_RENT, RunComparison, comparison, ledgers
from dashboard.plausibility_inputs import parse_inputs
from dashboard.query import parse_amount
from dashboard.stated_totals import conflicting_totals
from dashboard.training_costs import OwnershipAssumptions, cloud_quotes, cost_lines


def page(request: HttpRequest) -> HttpResponse:
    """``/training/?usd_per_gpu_hour=2``."""
    rent, notices = read(request)
    assumed, unread = OwnershipAssumptions.parse(request.GET.dict())
    judged_by, plausibility_fields, misread = parse_inputs(request.GET.dict())
    notices += [*unread, *misread]
    found = ledgers(rent, judged_by)
    pair = comparison(found)
    named = [pair.first, pair.second] if pair else []
    quotes = cloud_quotes() if named else {}
    four_costs = [(ledger, cost_lines(ledger, assumed, quotes)) for ledger in named]
    bars = chart.shown(found, named)
    figure = chart.figure(bars)
    context = {
        "rent": rent,
        "rent_text": f"{rent.normalize():f}",
        "notices": notices,
        "pair": pair,
        "named": named,
        "sentence": sentence(pair, rent),
        "assumed": assumed,
        "four_costs": four_costs,
        "method_rows": list(zip(*(lines for _, lines in four_costs), strict=True)),
        "ledgers": found,
        "plausibility_fields": plausibility_fields,
        "totals": conflicting_totals(found),
        "has_chart": bool(bars),
        "figure": figure,
        "drawings": both_sizes(figure, 36 + 36 * len(bars)) if bars else "",
        "json_url": f"{reverse('api:training')}?usd_per_gpu_hour={rent.normalize():f}",
    }
    return render(request, "dashboard/training.html", context, status=400 if notices else 200)


def read(request: HttpRequest) -> tuple[Decimal, list[str]]:
    text = request.GET.get("usd_per_gpu_hour", "")
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
