"""Epoch AI's Benchmarking Hub: a zip of CSV files, one per benchmark; scores are fractions of 1.

Taken are Epoch's own runs, the Epoch Capabilities Index, and the boards that Epoch has collected: the ``*_external``
files, which are second-hand and of low confidence, each with its own column and scale. ``Model version`` mixes API
ids, Hugging Face names and ids with a seller in front, followed by the run's setting after an underscore.
``mean_score`` is the run's score; the best over several scorers is another number and not read.
"""

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Literal

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
    "frontiermath_tier_4": "frontiermath-tier-4",
    "chess_puzzles": "chess-puzzles",
}


@dataclass(frozen=True, slots=True)
class Board:
    """A file of collected scores: its benchmark, the column taken, and what a full score is in that column."""

    benchmark: str
    name: str
    column: str
    full: float = 1
    error: str = ""
    chance: float | None = None
    unit: Literal["fraction", "elo"] = "fraction"
    variant: str = ""


# Left out: METR's time horizons, which are minutes, and GeoBench's points, which have no stated maximum.
BOARDS = {
    "adversarial_nli_external": Board("adversarial-nli", "Adversarial NLI", "Score", chance=1 / 3),
    "aider_polyglot_external": Board("aider-polyglot", "Aider polyglot", "Percent correct", 100, chance=0),
    "apex_agents_external": Board("apex-agents", "APEX-Agents", "Pass@1 score", chance=0),
    "arc_agi_2_external": Board("arc-agi-2", "ARC-AGI-2", "Score", chance=0),
    "arc_agi_external": Board("arc-agi", "ARC-AGI", "Score", chance=0),
    "arc_ai2_external": Board("arc-challenge", "ARC", "Challenge score", chance=0.25, variant="challenge"),
    "balrog_external": Board("balrog", "BALROG", "Average progress", error="Average Standard error"),
    "bbh_external": Board("big-bench-hard", "BIG-Bench Hard", "Average"),
    "bool_q_external": Board("boolq", "BoolQ", "Score", chance=0.5),
    "cad_eval_external": Board("cad-eval", "CadEval", "Overall pass (%)", chance=0),
    "common_sense_qa_2_external": Board("commonsenseqa-2", "CommonsenseQA 2", "Score", chance=0.5),
    "cybench_external": Board("cybench", "Cybench", "Unguided % Solved", chance=0, variant="unguided"),
    "deepresearchbench_external": Board("deep-research-bench", "Deep Research Bench", "Average score"),
    "fictionlivebench_external": Board(
        "fiction-livebench-120k", "Fiction.liveBench", "120k token score", variant="120k"
    ),
    "gdpval_external": Board("gdpval-win-rate", "GDPval", "Win Rate (%)", variant="win rate"),
    "gsm8k_external": Board("gsm8k", "GSM8K", "EM", chance=0),
    "gso_external": Board("gso-opt-1", "GSO", "Score OPT@1", chance=0, variant="OPT@1"),
    "hella_swag_external": Board("hellaswag", "HellaSwag", "Overall accuracy", chance=0.25),
    "hle_external": Board("humanitys-last-exam", "Humanity's Last Exam", "Accuracy", error="Accuracy Standard Error"),
    "lambada_external": Board("lambada", "LAMBADA", "Score", chance=0),
    "lech_mazur_writing_external": Board("lech-mazur-writing", "Lech Mazur writing", "Mean score", 10),
    "live_bench_external": Board("livebench", "LiveBench", "Global average", 100, chance=0),
    "mmlu_external": Board("mmlu", "MMLU", "EM", chance=0.25),
    "open_book_qa_external": Board("openbookqa", "OpenBookQA", "Accuracy", chance=0.25),
    "os_world_external": Board("osworld", "OSWorld", "Score", 100, chance=0),
    "piqa_external": Board("piqa", "PIQA", "Score", chance=0.5),
    "posttrainbench_external": Board("posttrainbench", "PostTrainBench", "Average (%)", error="Average SD (%)"),
    "science_qa_external": Board("scienceqa", "ScienceQA", "Score"),
    "simplebench_external": Board("simplebench", "SimpleBench", "Score (AVG@5)"),
    "superglue_external": Board("superglue", "SuperGLUE", "Score"),
    "swe_bench_bash": Board("swe-bench-bash-only", "SWE-bench Verified", "% Resolved", chance=0, variant="bash only"),
    "terminalbench_external": Board("terminal-bench", "Terminal-Bench", "Accuracy mean", error="Accuracy SE", chance=0),
    "the_agent_company_external": Board("the-agent-company", "The Agent Company", "% Score", chance=0),
    "trivia_qa_external": Board("triviaqa", "TriviaQA", "EM", chance=0),
    "video_mme_external": Board("video-mme", "Video-MME", "Overall (no subtitles)", variant="no subtitles"),
    "vpct_external": Board("vpct", "VPCT", "Correct", chance=1 / 3),
    "webdev_arena_external": Board("webdev-arena", "WebDev Arena", "Arena Score", unit="elo"),
    "weirdml_external": Board("weirdml", "WeirdML", "Accuracy", error="Accuracy SE"),
    "wino_grande_external": Board("winogrande", "WinoGrande", "Accuracy", chance=0.5),
}
OTHERS = {
    "metr_time_horizons_external": "time horizons are minutes, which are no score",
    "geobench_external": "its points have no stated maximum",
    "benchmarks_runs": "it gives the best over several scorers; the file of each benchmark gives the run's score",
    "model_versions": "it names versions and holds no scores",
    "eci_benchmarks": "its scores are rescaled inputs of a fit, not results",
    "edi_scores": "it rates benchmarks, not models",
    "eci_benchmark_difficulties_and_slopes": "it rates benchmarks, not models",
    "eci_scaling": "it holds the scale of an index, no results",
}
BENCHMARKS = {
    "gpqa-diamond": BenchmarkInfo("GPQA Diamond", chance=0.25),
    "math-level-5": BenchmarkInfo("MATH", variant="level 5", chance=0),
    "otis-mock-aime-2024-2025": BenchmarkInfo("OTIS mock AIME", variant="2024-2025", chance=0),
    "frontiermath": BenchmarkInfo("FrontierMath", chance=0),
    "swe-bench-verified": BenchmarkInfo("SWE-bench Verified", variant="agentic", chance=0),
    "simpleqa-verified": BenchmarkInfo("SimpleQA Verified", chance=0),
    "frontiermath-tier-4": BenchmarkInfo("FrontierMath", variant="tier 4", chance=0),
    "chess-puzzles": BenchmarkInfo("Chess puzzles", chance=0),
    "epoch-capabilities-index": BenchmarkInfo("Epoch Capabilities Index", unit="index"),
} | {board.benchmark: BenchmarkInfo(board.name, board.variant, board.unit, board.chance) for board in BOARDS.values()}
_SETTING = re.compile(r"^(.+)_(none|minimal|low|medium|high|xhigh|max|thinking|unknown|\d+[kK])$")


def parse(body: bytes) -> Parsed:
    """All taken files of the archive. Raises ParseError when it holds none of them."""
    files = {name.split(".")[0]: content for name, content in read_archive(body).items() if name.endswith(".csv")}
    parsed = Parsed()
    covers: list[str] = []
    for stem, benchmark in OWN_RUNS.items():
        if stem in files:
            covers.append(benchmark)
            rows = read_csv(files[stem], needs=("Model version", "mean_score", "id"), what=f"{stem}.csv")
            _take(parsed, rows, partial(_own_run, benchmark=benchmark), stem)
    for stem, board in BOARDS.items():
        if stem in files:
            covers.append(board.benchmark)
            rows = read_csv(files[stem], needs=("Model version", board.column), what=f"{stem}.csv")
            _take(parsed, rows, partial(_collected, board=board), stem)
    for stem in ("epoch_capabilities_index", "eci_scores"):
        if stem in files:
            covers.append("eci")
            rows = read_csv(files[stem], needs=("Model version", "ECI Score"), what=f"{stem}.csv")
            _take(parsed, rows, _index, stem)
    left_out = [f"{stem}.csv was not read: {why}." for stem, why in OTHERS.items() if stem in files]
    if not covers:
        raise ParseError(
            " ".join(left_out)
            or f"The archive holds none of the expected files, such as gpqa_diamond.csv, but {sorted(files)[:5]}."
        )
    parsed.remarks += left_out
    parsed.covers = tuple(f"{prefix}/" for prefix in covers)
    used = {
        item.benchmark
        for record in parsed.records
        for item in record.observations
        if isinstance(item, ScoreObservation)
    }
    parsed.benchmarks = {slug: info for slug, info in BENCHMARKS.items() if slug in used}
    return parsed


def _take(parsed: Parsed, rows: list[dict[str, str]], read: Callable[[dict[str, str]], Record], what: str) -> None:
    known = {record.external_key for record in parsed.records}
    nameless = [row for row in rows if not row["Model version"].strip() and not row.get("Name", "").strip()]
    if nameless:
        parsed.remarks.append(f"{len(nameless)} rows of {what}.csv name no model and were left out.")
    for row in rows:
        name = row["Model version"].strip()
        if not name and not row.get("Name", "").strip():
            continue
        try:
            record = read(row)
            if record.external_key in known:
                raise RecordError("The key occurs twice.")
            known.add(record.external_key)
            parsed.records.append(record)
        except (RecordError, ValueError) as error:
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


def _collected(row: dict[str, str], board: Board) -> Record:
    # Older models have a name and no id.
    name, effort = split_setting(clean_name(row["Model version"].strip() or row.get("Name", "").strip()))
    identity = row.get("id") or hashlib.sha256("\n".join(row.values()).encode()).hexdigest()[:16]
    key = f"{board.benchmark}/{identity}"
    text = row[board.column].strip()
    if not text:
        return _record(row, key, None, name)  # listed, and not scored
    shots = row.get("Shots", "").removesuffix(".0")
    error = row.get(board.error, "").strip() if board.error else ""
    version = row.get("LiveBench Version", "")
    score = ScoreObservation(
        benchmark=board.benchmark,
        value=_rating(text) if board.unit == "elo" else fraction(text, of=board.full),
        original_value=text,
        original_unit="rating points" if board.unit == "elo" else _scale(board.full),
        # A spread as large as the scale is in another unit than its column.
        standard_error=fraction(error, of=board.full) if error and float(error) < 0.5 * board.full else None,
        effort=effort,
        shots=f"{shots}-shot" if shots else "",
        harness=(row.get("Agent") or row.get("Scaffold") or "")[:120],
        configuration=", ".join(part for part in (row.get("Source", ""), version) if part)[:300],
        confidence="low",
        note=f"second-hand, from {row.get('Source link', '')}".strip(" ,")[:500],
    )
    return _record(row, key, score, name)


def _scale(full: float) -> str:
    return "fraction" if full == 1 else "percent" if full == 100 else f"points of {full:g}"


def _rating(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise RecordError(f"{text!r} is not a rating.") from None
    if not 100 < value < 3000:
        raise RecordError(f"The rating {text} is outside 100 to 3000.")
    return value


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
    version="2",
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
