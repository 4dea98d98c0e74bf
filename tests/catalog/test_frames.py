import pytest
from django.core.management import CommandError, call_command

from catalog.errors import TooFewScores
from catalog.frames import index_table
from catalog.services import fit_index
from tests.factories import make_benchmark, make_score, make_version

pytestmark = pytest.mark.django_db


def test_index_table_leaves_out_low_confidence_thin_benchmarks_and_loose_ends() -> None:
    versions = [make_version(f"Model {number}") for number in range(4)]
    gpqa, thin, apart = make_benchmark(), make_benchmark("Thin"), make_benchmark("Apart", chance=0.0)
    outside = make_benchmark("Outside", in_index=False)
    for version in versions:
        make_score(version, gpqa, 0.625)
        make_score(version, outside, 0.5)
    for version in versions[:2]:
        make_score(version, thin, 0.5)
    make_score(make_version("Claimed"), gpqa, 0.9, confidence="low")
    loose = [make_version(f"Loose {number}") for number in range(3)]
    for version in loose:
        make_score(version, apart, 0.4)

    table = index_table()

    assert table.scores.to_dict("list") == {
        "model": ["model-0", "model-1", "model-2", "model-3"],
        "benchmark": ["gpqa-diamond"] * 4,
        "score": [0.5] * 4,  # halfway between guessing and everything right
    }
    assert table.left_out == {"loose-0": 1, "loose-1": 1, "loose-2": 1}
    assert table.anchor_benchmark == "gpqa-diamond"


def test_index_without_its_anchors_says_which_is_missing() -> None:
    with pytest.raises(TooFewScores, match=r"claude-3-5-sonnet-20240620 has none that count\. Load the starting facts"):
        fit_index()


def test_index_of_a_score_above_the_ceiling_says_which_rule_it_breaks() -> None:
    for number in range(3):
        make_score(make_version(f"Model {number}"), make_benchmark(), 62.5)

    with pytest.raises(TooFewScores, match=r"raw is 62\.5, above the ceiling 1\.0"):
        fit_index()


def test_fit_index_command_without_scores_exits_with_the_sentence() -> None:
    with pytest.raises(CommandError, match="The capability index needs scores of"):
        call_command("fit_index")
