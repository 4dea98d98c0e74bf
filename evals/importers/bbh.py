"""BIG-Bench-Hard: one JSON file with ``examples``, each with ``input`` and ``target``."""

import json
import re
from typing import Any

from evals.importers.base import Parsed
from evals.scorers.numeric import target_number
from evals.suites.base import Item

_OPTION = re.compile(r"^\(([A-R])\)\s*(.*)$", re.MULTILINE)


def parse(text: str) -> Parsed:
    """The examples: "(B)" as multiple choice, numbers as numbers, the rest word for word on the last line."""
    parsed = Parsed()
    try:
        file = json.loads(text)
    except (ValueError, RecursionError) as error:
        line, column = getattr(error, "lineno", 1), getattr(error, "colno", 1)
        parsed.problem(line, f"character {column}", "Not valid JSON. The file is one object with a list of examples.")
        return parsed
    examples = file.get("examples") if isinstance(file, dict) else None
    if not isinstance(examples, list) or not examples:
        parsed.problem(1, "examples", "The file has no list 'examples'. Each example has an 'input' and a 'target'.")
        return parsed
    for n, example in enumerate(examples, 1):
        _add(parsed, n, example)
    return parsed


def _add(parsed: Parsed, n: int, example: Any) -> None:
    """``n`` is the example's number, which stands for its line: the file is usually one line."""
    where = f"example {n}"
    if not isinstance(example, dict) or not isinstance(example.get("input"), str) or not example["input"].strip():
        parsed.problem(n, where, "The example has no text 'input'. Write the question there.")
        return
    question, target = example["input"].strip(), example.get("target")
    if not isinstance(target, str) or not target.strip():
        parsed.problem(n, where, "The example has no text 'target'. Write the right answer there.")
        return
    target = target.strip()
    options = dict(_OPTION.findall(question.partition("Options:")[2]))
    key, category = f"example-{n:05}", "big-bench-hard"
    letter = target.strip("()")
    if options and letter in options:
        letters = "".join(sorted(options))
        item = Item(
            key=key,
            category=category,
            prompt=f"{question}\n\nEnd with the letter of the right answer alone on the last line.",
            target=letter,
            scorer="choice",
            scorer_options={"letters": letters},
        )
    else:
        number = target_number(target) is not None
        item = Item(
            key=key,
            category=category,
            prompt=f"{question}\n\nEnd with the answer alone on the last line.",
            target=target,
            scorer="numeric" if number else "exact",
            scorer_options={} if number else {"last_line": True},
        )
    parsed.add(n, item, columns={"prompt": f"{where}, input", "target": f"{where}, target"})
