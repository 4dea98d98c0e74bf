"""Aider's boards: a YAML list of runs; ``pass_rate_2`` is the percentage solved in two attempts.

The polyglot board has 225 exercises, the older edit board 133 of Python, the refactoring board 89 with one attempt.
The number of exercises tells them apart. Only the polyglot board is fetched; the others stopped before it began.

A run's setting stands in brackets behind the name and in two fields. A name with " + " is two models at work, which
is nobody's score. Total cost 0 means unknown and is not read. The board has not moved since October 2025.
"""

import re
from collections import Counter
from typing import Any

import yaml

from ingest.adapters.base import (
    Adapter,
    BenchmarkInfo,
    Parsed,
    ParseError,
    Record,
    RecordError,
    Rejected,
    ScoreObservation,
    clean_name,
    require_object,
)
from ingest.adapters.tables import day, fraction

BENCHMARKS = {
    "aider-polyglot": BenchmarkInfo("Aider polyglot", chance=0, description="225 exercises in six languages."),
    "aider-edit": BenchmarkInfo("Aider code editing", chance=0, description="133 Python exercises."),
    "aider-refactor": BenchmarkInfo("Aider refactoring", chance=0, description="89 methods of large classes."),
}
# A run that lost an exercise or two to an error still belongs to its board.
EXERCISES = {
    225: "aider-polyglot",
    224: "aider-polyglot",
    223: "aider-polyglot",
    133: "aider-edit",
    89: "aider-refactor",
}
WHOLE_BOARD = 20
_BRACKETS = re.compile(r"^(.*?)\s*\(([^()]*(?:think|high|medium|low|default)[^()]*)\)$")


class _Loader(yaml.SafeLoader):
    """No aliases: a few lines of them can unfold to gigabytes."""

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            raise yaml.YAMLError("aliases are not read")
        return super().compose_node(parent, index)


def parse(body: bytes) -> Parsed:
    """Every run. Raises ParseError when this is not the list of runs."""
    try:
        data = yaml.load(body.decode("utf-8"), _Loader)  # noqa: S506 - a subclass of the safe loader
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise ParseError(f"The file is not valid YAML: {str(error).splitlines()[0]}.") from None
    if not isinstance(data, list) or not all(isinstance(run, dict) and "dirname" in run for run in data):
        raise ParseError("The file should be a list of runs, each with its dirname.")
    boards = Counter(_board(run) for run in data)
    board = boards.most_common(1)[0][0] if boards else ""
    if not board:
        raise ParseError("The runs have neither 225 (polyglot), 133 (edit) nor 89 (refactoring) exercises.")
    # Two runs of a board can be in a file of another kind (one model at several sellers), which covers no board.
    is_whole = len(data) >= WHOLE_BOARD
    parsed = Parsed(benchmarks={board: BENCHMARKS[board]}, covers=(f"{board}/",) if is_whole else ())
    keys: set[str] = set()
    for run in data:
        key = str(run["dirname"])
        try:
            if key in keys:
                raise RecordError("The dirname occurs twice.")
            keys.add(key)
            parsed.records.append(_record(f"{board}/{key}", require_object(run, "A run"), board))
        except RecordError as error:
            parsed.rejected.append(Rejected(f"{board}/{key}"[:400], str(error), raw_name=str(run.get("model"))))
    return parsed


def _board(run: Any) -> str:
    total = run.get("total_tests") or run.get("test_cases")
    return EXERCISES.get(total, "") if isinstance(total, int) else ""


def _record(key: str, run: Any, board: str) -> Record:
    name = clean_name(run.get("model"))
    payload = {field: value if isinstance(value, int | float | str) else str(value) for field, value in run.items()}
    if " + " in name:
        return Record(external_key=clean_name(key, limit=400), raw_name=name, payload=payload)
    setting = ""
    if match := _BRACKETS.match(name):
        name, setting = match[1], match[2]
    effort = str(run.get("reasoning_effort") or run.get("thinking_tokens") or setting)
    if _board(run) != board:
        counted = run.get("total_tests") or run.get("test_cases")
        raise RecordError(f"The run has {counted} exercises, which is not the {board} board.")
    solved = run.get("pass_rate_2" if board != "aider-refactor" else "pass_rate_1")
    score = ScoreObservation(
        benchmark=board,
        value=fraction(solved, of=100),
        original_value=str(solved),
        original_unit="percent",
        n=run.get("test_cases") if isinstance(run.get("test_cases"), int) else None,
        effort=effort[:60],
        harness=f"aider {run.get('versions') or ''}".strip()[:120],
        configuration=f"edit format {run.get('edit_format')}"[:300],
        measured_by="Aider",
        self_reported=False,
        measured_on=day(run.get("date")),
        confidence="high",
    )
    return Record(external_key=clean_name(key, limit=400), raw_name=name, payload=payload, observations=(score,))


ADAPTER = Adapter(
    slug="aider",
    name="Aider polyglot leaderboard",
    version="2",
    parse=parse,
    fetch_url="https://raw.githubusercontent.com/Aider-AI/aider/main/aider/website/_data/polyglot_leaderboard.yml",
    page_url="https://aider.chat/docs/leaderboards/",
    publisher="Aider",
    kind="independent",
    licence="Apache-2.0",
    attribution="Scores from the Aider polyglot leaderboard (Apache-2.0).",
    schedule="31 5 * * 1",
)
