"""What a feed's names mean, and when. Only an exact, accepted alias within its period gives a version."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from catalog.models import Alias

_INSTANT = timedelta(microseconds=1)


class Span(NamedTuple):
    """A version with the part of a stated period in which the name meant it."""

    version_id: int
    since: datetime | None
    until: datetime | None


@dataclass(frozen=True, slots=True)
class _Meaning:
    version_id: int | None
    since: datetime | None
    until: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)


class AliasBook:
    """The accepted aliases of some namespaces, read with one query and asked as often as needed."""

    def __init__(self, namespaces: Iterable[str]) -> None:
        self._meanings: dict[tuple[str, str], list[_Meaning]] = {}
        rows = Alias.objects.filter(namespace__in=sorted(set(namespaces)), status=Alias.Status.ACCEPTED)
        for namespace, name, version_id, since, until in rows.values_list(
            "namespace", "raw_name", "version_id", "valid_from", "valid_to"
        ):
            self._meanings.setdefault((namespace, name), []).append(_Meaning(version_id, since, until))

    def knows(self, namespace: str, name: str, at: datetime) -> bool:
        """Whether somebody decided what the name means at that moment, "not a model" included."""
        return any(meaning.holds_at(at) for meaning in self._meanings.get((namespace, name), ()))

    def version_at(self, namespace: str, name: str, at: datetime) -> int | None:
        """The version that the name means at that moment, or None."""
        return next(
            (meaning.version_id for meaning in self._meanings.get((namespace, name), ()) if meaning.holds_at(at)), None
        )

    def spans(
        self, namespace: str, name: str, *, since: datetime | None, until: datetime | None, at: datetime
    ) -> list[Span]:
        """The versions a statement about ``[since, until)`` is about, each with its part of that time.

        A statement without a beginning says nothing about the meanings before the last one it covers, and one
        without dates is about the meaning at ``at`` alone.
        """
        meanings = self._meanings.get((namespace, name), [])
        if since is None:
            moment = until - _INSTANT if until else at
            meanings = [meaning for meaning in meanings if meaning.holds_at(moment)]
            if until is None:
                return [Span(m.version_id, None, None) for m in meanings if m.version_id is not None]
        spans = []
        for meaning in meanings:
            start = max((day for day in (since, meaning.since) if day), default=None)
            end = min((day for day in (until, meaning.until) if day), default=None)
            if meaning.version_id is not None and (start is None or end is None or start < end):
                spans.append(Span(meaning.version_id, start, end))
        return sorted(spans, key=lambda span: (span.since is not None, span.since))
