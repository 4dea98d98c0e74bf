"""The words asked for, and no others."""

import re
import unicodedata
from typing import Any

from evals.scorers.base import Judge, Judgement, graded, scorer, unscored

_QUOTES = "\"'“”‘’«»`*_ \t\n"


def normalised(text: str, *, ignore_case: bool = True) -> str:
    """Unicode-normalised, white space collapsed, quotes and Markdown around and a full stop at the end removed."""
    text = " ".join(unicodedata.normalize("NFKC", text).split()).strip(_QUOTES)
    text = text.removesuffix(".").removesuffix("!").strip(_QUOTES)
    return text.casefold() if ignore_case else text


@scorer(name="exact", version=1)
def exact(*, ignore_case: bool = True, after_marker: bool = True) -> Judge:
    """The whole reply is the target, or one of the targets when it is a list.

    Quotes, Markdown emphasis and a full stop around the answer are overlooked.

    :param ignore_case: "Paris" and "PARIS" are the same.
    :param after_marker: of "... answer: Paris" or "answer is Paris" only what follows the last marker is compared.

    Does not match: the target inside a longer sentence.
    """

    def judge(text: str, target: Any) -> Judgement:
        targets = target if isinstance(target, list) else [target]
        if not targets or not all(isinstance(each, str) for each in targets):
            return unscored("", f"The target {target!r} is not a text or a list of texts.")
        wanted = {normalised(each, ignore_case=ignore_case) for each in targets}
        answer = normalised(text, ignore_case=ignore_case)
        if answer not in wanted and after_marker:
            marked = re.split(r"\banswer(?:\s+is)?\s*:?\s+", text, flags=re.IGNORECASE)
            answer = normalised(marked[-1], ignore_case=ignore_case) if len(marked) > 1 else answer
        return graded(answer in wanted, answer[:500], f"Expected {targets[0]!r}.")

    return judge
