"""Files of every format: what becomes of right ones, and what is said of wrong ones."""

# ruff: noqa: E501 - rows of tables and sentences to compare with stand on one line

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evals.errors import InvalidSuite
from evals.importers import IMPORTERS, Parsed
from evals.models import Sample, Suite
from evals.scorers import get_scorer
from evals.services.importing import read_file
from evals.suites.base import Item


def lines(*rows: dict[str, Any]) -> str:
    return "\n".join(json.dumps(row) for row in rows)


def read(name: str, text: str) -> list[Item]:
    parsed = IMPORTERS[name](text)
    assert parsed.problems == []
    return parsed.items


def sentences(parsed: Parsed) -> list[str]:
    assert parsed.items == []
    return [str(problem) for problem in parsed.problems]


def outcome(item: Item, reply: str) -> str:
    return get_scorer(item.scorer, item.scorer_options)(reply, item.target).outcome


def test_gsm8k_takes_the_number_after_the_hashes() -> None:
    (item,) = read("gsm8k", lines({"question": "2 pens cost 4. And 6?", "answer": "4/2=2\n6*2=12\n#### 1,012"}))

    assert item.prompt == "2 pens cost 4. And 6?\n\nEnd with the number alone on the last line."
    assert (item.key, item.target, item.scorer) == ("row-00001", "1,012", "numeric")
    assert outcome(item, "So:\n1012") == "correct"


def test_gsm8k_names_line_field_and_remedy() -> None:
    text = (
        lines({"question": "a?", "answer": "7"})
        + "\n{\n"
        + lines({"answer": "#### 7"}, {"question": "b", "answer": "#### x"})
    )

    assert sentences(IMPORTERS["gsm8k"](text)) == [
        "Line 1, answer: The answer has no final '#### number'. Add it after the worked solution.",
        (
            "Line 2, character 2: Not valid JSON (Expecting property name enclosed in double quotes). Write one JSON object on "
            "each line."
        ),
        "Line 3, question: The field 'question' is missing. Every row needs it.",
        (
            "Line 4, answer: The target 'x' is not a number. The scorer numeric compares with a number or a text that is one, "
            'such as "12.5".'
        ),
    ]


MMLU = 'question,A,B,C,D,answer\n"Which is red, mostly?",grass,blood,snow,"sea, deep",B\n2 + 2?,3,4,5,6,1\n'


def test_multiple_choice_reads_csv_with_letters_and_numbers() -> None:
    first, second = read("mmlu", MMLU)

    assert first.prompt == (
        "Which is red, mostly?\n\nA) grass\nB) blood\nC) snow\nD) sea, deep\n\n"
        "End with the letter of the right answer alone on the last line."
    )
    assert (first.target, second.target) == ("B", "B")
    assert [outcome(first, reply) for reply in ("B", "I think so.\n(B)", "blood", "A", "A or B")] == [
        "correct",
        "correct",
        "correct",
        "incorrect",
        "incorrect",
    ]
    assert read("mmlu", MMLU.partition("\n")[2])[0].target == "B"


def test_multiple_choice_reads_json_lines() -> None:
    row = {"question": "Capital of Peru?", "choices": ["Lima", "Quito", "La Paz"], "answer": 0, "subject": "geography"}
    (item,) = read("mmlu", lines(row))

    assert (item.target, item.category, item.scorer_options["letters"]) == ("A", "geography", "ABC")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("q,a,b,C\n", "Line 1, answer: The answer is 'C'; write one of A, B, or its number from 0."),
        ("q,a,B\n", "Line 1: 3 columns; at least four are needed: the question, two choices and the answer's letter."),
        ("q,a,,A\n", "Line 1, B: The choice B is empty. Write its text."),
        (',a,b,A\n', "Line 1, question: The prompt is empty. Write the question that the model gets."),
        (lines({"question": "q", "choices": "ab", "answer": 0}), "Line 1, choices: A list of texts is needed, one for each choice."),
        (lines({"question": "q", "choices": ["a"], "answer": 0}), "Line 1, choices: 1 choices; from 2 to 10 can be read."),
        (lines({"question": "q", "choices": ["a", "b"], "answer": True}), "Line 1, answer: The answer is True; write one of A, B, or"),
    ],
)  # fmt: skip
def test_multiple_choice_names_line_column_and_remedy(text: str, sentence: str) -> None:
    (said,) = sentences(IMPORTERS["mmlu"](text))
    assert said.startswith(sentence)


HUMANEVAL = {
    "task_id": "Own/0",
    "prompt": "def twice(xs, n=2):\n    '''Every element times n.'''\n",
    "canonical_solution": "    return [x * n for x in xs]\n",
    "entry_point": "twice",
    "test": (
        "def check(candidate):\n    assert candidate([1, 2], 3) == [3, 6]\n    assert candidate([4]) == [8], 'one'\n"
        "    assert candidate([]) != [1]\n    assert abs(candidate([1])[0] - 2) < 1e-6\n"
    ),
}


def test_humaneval_becomes_a_table_of_inputs_and_outputs() -> None:
    (item,) = read("humaneval", lines(HUMANEVAL))

    assert item.target == [["[1, 2], 3", "[3, 6]"], ["[4]", "[8]"]]
    assert "twice([1, 2], 3)\ntwice([4])" in item.prompt
    assert outcome(item, "twice([1, 2], 3) = [3, 6]\ntwice([4]) = [8]") == "correct"
    assert outcome(item, "twice([1, 2], 3) = [3, 6]\ntwice([4]) = [4]") == "incorrect"


def test_humaneval_without_its_program_is_refused_because_no_code_is_run() -> None:
    row = {name: value for name, value in HUMANEVAL.items() if name != "canonical_solution"}

    (said,) = sentences(IMPORTERS["humaneval"](lines(row)))
    assert said.startswith(
        "Line 1, canonical_solution: The field 'canonical_solution' is missing. Without the program the model's own would "
        "have to be run, which is not done here"
    )


def test_humaneval_leaves_out_tasks_without_plain_tests() -> None:
    parsed = IMPORTERS["humaneval"](lines(HUMANEVAL | {"test": "def check(candidate):\n    assert math.isclose(1, 1)"}))

    assert (parsed.items, parsed.problems) == ([], [])
    assert parsed.left_out == ["Line 1: Own/0 has no test of the form assert candidate(3) == 9."]


IFEVAL = {
    "key": 7,
    "prompt": "Write about rain in small letters, with at least 3 sentences and the word umbrella twice or more.",
    "instruction_id_list": ["change_case:english_lowercase", "length_constraints:number_sentences", "keywords:frequency"],
    "kwargs": [{}, {"relation": "at least", "num_sentences": 3}, {"relation": "at least", "keyword": "umbrella", "frequency": 2}],
}  # fmt: skip


def test_ifeval_instructions_become_constraints() -> None:
    (item,) = read("ifeval", lines(IFEVAL))

    assert (item.key, item.category) == ("prompt-7", "3 instructions")
    assert item.target == {"lowercase": True, "min_sentences": 3, "min_count_of": {"umbrella": 2}}
    assert outcome(item, "it rains. my umbrella is wet. an umbrella helps.") == "correct"
    assert outcome(item, "It rains. my umbrella is wet. an umbrella helps.") == "incorrect"


@pytest.mark.parametrize(
    ("name", "given", "right", "wrong"),
    [
        ("keywords:existence", {"keywords": ["sea", "sky"]}, "the sea, the sky", "the seas"),
        ("keywords:forbidden_words", {"forbidden_words": ["sea"]}, "the sky", "the sea"),
        ("keywords:letter_frequency", {"letter": "q", "let_frequency": 1, "let_relation": "less than"}, "sea", "Quay"),
        ("length_constraints:number_words", {"relation": "less than", "num_words": 3}, "one two", "one two three"),
        ("length_constraints:number_paragraphs", {"num_paragraphs": 2}, "a b\n\n***\n\nc d", "a b"),
        (
            "length_constraints:nth_paragraph_first_word",
            {"num_paragraphs": 2, "nth_paragraph": 2, "first_word": "then"},
            "a\n\nThen b",
            "a\n\nNow b",
        ),
        ("detectable_content:number_placeholders", {"num_placeholders": 1}, "Dear [name]", "Dear name"),
        ("detectable_content:postscript", {"postscript_marker": "P.S."}, "Hello\nP.S. bye", "Hello"),
        ("detectable_format:number_bullet_lists", {"num_bullets": 2}, "* a\n* b", "* a"),
        ("detectable_format:constrained_response", {}, "My answer is yes.", "Yes."),
        ("detectable_format:number_highlighted_sections", {"num_highlights": 1}, "a *b c* d", "a b"),
        ("detectable_format:multiple_sections", {"section_spliter": "Part", "num_sections": 2}, "Part 1 a\nPart 2 b", "Part 1"),
        ("detectable_format:json_format", {}, '{"a": 1}', "a: 1"),
        ("detectable_format:title", {}, "<<Rain>>\nIt rains", "Rain"),
        ("combination:two_responses", {}, "one\n******\ntwo", "one"),
        ("combination:repeat_prompt", {"prompt_to_repeat": "Why?"}, "Why? Because.", "Because."),
        ("startend:end_checker", {"end_phrase": "The end."}, "So. The end.", "So."),
        ("startend:quotation", {}, '"all of it"', "all of it"),
        ("change_case:capital_word_frequency", {"capital_frequency": 2, "capital_relation": "at least"}, "NOW GO", "NOW go"),
        ("change_case:english_capital", {}, "NOW", "Now"),
        ("punctuation:no_comma", {}, "a b", "a, b"),
    ],
)  # fmt: skip
def test_ifeval_instruction_is_checked(name: str, given: dict[str, Any], right: str, wrong: str) -> None:
    (item,) = read("ifeval", lines({"prompt": "p", "instruction_id_list": [name], "kwargs": [given]}))

    assert (outcome(item, right), outcome(item, wrong)) == ("correct", "incorrect")


def test_ifeval_prompt_with_an_unsupported_instruction_is_left_out_and_reported() -> None:
    row = IFEVAL | {"instruction_id_list": ["language:response_language"], "kwargs": [{"language": "de"}]}
    parsed = IMPORTERS["ifeval"](lines(row, IFEVAL))

    assert len(parsed.items) == 1
    assert parsed.left_out == [
        "Line 1: left out, because the instruction 'language:response_language' cannot be checked here."
    ]


def test_ifeval_names_line_field_and_remedy() -> None:
    text = lines(
        IFEVAL | {"kwargs": [{}]},
        IFEVAL | {"kwargs": [{}, {}, {}]},
        {"prompt": "p"},
    )
    assert sentences(IMPORTERS["ifeval"](text)) == [
        "Line 1, kwargs: A list of 3 objects is needed, one for each instruction.",
        "Line 2, kwargs: The arguments do not fit the instructions (KeyError: 'num_sentences').",
        "Line 3, instruction_id_list: A list of instruction ids is needed.",
    ]


def test_bbh_reads_choices_numbers_and_words() -> None:
    examples = [
        {"input": "Which?\nOptions:\n(A) red\n(B) blue", "target": "(B)"},
        {"input": "1 + 1 =", "target": "2"},
        {"input": "not True is", "target": "False"},
    ]
    choice, number, word = read("bbh", json.dumps({"canary": "x", "examples": examples}))

    assert (choice.scorer, choice.target, choice.scorer_options) == ("choice", "B", {"letters": "AB"})
    assert (number.scorer, number.target) == ("numeric", "2")
    assert (word.scorer, outcome(word, "Let me see. True?\nFalse"), outcome(word, "True")) == (
        "exact",
        "correct",
        "incorrect",
    )


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("{", "Line 1, character 2: Not valid JSON. The file is one object with a list of examples."),
        ("{}", "Line 1, examples: The file has no list 'examples'. Each example has an 'input' and a 'target'."),
        ('{"examples": [{"target": "x"}]}', "Line 1, example 1: The example has no text 'input'. Write the question there."),
        ('{"examples": [{"input": "x"}]}', "Line 1, example 1: The example has no text 'target'. Write the right answer there."),
    ],
)  # fmt: skip
def test_bbh_names_example_and_remedy(text: str, sentence: str) -> None:
    assert sentences(IMPORTERS["bbh"](text)) == [sentence]


def test_agieval_reads_labels_passages_and_numbers() -> None:
    rows = (
        {"passage": "It is raining.", "question": "Dry?", "options": ["(A)yes", "(B)no"], "label": "B", "answer": None},
        {"passage": None, "question": "3 * 4?", "options": None, "label": None, "answer": "12"},
        {"question": "Both?", "options": ["(A)a", "(B)b"], "label": ["A", "B"]},
        {"question": "x?", "options": None, "answer": "x + y"},
    )
    parsed = IMPORTERS["agieval"](lines(*rows))
    first, second = parsed.items

    assert parsed.problems == []
    assert first.prompt.startswith("It is raining.\n\nDry?\n\nA) yes\nB) no\n\n")
    assert (first.target, outcome(first, "no"), second.target) == ("B", "correct", "12")
    assert parsed.left_out == [
        "Line 3: left out, because several labels are right.",
        "Line 4: left out, because its answer 'x + y' is no number.",
    ]


def test_agieval_names_line_field_and_remedy() -> None:
    text = lines(
        {"question": "q", "options": ["a", "b"], "label": "C"}, {"question": "q", "options": "ab", "label": "A"}
    )
    assert sentences(IMPORTERS["agieval"](text)) == [
        "Line 1, label: The label is 'C'; write one of A, B.",
        "Line 2, options: A list of 2 to 10 texts is needed.",
    ]


def own_csv(*rows: dict[str, str]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, ["prompt", "target", "scorer", "options", "key", "category"])
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def test_own_csv_reads_every_kind_of_target() -> None:
    items = read(
        "own",
        "\ufeff"
        + own_csv(
            {"prompt": "1 + 1?", "target": "2", "scorer": "numeric", "options": '{"tolerance": "0.5"}', "key": "sum"},
            {
                "prompt": "Three\nwords, please.",
                "target": '{"words": 3}',
                "scorer": "constraints",
                "category": "format",
            },
            {"prompt": "Colours?", "target": '["red", "blue"]', "scorer": "set"},
            {"prompt": "Capital?", "target": '["Paris", "paris!"]', "scorer": "exact"},
            {"prompt": "Value?", "target": "[1, 2]", "scorer": "literal", "options": '{"any_of": false}'},
        ),
    )
    assert [(item.key, item.category, item.target) for item in items[:4]] == [
        ("sum", "own", "2"),
        ("row-00004", "format", {"words": 3}),
        ("row-00005", "own", ["red", "blue"]),
        ("row-00006", "own", ["Paris", "paris!"]),
    ]
    assert outcome(items[4], "[1, 2]") == "correct"


def test_own_json_lines_keep_targets_as_they_are() -> None:
    (item,) = read("own", lines({"prompt": "p", "target": {"a": 1}, "scorer": "json", "options": {"allow_more": True}}))
    assert outcome(item, '{"a": 1, "b": 2}') == "correct"


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"prompt": "", "target": "1", "scorer": "numeric"}, "prompt: The prompt is empty. Write the question that the model gets."),
        ({"prompt": "p", "target": "1", "scorer": "numerik"}, "scorer: There is no scorer 'numerik'. Did you mean numeric?"),
        ({"prompt": "p", "target": "1", "scorer": ""}, "scorer: No scorer is named. Known are choice, constraints, exact,"),
        ({"prompt": "p", "target": "one", "scorer": "numeric"}, "target: The target 'one' is not a number. The scorer numeric"),
        ({"prompt": "p", "target": "", "scorer": "exact"}, "target: The target is empty. The scorer exact compares with a text,"),
        ({"prompt": "p", "target": "{", "scorer": "json"}, "target: '{' is not valid JSON. In CSV, double the quotes inside:"),
        ({"prompt": "p", "target": '{"wordz": 1}', "scorer": "constraints"}, "target: There is no constraint 'wordz'. Did you mean 'words'?"),
        ({"prompt": "p", "target": "1", "scorer": "numeric", "options": "[]"}, "options: The options are []; write an object"),
        ({"prompt": "p", "target": "1", "scorer": "numeric", "options": "{x"}, "options: '{x' is not valid JSON."),
        ({"prompt": "p", "target": "1", "scorer": "numeric", "options": '{"tol": 1}'}, "options: The scorer 'numeric' has no option 'tol'."),
    ],
)  # fmt: skip
def test_own_csv_names_line_column_and_remedy(row: dict[str, str], sentence: str) -> None:
    (said,) = sentences(IMPORTERS["own"](own_csv(row)))
    assert said.startswith(f"Line 2, {sentence}")


def test_own_file_with_wrong_columns_names_near_ones() -> None:
    assert sentences(IMPORTERS["own"]("promt,target,scorer\np,1,numeric\n")) == [
        "Line 1, prompt: The column 'prompt' is missing. Needed are prompt, target, scorer.",
        "Line 1, promt: There is no column 'promt'. Did you mean 'prompt'?",
    ]
    assert sentences(IMPORTERS["own"]("prompt,target,scorer\np, one,numeric,more\n")) == [
        "Line 2: There are more cells than the 3 columns. Put texts with commas into double quotes."
    ]


def test_own_file_with_a_key_twice_names_both_lines() -> None:
    row = {"prompt": "p", "target": "1", "scorer": "numeric", "key": "a"}
    parsed = IMPORTERS["own"](own_csv(row, row | {"prompt": "q"}))
    assert [str(each) for each in parsed.problems] == [
        "Line 3, key: The key 'a' is on line 2 already. Give every row its own."
    ]


def write(folder: Path, text: str) -> Path:
    path = folder / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


GOOD = {"prompt": "1 + 1?", "target": "2", "scorer": "numeric"}


@pytest.mark.django_db
def test_import_suite_writes_all_items_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = write(tmp_path, own_csv(GOOD, GOOD | {"prompt": "2 + 0?"}))
    call_command("import_suite", path, slug="mine-v1", name="Mine")
    call_command("import_suite", path, slug="mine-v1", name="Mine")

    suite = Suite.objects.get()
    assert (suite.slug, suite.name, suite.max_output_tokens) == ("mine-v1", "Mine", 1024)
    assert suite.description == "Imported from file.csv (own)."
    assert list(suite.samples.values_list("prompt", "target", "scorer")) == [
        ("1 + 1?", "2", "numeric"),
        ("2 + 0?", "2", "numeric"),
    ]
    assert capsys.readouterr().out == "mine-v1: 2 samples written, 0 left out.\n" * 2


@pytest.mark.django_db
def test_import_suite_writes_nothing_when_one_row_is_wrong(tmp_path: Path) -> None:
    path = write(tmp_path, own_csv(GOOD, GOOD | {"target": "two"}))

    with pytest.raises(
        CommandError, match=r"file\.csv was not imported, and nothing was written\.\nLine 3, target: The"
    ):
        call_command("import_suite", path, slug="mine-v1")
    assert (Suite.objects.count(), Sample.objects.count()) == (0, 0)


@pytest.mark.django_db
def test_import_suite_dry_run_writes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("import_suite", write(tmp_path, own_csv(GOOD)), "--dry-run", slug="mine-v1")

    assert Suite.objects.count() == 0
    assert capsys.readouterr().out == "mine-v1: 1 samples would be written (dry run, nothing was), 0 left out.\n"


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"slug": "mine"}, "The slug 'mine' carries no version. A suite never changes once run, so name it mine-v1."),
        ({"slug": "Mine v1"}, "The slug 'Mine v1' may hold small letters, digits and single dashes, at most 80. Try my-suite-v1."),
        ({"slug": "logic-v1"}, "The slug 'logic-v1' belongs to a suite that comes with the project. Choose another."),
        ({"slug": "mine-v1", "format": "gsm8"}, "There is no format 'gsm8'. Did you mean gsm8k?"),
        ({"slug": "mine-v1", "max_output_tokens": 0}, "The limit of 0 output tokens leaves no room for an answer. Give 1 or more."),
    ],
)  # fmt: skip
def test_import_suite_entered_wrongly_says_what_to_write(
    options: dict[str, Any], sentence: str, tmp_path: Path
) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("import_suite", write(tmp_path, own_csv(GOOD)), **options)
    assert str(caught.value) == sentence


def test_import_suite_of_an_unreadable_file_says_why(tmp_path: Path) -> None:
    latin = tmp_path / "latin.csv"
    latin.write_bytes(b"prompt,target,scorer\ncaf\xe9,1,numeric\n")
    empty = tmp_path / "empty.jsonl"
    empty.write_text("\n")
    for path, words in (
        (tmp_path / "none.csv", "cannot be read: No such file or directory. Check the path."),
        (latin, "is not UTF-8 at byte 24. Save it as UTF-8 and try again."),
        (empty, "Needed are prompt, target, scorer."),
    ):
        with pytest.raises(CommandError) as caught:
            call_command("import_suite", path, slug="mine-v1")
        assert str(caught.value).endswith(words)


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            '{"prompt": "a\\u0000b", "target": "1", "scorer": "numeric"}',
            "Line 1, prompt: The prompt holds a NUL character",
        ),
        ('{"prompt": "a", "target": "\\u0000", "scorer": "exact"}', "Line 1, target: The target holds a NUL character"),
        (
            '{"prompt": "\\ud83d", "target": "1", "scorer": "numeric"}',
            "Line 1, prompt: The prompt holds half of a surrogate",
        ),
        (
            '{"prompt": "a", "target": "1", "scorer": "numeric", "key": "\\u0000"}',
            "Line 1, key: The key or category holds",
        ),
        (f"{'x' * 200_000}", "Line 1: Not readable as CSV (field larger than field limit"),
        (
            '{"prompt": "' + "y" * 1_000_001 + '", "target": "1", "scorer": "numeric"}',
            "has 1,000,001 characters; at most",
        ),
    ],
)
def test_what_no_database_stores_is_named_with_its_line(tmp_path: Path, line: str, sentence: str) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text(line, encoding="utf-8")

    with pytest.raises(InvalidSuite) as caught:
        read_file(path, format="own")

    assert sentence in str(caught.value)


def test_byte_order_mark_and_line_separators_inside_texts_are_no_trouble(tmp_path: Path) -> None:
    path = tmp_path / "own.jsonl"
    path.write_text('\ufeff{"question": "one\u2028two", "answer": "#### 5"}\r\n', encoding="utf-8")

    parsed = read_file(path, format="gsm8k")

    assert [item.prompt.partition("two")[0] for item in parsed.items] == ["one\u2028"]
