"""Which pages can be taken away: for each name of an address, how it is read and what it shows."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.http import QueryDict
from django.urls import reverse
from django.utils.safestring import SafeString

from dashboard import answer, formats
from dashboard.charts import frontier as frontier_chart
from dashboard.charts.frontier_svg import frontier_svg
from dashboard.frontier import Frontier, unique
from dashboard.sharing import Exhibit
from dashboard.tables import frontier as frontier_tables
from dashboard.views import (
    changes,
    compare,
    conflicts,
    frontier,
    models,
    prices,
    routing,
    sources,
    training,
    trends,
    whole_life,
)
from dashboard.views.reading import Reading, plain


class Page(NamedTuple):
    """``look`` takes the query string and the arguments of the address, ``show`` what ``look`` has found."""

    look: Callable[..., Reading[Any]]
    show: Callable[[Any], Exhibit]


def look_at_frontier(values: QueryDict) -> Reading[Frontier]:
    found, bad, notices = frontier.read(plain(values))
    return Reading(found, (bad,) if bad else (), notices)


def show_frontier(found: Frontier) -> Exhibit:
    pinned = frontier.pinned_slugs(found)
    drawn = frontier_chart.view(found, pinned)

    def draw(width: int, height: int, narrow: bool) -> SafeString:
        return frontier_svg(found, pinned=pinned, width=width, height=height, narrow=narrow)

    query = found.query.frozen()
    return Exhibit(
        name="frontier",
        chart="Capability against price",
        sentence=answer.sentence(found),
        note=f"{found.axis.title} against blended list price ({query.mix.words}), prices as of "
        f"{formats.day(query.day)}",
        parameters=tuple(query.parameters.items()),
        day=query.day,
        tables={"models": lambda: frontier_tables.models(found)},
        figure=frontier_chart.figure(found, pinned),
        height=430,
        draw=draw,
        points=[frontier.point(found, row) | {"pinned": row.slug in pinned} for row in drawn.points] if drawn else [],
        sources=unique(source for row in found.shown for source in row.sources),
        json_url=f"{reverse('api:frontier')}{query.string}",
    )


PAGES = {
    "frontier": Page(look_at_frontier, show_frontier),
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
    "source": Page(sources.look_at_one, sources.exhibit_of_one),
}
