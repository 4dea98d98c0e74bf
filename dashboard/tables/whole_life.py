"""Training and serving of each known run, and the curve of the rented machine."""

from dashboard.charts.utilisation import curve
from dashboard.tables.table import SOURCE_COLUMNS, Table, source_cells
from dashboard.whole_life import WholeLife

RUN_COLUMNS = (
    "model",
    "name",
    "training_usd",
    "is_lower_bound",
    "is_estimate",
    "serving_usd",
    "training_share",
    "training_usd_per_served_mtok",
    "api_usd_per_mtok",
    "api_version",
    "api_not_sold_since",
    "payback_mtok",
    "break_even_utilisation",
    "usd_per_gpu_hour",
    "gpus",
    "tokens_per_hour",
    "utilisation",
    "served_mtok",
    "mix_input_cached_output",
    "as_of",
    *SOURCE_COLUMNS,
)
CURVE_COLUMNS = ("utilisation", "rented_usd_per_mtok", "api_usd_per_mtok", "model", *SOURCE_COLUMNS)


def runs(found: WholeLife) -> Table:
    """The dearest first; a break-even above 1 is never reached."""
    query = found.query
    assumed = (
        query.usd_per_gpu_hour,
        query.gpus,
        query.tokens_per_hour,
        query.utilisation,
        query.served_mtok,
        query.base.mix.text,
        query.base.day,
    )
    return Table(
        RUN_COLUMNS,
        [
            [
                line.ledger.slug,
                line.ledger.name,
                line.ledger.usd,
                line.ledger.is_lower_bound,
                line.ledger.is_estimate,
                line.serving_usd,
                line.training_share,
                line.training_usd_per_mtok,
                line.api_usd_per_mtok,
                line.priced.slug if line.priced else None,
                line.api_ended.on if line.api_ended else None,
                line.payback_mtok,
                line.break_even_utilisation,
                *assumed,
                *source_cells([*line.ledger.sources, *(line.price.sources if line.price else [])]),
            ]
            for line in found.lines
        ],
    )


def machine(found: WholeLife) -> Table:
    """The chart's points: what a million tokens cost by how busy the machine is."""
    chosen = found.chosen
    api = chosen.api_usd_per_mtok if chosen else None
    sources = source_cells(chosen.price.sources if chosen and chosen.price else [])
    slug = chosen.ledger.slug if chosen else None
    return Table(CURVE_COLUMNS, [[share, usd, api, slug, *sources] for share, usd in curve(found)])
