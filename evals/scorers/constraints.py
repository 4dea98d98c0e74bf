"""Instructions that a program can check: the reply has exactly three words, is in capitals, names no colour."""

import re
from collections.abc import Callable
from typing import Any

from evals.scorers.base import Judge, Judgement, graded, scorer, unscored

Check = Callable[[str, Any], bool]


def words(text: str) -> list[str]:
    """The words of a text, without punctuation around them."""
    return re.findall(r"[^\W_]+(?:['’-][^\W_]+)*", text)


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def _has_word(text: str, word: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None


def _bare(text: str) -> str:
    return text.strip().strip("\"'“”`*").strip()


def _each_line_starts_with(text: str, start: str) -> bool:
    return all(line.strip().startswith(start) for line in _lines(text))


CHECKS: dict[str, Check] = {
    "words": lambda text, n: len(words(text)) == n,
    "max_words": lambda text, n: 0 < len(words(text)) <= n,
    "min_words": lambda text, n: len(words(text)) >= n,
    "lines": lambda text, n: len(_lines(text)) == n,
    "sentences": lambda text, n: len(re.findall(r"[^.!?]*[^\s.!?][^.!?]*[.!?]+", text)) == n,
    "uppercase": lambda text, wanted: (text.upper() == text and text.lower() != text) is wanted,
    "lowercase": lambda text, wanted: (text.lower() == text and text.upper() != text) is wanted,
    "no_commas": lambda text, wanted: ("," not in text) is wanted,
    "starts_with": lambda text, start: _bare(text).startswith(start),
    "ends_with": lambda text, end: _bare(text).endswith(end),
    "contains": lambda text, wanted: all(_has_word(text, word) for word in wanted),
    "contains_none": lambda text, banned: not any(_has_word(text, word) for word in banned),
    "count_of": lambda text, wanted: all(
        len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE)) == n for word, n in wanted.items()
    ),
    "each_line_starts_with": _each_line_starts_with,
    "equals": lambda text, wanted: _bare(text) == wanted,
}


@scorer(name="constraints", version=1)
def constraints() -> Judge:
    """The reply keeps every constraint of the target, an object such as ``{"words": 3, "uppercase": true}``.

    Known constraints: words, max_words, min_words, lines, sentences, uppercase, lowercase, no_commas, starts_with,
    ends_with, contains (words), contains_none, count_of (word to number), each_line_starts_with, equals.
    """

    def judge(text: str, target: Any) -> Judgement:
        if not isinstance(target, dict) or not target:
            return unscored("", "The target names no constraint.")
        if unknown := sorted(set(target) - set(CHECKS)):
            return unscored("", f"There is no constraint {unknown[0]!r}. Known: {', '.join(CHECKS)}.")
        broken = [name for name, wanted in target.items() if not CHECKS[name](text, wanted)]
        return graded(not broken, text[:500], f"Broken: {', '.join(broken)}.")

    return judge
