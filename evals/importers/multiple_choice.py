"""Multiple choice as MMLU has it, as CSV or as JSON lines.

CSV: ``question,A,B,C,D,answer`` with or without that header line, the answer a letter. JSON lines: ``question``,
``choices`` (a list), ``answer`` (a letter or the number of the choice from 0), and perhaps ``subject``.
"""

import csv
import io
from typing import Any

from evals.importers.base import Parsed, json_lines, lettered, text_of
from evals.suites.base import Item

LETTERS = "ABCDEFGHIJ"


def parse(text: str) -> Parsed:
    """Every question with lettered choices; the form is told from the first character."""
    return _json(text) if text.lstrip().startswith("{") else _csv(text)


def _csv(text: str) -> Parsed:
    parsed = Parsed()
    reader = csv.reader(io.StringIO(text))
    try:
        for row in reader:
            line = reader.line_num
            if not any(cell.strip() for cell in row) or (row[0].strip().lower() == "question" and not parsed.items):
                continue
            if len(row) < 4:
                parsed.problem(
                    line,
                    "",
                    f"{len(row)} columns; at least four are needed: the question, two choices and the answer's letter.",
                )
                continue
            _add(parsed, line, row[0], row[1:-1], row[-1].strip(), "multiple choice")
    except csv.Error as error:
        parsed.problem(
            reader.line_num, "", f"Not readable as CSV ({error}). Save it as UTF-8 with commas and double quotes."
        )
    return parsed


def _json(text: str) -> Parsed:
    parsed = Parsed()
    for line, row in json_lines(text, parsed):
        question = text_of(row, "question", line, parsed)
        choices = row.get("choices", row.get("options"))
        if not isinstance(choices, list) or not all(isinstance(choice, str) for choice in choices):
            parsed.problem(line, "choices", "A list of texts is needed, one for each choice.")
            continue
        if question is not None:
            _add(parsed, line, question, choices, row.get("answer"), str(row.get("subject") or "multiple choice")[:60])
    return parsed


def _add(parsed: Parsed, line: int, question: str, choices: list[str], answer: Any, category: str) -> None:
    if not 2 <= len(choices) <= len(LETTERS):
        parsed.problem(line, "choices", f"{len(choices)} choices; from 2 to {len(LETTERS)} can be read.")
        return
    letters = LETTERS[: len(choices)]
    if isinstance(answer, str) and answer.strip().isdigit():
        answer = int(answer)
    if isinstance(answer, int) and not isinstance(answer, bool) and 0 <= answer < len(choices):
        answer = letters[answer]
    if not isinstance(answer, str) or answer.strip().upper() not in tuple(letters):
        parsed.problem(
            line, "answer", f"The answer is {answer!r}; write one of {', '.join(letters)}, or its number from 0."
        )
        return
    if empty := next((letter for letter, choice in zip(letters, choices, strict=True) if not choice.strip()), None):
        parsed.problem(line, empty, f"The choice {empty} is empty. Write its text.")
        return
    item = Item(
        key=f"row-{line:05}",
        category=category,
        prompt=lettered(question, choices, letters) if question.strip() else "",
        target=answer.strip().upper(),
        scorer="choice",
        scorer_options={"letters": letters, "texts": choices},
    )
    parsed.add(line, item, columns={"prompt": "question", "target": "answer"})
