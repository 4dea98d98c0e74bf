"""LMArena's text board: ratings of people's votes, in rating points, with an interval and the number of votes.

Read are a CSV of one day (``model, arena_score, 95_pct_ci, votes``), a JSON copy (``models`` with ``score``, ``ci``,
``votes``), often of the first fifty only, and a history (a row per day, a column per model; 0.0 is "not listed", and
there is neither interval nor number of votes). Ratings move as models come and go, so two days do not compare without
their intervals.
"""

import re
from collections.abc import Mapping
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
)
from ingest.adapters.setting_names import setting_named
from ingest.adapters.tables import day, read_csv

BENCHMARKS = {"lmarena-text": BenchmarkInfo("LMArena", variant="text, overall", unit="elo")}
_INTERVAL = re.compile(r"^\+?(\d+(?:\.\d+)?)\s*/\s*-(\d+(?:\.\d+)?)$")
_FIRST_DAY = re.compile(rb"20\d{6},")
_Z95 = 1.959964


def parse(body: bytes) -> Parsed:
    """Every model of the board. Raises ParseError for another shape."""
    if _FIRST_DAY.match(body.partition(b"\n")[2]):
        return _history(body)
    is_cut = False
    if body.lstrip()[:1] == b"{":
        data = read_json(body)
        rows, seen_on = data.get("models"), str((data.get("meta") or {}).get("fetched_at") or "")
        if not isinstance(rows, list) or not all(isinstance(row, dict) and "score" in row for row in rows):
            raise ParseError("The file should hold 'models', each with its score.")
        is_cut = True  # copies hold the first fifty or so
    else:
        rows, seen_on = read_csv(body, needs=("model", "arena_score", "95_pct_ci", "votes"), what="The file"), ""
    parsed = Parsed(benchmarks=BENCHMARKS, covers=() if is_cut else ("text/",))
    keys: set[str] = set()
    for row in rows:
        name = str(row.get("model") or "")
        try:
            if name in keys:
                raise RecordError("The model occurs twice.")
            keys.add(name)
            score = _score(row, seen_on)
            parsed.records.append(Record(f"text/{clean_name(name)}", name, dict(row), (score,)))
        except RecordError as error:
            parsed.rejected.append(Rejected(f"text/{name}"[:400], str(error), raw_name=name))
    return parsed


def _history(body: bytes) -> Parsed:
    rows = read_csv(body, needs=("",), what="The history")
    parsed = Parsed(benchmarks=BENCHMARKS, covers=("history/",))
    for name in rows[0] if rows else ():
        if not name:
            continue
        try:
            ratings = {row[""]: row[name] for row in rows if row[name].strip() not in {"", "0", "0.0"}}
            scores = tuple(_past_score(name, on, text) for on, text in ratings.items())
            parsed.records.append(Record(f"history/{clean_name(name)}", name, ratings, scores))
        except RecordError as error:
            parsed.rejected.append(Rejected(f"history/{name}"[:400], str(error), raw_name=name))
    return parsed


def _past_score(name: str, on: str, text: str) -> ScoreObservation:
    rating = _number(text)
    if not 100 < rating < 3000:
        raise RecordError(f"The rating {text} of {on} is outside 100 to 3000.")
    return ScoreObservation(
        benchmark="lmarena-text",
        value=round(rating, 3),
        original_value=text[:60],
        original_unit="rating points",
        measured_by="LMArena",
        self_reported=False,
        measured_on=day(f"{on[:4]}-{on[4:6]}-{on[6:]}"),
        effort=_effort(name),
        note="from a history without intervals",
    )


def _score(row: Mapping[str, Any], seen_on: str) -> ScoreObservation:
    text = str(row.get("arena_score") or row.get("score") or "")
    rating = _number(text)
    if not 100 < rating < 3000:
        raise RecordError(f"The rating {text} is outside 100 to 3000.")
    votes = _number(row.get("votes"))
    return ScoreObservation(
        benchmark="lmarena-text",
        value=rating,
        original_value=text,
        original_unit="rating points",
        standard_error=round(_half_width(row) / _Z95, 3),
        n=int(votes),
        measured_by="LMArena",
        self_reported=False,
        measured_on=day(seen_on),
        confidence="high",
        effort=_effort(str(row.get("model") or "")),
    )


def _effort(name: str) -> str:
    setting = setting_named(name)
    return "" if setting == "base" else setting  # weights before tuning, which the name's alias tells


def _half_width(row: Mapping[str, Any]) -> float:
    """Half of the 95 % interval; the mean of both halves where they differ."""
    if "ci" in row:
        return _number(row["ci"])
    match = _INTERVAL.match(str(row.get("95_pct_ci")).strip())
    if match is None:
        raise RecordError(f"{row.get('95_pct_ci')!r} is not an interval such as +5/-5.")
    return (float(match[1]) + float(match[2])) / 2


def _number(value: object) -> float:
    try:
        number = float(str(value).replace(",", ""))
    except ValueError:
        raise RecordError(f"{value!r} is not a number.") from None
    if not 0 <= number < 1e12:
        raise RecordError(f"{value!r} is out of range.")
    return number


ADAPTER = Adapter(
    slug="lmarena",
    name="LMArena text leaderboard",
    version="3",
    parse=parse,
    fetch_url="",
    page_url="https://lmarena.ai/leaderboard/text",
    publisher="LMArena",
    kind="independent",
    licence="none stated",
    attribution="Ratings from LMArena (Chatbot Arena, arXiv 2403.04132).",
)
