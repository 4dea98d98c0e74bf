"""Scores, facts and rents on their way into the catalog."""

from pathlib import Path
from typing import Any

import orjson
import pytest
from django.core.management import call_command

from catalog.models import Alias, Benchmark, Claim, HardwarePrice, Score
from ingest.adapters.tables import pack
from ingest.models import FeedRun, HeldChange
from ingest.services import read_feed
from tests.factories import at, make_benchmark, make_hardware, make_version
from tests.ingest.support import counts

pytestmark = pytest.mark.django_db


def board(**scores: float) -> bytes:
    rows = "".join(f"{name},{value},0.02,2025-12-17,{name}-run\n" for name, value in scores.items())
    head = "Model version,mean_score,stderr,Started at,id\n"
    return pack({"gpqa_diamond.csv": (head + rows).encode()})


def read(slug: str, body: bytes, on: str) -> FeedRun:
    run = read_feed(slug, body=body, observed_at=at(on))
    assert run.state == "applied", run.message
    return run


@pytest.fixture
def _named() -> None:
    Alias.objects.create(namespace="epoch-benchmarks", raw_name="o3", version=make_version("o3", developer="OpenAI"))


@pytest.mark.usefixtures("_named")
def test_score_is_written_once_on_the_catalogs_benchmark() -> None:
    known = make_benchmark("GPQA Diamond", description="As an editor wrote it.")
    assert counts(read("epoch-benchmarks", board(o3_high=0.8, other=0.5), "2026-01-01")) == {
        "created": 2,
        "unresolved": 1,
        "written": 1,
    }
    assert counts(read("epoch-benchmarks", board(o3_high=0.8, other=0.5), "2026-01-02"))["unchanged"] == 2
    score = Score.objects.get()
    assert (score.benchmark, score.value, score.effort, score.standard_error) == (known, 0.8, "high", 0.02)
    assert score.measured_by is not None
    assert score.measured_by.name == "Epoch AI"
    assert Benchmark.objects.get(slug="gpqa-diamond").description == "As an editor wrote it."


@pytest.mark.usefixtures("_named")
def test_score_that_is_revised_supersedes_the_old_row() -> None:
    read("epoch-benchmarks", board(o3=0.8), "2026-01-01")
    read("epoch-benchmarks", board(o3=0.82), "2026-02-01")
    read("epoch-benchmarks", board(o3=0.8), "2026-01-01")
    old, new = Score.objects.order_by("pk")
    assert (old.value, old.superseded_by) == (0.8, new)
    assert (new.value, new.superseded_by) == (0.82, None)


@pytest.mark.usefixtures("_named")
def test_score_that_jumps_is_held() -> None:
    read("epoch-benchmarks", board(o3=0.8), "2026-01-01")
    assert read("epoch-benchmarks", board(o3=0.4), "2026-02-01").held == 1
    assert HeldChange.objects.get().reason == "The score would change from 0.8 to 0.4, more than 0.15."
    assert Score.objects.get().value == 0.8


def test_fact_that_is_revised_supersedes_and_an_older_file_does_not() -> None:
    Alias.objects.create(namespace="hf-hub", raw_name="a/b", version=make_version())

    def answer(licence: str) -> bytes:
        return orjson.dumps([{"id": "a/b", "cardData": {"license": licence}}])

    read("hf-hub", answer("mit"), "2026-01-01")
    read("hf-hub", answer("apache-2.0"), "2026-02-01")
    read("hf-hub", answer("gpl"), "2025-12-01")
    old, new = Claim.objects.order_by("pk")
    assert (old.value, old.superseded_by, new.value, new.superseded_by) == ("mit", new, "apache-2.0", None)


def test_rents_come_from_a_folder_and_repeat_only_when_they_change(tmp_path: Path) -> None:
    make_hardware("NVIDIA H100 SXM5 80GB")
    head = "InstanceType,AcceleratorName,AcceleratorCount,Price,Region\n"
    (tmp_path / "nebius.csv").write_text(head + "h100-sxm,H100,8,23.60,eu\n")
    (tmp_path / "note.md").write_text("Not a table.")

    def rents() -> list[tuple[str, str, str]]:
        rows: Any = HardwarePrice.objects.order_by("quoted_on")
        return [(row.provider, f"{row.usd_per_gpu_hour:.2f}", str(row.quoted_on)) for row in rows]

    for day in ("2026-01-01", "2026-01-01", "2026-02-01"):
        call_command("ingest", "skypilot", "--from", str(tmp_path), "--observed-at", day)
    assert rents() == [("Nebius", "2.95", "2026-01-01")]
    (tmp_path / "nebius.csv").write_text(head + "h100-sxm,H100,8,16.00,eu\n")
    call_command("ingest", "skypilot", "--from", str(tmp_path), "--observed-at", "2026-03-01")
    assert rents() == [("Nebius", "2.95", "2026-01-01"), ("Nebius", "2.00", "2026-03-01")]


@pytest.mark.usefixtures("_named")
def test_two_names_of_one_model_do_not_replace_each_other_at_every_reading() -> None:
    version = Alias.objects.get().version
    Alias.objects.create(namespace="epoch-benchmarks", raw_name="o3-again", version=version)
    twice = board(**{"o3": 0.8, "o3-again": 0.4})
    assert "1 scores differ from another" in read("epoch-benchmarks", twice, "2026-01-01").message
    for day in ("2026-01-01", "2026-02-01", "2026-03-01"):
        again = read("epoch-benchmarks", twice, day)
        assert (again.written, again.held) == (0, 0)
        assert "1 scores differ from another" in again.message
    assert Score.objects.get().value == 0.8
