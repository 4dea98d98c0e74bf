"""The scorers on a corpus of replies, and on replies made to break them."""

import time
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from evals.scorers import ScorerError, get_scorer, scorer_names, strip_reasoning
from evals.scorers.checks import CHECKS, trouble
from evals.scorers.in_words import instruction

CORPUS = Path(__file__).with_name("scorer_corpus.yaml")
JUDGED = {"right": "correct", "wrong": "incorrect", "unscored": "unscored", "right_but_rejected": "incorrect"}


class Case(NamedTuple):
    scorer: str
    options: dict[str, Any]
    kind: str
    reply: str
    target: Any


def corpus() -> list[Case]:
    groups = yaml.safe_load(CORPUS.read_text(encoding="utf-8"))
    return [
        Case(group["scorer"], group.get("options", {}), kind, reply, target)
        for group in groups
        for kind in JUDGED
        for reply, target in group.get(kind, [])
    ]


CASES = corpus()


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.scorer}-{case.kind}-{case.reply[:40]!a}")
def test_scorer_judges_the_corpus_as_written(case: Case) -> None:
    judgement = get_scorer(case.scorer, case.options)(case.reply, case.target)

    assert judgement.outcome == JUDGED[case.kind], judgement


def test_corpus_is_large_covers_every_scorer_and_lists_its_false_rejects() -> None:
    assert len(CASES) >= 300
    assert {case.scorer for case in CASES} == set(scorer_names())
    assert len({repr(case) for case in CASES}) == len(CASES), "a pair is there twice"
    assert sum(case.kind == "wrong" for case in CASES) >= 150
    assert 0 < sum(case.kind == "right_but_rejected" for case in CASES) < 25


HOSTILE = {
    "ones": "1" * 100_000,
    "numbers between commas": "1," * 49_999,
    "grouped numbers": "1 000 " * 16_500,
    "dashes": "-" * 99_999,
    "open boxes": "\\boxed{" * 14_000,
    "box of boxes": "\\boxed{" + "{a}" * 30_000,
    "markers": "answer is " * 9_999,
    "braces": "{" * 99_999,
    "brackets": "[" * 99_999,
    "nested lists": "[" * 45_000 + "]" * 45_000,
    "signs": "-" * 1_500 + "1",
    "slashes": "1/" * 49_999,
    "hedges": "11 or " * 16_500,
    "equations": "=1" * 49_999,
    "spaces": " " * 99_999 + "1",
    "answer and spaces": "answer" + " " * 99_500 + "1",
    "letters": "A) " * 33_000,
    "letters or letters": "A or " * 19_999,
    "quotes": '"' * 99_999,
    "one long word": "a" * 99_999,
    "words": "a " * 49_999,
    "stops": "." * 99_999,
    "lines": "\n" * 99_999 + "x",
    "stars": "*" * 99_999,
    "json text": '{"a": "' + "\\" * 99_500,
    "rows": "f(1) = 1\n" * 11_000,
    "row of signs": "=" * 99_500,
    "fences": "```\n" * 24_500,
    "retractions": "wait 1 " * 14_000,
}
THOUGHTS = {
    "ten megabytes": "1 " * 5_000_000,
    "ten megabytes of open thoughts": "<think>" * 1_400_000,
    "ten megabytes of closed thoughts": "<think></think>" * 700_000 + "x",
    "ten megabytes of closing tags": "</think>" * 1_250_000,
}
TARGETS: dict[str, Any] = {
    "choice": "B",
    "constraints": {
        "words": 3, "sentences": 2, "paragraphs": 2, "bullets": 1, "placeholders": 1, "highlights": 1,
        "uppercase": True, "contains": ["sea"], "in_order": ["a", "b"], "json": True, "title": True,
        "postscript": "P.S.",
        "each_line_starts_with": "-", "sections": {"mark": "Part", "n": 2}, "min_capital_words": 1, "ends_with": "z",
    },
    "exact": "y",
    "io_table": [["1", "2"]],
    "json": {"a": 1},
    "literal": "[1]",
    "numeric": "5",
    "pattern": "(a+)+b|(1|11)*z|(.*)*y",
    "set": ["a", "b"],
}  # fmt: skip


@pytest.mark.parametrize("name", scorer_names())
def test_scorer_takes_bounded_time_on_hostile_replies(name: str) -> None:
    scorer = get_scorer(name)
    slow = {}
    for what, reply in HOSTILE.items():
        started = time.process_time()
        judgement = scorer(reply, TARGETS[name])
        taken = time.process_time() - started
        assert judgement.outcome != "correct", what
        assert len(judgement.answer) <= 500
        assert len(judgement.explanation) <= 1_000
        if taken > 4:
            slow[what] = taken

    assert slow == {}


@pytest.mark.parametrize("what", THOUGHTS)
def test_scorer_takes_bounded_time_on_ten_megabytes(what: str) -> None:
    started = time.process_time()

    assert get_scorer("exact")(THOUGHTS[what], "y").outcome != "correct"
    assert time.process_time() - started < 4


@pytest.mark.parametrize("name", scorer_names())
@pytest.mark.parametrize("reply", [None, "", " \n ", "<think>5</think>", "<think>5"])
def test_scorer_leaves_an_empty_reply_unscored(name: str, reply: str | None) -> None:
    assert get_scorer(name)(reply, TARGETS[name]).outcome == "unscored"


def test_scorer_calls_an_endless_answer_incorrect_and_says_how_long_it_was() -> None:
    judgement = get_scorer("numeric")("5 " * 200_000, "5")

    assert judgement.outcome == "incorrect"
    assert judgement.explanation == "The reply has 399,999 characters; at most 100,000 are read."


@pytest.mark.parametrize(
    ("reply", "left"),
    [
        ("<think>a</think>b", "b"),
        ("a</think>b", "b"),
        ("a<think>b", "a"),
        ("a<think>b</think>c<think>d</think>e", "ace"),
        ("<Thinking>a</THINKING> b", "b"),
        ("<think>a</thought>b</think>c", "c"),
        ("<seed:think>a</seed:think>b", "b"),
        ("[THINK]a[/THINK]b", "b"),
        ("◁think▷a◁/think▷b", "b"),
        ("I think <b>so</b>", "I think <b>so</b>"),
    ],
)
def test_reasoning_is_taken_out_of_a_reply(reply: str, left: str) -> None:
    assert strip_reasoning(reply) == left


@pytest.mark.parametrize(
    ("name", "options", "sentence"),
    [
        ("numerik", {}, "There is no scorer 'numerik'. Did you mean 'numeric'?"),
        (
            "numeric",
            {"tolerence": "1"},
            "The scorer 'numeric' has no option 'tolerence'. Its options: tolerance, percent.",
        ),
        ("numeric", {"tolerance": "much"}, "tolerance is 'much'; write a decimal number such as 0.01."),
        ("numeric", {"tolerance": "-1"}, "tolerance is '-1'; it cannot be negative."),
        ("numeric", {"percent": "yes"}, "percent is 'yes'; write true or false."),
        ("choice", {"letters": "ABBA"}, "letters is 'ABBA'; write different capital letters such as ABCD."),
        ("choice", {"letters": "AB", "texts": ["x"]}, "texts must be a list of 2 texts, one for each of AB."),
        ("pattern", {"whole": 1}, "whole is 1; write true or false."),
        ("set", {"threshold": "0"}, "threshold is '0'; it lies above 0 and is at most 1."),
        ("set", {"threshold": "x"}, "threshold is 'x'; write a decimal number such as 0.8."),
        ("json", {"schema": []}, "schema is []; write a JSON Schema, which is an object."),
        ("json", {"schema": {"type": "thing"}}, "schema is not a JSON Schema: 'thing' is not valid under any"),
        ("json", {"schema": {"pattern": "(a+)+"}}, "schema uses 'pattern', which is not allowed here."),
        ("json", {"schema": {"properties": {"a": {"$ref": "x"}}}}, "schema uses '$ref', which is not allowed here."),
        ("literal", {"any_of": "x"}, "any_of is 'x'; write true or false."),
        ("io_table", {"least": 0}, "least is 0; write a whole number of rows, 1 or more."),
    ],
)
def test_scorer_set_up_wrongly_says_what_to_write(name: str, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(ScorerError) as caught:
        get_scorer(name, options)

    assert str(caught.value).startswith(sentence)


def test_scorer_explains_a_wrong_answer_in_words() -> None:
    assert get_scorer("numeric")("It is 11 or 12.", "12").explanation == "The reply offers more than one number."
    assert get_scorer("numeric")("41", "42").explanation == "41 is not 42."
    assert get_scorer("json")('{"a": 1, "c": 2}', {"a": 2, "b": 1}).explanation == (
        "The object lacks “b”; it has “c”, which was not asked for; it has a wrong value for “a”."
    )
    assert get_scorer("constraints")("x", {"wordz": 3}).explanation == (
        "There is no constraint 'wordz'. Did you mean 'words'?"
    )
    assert get_scorer("io_table")("f(1) = 2", [["1", "2"], ["2", "4"]]).explanation == "1 of 2 rows are right."


@pytest.mark.parametrize(
    ("reply", "target", "words"),
    [
        ("one two", {"words": 3}, "have exactly 3 words (it has 2)"),
        ("a b c", {"max_words": 1, "contains": ["a", "x"]}, "have at most 1 word (it has 3) and contain “a” and “x”"),
        ("red, blue", {"contains_none": ["red", "blue"], "no_commas": True},
         "not contain “red” or “blue” and have no comma"),
        ("Red", {"capital_words": 0, "uppercase": True, "min_lines": 2},
         "be in capitals throughout and have at least 2 lines (it has 1)"),
        ("a a", {"count_of": {"a": 1}, "starts_with": "b"}, "contain “a” once and begin with “b”"),
        ("a", {"paragraph_starts": {"paragraphs": 2, "n": 2, "word": "so"}},
         "have exactly 2 paragraphs, number 2 beginning with “so”"),
    ],
)  # fmt: skip
def test_broken_instruction_is_said_as_a_sentence(reply: str, target: dict[str, Any], words: str) -> None:
    judgement = get_scorer("constraints")(reply, target)

    assert (judgement.outcome, judgement.explanation) == ("incorrect", f"The reply should {words}.")


def test_every_constraint_has_words() -> None:
    takes = (3, True, "x", ["x", "y"], {"x": 2}, {"mark": "Part", "n": 2}, {"paragraphs": 2, "n": 1, "word": "x"})
    for name in CHECKS:
        wanted = next(value for value in takes if not trouble(name, value))
        assert "_" not in instruction(name, wanted)
        assert "{" not in instruction(name, wanted)


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ("Sure, here you are", "The reply is no JSON: it begins with “Sure, here you are”."),
        ('{"a": 1', "The reply is no complete JSON: it breaks off at its end."),
        ('{"a": 1, b: 2}', "The reply is no valid JSON: it cannot be read on from “b: 2}”."),
        ('{"a": 1, "a": 2}', "The reply is no valid JSON: a key appears twice."),
        ("[1]", "The reply is JSON, but no object with fields."),
    ],
)
def test_reply_that_is_no_json_is_told_where_it_stops_being_it(reply: str, words: str) -> None:
    judgement = get_scorer("json")(reply, {"a": 1})

    assert (judgement.outcome, judgement.explanation) == ("incorrect", words)


@pytest.mark.parametrize("name", scorer_names())
def test_scorer_leaves_a_broken_target_unscored(name: str) -> None:
    assert get_scorer(name)("7", {"pattern": "("}.get(name)).outcome == "unscored"


def test_label_names_the_version() -> None:
    assert get_scorer("numeric").label == "numeric/4"
