"""SWE-bench's boards: ``resolved`` in percent. Only the board "bash-only" is read.

The rows of the other boards are systems, an agent with one or several models, whose score is not a model's. On
bash-only every model works with the same minimal agent. The data is for non-commercial use, so the feed is off until
somebody switches it on.
"""

import re
from typing import Any

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
    read_json,
    require_object,
)
from ingest.adapters.tables import day, fraction

BOARD = "bash-only"
SLUG = "swe-bench-verified-bash-only"
BENCHMARKS = {
    SLUG: BenchmarkInfo(
        "SWE-bench Verified", variant="bash only", chance=0, description="500 issues, the same minimal agent for all."
    )
}
ISSUES = 500
_EFFORT = re.compile(r"\((none|minimal|low|medium|high|xhigh) reasoning\)")


def parse(body: bytes) -> Parsed:
    """Every row of the board. Raises ParseError when the board is not there."""
    data = read_json(body)
    boards = data.get("leaderboards") if isinstance(data, dict) else None
    if not isinstance(boards, list):
        raise ParseError("The file should hold 'leaderboards'.")
    board = next((item for item in boards if isinstance(item, dict) and item.get("name") == BOARD), None)
    if board is None or not isinstance(board.get("results"), list):
        raise ParseError(f"The file holds no board named {BOARD!r}.")
    parsed = Parsed(benchmarks=BENCHMARKS)
    keys: set[str] = set()
    for row in board["results"]:
        key = str(row.get("folder")) if isinstance(row, dict) else "a row that is no object"
        try:
            if key in keys:
                raise RecordError("The folder occurs twice.")
            keys.add(key)
            parsed.records.append(_record(key, require_object(row, "A row")))
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error)))
    return parsed


def _record(key: str, row: Any) -> Record:
    models = [tag[6:].strip() for tag in row.get("tags") or () if isinstance(tag, str) and tag.startswith("Model:")]
    name = clean_name(models[0] if models else row.get("name"))
    payload = {field: value for field, value in row.items() if field not in {"logo", "per_instance_details"}}
    if len(models) > 1:
        return Record(clean_name(key, limit=400), " + ".join(models)[:300], payload)
    effort = _EFFORT.search(str(row.get("name")))
    score = ScoreObservation(
        benchmark=SLUG,
        value=fraction(row.get("resolved"), of=100),
        original_value=str(row.get("resolved")),
        original_unit="percent",
        n=ISSUES,
        effort=effort[1] if effort else "",
        harness="mini-SWE-agent",
        measured_by="SWE-bench",
        self_reported=False,
        measured_on=day(row.get("date")),
        confidence="high",
    )
    return Record(clean_name(key, limit=400), name, payload, (score,))


ADAPTER = Adapter(
    slug="swe-bench",
    name="SWE-bench bash-only",
    version="1",
    parse=parse,
    fetch_url="https://raw.githubusercontent.com/SWE-bench/swe-bench.github.io/master/data/leaderboards.json",
    page_url="https://www.swebench.com/bash-only.html",
    publisher="SWE-bench",
    kind="independent",
    licence="CC-BY-NC-4.0",
    attribution="Scores from SWE-bench, swebench.com (CC-BY-NC-4.0, non-commercial).",
    schedule="37 5 * * *",
    enabled=False,
)
