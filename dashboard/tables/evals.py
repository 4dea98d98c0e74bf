"""Our own runs, and the items of a suite with how hard each was."""

from collections.abc import Iterable

from dashboard.runs import RunView
from dashboard.tables.table import SOURCE_COLUMNS, Cell, Table
from evals.models import Sample
from evals.services.measured import run_address

RUN_COLUMNS = (
    "run",
    "suite",
    "endpoint",
    "version",
    "state",
    "pass_rate",
    "pass_rate_low",
    "pass_rate_high",
    "correct",
    "scored",
    "planned",
    "usd_per_correct_answer",
    "usd_per_correct_answer_low",
    "usd_per_correct_answer_high",
    "usd_per_correct_answer_at_least",
    "cost_usd",
    "cost_is_lower_bound",
    "budget_usd",
    "input_tokens",
    "output_tokens",
    "rules_that_differ",
    "code_version",
    "started_at",
    "finished_at",
    *SOURCE_COLUMNS,
)
ITEM_COLUMNS = ("item", "category", "prompt", "scorer", "chance", "scored", "wrong", "difficulty", *SOURCE_COLUMNS)
ItemCells = tuple[Sample, float | None, int, int, float | None]


def runs(views: Iterable[RunView]) -> Table:
    """One row per run; its source is its own page."""
    return Table(RUN_COLUMNS, [_run(view) for view in views])


def _run(view: RunView) -> list[Cell]:
    run, found = view.run, view.summary
    rate, cost = found.pass_rate_interval, view.usd_per_correct_interval
    bound = found.cost_of_pass.lower_bound if found.cost_of_pass else None
    version = view.version
    return [
        str(run.pk),
        run.suite.slug,
        run.endpoint.slug,
        version.slug if version else None,
        run.state,
        found.pass_rate,
        rate.low if rate else None,
        rate.high if rate else None,
        found.n_correct,
        found.n_scored,
        found.n_planned,
        view.usd_per_correct,
        cost.low if cost else None,
        cost.high if cost else None,
        bound,
        found.cost_usd,
        found.cost_is_lower_bound,
        found.budget_usd,
        found.input_tokens,
        found.output_tokens,
        view.rules or None,
        run.code_version or None,
        run.created_at.isoformat(),
        run.finished_at.isoformat() if run.finished_at else None,
        run_address(run),
        "",
    ]


def items(rows: Iterable[ItemCells], address: str) -> Table:
    """One row per item. ``difficulty``: the share of its scored answers that were wrong; unknown before any."""
    return Table(
        ITEM_COLUMNS,
        [
            [item.key, item.category, item.prompt, item.scorer, chance, scored, wrong, difficulty, address, ""]
            for item, chance, scored, wrong, difficulty in rows
        ],
    )
