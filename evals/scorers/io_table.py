"""A table of inputs and outputs of a function, filled in by the model: no code of the model is ever run."""

import re
from typing import Any

from evals.scorers.base import Judge, Judgement, ScorerError, graded, incorrect, scorer, unscored
from evals.scorers.literals import NotALiteral, read_literal, same

_LINK = re.compile(r"==|=>|->|→|=|:|\|")
_CALL = re.compile(r"(?:.{0,40}\s)?\w{1,40}\((.*)\)")


@scorer(name="io_table", version=1)
def io_table(*, least: int | None = None) -> Judge:
    """The reply gives the right output for each input of the target, a list of ``[input, output]`` in Python's writing.

    A row is a line such as ``f(3) = 9``, ``3 -> 9``, ``3: 9`` or ``| 3 | 9 |``. Bullets, code fences and other lines
    are overlooked. Values are compared with their types, as by the scorer ``literal``.

    :param least: how many rows must be right; all of them when not given.

    Does not match: outputs without their inputs, an input given two different outputs.
    """
    if least is not None and (isinstance(least, bool) or not isinstance(least, int) or least < 1):
        raise ScorerError(f"least is {least!r}; write a whole number of rows, 1 or more.")

    def judge(text: str, target: Any) -> Judgement:
        try:
            wanted = [(read_literal(given), read_literal(gives)) for given, gives in target]
        except (NotALiteral, ValueError, TypeError, AttributeError):
            return unscored("", "The target is not a list of [input, output] pairs in Python's writing.")
        if not wanted:
            return unscored("", "The target has no rows.")
        if least is not None and least > len(wanted):
            return unscored("", f"least is {least}, but the target has {len(wanted)} rows.")
        rows = [row for line in text[-20_000:].splitlines() if (row := _row(line)) is not None]
        if not rows:
            return incorrect(text[:300], "The reply holds no row such as f(3) = 9.")
        right = sum(_gives(rows, given, gives) for given, gives in wanted)
        needed = len(wanted) if least is None else least
        return graded(right >= needed, f"{right} of {len(wanted)} rows", f"{right} of {len(wanted)} rows are right.")

    return judge


def _gives(rows: list[tuple[Any, Any]], given: Any, gives: Any) -> bool:
    said = [output for entry, output in rows if same(entry, given)]
    return bool(said) and all(same(output, gives) for output in said)


def _row(line: str) -> tuple[Any, Any] | None:
    """The input and output of a line: on both sides of the first link between two values."""
    line = re.sub(r"^\s*(?:[-*•]\s+)?", "", line).replace("`", "").strip().strip("|").strip()
    if len(line) > 1_000:
        return None
    for link in list(_LINK.finditer(line))[:10]:
        left, right = line[: link.start()].strip(), line[link.end() :].strip().rstrip(".,; ")
        call = _CALL.fullmatch(left)
        try:
            return read_literal(call.group(1) if call else left), read_literal(right)
        except NotALiteral:
            continue
    return None
