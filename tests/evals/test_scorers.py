"""Judgements on a corpus of answer and target pairs, and what a scorer says about a wrong set-up."""

import json
from pathlib import Path
from typing import Any

import pytest

from evals.scorers import ScorerError, get_scorer, scorer_names, strip_reasoning

CORPUS = [
    json.loads(line)
    for line in (Path(__file__).parent / "scorer_corpus.jsonl").read_text(encoding="utf-8").splitlines()
    if line.strip()
]


@pytest.mark.parametrize("case", CORPUS, ids=lambda case: f"{case['scorer']}-{case['n']}")
def test_judgement_of_the_corpus(case: dict[str, Any]) -> None:
    judgement = get_scorer(case["scorer"], case.get("options"))(case["answer"], case["target"])
    assert (judgement.outcome, case["why"]) == (case["outcome"], case["why"])


def test_corpus_covers_every_scorer_with_at_least_300_pairs() -> None:
    assert len(CORPUS) >= 300
    assert {case["scorer"] for case in CORPUS} == set(scorer_names())
    pairs = {(c["scorer"], c["answer"], json.dumps(c["target"]), json.dumps(c.get("options"))) for c in CORPUS}
    assert len(pairs) == len(CORPUS), "a pair is there twice"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("<think>3 + 4 = 8?</think>7", "7"),
        ("<think>\nlong\n</think>\n\nThe answer is 7.", "The answer is 7."),
        ("the opening tag was swallowed</think> 7", "7"),
        ("<think>never ends, 8", ""),
        ("<Thinking>8</Thinking>7", "7"),
        ("no thoughts: 7", "no thoughts: 7"),
        ("<think>a</think>7<think>b</think>", "7"),
    ],
)
def test_reasoning_is_taken_out_before_scoring(text: str, left: str) -> None:
    assert strip_reasoning(text) == left


def test_a_reply_that_is_only_reasoning_is_an_incorrect_answer_not_an_unscored_one() -> None:
    judgement = get_scorer("numeric")("<think>is it 7", "7")
    assert (judgement.outcome, judgement.explanation) == ("incorrect", "The reply holds no answer.")


def test_unknown_scorer_names_a_near_one() -> None:
    with pytest.raises(ScorerError, match=r"There is no scorer 'numerc'\. Did you mean 'numeric'\?"):
        get_scorer("numerc")


def test_unknown_option_names_the_known_ones() -> None:
    with pytest.raises(ScorerError, match=r"'numeric' has no option 'tol'\. Its options: tolerance, percent\."):
        get_scorer("numeric", {"tol": 1})


@pytest.mark.parametrize(
    ("name", "options", "words"),
    [
        ("numeric", {"tolerance": "a bit"}, "write a decimal number such as 0.01"),
        ("numeric", {"tolerance": "-1"}, "cannot be negative"),
        ("choice", {"letters": "abc"}, "different capital letters"),
        ("items", {"min_overlap": 0}, "a share above 0 and at most 1"),
    ],
)
def test_wrong_option_value_is_a_sentence(name: str, options: dict[str, Any], words: str) -> None:
    with pytest.raises(ScorerError, match=words):
        get_scorer(name, options)


@pytest.mark.parametrize(
    ("name", "target"),
    [
        ("numeric", "seven"),
        ("numeric", None),
        ("exact", 7),
        ("choice", "Z"),
        ("json", [1]),
        ("items", "red, blue"),
        ("pattern", "("),
        ("constraints", {}),
        ("constraints", {"rhymes": True}),
    ],
)
def test_broken_target_is_unscored_not_wrong(name: str, target: Any) -> None:
    assert get_scorer(name)("7", target).outcome == "unscored"


def test_label_names_the_version() -> None:
    assert get_scorer("numeric").label == "numeric/1"
