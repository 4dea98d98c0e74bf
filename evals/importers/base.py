"""What every importer gives: items, what is wrong with the file and where, and what had to be left out and why."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from evals.suites.base import Item
from evals.suites.checking import item_troubles, unstorable

MAX_FILE = 50_000_000  # bytes
MAX_ITEMS = 20_000


@dataclass(frozen=True, slots=True)
class Problem:
    """Something in the file that is wrong: ``line`` from 1, ``column`` the name of the column or field."""

    line: int
    column: str
    sentence: str

    def __str__(self) -> str:
        return f"Line {self.line}{f', {self.column}' if self.column else ''}: {self.sentence}"


@dataclass(slots=True)
class Parsed:
    """The outcome of reading one file. With a problem in it nothing may be written."""

    items: list[Item] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    _lines: dict[str, int] = field(default_factory=dict)

    def problem(self, line: int, column: str, sentence: str) -> None:
        self.problems.append(Problem(line, column, sentence))

    def add(self, line: int, item: Item, *, columns: dict[str, str] | None = None) -> None:
        """Take an item, or its troubles. ``columns`` maps our field names to those of the file."""
        troubles = item_troubles(
            prompt=item.prompt, target=item.target, scorer=item.scorer, options=item.scorer_options
        )  # fmt: skip
        for name, sentence in troubles.items():
            self.problem(line, (columns or {}).get(name, name), sentence)
        if found := unstorable(f"{item.key}{item.category}"):
            self.problem(line, "key", f"The key or category holds {found}, which no database stores. Take it out.")
        elif item.key in self._lines:
            self.problem(
                line, "key", f"The key {item.key!r} is on line {self._lines[item.key]} already. Give every row its own."
            )
        elif not troubles:
            self.items.append(item)
        self._lines.setdefault(item.key, line)


Importer = Callable[[str], Parsed]


def json_lines(text: str, parsed: Parsed) -> Iterator[tuple[int, dict[str, Any]]]:
    """The objects of a JSON-lines text with their line numbers; lines that are none become problems."""
    for number, line in enumerate(text.split("\n"), 1):  # not splitlines: a JSON text may hold U+2028
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            said = getattr(error, "msg", type(error).__name__)
            column = getattr(error, "colno", 1)
            parsed.problem(
                number, f"character {column}", f"Not valid JSON ({said}). Write one JSON object on each line."
            )
            continue
        if not isinstance(row, dict):
            parsed.problem(number, "", f"A JSON object is needed here, not {type(row).__name__}.")
            continue
        yield number, row


def text_of(row: dict[str, Any], name: str, line: int, parsed: Parsed) -> str | None:
    """A field that must be a text with something in it; None, and a problem, when it is not."""
    value = row.get(name)
    if isinstance(value, str) and value.strip():
        return value
    what = "is missing" if name not in row else "is empty" if value in ("", None) else f"is {value!r}, not a text"
    parsed.problem(line, name, f"The field {name!r} {what}. Every row needs it.")
    return None


def lettered(question: str, choices: list[str], letters: str) -> str:
    """A question with its choices under it, one to a line, and how to answer."""
    listed = "\n".join(f"{letter}) {choice}" for letter, choice in zip(letters, choices, strict=True))
    return f"{question.strip()}\n\n{listed}\n\nEnd with the letter of the right answer alone on the last line."
