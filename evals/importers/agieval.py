"""AGIEval: ``passage``, ``question``, ``options`` and ``label`` (without options: ``answer``) on each line."""

import re

from evals.importers.base import Parsed, json_lines, lettered, text_of
from evals.scorers.numeric import target_number
from evals.suites.base import Item

LETTERS = "ABCDEFGHIJ"


def parse(text: str) -> Parsed:
    """Multiple choice by its label, and questions with a number as their answer. Several labels are left out."""
    parsed = Parsed()
    for line, row in json_lines(text, parsed):
        question = text_of(row, "question", line, parsed)
        if question is None:
            continue
        if isinstance(row.get("passage"), str) and row["passage"].strip():
            question = f"{row['passage'].strip()}\n\n{question}"
        options, label = row.get("options"), row.get("label")
        if isinstance(label, list):
            parsed.left_out.append(f"Line {line}: left out, because several labels are right.")
            continue
        item = _chosen(line, question, options, label, parsed) if options else _number(line, question, row, parsed)
        if item is not None:
            parsed.add(line, item, columns={"prompt": "question", "target": "label" if options else "answer"})
    return parsed


def _chosen(line: int, question: str, options: object, label: object, parsed: Parsed) -> Item | None:
    if not isinstance(options, list) or not 2 <= len(options) <= len(LETTERS):
        parsed.problem(line, "options", f"A list of 2 to {len(LETTERS)} texts is needed.")
        return None
    letters = LETTERS[: len(options)]
    texts = [re.sub(r"^\s*\(?[A-J]\)\s*", "", str(option)).strip() for option in options]
    if label not in tuple(letters):
        parsed.problem(line, "label", f"The label is {label!r}; write one of {', '.join(letters)}.")
        return None
    return Item(
        key=f"row-{line:05}",
        category="multiple choice",
        prompt=lettered(question, texts, letters),
        target=label,
        scorer="choice",
        scorer_options={"letters": letters, "texts": texts},
    )


def _number(line: int, question: str, row: dict[str, object], parsed: Parsed) -> Item | None:
    answer = row.get("answer")
    if not isinstance(answer, str | int | float) or target_number(str(answer).strip("$ ")) is None:
        parsed.left_out.append(f"Line {line}: left out, because its answer {str(answer)[:40]!r} is no number.")
        return None
    return Item(
        key=f"row-{line:05}",
        category="open questions",
        prompt=f"{question.strip()}\n\nEnd with the number alone on the last line.",
        target=str(answer).strip("$ "),
        scorer="numeric",
    )
