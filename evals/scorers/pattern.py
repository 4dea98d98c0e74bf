"""A regular expression that the reply must match, matched within a time limit."""

from functools import lru_cache
from typing import Any

import regex

from evals.scorers.base import Judge, Judgement, ScorerError, graded, scorer, unscored

MAX_TEXT = 20_000
TIMEOUT_S = 0.2


@scorer(name="pattern", version=2)
def pattern(*, whole: bool = True, ignore_case: bool = False) -> Judge:
    """The reply matches the target, a regular expression.

    :param whole: the expression covers the whole reply; otherwise it may match anywhere.
    :param ignore_case: letters match in either case.

    Does not match: what stands after the first 20,000 characters. An expression that takes longer than a fifth of a
    second leaves the sample unscored: the expression is at fault, not the answer.
    """
    for name, value in (("whole", whole), ("ignore_case", ignore_case)):
        if not isinstance(value, bool):
            raise ScorerError(f"{name} is {value!r}; write true or false.")

    def judge(text: str, target: Any) -> Judgement:
        try:
            expression = compiled(str(target), ignore_case)
        except regex.error as error:
            return unscored("", f"The target {target!r} is not a regular expression: {error}.")
        match = expression.fullmatch if whole else expression.search
        try:
            found = match(text[:MAX_TEXT], timeout=TIMEOUT_S)
        except TimeoutError:
            return unscored(
                text[:500], f"Matching {target} took longer than {TIMEOUT_S} s. Write it without nested repeats."
            )
        return graded(found is not None, (found.group() if found else text)[:500], f"Does not match {target}.")

    return judge


@lru_cache(maxsize=500)
def compiled(expression: str, ignore_case: bool) -> "regex.Pattern[str]":
    """The expression, compiled as version 0 of the regex package: the syntax of Python's own module.

    :raises regex.error: when it is none.
    """
    return regex.compile(expression, regex.VERSION0 | (regex.IGNORECASE if ignore_case else 0))
