"""Which parameters each page understands. Others are left aside, and the page names them: one rule for all pages."""

from collections.abc import Iterable

from django.http import HttpRequest

from dashboard import plausibility_inputs, training_costs, workload
from dashboard.charts.text import clean_text
from dashboard.query import FrontierQuery
from dashboard.views.report import PREFILLED
from dashboard.views.run_new import RunForm

MOST_NAMED = 5
PAGE = {"page"}
OF_FRONTIER = FrontierQuery.names()
OF_WORKLOAD = set(workload.NAMES)
# By the name of the page's address. A frame understands what its page does.
KNOWN: dict[str, set[str]] = {
    "frontier": OF_FRONTIER | OF_WORKLOAD | {"pair"} | PAGE,
    "models": {"q"} | PAGE,
    "model": {"mix", "as_of"},
    "compare_choose": OF_FRONTIER | OF_WORKLOAD | {"model"},
    "compare": OF_FRONTIER | OF_WORKLOAD | {"same"},
    "prices": {"model", "mix", "as_of", "basis", "price_policy"} | OF_WORKLOAD | PAGE,
    "sources": {"q"} | PAGE,
    "source": set(),
    "conflicts": {"kind", "question"} | PAGE,
    "changes": {"kind", "model"} | PAGE,
    "trends": {"mix", "as_of", "capability", "policy", "price_policy", "level"},
    "routing": {"as_of", "capability", "policy", "price_policy", "access", "input_tokens", "output_tokens", "budget"}
    | PAGE,
    "whole_life": {
        *("mix", "as_of", "model", "usd_per_gpu_hour", "gpus", "tokens_per_hour"),
        *("utilisation_percent", "served_mtok"),
    },
    "training": {
        "usd_per_gpu_hour",
        *(name for name, *_ in training_costs.FIELDS),
        *(name for name, *_ in plausibility_inputs.FIELDS),
    },
    "runs": {"suite", "endpoint", "state"} | PAGE,
    "run_compare": {"run", "runs", "comparison", "pair", "show"} | PAGE,
    "run_new": set(RunForm.base_fields) | {"key"},
    "run": {"outcome", "offering", "on", "tier"} | PAGE,
    "run_rescore": set(),
    "run_action": set(),
    "report": set(PREFILLED),
    "suite": PAGE,
    "endpoints": PAGE,
    "schedules": PAGE,
    "alerts": PAGE,
    "views": {"address"},
    "method": set(),
}


def left_aside(request: HttpRequest) -> str:
    """``"level, nonsense"``: the parameters that the page at this address does not know; empty where it knows all."""
    found = request.resolver_match
    if found is None or found.namespace != "dashboard":
        return ""
    known = KNOWN.get((found.url_name or "").removesuffix("_embed"))
    if known is None:
        return ""
    return _listed(sorted(name for name in request.GET if name not in known and request.GET[name].strip()))


def _listed(names: Iterable[str]) -> str:
    shown = [clean_text(name, 40) or "(blank)" for name in names]
    more = f" and {len(shown) - MOST_NAMED} more" if len(shown) > MOST_NAMED else ""
    return f"{', '.join(shown[:MOST_NAMED])}{more}"
