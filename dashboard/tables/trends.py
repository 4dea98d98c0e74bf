"""The record lows of the price of a level of capability."""

from dashboard.price_trend import CapabilityPriceTrend
from dashboard.tables.table import SOURCE_COLUMNS, Table, source_cells

COLUMNS = (
    "number",
    "version",
    "name",
    "model",
    "provider",
    "price_usd_per_mtok",
    "capability",
    "on",
    "is_first_sight",
    "capability_name",
    "capability_unit",
    "level",
    "mix_input_cached_output",
    "as_of",
    *SOURCE_COLUMNS,
)


def records(found: CapabilityPriceTrend) -> Table:
    """In the order of days; shares go from 0 to 1."""
    base = found.query.base
    rest = (base.capability, found.axis.unit, found.level, base.mix.text, found.day)
    return Table(
        COLUMNS,
        [
            [
                number,
                point.version.slug,
                point.version.name,
                point.version.model.slug,
                point.segment.price.provider,
                point.usd_per_mtok,
                point.score,
                point.on,
                point.is_observed,
                *rest,
                *source_cells(point.sources),
            ]
            for number, point in enumerate(found.records, start=1)
        ],
    )
