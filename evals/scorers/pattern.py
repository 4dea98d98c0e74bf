"""A regular expression that the reply must match."""

import re
from typing import Any

from evals.scorers.base import Judge, Judgement, graded, scorer, unscored

MAX_TEXT = 20_000


@scorer(name="pattern", version=1)
def pattern(*, whole: bool = True, ignore_case: bool = False) -> Judge:
    """The reply matches the target, a regular expression.

    :param whole: the expression covers the whole reply; otherwise it may match anywhere.
    :param ignore_case: letters match in either case.

    Replies are cut at 20,000 characters before matching.
    """
    flags = re.IGNORECASE if ignore_case else 0

    def judge(text: str, target: Any) -> Judgement:
        try:
            expression = re.compile(str(target), flags)
        except re.error as error:
            return unscored("", f"The target {target!r} is not a regular expression: {error}.")
        found = expression.fullmatch(text[:MAX_TEXT]) if whole else expression.search(text[:MAX_TEXT])
        return graded(found is not None, (found.group() if found else text)[:500], f"Does not match {target}.")

    return judge
