"""Boards of scores: small files in the shape of each, and what is read from them."""

from collections.abc import Callable
from datetime import date
from typing import Any

import orjson
import pytest

from ingest.adapters import aider, epoch_benchmarks, livebench, llm_stats, lmarena, swe_bench
from ingest.adapters.base import FactObservation, Parsed, ParseError, Record, ScoreObservation
from ingest.adapters.tables import pack


def score_of(record: Record) -> ScoreObservation:
    (score,) = record.observations
    assert isinstance(score, ScoreObservation)
    return score


def epoch(**files: str) -> Parsed:
    return epoch_benchmarks.parse(pack({f"{name}.csv": text.encode() for name, text in files.items()}))


def test_epoch_run_keeps_its_setting_error_and_day() -> None:
    head = "Model version,mean_score,Best score (across scorers),stderr,Started at,id\n"
    parsed = epoch(gpqa_diamond=head + "gpt-5-2025-08-07_high,0.83,0.85,0.02,2025-12-17T22:39:00.278Z,run1\n")
    (record,) = parsed.records
    assert (record.external_key, record.raw_name) == ("gpqa-diamond/run1", "gpt-5-2025-08-07")
    score = score_of(record)
    assert (score.value, score.standard_error, score.effort, score.measured_on) == (
        0.83,
        0.02,
        "high",
        date(2025, 12, 17),
    )
    assert (score.measured_by, score.self_reported) == ("Epoch AI", False)


@pytest.mark.parametrize(
    ("version", "expected"),
    [
        ("claude-opus-4-5-20251101_16K", ("claude-opus-4-5-20251101", "16K")),
        ("o3_unknown", ("o3", "")),
        ("gemma-2-9b_it", ("gemma-2-9b_it", "")),
        ("Llama-2-70b-hf", ("Llama-2-70b-hf", "")),
    ],
)
def test_epoch_setting_is_cut_only_where_it_is_one(version: str, expected: tuple[str, str]) -> None:
    assert epoch_benchmarks.split_setting(version) == expected


def test_epoch_collection_is_second_hand_and_may_lack_an_id() -> None:
    head = "Model version,EM,Name,Shots,Source,Source link,id\n"
    parsed = epoch(mmlu_external=head + ",0.652,AquilaChat2 34B,5.0,Some report,https://example.org,rec1\n")
    (record,) = parsed.records
    score = score_of(record)
    assert (record.raw_name, score.shots, score.confidence) == ("AquilaChat2 34B", "5-shot", "low")
    assert score.note == "second-hand, from https://example.org"


def test_epoch_index_without_a_value_is_a_record_without_a_score() -> None:
    parsed = epoch(epoch_capabilities_index="Model version,ECI Score,Confidence\na,161,Unverified\nb,,\nc,-3,\n")
    assert [len(record.observations) for record in parsed.records] == [1, 0]
    assert (score_of(parsed.records[0]).value, score_of(parsed.records[0]).confidence) == (161, "low")
    assert [item.reason for item in parsed.rejected] == ["The index -3 is outside 0 to 1000."]


@pytest.mark.parametrize("value", ["83", "-0.1", "nan", "text", ""])
def test_epoch_score_that_is_no_fraction_is_refused(value: str) -> None:
    parsed = epoch(gpqa_diamond=f"Model version,mean_score,id\ngpt,{value},run1\n")
    assert (parsed.records, len(parsed.rejected)) == ([], 1)


RUN: dict[str, Any] = {
    "dirname": "2024-12-30--gpt-4o",
    "model": "gpt-4o-2024-11-20",
    "pass_rate_2": 18.2,
    "test_cases": 225,
    "total_tests": 225,
    "edit_format": "diff",
    "date": "2024-12-30",
    "versions": "0.70.1.dev",
    "total_cost": 0.0,
}


def aider_run(**fields: Any) -> Parsed:
    return aider.parse(orjson.dumps([RUN | fields]))  # JSON is YAML


def test_aider_run_is_a_fraction_with_its_settings() -> None:
    (record,) = aider_run().records
    score = score_of(record)
    assert (score.value, score.n, score.harness, score.measured_on) == (
        0.182,
        225,
        "aider 0.70.1.dev",
        date(2024, 12, 30),
    )


@pytest.mark.parametrize(
    ("model", "name", "effort"),
    [
        ("o1-2024-12-17 (high)", "o1-2024-12-17", "high"),
        ("claude-3-7-sonnet-20250219 (32k thinking tokens)", "claude-3-7-sonnet-20250219", "32k thinking tokens"),
        ("DeepSeek V3 (0324)", "DeepSeek V3 (0324)", ""),
        ("DeepSeek Chat V3 (prev)", "DeepSeek Chat V3 (prev)", ""),
    ],
)
def test_aider_brackets_are_a_setting_only_when_they_say_so(model: str, name: str, effort: str) -> None:
    (record,) = aider_run(model=model).records
    assert (record.raw_name, score_of(record).effort) == (name, effort)


def test_aider_pair_of_models_is_nobodys_score() -> None:
    (record,) = aider_run(model="DeepSeek R1 + claude-3-5-sonnet-20241022").records
    assert record.observations == ()


def test_aider_file_with_yaml_aliases_is_refused() -> None:
    with pytest.raises(ParseError, match="aliases are not read"):
        aider.parse(b"a: &a [1, 1]\nb: [*a, *a]\n")


def test_livebench_average_is_that_of_the_categories() -> None:
    files = {
        "table_2026_01_08.csv": b"model,t1,t2,t3\nm,10,30,80\nn,10,,80\n",
        "categories_2026_01_08.json": orjson.dumps({"Reasoning": ["t1", "t2"], "Coding": ["t3"]}),
        "table_2024_06_24.csv": b"model,t1\nm,1\n",
    }
    parsed = livebench.parse(pack(files))
    full, incomplete = parsed.records
    score = score_of(full)
    assert (score.benchmark, score.value, score.original_value) == ("livebench-2026-01-08", 0.5, "50.00")
    assert incomplete.observations == ()
    assert parsed.remarks == ["The release of 2024-06-24 has no categories_2024_06_24.json; it was not read."]


def test_lmarena_interval_becomes_a_standard_error() -> None:
    csv = b"rank,model,arena_score,95_pct_ci,votes\n1,Gemini-2.5-Pro,1470,+6/-4,26019\n"
    score = score_of(lmarena.parse(csv).records[0])
    assert (score.value, score.standard_error, score.n) == (1470, 2.551, 26019)
    body = {
        "meta": {"fetched_at": "2026-04-19T04:38:02"},
        "models": [{"model": "m", "score": 1470, "ci": 5, "votes": 26019}],
    }
    same = score_of(lmarena.parse(orjson.dumps(body)).records[0])
    assert (same.value, same.standard_error, same.n, same.measured_on) == (1470, 2.551, 26019, date(2026, 4, 19))


def swe_row(**fields: Any) -> Parsed:
    row = {"name": "GPT-5 (medium reasoning)", "folder": "f", "resolved": 65.0, "date": "2025-08-07"}
    row |= {"tags": ["Model: gpt-5-2025-08-07", "Org: OpenAI"]} | fields
    boards = [{"name": "Verified", "results": [{"folder": "other"}]}, {"name": "bash-only", "results": [row]}]
    return swe_bench.parse(orjson.dumps({"leaderboards": boards}))


def test_swe_bench_reads_the_board_that_compares_models() -> None:
    (record,) = swe_row().records
    score = score_of(record)
    assert (record.raw_name, score.value, score.effort, score.n) == ("gpt-5-2025-08-07", 0.65, "medium", 500)


def test_swe_bench_row_of_several_models_is_nobodys_score() -> None:
    (record,) = swe_row(tags=["Model: a", "Model: b"]).records
    assert (record.raw_name, record.observations) == ("a + b", ())


@pytest.mark.parametrize(
    ("parse", "body"),
    [
        (epoch_benchmarks.parse, b"<html>"),
        (epoch_benchmarks.parse, pack({"readme.txt": b"x"})),
        (epoch_benchmarks.parse, pack({"gpqa_diamond.csv": b"a,b\n1,2\n"})),
        (epoch_benchmarks.parse, pack({"gpqa_diamond.csv": b"a,b\n1,2\n"})[:-30]),
        (epoch_benchmarks.parse, pack({"gpqa_diamond.csv": b"\xff\xfe"})),
        (aider.parse, b"{}"),
        (aider.parse, b"[" * 5000),
        (aider.parse, b""),
        (livebench.parse, b""),
        (livebench.parse, pack({"table_2026_01_08.csv": b"model\n"})),
        (lmarena.parse, b"a,b\n1,2\n"),
        (lmarena.parse, b'{"models": [1]}'),
        (lmarena.parse, b"<html>"),
        (swe_bench.parse, b"[]"),
        (swe_bench.parse, b'{"leaderboards": [{"name": "Lite"}]}'),
    ],
)
def test_file_of_another_kind_is_refused(parse: Callable[[bytes], Parsed], body: bytes) -> None:
    with pytest.raises(ParseError):
        parse(body)


def test_archive_that_unpacks_to_too_much_is_refused() -> None:
    bomb = pack({f"{number}.csv": bytes(9 << 20) for number in range(8)})
    with pytest.raises(ParseError, match="unpacks to more than 64 MB"):
        epoch_benchmarks.parse(bomb)


def test_archive_of_the_same_files_has_the_same_bytes() -> None:
    assert pack({"b": b"2", "a": b"1"}) == pack({"a": b"1", "b": b"2"})


def test_epoch_boards_have_their_own_columns_and_scales() -> None:
    parsed = epoch(
        aider_polyglot_external="Model version,Percent correct,id\ngpt-5_high,88.0,a\n,50,b\n",
        lech_mazur_writing_external="Model version,Mean score,ID\ngpt-5,8.5,x\n",
        hle_external="Model version,Accuracy,Accuracy Standard Error,id\ngpt-5,0.25,0.0196,c\n",
        apex_agents_external="Model version,Pass@1 score,id\ngpt-5,,d\n",
        webdev_arena_external="Model version,Arena Score,id\ngpt-5,1499.3,e\n",
        metr_time_horizons_external="Model version,Time horizon,id\ngpt-5,288.9,f\n",
    )
    values = {
        score.benchmark: (score.value, score.original_value, score.original_unit, score.confidence)
        for record in parsed.records
        for score in record.observations
        if isinstance(score, ScoreObservation)
    }
    assert values == {
        "aider-polyglot": (0.88, "88.0", "percent", "low"),
        "lech-mazur-writing": (0.85, "8.5", "points of 10", "low"),
        "humanitys-last-exam": (0.25, "0.25", "fraction", "low"),
        "webdev-arena": (1499.3, "1499.3", "rating points", "low"),
    }
    assert parsed.remarks == [
        "1 rows of aider_polyglot_external.csv name no model and were left out.",
        "metr_time_horizons_external.csv was not read: time horizons are minutes, which are no score.",
    ]
    assert parsed.covers is not None
    assert "aider-polyglot/" in parsed.covers
    assert "gpqa-diamond/" not in parsed.covers
    assert parsed.benchmarks["webdev-arena"].unit == "elo"


def test_epoch_file_that_holds_no_scores_says_why() -> None:
    with pytest.raises(ParseError, match=r"model_versions\.csv was not read: it names versions and holds no scores\."):
        epoch(model_versions="id,Model\na,b\n")


def test_aider_boards_are_told_apart_by_their_exercises() -> None:
    edit = score_of(aider_run(test_cases=133, total_tests=133, pass_rate_2=68.4).records[0])
    assert (edit.benchmark, edit.value) == ("aider-edit", 0.684)
    refactor = score_of(aider_run(test_cases=89, total_tests=None, pass_rate_1=49.4, pass_rate_2=None).records[0])
    assert (refactor.benchmark, refactor.value) == ("aider-refactor", 0.494)
    with pytest.raises(ParseError, match="neither 225"):
        aider_run(test_cases=7, total_tests=7)


def test_aider_board_covers_itself_and_a_few_runs_cover_nothing() -> None:
    assert aider_run().covers == ()
    board = [RUN | {"dirname": f"run{number}"} for number in range(30)]
    assert aider.parse(orjson.dumps(board)).covers == ("aider-polyglot/",)


def test_lmarena_history_has_a_rating_per_day_and_zero_is_not_listed() -> None:
    parsed = lmarena.parse(b",gpt-4-0314,vicuna-13b\n20230508,0.0,1083.21882\n20230522,1175.5,1054.37\n")
    ratings = {
        record.raw_name: [
            (score.measured_on, score.value) for score in record.observations if isinstance(score, ScoreObservation)
        ]
        for record in parsed.records
    }
    assert ratings == {
        "gpt-4-0314": [(date(2023, 5, 22), 1175.5)],
        "vicuna-13b": [(date(2023, 5, 8), 1083.219), (date(2023, 5, 22), 1054.37)],
    }
    assert parsed.covers == ("history/",)


SCORE: dict[str, Any] = {
    "model_benchmark_id": 28,
    "benchmark_id": "humanity's-last-exam",
    "benchmark_name": "Humanity's Last Exam",
    "model_id": "deepseek-v3",
    "score": 0.496,
    "is_self_reported": True,
    "self_reported_source_link": "https://example.org/card",
    "analysis_method": "Accuracy",
}


def test_llm_stats_score_is_a_quotation_with_its_link() -> None:
    parsed = llm_stats.parse(orjson.dumps([SCORE, SCORE | {"model_benchmark_id": 29, "score": 2134}]))
    (record,) = parsed.records
    score = score_of(record)
    assert (record.raw_name, score.benchmark, score.value) == ("deepseek-v3", "llm-stats-humanity-s-last-exam", 0.496)
    assert (score.self_reported, score.confidence) == (True, "low")
    assert score.note == "second-hand, from https://example.org/card"
    assert [item.reason for item in parsed.rejected] == ["The score 2134 is outside 0 to 1."]
    assert parsed.benchmarks[score.benchmark].variant == "as collected by llm-stats"
    assert parsed.covers == ("scores/deepseek-v3/",)


def test_llm_stats_model_gives_counts_and_no_dates() -> None:
    model = {"model_id": "deepseek-v3", "param_count": 671_000_000_000, "training_tokens": 14_800_000_000_000}
    (record,) = llm_stats.parse(orjson.dumps(model | {"release_date": "2025-01-10"})).records
    assert record.observations == (
        FactObservation("total_params", "671000000000", "parameters", confidence="low"),
        FactObservation("training_tokens", "14800000000000", "tokens", confidence="low"),
    )


def test_llm_stats_seller_speaks_only_for_itself() -> None:
    model = {"model_id": "m", "provider_id": "groq", "input_cents_per_million_tokens": 5}
    parsed = llm_stats.parse(orjson.dumps([model]))
    assert parsed.covers == ("groq/",)
    assert parsed.only_seller is not None
    with pytest.raises(ParseError, match="the models of one seller and holds those of 2"):
        llm_stats.parse(orjson.dumps([model, model | {"provider_id": "azure"}]))
