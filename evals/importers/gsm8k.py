"""GSM8K: one JSON object on a line, ``question`` and ``answer``, whose last line is ``#### 42``."""

from evals.importers.base import Parsed, json_lines, text_of
from evals.suites.base import Item


def parse(text: str) -> Parsed:
    """The problems with the number after ``####`` as the target; the worked solution is left aside."""
    parsed = Parsed()
    for line, row in json_lines(text, parsed):
        question, answer = text_of(row, "question", line, parsed), text_of(row, "answer", line, parsed)
        if question is None or answer is None:
            continue
        _, found, number = answer.rpartition("####")
        if not found:
            parsed.problem(line, "answer", "The answer has no final '#### number'. Add it after the worked solution.")
            continue
        parsed.add(
            line,
            Item(
                key=f"row-{line:05}",
                category="word problems",
                prompt=f"{question.strip()}\n\nEnd with the number alone on the last line.",
                target=number.strip(),
                scorer="numeric",
            ),
            columns={"prompt": "question", "target": "answer"},
        )
    return parsed
