"""The price page's tables: the lines of its chart, the visitor's traffic, what is announced, and what changed."""

from dashboard.price_list import PriceList, last_reading
from dashboard.tables.table import SOURCE_COLUMNS, Table, source_cells
from dashboard.workload import Workload

CHANGE_COLUMNS = (
    "at",
    "basis",
    "model",
    "version",
    "name",
    "provider",
    "provider_model_id",
    "component",
    "before_usd_per_mtok",
    "after_usd_per_mtok",
    "change_share",
    "before_last_read_at",
    "source_url",
    "source_publisher",
    "before_source_url",
    "licence",
)
HISTORY_COLUMNS = (
    "model",
    "name",
    "version",
    "provider",
    "price_usd_per_mtok",
    "from",
    "until",
    "mix_input_cached_output",
    "basis",
    "price_policy",
    *SOURCE_COLUMNS,
)
TRAFFIC_COLUMNS = (
    "model",
    "name",
    "developer",
    "usd_per_month",
    "today_usd_per_month",
    "today_provider",
    "change_share",
    "price_usd_per_mtok",
    "provider",
    "price_note",
    "as_of",
    "input_mtok_per_month",
    "cached_mtok_per_month",
    "output_mtok_per_month",
    *SOURCE_COLUMNS,
)
ANNOUNCED_COLUMNS = ("version", "name", "provider", "component", "price_usd_per_mtok", "from", *SOURCE_COLUMNS)


def changes(found: PriceList) -> Table:
    """The newest first."""
    return Table(
        CHANGE_COLUMNS,
        [
            [
                change.at,
                "observed" if change.is_observed_only else "effective",
                change.offering.version.model.slug,
                change.offering.version.slug,
                change.offering.version.name,
                change.offering.provider.name,
                change.offering.provider_model_id,
                change.component,
                change.before.usd_per_mtok,
                change.after.usd_per_mtok,
                change.share,
                last_reading(change),
                change.after.source.url,
                change.after.source.publisher,
                change.before.source.url,
                change.after.source.licence,
            ]
            for change in found.changes
        ],
    )


def history(found: PriceList) -> Table:
    """Each step of each line; ``until`` is empty where the price still holds."""
    query = found.query
    return Table(
        HISTORY_COLUMNS,
        [
            [
                line.model.slug,
                line.model.name,
                segment.version.slug,
                segment.price.provider,
                segment.usd_per_mtok,
                segment.start,
                segment.end,
                query.mix.text,
                query.basis,
                query.price_policy,
                *source_cells(segment.price.sources),
            ]
            for line in found.lines
            for segment in line.segments
        ],
    )


def traffic(found: PriceList, workload: Workload) -> Table:
    """What the visitor's traffic costs on the day asked for, and today."""
    return Table(
        TRAFFIC_COLUMNS,
        [
            [
                line.model.slug,
                line.model.name,
                line.model.developer.name,
                line.then.total if line.then else None,
                line.now.total if line.now else None,
                line.price_now.provider if line.price_now else None,
                line.change,
                line.price_then.usd_per_mtok if line.price_then else None,
                line.price_then.provider if line.price_then else None,
                line.price_then.policy_note if line.price_then else line.ended.words if line.ended else None,
                found.day,
                *workload.amounts,
                *source_cells(line.price_then.sources if line.price_then else []),
            ]
            for line in found.lines
        ],
    )


def announced(found: PriceList) -> Table:
    return Table(
        ANNOUNCED_COLUMNS,
        [
            [
                price.offering.version.slug,
                price.offering.version.name,
                price.offering.provider.name,
                price.component,
                price.usd_per_mtok,
                price.effective_from,
                *source_cells([price.source]),
            ]
            for price in found.announced
        ],
    )
