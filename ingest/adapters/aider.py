"""Aider's polyglot board: a YAML list of runs; ``pass_rate_2`` is the percentage solved in two attempts.

A run's setting stands in brackets behind the name and in two fields. A name with " + " is two models at work, which
is nobody's score. Total cost 0 means unknown and is not read. The board has not moved since October 2025.
"""

import re
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
    "aider-polyglot": BenchmarkInfo("Aider polyglot", chance=0, description="225 exercises in six languages.")
}
EXERCISES = 225
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
    parsed = Parsed(benchmarks=BENCHMARKS)
    keys: set[str] = set()
    for run in data:
        key = str(run["dirname"])
        try:
            if key in keys:
                raise RecordError("The dirname occurs twice.")
            keys.add(key)
            parsed.records.append(_record(key, require_object(run, "A run")))
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error), raw_name=str(run.get("model"))))
    return parsed


def _record(key: str, run: Any) -> Record:
    name = clean_name(run.get("model"))
    payload = {field: value if isinstance(value, int | float | str) else str(value) for field, value in run.items()}
    if " + " in name:
        return Record(external_key=clean_name(key, limit=400), raw_name=name, payload=payload)
    setting = ""
    if match := _BRACKETS.match(name):
        name, setting = match[1], match[2]
    effort = str(run.get("reasoning_effort") or run.get("thinking_tokens") or setting)
    if run.get("total_tests", EXERCISES) != EXERCISES:
        raise RecordError(f"The run has {run.get('total_tests')} exercises; the polyglot board has {EXERCISES}.")
    score = ScoreObservation(
        benchmark="aider-polyglot",
        value=fraction(run.get("pass_rate_2"), of=100),
        original_value=str(run.get("pass_rate_2")),
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
    version="1",
    parse=parse,
    fetch_url="https://raw.githubusercontent.com/Aider-AI/aider/main/aider/website/_data/polyglot_leaderboard.yml",
    page_url="https://aider.chat/docs/leaderboards/",
    publisher="Aider",
    kind="independent",
    licence="Apache-2.0",
    attribution="Scores from the Aider polyglot leaderboard (Apache-2.0).",
    schedule="31 5 * * 1",
)
