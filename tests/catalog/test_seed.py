import csv
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

import catalog
from catalog.errors import SeedError
from catalog.models import (
    Alias,
    HardwarePrice,
    Model,
    Offering,
    Price,
    SeededRow,
    Source,
)
from catalog.services import seed, seed_is_current

SEED = Path(catalog.__file__).parent / "seed"
Edit = Callable[[str, str, str], None]
INTRODUCTORY = "deepseek,deepseek-chat,deepseek-v3-2024-12-26,,,,,2024-12-26,2025-02-08T00:00:00Z,,,,0.14,"
MOVED = "snowflake/deepseek-r1,version,deepseek-r1-2025-01-20,,2025-05-01"


def test_seed_again_changes_nothing(seeded: None) -> None:
    counts = {file: (each.created, each.changed, each.kept) for file, each in seed().items()}

    assert counts == dict.fromkeys(counts, (0, 0, 0))
    assert len(counts) == 15


def test_seed_again_reads_one_query_per_kind_of_row(
    seeded: None, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    with django_assert_max_num_queries(31):  # type: ignore[attr-defined]
        seed()


def test_seed_is_current_until_a_file_changes(seeded: None, seed_folder: Path, edit: Edit) -> None:
    assert seed_is_current()
    assert seed_is_current(folder=seed_folder)

    edit("models.csv", "DeepSeek-V3.1-Terminus", "DeepSeek-V3.1 Terminus")

    assert not seed_is_current(folder=seed_folder)


@pytest.mark.django_db
def test_seed_is_not_current_before_the_first_seed() -> None:
    assert not seed_is_current()


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        (
            INTRODUCTORY,
            INTRODUCTORY.replace("0.14,", "cheap,"),
            (
                "prices.csv line 2, column input: 'cheap' is not a number. "
                "Write digits such as 0.27, or nothing when unknown."
            ),
        ),
        (
            INTRODUCTORY,
            INTRODUCTORY.replace("0.14,", "-0.14,"),
            "prices.csv line 2, column input: -0.14 is negative. Correct it, or leave the cell empty when unknown.",
        ),
        (
            INTRODUCTORY,
            INTRODUCTORY.replace("0.14,", "NaN,"),
            (
                "prices.csv line 2, column input: 'NaN' is not a number. "
                "Write digits such as 0.27, or nothing when unknown."
            ),
        ),
        (
            INTRODUCTORY,
            INTRODUCTORY.replace("2024-12-26,2025", "26.12.2024,2025"),
            (
                "prices.csv line 2, column effective_from: '26.12.2024' is not a moment. "
                "Write 2025-02-08 or 2025-02-08T16:00:00Z."
            ),
        ),
        (
            INTRODUCTORY,
            INTRODUCTORY.replace("2025-02-08T", "2024-02-08T"),
            "prices.csv line 2, column effective_to: the price ends before it begins. Correct one of the two moments.",
        ),
        (
            INTRODUCTORY,
            INTRODUCTORY.replace("deepseek-v3-2024-12-26", "deepseek-v33"),
            (
                "prices.csv line 2, column version: there is no model version 'deepseek-v33'. "
                "Add it to its file, or correct the name."
            ),
        ),
        (
            INTRODUCTORY,
            INTRODUCTORY.replace(",,,,,2024", ",premium,,,,2024"),
            (
                "prices.csv line 2, column service_class: 'premium' is not one of standard, batch, flex, priority. "
                "Choose one."
            ),
        ),
        (
            INTRODUCTORY,
            INTRODUCTORY.replace(",,,,,2024", ",,,1-2-3,,2024"),
            "prices.csv line 2, column utc_windows: '1-2-3' is not a window of the day. Write it as 16:30-00:30.",
        ),
        (
            INTRODUCTORY,
            INTRODUCTORY.replace("0.14,", ""),
            (
                "prices.csv line 2, column source_note: the line does not have 20 cells. "
                "Put quotes around text with commas."
            ),
        ),
        (
            "service_class,",
            "service,",
            "prices.csv: the column 'service_class' is missing. Add it to the first line.",
        ),
    ],
)
@pytest.mark.django_db
def test_seed_with_a_bad_cell_says_which_and_writes_nothing(
    seed_folder: Path, edit: Edit, old: str, new: str, sentence: str
) -> None:
    edit("prices.csv", old, new)

    with pytest.raises(SeedError) as caught:
        seed(folder=seed_folder)

    assert sentence in caught.value.problems
    assert str(caught.value).endswith("Nothing was written.")
    assert not Source.objects.exists()
    assert not SeededRow.objects.exists()


@pytest.mark.django_db
def test_seed_with_a_fact_given_twice_names_both_lines(seed_folder: Path) -> None:
    file = seed_folder / "models.csv"
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join([*lines, lines[1]]))

    with pytest.raises(SeedError) as caught:
        seed(folder=seed_folder)

    assert caught.value.problems == [
        f"models.csv line {len(lines) + 1}: the same fact is on models.csv line 2. Delete one of the two lines."
    ]


@pytest.mark.django_db
def test_seed_error_shows_twenty_problems_and_counts_the_rest(seed_folder: Path, edit: Edit) -> None:
    file = seed_folder / "scores.csv"
    file.write_text(file.read_text().replace(",percent,", ",per cent,"))

    with pytest.raises(SeedError) as caught:
        seed(folder=seed_folder)

    assert len(str(caught.value).splitlines()) == 22
    assert f"... and {len(caught.value.problems) - 20} more." in str(caught.value)


def test_seed_after_a_correction_in_the_files_changes_that_row_only(
    seeded: None, seed_folder: Path, edit: Edit
) -> None:
    edit("prices.csv", INTRODUCTORY, INTRODUCTORY.replace("0.14,", "0.15,"))

    report = seed(folder=seed_folder)

    assert (report["prices.csv"].created, report["prices.csv"].changed, report["prices.csv"].kept) == (0, 1, 0)
    assert Price.objects.filter(offering__version__slug="deepseek-v3-2024-12-26", usd_per_mtok="0.15").count() == 1
    assert Price.objects.filter(offering__version__slug="deepseek-v3-2024-12-26", usd_per_mtok="0.14").count() == 0


def test_seed_ends_the_period_of_a_name_that_moved(seeded: None, seed_folder: Path, edit: Edit) -> None:
    edit("aliases.csv", "snowflake/deepseek-r1,version,deepseek-r1-2025-01-20,,2025-05-28", MOVED)

    report = seed(folder=seed_folder)

    assert (report["aliases.csv"].changed, report["aliases.csv"].kept) == (1, 0)
    ended = Alias.objects.get(raw_name="snowflake/deepseek-r1", target=Alias.Target.VERSION).valid_to
    assert ended is not None
    assert ended.date().isoformat() == "2025-05-01"


def test_seed_keeps_what_an_editor_changed(seeded: None, seed_folder: Path, edit: Edit) -> None:
    Model.objects.filter(slug="deepseek-v3").update(name="DeepSeek V3 (ours)")
    edit("models.csv", "DeepSeek-V3,", "DeepSeek-V-3,")

    report = seed(folder=seed_folder)

    assert report["models.csv"].kept == 1
    assert str(report["models.csv"]) == "0 created, 0 changed, 135 unchanged, 1 kept as edited here"
    assert Model.objects.get(slug="deepseek-v3").name == "DeepSeek V3 (ours)"


def test_seed_does_not_bring_back_what_an_editor_deleted(seeded: None) -> None:
    HardwarePrice.objects.filter(provider="Nebius").delete()

    seed()

    assert not HardwarePrice.objects.filter(provider="Nebius").exists()


def test_seed_leaves_the_rank_of_a_source_to_the_editors(seeded: None, seed_folder: Path, edit: Edit) -> None:
    paper = Source.objects.get(url="https://arxiv.org/abs/2412.19437")
    assert paper.rank == 10
    Source.objects.filter(pk=paper.pk).update(rank=3)
    edit("sources.csv", "DeepSeek-V3 Technical Report", "DeepSeek-V3 technical report")

    seed(folder=seed_folder)

    paper.refresh_from_db()
    assert (paper.title, paper.rank) == ("DeepSeek-V3 technical report, arXiv 2412.19437", 3)


@pytest.mark.django_db
def test_seed_command_prints_what_happened_and_exits_with_the_sentence(
    seed_folder: Path, edit: Edit, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("seed", folder=seed_folder)
    assert "models.csv            136 created, 0 changed, 0 unchanged" in capsys.readouterr().out

    call_command("seed", "--if-changed", folder=seed_folder)
    assert capsys.readouterr().out == "The seed files have not changed.\n"

    edit("models.csv", "Llama 2 70B,meta", "Llama 2 70B,metta")
    with pytest.raises(CommandError, match="there is no organization 'metta'"):
        call_command("seed", folder=seed_folder)


def test_seed_fills_in_the_end_of_a_sale_that_a_feed_had_listed(db: None) -> None:
    """An offering that was there before the seed said when it ended: nothing was known of it, so nothing is lost."""
    seed()
    Offering.objects.filter(provider_model_id="o1-mini").update(retired_on=None, source=None, note="")
    SeededRow.objects.filter(table="catalog.offering").delete()

    assert seed()["offerings.csv"].changed == 1
    assert Offering.objects.get(provider_model_id="o1-mini").retired_on == date(2025, 10, 27)
    assert seed()["offerings.csv"].changed == 0


def test_seed_follows_a_corrected_end_of_sale_and_keeps_an_edited_one(
    seeded: None, seed_folder: Path, edit: Edit
) -> None:
    edit("offerings.csv", "o1-mini,o1-mini,2025-10-27", "o1-mini,o1-mini,2025-10-28")
    edit("offerings.csv", "o1-preview,o1-preview,2025-07-28", "o1-preview,o1-preview,2025-07-29")
    Offering.objects.filter(provider_model_id="o1-preview").update(retired_on=date(2025, 8, 1))

    counts = seed(folder=seed_folder)["offerings.csv"]

    assert (counts.changed, counts.kept) == (1, 1)
    ends = dict(
        Offering.objects.filter(provider_model_id__in=("o1-mini", "o1-preview")).values_list(
            "provider_model_id", "retired_on"
        )
    )
    assert ends == {"o1-mini": date(2025, 10, 28), "o1-preview": date(2025, 8, 1)}


def test_seed_was_read_in_the_past() -> None:
    """No day of a reading lies after the day on which the starting facts were put together."""
    readings = {"observed_from", "last_seen", "observed_on", "measured_on", "retrieved_on", "published_on", "quoted_on"}
    days = []
    for file in sorted(SEED.glob("*.csv")):
        for row in csv.DictReader(file.read_text(encoding="utf-8").splitlines()):
            found = [(column, value) for column, value in row.items() if column in readings or column.endswith("_at")]
            days += [(file.name, column, value) for column, value in found if value]
    assert len(days) > 600
    assert [day for day in days if day[2][:10] > "2026-11-27"] == []
