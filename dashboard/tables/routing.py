"""What a thousand tasks cost on each model, and its part of the mix."""

from dashboard.routing import Routing
from dashboard.tables.table import SOURCE_COLUMNS, Table, source_cells

COLUMNS = (
    "model",
    "name",
    "solved_share",
    "usd_per_1000_tasks",
    "is_corner",
    "share_of_tasks_in_mix",
    "capability_name",
    "input_tokens_per_task",
    "output_tokens_per_task",
    "budget_usd_per_1000_tasks",
    "as_of",
    *SOURCE_COLUMNS,
)


def routes(found: Routing) -> Table:
    """From the cheapest up; a model outside the mix has an empty share."""
    query = found.query
    shares = {route.row.slug: share for route, share in found.shares}
    return Table(
        COLUMNS,
        [
            [
                route.row.slug,
                route.row.name,
                route.score,
                route.usd,
                route.is_corner,
                shares.get(route.row.slug),
                query.base.capability,
                query.input_tokens,
                query.output_tokens,
                found.budget,
                query.base.day,
                *source_cells(route.row.sources),
            ]
            for route in found.routes
        ],
    )
