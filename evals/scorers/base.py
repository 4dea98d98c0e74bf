"""What a scorer is, and the register of those we have.

A scorer is made by a decorated factory with keyword-only options and judges one text against one target. It is pure:
the same text gives the same judgement for ever, and a change of behaviour is a new version, so that stored replies can
be scored again without paying again.
"""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Literal, ParamSpec

from evals.scorers.reasoning import strip_reasoning

MAX_ANSWER = 100_000  # characters; ten times what any question here asks for, and every scorer is quick up to it

Outcome = Literal["correct", "incorrect", "unscored"]
P = ParamSpec("P")


class ScorerError(ValueError):
    """A scorer was named or set up wrongly. The message says which and how to put it right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What became of one answer. ``answer`` is what was taken as the answer, ``explanation`` a short sentence.

    "unscored" means that there is nothing to judge (no answer at all, or only thinking) or that the scorer cannot tell
    (a broken target): such samples stay out of the pass rate and are counted beside it. An answer that does not follow
    the instructions is incorrect.
    """

    outcome: Outcome
    answer: str
    explanation: str


Judge = Callable[[str, Any], Judgement]


@dataclass(frozen=True, slots=True)
class Scorer:
    """A judge with its name and version."""

    name: str
    version: int
    judge: Judge

    @property
    def label(self) -> str:
        """Name and version as stored beside a result: ``numeric/1``."""
        return f"{self.name}/{self.version}"

    def __call__(self, text: str | None, target: Any) -> Judgement:
        """Judge ``text``, reasoning taken out first. Never raises for what a model may write."""
        answer = strip_reasoning(text or "")
        if not answer:
            return unscored("", "The reply holds no answer.")
        if len(answer) > MAX_ANSWER:
            return incorrect(
                answer[:500], f"The reply has {len(answer):,} characters; at most {MAX_ANSWER:,} are read."
            )
        return self.judge(answer, target)


@dataclass(frozen=True, slots=True)
class _Registered:
    version: int
    factory: Callable[..., Judge]
    options: tuple[str, ...]


_REGISTER: dict[str, _Registered] = {}


def scorer(*, name: str, version: int) -> Callable[[Callable[P, Judge]], Callable[P, Judge]]:
    """Register a factory of judges under ``name``. Its parameters, all keyword-only, are the scorer's options."""

    def register(factory: Callable[P, Judge]) -> Callable[P, Judge]:
        parameters = inspect.signature(factory).parameters.values()
        if any(parameter.kind is not parameter.KEYWORD_ONLY for parameter in parameters):
            raise ScorerError(f"Options of the scorer {name!r} must be keyword-only.")
        _REGISTER[name] = _Registered(version, factory, tuple(parameter.name for parameter in parameters))
        return factory

    return register


def get_scorer(name: str, options: dict[str, Any] | None = None) -> Scorer:
    """The scorer ``name`` with ``options``.

    :raises ScorerError: for an unknown name or option, or a value that the scorer does not take.
    """
    known = _REGISTER.get(name)
    if known is None:
        near = get_close_matches(name, _REGISTER, n=1)
        raise ScorerError(
            f"There is no scorer {name!r}. {f'Did you mean {near[0]!r}?' if near else ''} "
            f"Known are {', '.join(sorted(_REGISTER))}.".replace("  ", " ")
        )
    options = options or {}
    if unknown := sorted(set(options) - set(known.options)):
        takes = ", ".join(known.options) or "none"
        raise ScorerError(f"The scorer {name!r} has no option {unknown[0]!r}. Its options: {takes}.")
    return Scorer(name, known.version, known.factory(**options))


def scorer_names() -> list[str]:
    """Every registered name."""
    return sorted(_REGISTER)


def correct(answer: str, explanation: str = "") -> Judgement:
    return Judgement(outcome="correct", answer=answer, explanation=explanation)


def incorrect(answer: str, explanation: str) -> Judgement:
    return Judgement(outcome="incorrect", answer=answer, explanation=explanation)


def unscored(answer: str, explanation: str) -> Judgement:
    return Judgement(outcome="unscored", answer=answer, explanation=explanation)


def graded(right: bool, answer: str, explanation: str) -> Judgement:
    """Correct or incorrect; the explanation is kept for the incorrect."""
    return correct(answer) if right else incorrect(answer, explanation)
