"""Values as Python or JSON writes them, read without running anything."""

import ast
import re
from typing import Any

MAX_LITERAL = 4_000
_WORDS = {"true": "True", "false": "False", "null": "None"}
_STRING = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")


class NotALiteral(ValueError):
    """The text is not one literal value."""


def read_literal(text: str) -> Any:
    """The value that ``text`` writes: numbers, texts, True, False, None, lists, tuples, sets and dicts of these.

    ``true``, ``false`` and ``null`` are read too.

    :raises NotALiteral: for anything else, for more than 4,000 characters and for more than 30 levels of brackets.
    """
    body = text.strip()
    skeleton = _STRING.sub("''", body)
    if not body or len(body) > MAX_LITERAL or _depth(skeleton) > 30 or re.search(r"[-+~]\s*[-+~]|\d{400}", skeleton):
        raise NotALiteral(f"{text[:80]!r} is not one value")
    if body in _WORDS or (body[0] in "[{" and re.search(r"\b(?:true|false|null)\b", skeleton)):
        body = re.sub(r"\b(?:true|false|null)\b", lambda match: _WORDS[match.group()], body)
    try:
        return ast.literal_eval(body)
    except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
        raise NotALiteral(f"{text[:80]!r} is not one value") from None


def _depth(text: str) -> int:
    deepest = depth = 0
    for char in text:
        if char in "([{":
            depth += 1
            deepest = max(deepest, depth)
        elif char in ")]}":
            depth -= 1
    return deepest


def same(found: Any, wanted: Any) -> bool:
    """Equal in value and in type all the way down: 1, 1.0, True and "1" are four different values."""
    if type(found) is not type(wanted):
        return False
    if isinstance(wanted, list | tuple):
        return len(found) == len(wanted) and all(same(a, b) for a, b in zip(found, wanted, strict=True))
    if isinstance(wanted, dict):
        keys = {_typed(key) for key in wanted}
        return {_typed(key) for key in found} == keys and all(same(found[key], wanted[key]) for key in wanted)
    if isinstance(wanted, set):
        return {_typed(each) for each in found} == {_typed(each) for each in wanted}
    return bool(found == wanted)


def _typed(value: Any) -> tuple[str, str]:
    return type(value).__name__, repr(value)
