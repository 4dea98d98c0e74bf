"""The list of models, and the tables of the page about one."""

from collections.abc import Iterable, Mapping

from catalog.models import Model, Source
from catalog.selectors.capabilities import index_sources
from dashboard.dossier import Dossier, score_setting
from dashboard.frontier_row import unique
from dashboard.ledger import Ledger
from dashboard.model_list import ListedModel, listed
from dashboard.tables.table import SOURCE_COLUMNS, Row, Table, source_cells

LIST_COLUMNS = (
    "model",
    "name",
    "developer",
    "open_weights",
    "index",
    "index_low",
    "index_high",
    "price_usd_per_mtok",
    "provider",
    "not_sold_since",
    "versions",
    "first_released_on",
    *SOURCE_COLUMNS,
)
OFFER_COLUMNS = (
    "provider",
    "is_developer",
    "provider_model_id",
    "version",
    "name",
    "input_usd_per_mtok",
    "cached_input_usd_per_mtok",
    "output_usd_per_mtok",
    "price_usd_per_mtok",
    "since",
    "is_first_sight",
    "not_sold_since",
    "other_sources_differ",
    "mix_input_cached_output",
    "as_of",
    *SOURCE_COLUMNS,
)
HISTORY_COLUMNS = (
    "provider",
    "version",
    "component",
    "service_class",
    "min_input_tokens",
    "utc_from",
    "utc_to",
    "weekdays",
    "region",
    "announced",
    "usd_per_mtok",
    "effective_from",
    "effective_to",
    "observed_from",
    "last_seen",
    "absent_since",
    *SOURCE_COLUMNS,
)
SCORE_COLUMNS = (
    "benchmark",
    "version",
    "name",
    "score",
    "score_unit",
    "as_printed",
    "printed_unit",
    "n",
    "setting",
    "measured_by",
    "measured_on",
    "is_own_result",
    *SOURCE_COLUMNS,
)
FACT_COLUMNS = ("fact", "version", "name", "number", "unit", "value", "qualifier", "confidence", *SOURCE_COLUMNS)
PHASE_COLUMNS = (
    "version",
    "name",
    "phase",
    "gpu_hours",
    "usd",
    "usd_per_gpu_hour",
    "gpus",
    "is_estimate",
    *SOURCE_COLUMNS,
)


def listing(models: Iterable[Model]) -> Table:
    """The models found by a search; ``open_weights`` is empty where unknown or not the same for all versions."""
    rows = listed(models)
    read_at = index_sources([each.version.pk for each in rows if each.version and each.index])
    return Table(LIST_COLUMNS, [_list_row(each, read_at) for each in rows])


def _list_row(each: ListedModel, read_at: Mapping[int, list[Source]]) -> Row:
    of_level = read_at.get(each.version.pk, []) if each.version else []
    return [
        each.model.slug,
        each.model.name,
        each.model.developer.name,
        each.open_weights,
        each.index.value if each.index else None,
        each.index.low if each.index else None,
        each.index.high if each.index else None,
        each.price.usd_per_mtok if each.price else None,
        each.price.provider if each.price else None,
        each.ended.on if each.ended else None,
        each.versions,
        each.released_on,
        *source_cells(unique([*each.sources, *of_level])),
    ]


def offers(found: Dossier) -> Table:
    """List prices on the day, by version and provider."""
    return Table(
        OFFER_COLUMNS,
        [
            [
                offer.offering_price.offering.provider.name,
                offer.offering_price.offering.is_first_party,
                offer.offering_price.offering.provider_model_id,
                each.version.slug,
                each.version.name,
                *offer.columns,
                offer.blended.usd_per_mtok,
                offer.since,
                offer.is_since_sight if offer.since else None,
                offer.ended.on if offer.ended else None,
                offer.offering_price.conflicts,
                found.mix.text,
                found.day,
                *source_cells(offer.sources),
            ]
            for each in found.versions
            for offer in each.offers
        ],
    )


def history(found: Dossier) -> Table:
    """Every price row, the newest first."""
    return Table(
        HISTORY_COLUMNS,
        [
            [
                price.offering.provider.name,
                price.offering.version.slug,
                price.component,
                price.service_class,
                price.min_input_tokens,
                price.utc_from,
                price.utc_to,
                price.weekdays,
                price.offering.region,
                price.announced,
                price.usd_per_mtok,
                price.effective_from,
                price.effective_to,
                price.observed_from,
                price.last_seen,
                price.absent_since,
                *source_cells([price.source]),
            ]
            for price in found.newest_first
        ],
    )


def scores(found: Dossier) -> Table:
    """``score`` as we compare it (shares from 0 to 1), ``as_printed`` as the source has it."""
    return Table(
        SCORE_COLUMNS,
        [
            [
                str(score.benchmark),
                each.version.slug,
                each.version.name,
                score.value,
                score.benchmark.unit,
                score.original_value,
                score.original_unit,
                score.n,
                score_setting(score),
                score.measured_by.name if score.measured_by else None,
                score.measured_on,
                score.self_reported,
                *source_cells([score.source]),
            ]
            for each in found.versions
            for score in each.scores
        ],
    )


def facts(found: Dossier) -> Table:
    """What sources state of each version, the shown statement of each fact first."""
    return Table(
        FACT_COLUMNS,
        [
            [
                label,
                each.version.slug,
                each.version.name,
                claim.number,
                claim.unit,
                claim.value,
                claim.qualifier,
                claim.confidence,
                *source_cells([claim.source]),
            ]
            for each in found.versions
            for label, said in each.facts
            for claim in said
        ],
    )


def phases(ledgers: Iterable[Ledger]) -> Table:
    """The phases of training runs at a rent."""
    return Table(
        PHASE_COLUMNS,
        [
            [
                ledger.run.version.slug,
                ledger.name,
                line.phase.name,
                line.phase.gpu_hours,
                line.usd,
                ledger.usd_per_gpu_hour,
                line.phase.gpus,
                line.phase.is_estimate,
                *source_cells([line.phase.source]),
            ]
            for ledger in ledgers
            for line in ledger.lines
        ],
    )
