"""The training page's tables: all runs at a rent, four costs of the compared runs, and totals that contradict."""

from collections.abc import Iterable, Sequence

from dashboard.ledger import Ledger
from dashboard.stated_totals import StatedTotals
from dashboard.tables.table import SOURCE_COLUMNS, Table, source_cells
from dashboard.training_costs import CostLine

RUN_COLUMNS = (
    "model",
    "version",
    "name",
    "gpu_hours",
    "usd",
    "is_lower_bound",
    "is_estimate",
    "chips",
    "tokens",
    "active_params",
    "gpu_hours_per_trillion_tokens",
    "verdict",
    "implied_utilisation",
    "scope",
    "usd_per_gpu_hour",
    *SOURCE_COLUMNS,
)
METHOD_COLUMNS = ("version", "name", "method", "usd", "inputs", "meaning", *SOURCE_COLUMNS)
TOTAL_COLUMNS = ("version", "name", "total", "number", "how", "reading", "note", "read_on", *SOURCE_COLUMNS)


def runs(found: Iterable[Ledger]) -> Table:
    """The dearest first; unknown hours stay unknown."""
    return Table(
        RUN_COLUMNS,
        [
            [
                ledger.slug,
                ledger.run.version.slug,
                ledger.name,
                ledger.gpu_hours,
                ledger.usd,
                ledger.is_lower_bound,
                ledger.is_estimate,
                "; ".join(ledger.chips),
                ledger.tokens,
                ledger.active_params,
                ledger.hours_per_trillion,
                ledger.verdict.verdict,
                ledger.verdict.implied_utilisation,
                ledger.run.scope,
                ledger.usd_per_gpu_hour,
                *source_cells(ledger.sources),
            ]
            for ledger in found
        ],
    )


def methods(four_costs: Iterable[tuple[Ledger, Sequence[CostLine]]]) -> Table:
    """Each run in four ways."""
    return Table(
        METHOD_COLUMNS,
        [
            [
                ledger.run.version.slug,
                ledger.name,
                line.title,
                line.usd,
                line.inputs,
                line.meaning,
                *source_cells([*ledger.sources, *line.sources]),
            ]
            for ledger, lines in four_costs
            for line in lines
        ],
    )


def totals(found: Iterable[StatedTotals]) -> Table:
    """GPU-hours or US dollars, as ``total`` says."""
    return Table(
        TOTAL_COLUMNS,
        [
            [
                total.version.slug,
                total.version.name,
                "gpu_hours" if total.what == "GPU-hours" else "usd",
                said.number,
                said.how,
                said.reading,
                said.note,
                said.on,
                *source_cells([said.source]),
            ]
            for total in found
            for said in total.statements
        ],
    )
