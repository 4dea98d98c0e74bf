"""The first page's table: every model under the reader's assumptions."""

from dashboard.frontier import Frontier
from dashboard.frontier_row import FrontierRow
from dashboard.tables.table import Row, Table, source_cells

COLUMNS = (
    "model",
    "name",
    "version",
    "developer",
    "provider",
    "open_weights",
    "released_on",
    "price_usd_per_mtok",
    "input_usd_per_mtok",
    "cached_input_usd_per_mtok",
    "output_usd_per_mtok",
    "price_assumed",
    "price_note",
    "price_since",
    "withdrawn_on",
    "superseded_by",
    "effort",
    "solved_task_usd",
    "solved_task_usd_low",
    "solved_task_usd_high",
    "measured_answers",
    "measured_on",
    "measured_run",
    "capability",
    "capability_low",
    "capability_high",
    "capability_status",
    "on_frontier",
    "frontier_probability",
    "price_premium",
    "premium_set_by",
    "x_axis",
    "x_axis_suite",
    "mix_input_cached_output",
    "as_of",
    "capability_name",
    "score_policy",
    "price_policy",
    "price_source_urls",
    "capability_source_urls",
    "licences",
)


def models(found: Frontier) -> Table:
    """As listed on the page, by price."""
    return Table(COLUMNS, [_cells(found, row) for row in found.shown])


def _cells(found: Frontier, row: FrontierRow) -> Row:
    query, capability, price, measured = found.query, row.capability, row.price, row.measured
    suite = found.measurement.suite
    return [
        row.slug,
        row.name,
        row.version.slug,
        row.developer,
        price.provider if price else None,
        row.version.open_weights,
        row.version.released_on,
        row.usd_per_mtok,
        *(row.component_usd(name) for name in ("input", "cached_input", "output")),
        " ".join(price.assumed) if price else "",
        price.policy_note if price else "",
        row.price_since,
        row.withdrawn_on,
        row.superseded_by,
        row.variant,
        measured.usd if measured else None,
        *(measured.interval[:2] if measured and measured.interval else (None, None)),
        measured.n if measured else None,
        measured.measured_on if measured else None,
        measured.url if measured else "",
        row.value,
        capability.low if capability else None,
        capability.high if capability else None,
        capability.status if capability else None,
        row.on_frontier,
        row.frontier_probability,
        row.price_premium,
        row.premium_set_by,
        query.cost,
        suite.slug if suite else "",
        query.mix.text,
        query.day,
        query.capability,
        query.policy,
        query.price_policy,
        source_cells(row.price_sources)[0],
        source_cells(capability.sources if capability else [])[0],
        source_cells(row.sources)[1],
    ]
