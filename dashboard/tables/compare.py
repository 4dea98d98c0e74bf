"""The tables of a comparison."""

from dashboard.lineup import Lineup
from dashboard.lineup_rows import facts_table, workload_lines
from dashboard.tables.table import SOURCE_COLUMNS, Table, source_cells

TRAFFIC_COLUMNS = (
    "model",
    "name",
    "provider",
    "usd_per_month",
    "input_usd_per_month",
    "cached_input_usd_per_month",
    "output_usd_per_month",
    "times_the_cheapest",
    "not_sold_since",
    "price_assumed",
    "input_mtok_per_month",
    "cached_mtok_per_month",
    "output_mtok_per_month",
    "as_of",
    *SOURCE_COLUMNS,
)
LEVEL_COLUMNS = (
    "model",
    "name",
    "capability",
    "capability_low",
    "capability_high",
    "capability_status",
    "capability_name",
    "capability_unit",
    *SOURCE_COLUMNS,
)
PAIR_COLUMNS = (
    "first",
    "second",
    "verdict",
    "capability_gap",
    "capability_unit",
    "first_ahead_share_of_resamples",
    "benchmarks_first_ahead",
    "benchmarks_second_ahead",
    "benchmarks_level",
    "sign_test_p",
    *SOURCE_COLUMNS,
)
MIX_COLUMNS = (
    "traffic",
    "mix_input_cached_output",
    "rank",
    "model",
    "name",
    "price_usd_per_mtok",
    "provider",
    "is_assumed",
    *SOURCE_COLUMNS,
)
BENCHMARK_COLUMNS = (
    "benchmark",
    "model",
    "name",
    "score",
    "score_unit",
    "measured_by",
    "is_own_result",
    "same_measurer_for_all",
    *SOURCE_COLUMNS,
)


def facts(found: Lineup) -> Table:
    """One row per fact, one column per model, named by its slug; numbers are exact, in the unit of their row."""
    rows = facts_table(found)
    return Table(
        ("fact", "unit", *found.slugs, *SOURCE_COLUMNS),
        [
            [
                row.title,
                row.unit,
                *(cell.value for cell in row.cells),
                *source_cells(source for cell in row.cells for source in cell.sources or (cell.source,)),
            ]
            for row in rows
        ],
    )


def traffic(found: Lineup) -> Table:
    """What the visitor's traffic costs, the cheapest first."""
    return Table(
        TRAFFIC_COLUMNS,
        [
            [
                line.entrant.slug,
                line.entrant.name,
                line.entrant.row.price.provider if line.entrant.row.price else None,
                line.total,
                *(usd for _, usd in line.parts),
                line.times,
                line.entrant.row.withdrawn_on,
                " ".join(line.assumed),
                *found.workload.amounts,
                found.frontier.query.day,
                *source_cells(line.entrant.row.price_sources),
            ]
            for line in workload_lines(found)
        ],
    )


def levels(found: Lineup) -> Table:
    """What the chart draws: levels with their 90% intervals, shares from 0 to 1."""
    axis = found.frontier.axis
    return Table(
        LEVEL_COLUMNS,
        [
            [
                each.slug,
                each.name,
                capability.value if capability else None,
                capability.low if capability else None,
                capability.high if capability else None,
                capability.status if capability else None,
                axis.name,
                axis.unit,
                *source_cells(capability.sources if capability else []),
            ]
            for each in found.entrants
            for capability in (each.row.capability,)
        ],
    )


def pairs(found: Lineup) -> Table:
    """Whether each difference is real."""
    axis = found.frontier.axis
    return Table(
        PAIR_COLUMNS,
        [
            [
                pair.first.slug,
                pair.second.slug,
                pair.words,
                pair.comparison.difference if pair.comparison else None,
                axis.unit,
                pair.comparison.first_wins if pair.comparison else None,
                pair.ahead,
                pair.behind,
                pair.level,
                pair.sign_p,
                *source_cells(
                    source
                    for each in (pair.first, pair.second)
                    if each.row.capability
                    for source in each.row.capability.sources
                ),
            ]
            for pair in found.pairs
        ],
    )


def mixes(found: Lineup) -> Table:
    """The order under each kind of traffic; models without a price are in none."""
    return Table(
        MIX_COLUMNS,
        [
            [
                order.title,
                order.mix.text,
                rank,
                entrant.slug,
                entrant.name,
                usd,
                price.provider,
                entrant.slug in order.assumed,
                *source_cells(price.sources),
            ]
            for order in found.orders
            for rank, (entrant, usd, price) in enumerate(order.prices, start=1)
        ],
    )


def benchmarks(found: Lineup) -> Table:
    """One row per benchmark and model; empty where the model has no score."""
    return Table(
        BENCHMARK_COLUMNS,
        [
            [
                str(line.benchmark),
                each.slug,
                each.name,
                score.value if score else None,
                line.benchmark.unit,
                score.measured_by.name if score and score.measured_by else None,
                score.self_reported if score else None,
                line.is_one_measurer,
                *source_cells([score.source if score else None]),
            ]
            for line in found.benchmarks
            for each in found.entrants
            for score in (line.scores.get(each.version.pk),)
        ],
    )
