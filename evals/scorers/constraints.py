"""Instructions that a program can check: the reply has exactly three words, is in capitals, names no colour."""

from typing import Any

from evals.scorers.base import Judge, Judgement, graded, scorer, unscored
from evals.scorers.checks import CHECKS, trouble
from evals.scorers.in_words import instruction, listed


@scorer(name="constraints", version=2)
def constraints() -> Judge:
    """The reply keeps every constraint of the target, an object such as ``{"words": 3, "uppercase": true}``.

    Counted, each also with ``min_`` and ``max_``: words, sentences, lines, paragraphs, bullets, capital_words,
    placeholders, highlights, characters. Words: contains, contains_none, one_of, in_order, count_of, min_count_of,
    max_count_of, min_letters, max_letters, each_word_starts_with. Shape: uppercase, lowercase, no_commas, starts_with,
    ends_with, each_line_starts_with, each_line_ends_with, equals, quoted, title, json, two_answers, postscript,
    sections, paragraph_starts.

    Does not match: a reply with an introduction ("Sure, here it is:") where words, lines or the beginning are
    prescribed, because the introduction counts. Nor one without a letter or digit, whatever is asked "at most".
    """

    def judge(text: str, target: Any) -> Judgement:
        if problem := target_trouble(target):
            return unscored("", problem)
        if not any(character.isalnum() for character in text):
            return graded(False, text[:500], "The reply holds no word, so it follows no instruction.")
        broken = [instruction(name, wanted, text) for name, wanted in target.items() if not CHECKS[name](text, wanted)]
        return graded(not broken, text[:500], f"The reply should {listed(broken, 'and')}." if broken else "")

    return judge


def target_trouble(target: Any) -> str:
    """What is wrong with a target of this scorer, in words; empty when nothing is."""
    if not isinstance(target, dict) or not target:
        return 'The target names no constraint; write an object such as {"words": 3}.'
    return next((problem for name, wanted in target.items() if (problem := trouble(name, wanted))), "")
