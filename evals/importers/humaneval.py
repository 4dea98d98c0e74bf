"""HumanEval: ``task_id``, ``prompt``, ``canonical_solution``, ``test`` and ``entry_point`` on each line.

Judged as written, a model's program would have to be run, which this service never does. So the tasks are turned round:
the model reads the right program and states what it returns for the inputs of the tests.
"""

import ast
from typing import Any

from evals.importers.base import Parsed, json_lines, text_of
from evals.suites.base import Item

MOST_ROWS = 4
MOST_CHARACTERS = 200  # of an input or output; a longer one is no question for a reader
FIELDS = ("prompt", "canonical_solution", "test", "entry_point")


def parse(text: str) -> Parsed:
    """One table of inputs and outputs for each task whose tests are plain ``assert candidate(…) == …``."""
    parsed = Parsed()
    for line, row in json_lines(text, parsed):
        if "canonical_solution" not in row and "prompt" in row:
            parsed.problem(
                line,
                "canonical_solution",
                "The field 'canonical_solution' is missing. Without the program the model's own would have to be run, "
                "which is not done here: add the program, or import input and output pairs with --format own.",
            )
            continue
        values = [text_of(row, name, line, parsed) for name in FIELDS]
        if any(value is None for value in values):
            continue
        prompt, solution, test, entry_point = map(str, values)
        name = str(row.get("task_id") or f"row-{line:05}")
        pairs = _pairs(test)[:MOST_ROWS]
        if not pairs:
            parsed.left_out.append(f"Line {line}: {name} has no test of the form assert candidate(3) == 9.")
            continue
        asked = "\n".join(f"{entry_point}({given})" for given, _ in pairs)
        parsed.add(
            line,
            Item(
                key=name[:80],
                category="reading programs",
                prompt=(
                    f"```python\n{prompt.rstrip()}\n{solution.rstrip()}\n```\n\nWhat does each of these calls return?\n"
                    f"{asked}\n\nEnd with one line for each call, of the form call = value, both written as in Python."
                ),
                target=[list(pair) for pair in pairs],
                scorer="io_table",
            ),
        )
    return parsed


def _pairs(test: str) -> list[tuple[str, str]]:
    """Inputs and outputs of the asserts that compare a call with a literal."""
    try:
        tree = ast.parse(test)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[tuple[str, str]] = []
    for node in ast.walk(tree):
        match node:
            case ast.Assert(
                test=ast.Compare(
                    left=ast.Call(func=ast.Name(id="candidate"), args=args, keywords=[]),
                    ops=[ast.Eq()],
                    comparators=[gives],
                )
            ):
                written = [_written(arg) for arg in args]
                output = _written(gives)
                if written and output is not None and all(each is not None for each in written):
                    found.append((", ".join(map(str, written)), output))
    return [pair for pair in found if all(len(each) <= MOST_CHARACTERS for each in pair)]


def _written(node: Any) -> str | None:
    try:
        return repr(ast.literal_eval(node))
    except (ValueError, TypeError, RecursionError):
        return None
