"""Reading a query string piece by piece: what cannot be read is named and replaced by its default, never a crash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from django.http import HttpRequest, QueryDict

from dashboard.errors import BadParameter
from dashboard.query import future_notice

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Reading(Generic[T]):
    """The value read; ``bad`` names the parameters that could not be, ``notices`` says why."""

    value: T
    bad: tuple[str, ...] = ()
    notices: list[str] = field(default_factory=list)

    @property
    def status(self) -> int:
        return 400 if self.bad else 200


def given(request: HttpRequest) -> dict[str, str]:
    """The query string with NUL bytes, which no database takes, left out."""
    return plain(request.GET)


def plain(values: QueryDict) -> dict[str, str]:
    """The last value of each name, with NUL bytes left out."""
    return {name: str(values[name]).replace("\x00", "") for name in values}


def moved(path: str, values: QueryDict) -> str:
    """Another path with the same query string."""
    return f"{path}?{values.urlencode(safe=':,')}" if values else path


def read(values: Mapping[str, str], parse: Callable[[Mapping[str, str]], T]) -> Reading[T]:
    """Parse, leaving out one bad parameter after the other."""
    kept = dict(values)
    bad: list[str] = []
    notices: list[str] = []
    while True:
        try:
            value = parse(kept)
            # The query itself, or the one it is built on.
            notice = future_notice(getattr(getattr(value, "base", value), "as_of", None))
            return Reading(value, tuple(bad), [*notices, notice] if notice else notices)
        except BadParameter as error:
            if error.parameter not in kept:
                raise
            bad.append(error.parameter)
            notices.append(f"{error.message} The default is shown instead.")
            kept.pop(error.parameter)
