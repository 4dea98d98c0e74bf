"""A spreadsheet runs text that looks like a formula, so such text carries an apostrophe on its way out."""

import re

FORMULA_START = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
NUMBER = re.compile(r"-?\d+(\.\d+)?([eE][-+]?\d+)?")
_INVISIBLE = " \u00a0\ufeff\u200b"


def guarded(text: str) -> str:
    """The text as a cell that no spreadsheet runs."""
    if text.lstrip(_INVISIBLE).startswith(FORMULA_START) and not NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def unguarded(text: str) -> str:
    """The text of a cell as it was before ``guarded``."""
    return text[1:] if text.startswith("'") and guarded(text[1:]) == text else text
