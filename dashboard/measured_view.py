"""Where measured costs can be seen: the view with the most marks, and what is missing where there is none."""

from dataclasses import dataclass
from datetime import date

from catalog.errors import UnknownCapability
from catalog.selectors.capabilities import capability_of_runs
from dashboard import formats
from dashboard.frontier import Frontier
from dashboard.measured_costs import MeasuredCost, MeasuredSuite, costs_by_suite


@dataclass(frozen=True, slots=True)
class MeasuredView:
    """``url`` is a view in which something is drawn, ``words`` what a link says; empty where nothing can be drawn.

    ``missing`` says why the view that is asked for has nothing.
    """

    url: str
    words: str
    missing: str


def measured_view(found: Frontier) -> MeasuredView:
    """The suite at the capability of ``found`` on which most models have a cost and a level; else the pass rate of the
    suite on which most have a cost, without the filters, which could empty it.
    """
    query = found.query
    levelled = {
        row.version.pk
        for row in (*found.rows, *found.past, *found.without_cost, *found.withdrawn)
        if row.value is not None
    }
    every = costs_by_suite(query.day)
    missing = _missing(found, every)
    for place, (suite, costs) in enumerate(every):
        if not query.suite and _drawable(costs) & levelled:
            url = query.but(cost="measured", task=suite.slug if place else "")
            return MeasuredView(url, f"Take the cost on {suite.name} instead", missing)
    for suite, costs in every:
        if own := _with_own_level(suite, costs, query.day):
            url = query.but(cost="measured", task="", capability=f"suite:{suite.slug}", access="", hide="")
            where = "there" if suite == found.measurement.suite else f"on {suite.name}"
            models = formats.plural(len(own), "model")
            return MeasuredView(url, f"Take its pass rate {where} instead, which {models} {_has(own)}", missing)
    return MeasuredView("", "", missing)


def _drawable(costs: dict[int, MeasuredCost]) -> set[int]:
    return {pk for pk, cost in costs.items() if cost.drawable_usd is not None}


def _with_own_level(suite: MeasuredSuite, costs: dict[int, MeasuredCost], day: date) -> set[int]:
    """The versions of which cost and pass rate come from the same published run."""
    try:
        levels = capability_of_runs(f"suite:{suite.slug}", as_of=day)
    except UnknownCapability:  # none of its runs was published
        return set()
    return {
        pk
        for pk in _drawable(costs)
        if costs[pk].url in {source.url for level in levels.get(pk, ()) for source in level.sources}
    }


def _missing(found: Frontier, every: list[tuple[MeasuredSuite, dict[int, MeasuredCost]]]) -> str:
    """A sentence about the suite that the view asks for."""
    suite = found.measurement.suite
    costs = next((each for one, each in every if suite and one.slug == suite.slug), {})
    if suite is None or not costs:
        return ""
    if _drawable(costs):
        return f"No model that was measured on {suite.name} has a level on this scale."
    unsolved = sum(cost.solved_nothing for cost in costs.values())
    unknown = len(costs) - unsolved
    why = [f"{unsolved} solved no task"] if unsolved else []
    why += [f"{unknown} {'was' if unknown == 1 else 'were'} measured without a known price"] if unknown else []
    return f"No model has a cost of a solved task on {suite.name}: {' and '.join(why)}."


def _has(models: set[int]) -> str:
    return "has" if len(models) == 1 else "have"
