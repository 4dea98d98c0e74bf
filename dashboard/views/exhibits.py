"""Which pages can be taken away: for each name of an address, how it is read and what it shows."""

from collections.abc import Callable
from typing import Any, NamedTuple

from dashboard.sharing import Exhibit
from dashboard.views import (
    changes,
    compare,
    conflicts,
    frontier,
    models,
    prices,
    routing,
    runs,
    sources,
    suites,
    training,
    trends,
    whole_life,
)
from dashboard.views.reading import Reading


class Page(NamedTuple):
    """``look`` takes the query string and the arguments of the address, ``show`` what ``look`` has found."""

    look: Callable[..., Reading[Any]]
    show: Callable[[Any], Exhibit]


PAGES = {
    "frontier": Page(frontier.look, frontier.exhibit),
    "models": Page(models.look_at_all, models.exhibit_of_all),
    "model": Page(models.look, models.exhibit),
    "compare": Page(compare.look, compare.exhibit),
    "prices": Page(prices.look, prices.exhibit),
    "trends": Page(trends.look, trends.exhibit),
    "training": Page(training.look, training.exhibit),
    "routing": Page(routing.look, routing.exhibit),
    "whole_life": Page(whole_life.look, whole_life.exhibit),
    "conflicts": Page(conflicts.look, conflicts.exhibit),
    "changes": Page(changes.look, changes.exhibit),
    "sources": Page(sources.look, sources.exhibit),
    "runs": Page(runs.look, runs.exhibit),
    "suite": Page(suites.look, suites.exhibit),
    "source": Page(sources.look_at_one, sources.exhibit_of_one),
}
