"""Epoch AI's Benchmarking Hub: a zip of CSV files, one per benchmark; scores are fractions of 1.

Taken are Epoch's own runs, MMLU as collected by Epoch, and the Epoch Capabilities Index. The other ``*_external``
files quote boards that have adapters of their own. ``Model version`` mixes API ids, Hugging Face names and ids with a
seller in front, followed by the run's setting after an underscore. ``mean_score`` is the run's score; the best over
several scorers is another number and not read.
"""

import re
from collections.abc import Callable
from functools import partial

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
)
from ingest.adapters.tables import day, fraction, read_archive, read_csv

OWN_RUNS = {
    "gpqa_diamond": "gpqa-diamond",
    "math_level_5": "math-level-5",
    "otis_mock_aime_2024_2025": "otis-mock-aime-2024-2025",
    "frontiermath": "frontiermath",
    "swe_bench_verified": "swe-bench-verified",
    "simpleqa_verified": "simpleqa-verified",
}
BENCHMARKS = {
    "gpqa-diamond": BenchmarkInfo("GPQA Diamond", chance=0.25),
    "math-level-5": BenchmarkInfo("MATH", variant="level 5", chance=0),
    "otis-mock-aime-2024-2025": BenchmarkInfo("OTIS mock AIME", variant="2024-2025", chance=0),
    "frontiermath": BenchmarkInfo("FrontierMath", chance=0),
    "swe-bench-verified": BenchmarkInfo("SWE-bench Verified", variant="agentic", chance=0),
    "simpleqa-verified": BenchmarkInfo("SimpleQA Verified", chance=0),
    "mmlu": BenchmarkInfo("MMLU", chance=0.25),
    "epoch-capabilities-index": BenchmarkInfo("Epoch Capabilities Index", unit="index"),
}
_SETTING = re.compile(r"^(.+)_(none|minimal|low|medium|high|xhigh|max|thinking|unknown|\d+[kK])$")


def parse(body: bytes) -> Parsed:
    """All taken files of the archive. Raises ParseError when it holds none of them."""
    files = {name.split(".")[0]: content for name, content in read_archive(body).items() if name.endswith(".csv")}
    parsed = Parsed(benchmarks=BENCHMARKS)
    taken = 0
    for stem, benchmark in OWN_RUNS.items():
        if stem in files:
            taken += 1
            rows = read_csv(files[stem], needs=("Model version", "mean_score", "id"), what=f"{stem}.csv")
            _take(parsed, rows, partial(_own_run, benchmark=benchmark))
    if "mmlu_external" in files:
        taken += 1
        _take(parsed, read_csv(files["mmlu_external"], needs=("Model version", "EM", "id"), what="mmlu"), _mmlu)
    for stem in ("epoch_capabilities_index", "eci_scores"):
        if stem in files:
            taken += 1
            rows = read_csv(files[stem], needs=("Model version", "ECI Score"), what=f"{stem}.csv")
            _take(parsed, rows, _index)
    if not taken:
        raise ParseError(
            f"The archive holds none of the expected files, such as gpqa_diamond.csv, but {sorted(files)[:5]}."
        )
    return parsed


def _take(parsed: Parsed, rows: list[dict[str, str]], read: Callable[[dict[str, str]], Record]) -> None:
    known = {record.external_key for record in parsed.records}
    for row in rows:
        name = row["Model version"].strip()
        try:
            record = read(row)
            if record.external_key in known:
                raise RecordError("The key occurs twice.")
            known.add(record.external_key)
            parsed.records.append(record)
        except RecordError as error:
            key = f"{row.get('id') or name or 'a row without a name'}"
            parsed.rejected.append(Rejected(key[:400], str(error), raw_name=name))


def _record(row: dict[str, str], key: str, score: ScoreObservation | None, name: str) -> Record:
    payload = {column: value for column, value in row.items() if value and len(value) <= 500}
    return Record(
        external_key=clean_name(key, limit=400), raw_name=name, payload=payload, observations=(score,) if score else ()
    )


def split_setting(version: str) -> tuple[str, str]:
    """The model and the run's setting: ``gpt-5-2025-08-07_high`` is ("gpt-5-2025-08-07", "high")."""
    match = _SETTING.match(version)
    if match is None:
        return version, ""
    return match[1], "" if match[2] == "unknown" else match[2]


def _own_run(row: dict[str, str], benchmark: str) -> Record:
    name, effort = split_setting(clean_name(row["Model version"].strip()))
    error = row.get("stderr")
    score = ScoreObservation(
        benchmark=benchmark,
        value=fraction(row["mean_score"]),
        original_value=row["mean_score"],
        original_unit="fraction",
        standard_error=fraction(error) if error else None,
        effort=effort,
        measured_by="Epoch AI",
        self_reported=False,
        measured_on=day(row.get("Started at")),
        confidence="high",
    )
    return _record(row, f"{benchmark}/{row['id']}", score, name)


def _mmlu(row: dict[str, str]) -> Record:
    # Older models have a name and no id.
    name, effort = split_setting(clean_name(row["Model version"].strip() or row.get("Name", "").strip()))
    shots = row.get("Shots", "").removesuffix(".0")
    score = ScoreObservation(
        benchmark="mmlu",
        value=fraction(row["EM"]),
        original_value=row["EM"],
        original_unit="fraction",
        effort=effort,
        shots=f"{shots}-shot" if shots else "",
        configuration=row.get("Source", "")[:300],
        confidence="low",
        note=f"second-hand, from {row.get('Source link', '')}".strip(" ,")[:500],
    )
    return _record(row, f"mmlu/{row['id']}", score, name)


def _index(row: dict[str, str]) -> Record:
    version = clean_name(row["Model version"].strip())
    name, effort = split_setting(version)
    if not row["ECI Score"].strip():
        return _record(row, f"eci/{version}", None, name)  # listed, and not scored
    try:
        value = float(row["ECI Score"])
    except ValueError:
        raise RecordError(f"{row['ECI Score']!r} is not a number.") from None
    if not 0 < value < 1000:
        raise RecordError(f"The index {row['ECI Score']} is outside 0 to 1000.")
    score = ScoreObservation(
        benchmark="epoch-capabilities-index",
        value=value,
        original_value=row["ECI Score"],
        original_unit="index points",
        effort=effort,
        measured_by="Epoch AI",
        self_reported=False,
        confidence="low" if row.get("Confidence") == "Unverified" else "medium",
    )
    return _record(row, f"eci/{version}", score, name)


ADAPTER = Adapter(
    slug="epoch-benchmarks",
    name="Epoch AI Benchmarking Hub",
    version="1",
    parse=parse,
    fetch_url="https://epoch.ai/data/benchmark_data.zip",
    page_url="https://epoch.ai/benchmarks",
    publisher="Epoch AI",
    kind="independent",
    licence="CC-BY-4.0",
    attribution="Scores from the Epoch AI Benchmarking Hub, epoch.ai/benchmarks (CC-BY-4.0).",
    schedule="11 5 * * *",
    is_archive=True,
)
