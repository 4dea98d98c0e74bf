"""A suite of one's own: CSV or JSON lines with prompt, target, scorer and perhaps options, key and category.

In CSV, options are a JSON object, and so is every target that is no text or number (``{"words": 3}``, ``["a", "b"]``).
"""

import csv
import io
import json
from difflib import get_close_matches
from typing import Any

from evals.importers.base import Parsed, json_lines
from evals.suites.base import Item
from evals.suites.checking import read_target

COLUMNS = ("prompt", "target", "scorer", "options", "key", "category")
NEEDED = ("prompt", "target", "scorer")


def parse(text: str) -> Parsed:
    """The rows as items; the form is told from the first character."""
    return _json(text) if text.lstrip("\ufeff \n\r\t").startswith("{") else _csv(text.removeprefix("\ufeff"))


def _csv(text: str) -> Parsed:
    parsed = Parsed()
    reader = csv.DictReader(io.StringIO(text), skipinitialspace=True)
    try:
        header = [name.strip() for name in reader.fieldnames or []]
    except csv.Error as error:
        parsed.problem(1, "", f"Not readable as CSV ({error}). The first line names the columns: {', '.join(NEEDED)}.")
        return parsed
    reader.fieldnames = header
    if not _header_is_right(header, parsed):
        return parsed
    try:
        for row in reader:
            if None in row:
                parsed.problem(
                    reader.line_num,
                    "",
                    f"There are more cells than the {len(header)} columns. Put texts with commas into double quotes.",
                )
                continue
            _add(parsed, reader.line_num, {name: value for name, value in row.items() if value}, from_csv=True)
    except csv.Error as error:
        parsed.problem(
            reader.line_num, "", f"Not readable as CSV ({error}). Save it as UTF-8 with commas and double quotes."
        )
    return parsed


def _json(text: str) -> Parsed:
    parsed = Parsed()
    for line, row in json_lines(text, parsed):
        if _header_is_right(list(row), parsed, line=line):
            _add(parsed, line, row, from_csv=False)
    return parsed


def _header_is_right(names: list[str], parsed: Parsed, *, line: int = 1) -> bool:
    missing = [name for name in NEEDED if name not in names]
    unknown = [name for name in names if name not in COLUMNS]
    for name in missing:
        parsed.problem(line, name, f"The column {name!r} is missing. Needed are {', '.join(NEEDED)}.")
    for name in unknown:
        near = get_close_matches(name, COLUMNS, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(COLUMNS)}."
        parsed.problem(line, name, f"There is no column {name!r}. {hint}")
    return not missing and not unknown


def _add(parsed: Parsed, line: int, row: dict[str, Any], *, from_csv: bool) -> None:
    options, target, scorer = row.get("options") or {}, row.get("target"), row.get("scorer")
    if from_csv:
        scorer = str(scorer or "").strip()
        try:
            options = json.loads(options) if isinstance(options, str) else options
        except (ValueError, RecursionError):
            parsed.problem(line, "options", _not_json(options))
            return
        try:
            target = read_target(target, scorer=scorer, options=options) if isinstance(target, str) else target
        except ValueError:
            parsed.problem(line, "target", _not_json(target))
            return
    item = Item(
        key=str(row.get("key") or f"row-{line:05}")[:80],
        category=str(row.get("category") or "own")[:60],
        prompt=row.get("prompt") or "",
        target=target,
        scorer=scorer or "",
        scorer_options=options,
    )
    parsed.add(line, item)


def _not_json(value: object) -> str:
    return f'{str(value)[:60]!r} is not valid JSON. In CSV, double the quotes inside: "{{""a"": 1}}".'
