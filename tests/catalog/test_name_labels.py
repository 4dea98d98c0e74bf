"""The aliases of the seed against names labelled by hand, before the aliases were written."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.errors import BadFact
from catalog.models import Alias
from catalog.selectors.name_labels import measure_names
from tests.factories import at, make_version

pytestmark = pytest.mark.django_db
LABELS = Path(__file__).with_name("name_labels.csv")
HEAD = "feed,raw_name,canonical,notes\n"


def test_names_are_written_without_a_person_only_when_right(starting_facts: None) -> None:
    measured = measure_names(LABELS.read_text())

    assert measured.mistakes == []
    assert measured.total.names == 488
    assert len(measured.by_feed) == 13
    assert (measured.total.precision or 0) >= 0.995
    assert (measured.total.recall or 0) >= 0.79


def test_undated_names_are_not_written_and_dated_ones_are() -> None:
    first, second = make_version("A 1", developer="X"), make_version("A 2", developer="X")
    Alias.objects.create(namespace="feed/x", raw_name="a", version=first, valid_to=at("2025-01-01"))
    Alias.objects.create(namespace="feed/x", raw_name="a", version=second, valid_from=at("2025-01-01"))
    table = f"{HEAD}feed/x,a,{second.slug},\n"

    assert measure_names(table).total.right == 0
    assert measure_names(table, on=at("2025-01-01")).total.right == 1
    assert measure_names(table, on=at("2024-12-31")).total.wrong == 1
    assert measure_names(f"feed,raw_name,canonical,on\nfeed/x,a,{second.slug},2025-06-01\n").total.right == 1


@pytest.mark.parametrize("label", ["ambiguous", "composite", "not_a_model", "alias"])
def test_a_name_that_must_stay_open_and_is_written_is_wrong(label: str) -> None:
    version = make_version("A", developer="X")
    Alias.objects.create(namespace="feed/x", raw_name="a", version=version)

    measured = measure_names(f"{HEAD}feed/x,a,{label},\n")

    assert measured.total.wrong == 1
    assert measured.mistakes == [f"feed/x: 'a' is {label}, and would be taken for a."]


@pytest.mark.parametrize(
    "label",
    ["deepseek-v3-2024-12-26", "deepseek/deepseek-v3@2024-12-26", "deepseek-v3", "deepseek/deepseek-v3@20241226"],
)
def test_a_label_may_be_a_slug_a_model_or_an_identifier(label: str, starting_facts: None) -> None:
    table = f"{HEAD}hf-hub,deepseek-ai/DeepSeek-V3,{label},\n"

    assert measure_names(table).total.right == 1


@pytest.mark.parametrize("label", ["deepseek/deepseek-v3@0324", "deepseek/deepseek-v2.5@1210", "openai/gpt-5"])
def test_a_label_of_another_version_is_not_taken_for_this_one(label: str, starting_facts: None) -> None:
    table = f"{HEAD}hf-hub,deepseek-ai/DeepSeek-V3,{label},\n"

    assert measure_names(table).total.wrong == 1


def test_a_feed_without_its_provider_finds_the_name(starting_facts: None) -> None:
    table = f"{HEAD}litellm,together_ai/deepseek-ai/DeepSeek-V3.1,deepseek/deepseek-v3.1,\n"

    assert measure_names(table).by_feed["litellm"].right == 1


def test_measure_names_fails_below_the_least_precision(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], starting_facts: None
) -> None:
    path = tmp_path / "labels.csv"
    path.write_text(f"{HEAD}hf-hub,deepseek-ai/DeepSeek-V3,openai/gpt-5@2025-08-07,\n")

    with pytest.raises(CommandError, match=r"Precision is 0\.0000, below 0\.995"):
        call_command("measure_names", path)
    assert "would be taken for deepseek-v3-2024-12-26" in capsys.readouterr().out


def test_a_table_without_its_columns_is_refused_in_words() -> None:
    with pytest.raises(BadFact, match="has no column 'canonical'"):
        measure_names("feed,raw_name\n")
