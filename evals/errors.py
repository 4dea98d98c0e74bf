"""What can be wrong with a wish to evaluate.

    EvalError
    ├── UnknownName        no suite or endpoint of that name; near names are given
    ├── SuiteChanged       a suite that has been run cannot get other content
    ├── InvalidSuite       a suite that somebody wrote or imported has something wrong in it
    ├── UnknownPrice       the endpoint's prices are not known, so no budget can hold
    ├── InvalidSetting     a limit, a budget, a number of repeats that cannot be right
    ├── KeyReused          an idempotency key that stands for another request
    └── WrongState         the run cannot do that in the state it is in

Every message is a sentence that says what is wrong, with what, and what to do.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class EvalError(ValueError):
    """Base of everything that this app raises on purpose."""


class UnknownName(EvalError):
    """There is no such suite or endpoint."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        """``known`` are the names that exist."""
        names = sorted(known)
        self.near = get_close_matches(name, names, n=3, cutoff=0.5)
        if self.near:
            hint = f"Did you mean {' or '.join(self.near)}?"
        elif names:
            hint = f"Known are {', '.join(names[:20])}."
        else:
            hint = f"There is no {kind} yet."
        super().__init__(f"There is no {kind} {name!r}. {hint}")


class SuiteChanged(EvalError):
    """A suite that has been run cannot change."""


class InvalidSuite(EvalError):
    """A suite that somebody wrote or imported cannot be used as it is."""


class UnknownPrice(EvalError):
    """What a call costs is not known."""


class InvalidSetting(EvalError):
    """A setting of a run that cannot be right."""


class KeyReused(EvalError):
    """The idempotency key already stands for a run with other settings."""


class WrongState(EvalError):
    """The run cannot do that now."""
