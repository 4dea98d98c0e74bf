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


CHEAPEST_COLUMNS = (
    "from",
    "until",
    "price_usd_per_mtok",
    "version",
    "name",
    "model",
    "provider",
    "capability",
    "capability_name",
    "capability_unit",
    "level",
    "mix_input_cached_output",
    "as_of",
    *SOURCE_COLUMNS,
)


def cheapest(found: CapabilityPriceTrend) -> Table:
    """The line of the chart: who sold the level for least and how long; ``until`` is exclusive, empty: still."""
    base = found.query.base
    rest = (base.capability, found.axis.unit, found.level, base.mix.text, found.day)
    return Table(
        CHEAPEST_COLUMNS,
        [
            [
                each.start,
                each.end,
                each.point.usd_per_mtok,
                each.point.version.slug,
                each.point.version.name,
                each.point.version.model.slug,
                each.point.segment.price.provider,
                each.point.score,
                *rest,
                *source_cells(each.point.sources),
            ]
            for each in found.cheapest
        ],
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
