"""The words asked for, and no others."""

import re
import unicodedata
from typing import Any

from evals.scorers.base import Judge, Judgement, ScorerError, graded, scorer, unscored
from evals.scorers.checks import occurrences, words

_QUOTES = "\"'“”‘’«»`*_ \t\n"
_DENIED = re.compile(r"\b(?:not|never|neither|nor|or|nicht|pas|no es|non)\b|n['’]t\b|\?", re.IGNORECASE)
MAX_SENTENCE_WORDS = 25


def normalised(text: str, *, ignore_case: bool = True) -> str:
    """Unicode-normalised, white space collapsed, quotes and Markdown around and a full stop at the end removed."""
    text = " ".join(unicodedata.normalize("NFKC", text).split()).strip(_QUOTES)
    text = text.removesuffix(".").removesuffix("!").strip(_QUOTES)
    return text.casefold() if ignore_case else text


@scorer(name="exact", version=2)
def exact(
    *,
    ignore_case: bool = True,
    after_marker: bool = True,
    last_line: bool = False,
    among: list[str] | None = None,
) -> Judge:
    """The whole reply is the target, or one of the targets when it is a list.

    Quotes, Markdown emphasis and a full stop around the answer are overlooked.

    :param ignore_case: "Paris" and "PARIS" are the same.
    :param after_marker: of "... answer: Paris" or "answer is Paris" only what follows the last marker is compared.
    :param last_line: only the last line is compared; the reply may reason before it.
    :param among: everything that could be answered. A sentence of at most 25 words then counts when it names the target
        and nothing else of these, without a "not", an "or" or a question mark.

    Does not match: the target inside a longer sentence, unless ``among`` is given.
    """
    for name, value in (("ignore_case", ignore_case), ("after_marker", after_marker), ("last_line", last_line)):
        if not isinstance(value, bool):
            raise ScorerError(f"{name} is {value!r}; write true or false.")
    if among is not None and not (isinstance(among, list) and all(isinstance(each, str) and each for each in among)):
        raise ScorerError(f"among is {among!r}; write a list of texts.")

    def judge(text: str, target: Any) -> Judgement:
        targets = target if isinstance(target, list) else [target]
        if not targets or not all(isinstance(each, str) for each in targets):
            return unscored("", f"The target {target!r} is not a text or a list of texts.")
        if last_line:
            text = text.rstrip("`* \n\t").rsplit("\n", 1)[-1]
        wanted = {normalised(each, ignore_case=ignore_case) for each in targets}
        answer = normalised(text, ignore_case=ignore_case)
        if answer not in wanted and after_marker:
            marked = re.split(r"\banswer(?:\s{1,5}is)?\s{0,5}:?\s{1,5}", text, flags=re.IGNORECASE)
            answer = normalised(marked[-1], ignore_case=ignore_case) if len(marked) > 1 else answer
        right = answer in wanted or (among is not None and _names_only(text, targets, among))
        return graded(right, answer[:500], f"Expected {targets[0]!r}.")

    return judge


def _names_only(text: str, targets: list[str], among: list[str]) -> bool:
    if len(text) > 1_000 or len(words(text)) > MAX_SENTENCE_WORDS or _DENIED.search(text):
        return False
    others = [each for each in among if each not in targets]
    return any(occurrences(text, each) for each in targets) and not any(occurrences(text, each) for each in others)
