"""A list whose order does not matter."""

import json
import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from evals.scorers.base import Judge, Judgement, ScorerError, graded, incorrect, scorer, unscored
from evals.scorers.exact import normalised

_BULLET = re.compile(r"^\s*(?:[-*•+]|\d{1,3}[.)])\s+")
_INTRODUCTION = re.compile(r"^[^\n,;]{0,200}:\s+")


@scorer(name="set", version=1)
def set_overlap(*, threshold: str = "1", ignore_case: bool = True, last_line: bool = False) -> Judge:
    """The items that the reply lists are those of the target, a list of texts, in any order.

    Read is a JSON array, a list with one item on a line (bullets and numbers overlooked), or items between commas,
    semicolons or a last "and". An introduction that ends in a colon is overlooked. An item named twice counts once.

    :param threshold: the least F1 of found and wanted items that counts as right; 1 means exactly the same items.
    :param ignore_case: "Paris" and "PARIS" are the same.
    :param last_line: only the last line is read; the reply may reason before it.

    Does not match: items in sentences ("I think Paris is one of them"), items that themselves hold a comma.
    """
    try:
        least = Fraction(Decimal(threshold))
    except (InvalidOperation, ValueError, TypeError, OverflowError):
        raise ScorerError(f"threshold is {threshold!r}; write a decimal number such as 0.8.") from None
    if not 0 < least <= 1:
        raise ScorerError(f"threshold is {threshold!r}; it lies above 0 and is at most 1.")

    def judge(text: str, target: Any) -> Judgement:
        if not isinstance(target, list) or not target or not all(isinstance(each, str) for each in target):
            return unscored("", f"The target {target!r} is not a list of texts.")
        if last_line:
            text = text.rstrip("`* \n\t").rsplit("\n", 1)[-1]
        wanted = {normalised(each, ignore_case=ignore_case) for each in target}
        found = {normalised(item, ignore_case=ignore_case) for item in _items(text)} - {""}
        if not found:
            return incorrect(text[:500], "The reply lists nothing.")
        overlap = Fraction(2 * len(wanted & found), len(wanted) + len(found))
        missing, extra = sorted(wanted - found)[:10], sorted(found - wanted)[:10]
        said = "; ".join(
            f"{what}: {', '.join(items)}" for what, items in (("missing", missing), ("too many", extra)) if items
        )
        return graded(overlap >= least, ", ".join(sorted(found))[:500], said[:500])

    return judge


def _items(text: str) -> list[str]:
    body = re.sub(r"^```\w*\n|\n?```$", "", text.strip())
    if body.startswith("["):
        try:
            listed = json.loads(body)
        except (ValueError, RecursionError):
            listed = None
        if isinstance(listed, list):
            return [str(item) for item in listed]
    rows = [row for row in body.splitlines() if row.strip()]
    if len(rows) > 1 and rows[0].rstrip().endswith(":"):
        rows = rows[1:]
    if len(rows) > 1:
        return [_BULLET.sub("", row).strip().removeprefix("and ").rstrip(",;") for row in rows]
    # Single spaces only: with runs of them the splitting below would take quadratic time.
    single = " ".join(_INTRODUCTION.sub("", _BULLET.sub("", rows[0])).split()) if rows else ""
    return re.split(r" ?[,;] ?(?:and )?| and ", single.strip("[]{}. "))
