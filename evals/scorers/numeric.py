"""A number, compared exactly."""

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from evals.scorers.base import Judge, Judgement, ScorerError, graded, incorrect, scorer, unscored
from evals.scorers.numbers import Number, find_numbers, plain

_BOXED = re.compile(r"\\boxed\s*\{((?:[^{}]|\{[^{}]*\})*)\}")
_MARKER = re.compile(r"####|\banswers?\b\s*(?:is|are|:|=|would be|will be)+\s*:?", re.IGNORECASE)
_HEDGE = re.compile(r"^\s*(?:,?\s*or\b|/|,?\s*maybe\b|,?\s*perhaps\b|(?:,|,?\s*and)\s*$)", re.IGNORECASE)
_NEGATION = re.compile(r"\b(?:not|isn't|never|cannot be)\s*$", re.IGNORECASE)


@scorer(name="numeric", version=1)
def numeric(*, tolerance: str = "0", percent: bool = False) -> Judge:
    """Compare the number that the reply ends on with the target, exactly.

    Taken is, in this order: the last ``\\boxed{}``; the first number after the last "answer is", "answer:" or "####";
    the last number of the text. Thousands separators, currency signs, fractions (3/4, 1 1/2), exponents and units
    after the number are read. A reply that offers two numbers ("11 or 12") is incorrect, whatever they are.

    :param tolerance: largest absolute difference that still counts as right, as a decimal text.
    :param percent: the question asks for a percentage: 45 and 45% both mean 45. Otherwise 45% means 0.45.

    Does not match: numbers in words ("seven"), and parts of longer numbers (711 never matches 11).
    """
    try:
        allowed = Fraction(Decimal(tolerance))
    except (InvalidOperation, ValueError, TypeError):
        raise ScorerError(f"tolerance is {tolerance!r}; write a decimal number such as 0.01.") from None
    if allowed < 0:
        raise ScorerError(f"tolerance is {tolerance!r}; it cannot be negative.")

    def judge(text: str, target: Any) -> Judgement:
        wanted = _target_value(target)
        if wanted is None:
            return unscored("", f"The target {target!r} is not a number.")
        found, hedged = _final_number(plain(text) if "\\boxed" not in text else text)
        if found is None:
            return incorrect("", "The reply holds no number.")
        if hedged:
            return incorrect(found.text, "The reply offers more than one number.")
        value = found.value if percent else found.fraction
        return graded(abs(value - wanted) <= allowed, found.text, f"{found.text} is not {target}.")

    return judge


def _target_value(target: Any) -> Fraction | None:
    if isinstance(target, bool) or target is None:
        return None
    numbers = find_numbers(str(target).strip())
    if len(numbers) != 1 or numbers[0].text != str(target).strip():
        return None
    return numbers[0].fraction


def _final_number(text: str) -> tuple[Number | None, bool]:
    """The number the reply settles on, and whether it offers another beside it."""
    boxed = _BOXED.findall(text)
    if boxed:
        numbers = find_numbers(plain(boxed[-1]))
        return (numbers[0] if numbers else None), len(numbers) > 1
    numbers = find_numbers(text)
    if not numbers:
        return None, False
    chosen = len(numbers) - 1
    markers = list(_MARKER.finditer(text))
    if markers:
        after = [index for index, number in enumerate(numbers) if number.start >= markers[-1].end()]
        chosen = after[0] if after else chosen
    number = numbers[chosen]
    if _NEGATION.search(text[: number.start]):
        return number, True
    next_one = numbers[chosen + 1] if chosen + 1 < len(numbers) else None
    hedged = next_one is not None and bool(_HEDGE.match(text[number.end : next_one.start]))
    if chosen and not hedged:
        before = numbers[chosen - 1]
        hedged = (
            bool(_HEDGE.match(text[before.end : number.start])) and len(text[before.end : number.start].split()) <= 2
        )
    return number, hedged
