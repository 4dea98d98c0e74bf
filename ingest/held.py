"""Doubtful changes: kept once, with everything needed to decide, until a person does."""

from dataclasses import asdict
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from django.db.models import F

from ingest.adapters.base import Observation
from ingest.batches import create_many
from ingest.models import Feed, HeldChange


class Change(NamedTuple):
    """What would change: the record that says so, the place in words, and the new value as text."""

    record_key: str
    field: str
    new_value: str

    @classmethod
    def of(cls, record_key: str, field: str, value: Decimal | float | None) -> "Change":
        return cls(record_key, field[:120], text(value))


def text(value: Decimal | float | None) -> str:
    """A number as a person writes it; empty for unknown."""
    return "" if value is None else f"{Decimal(str(value)).normalize():f}"[:60]


class HeldChanges:
    """The doubtful changes of a feed that somebody has decided on, or has still to."""

    def __init__(self, feed: Feed) -> None:
        rows = HeldChange.objects.filter(record__feed=feed).order_by("created_at", "pk")
        columns = (F("record__external_key"), "field", "new_value", "state")
        self._states = {Change(key, field, value): state for key, field, value, state in rows.values_list(*columns)}
        self._new: list[tuple[str, dict[str, Any]]] = []
        self.waiting = 0

    def is_accepted(self, change: Change) -> bool:
        return self._states.get(change) == HeldChange.State.ACCEPTED

    def is_open(self, change: Change) -> bool:
        """Whether the change waits for a person or was turned down, so that it must not happen by itself."""
        return self._states.get(change) in {HeldChange.State.WAITING, HeldChange.State.REJECTED}

    def hold(
        self,
        change: Change,
        *,
        reason: str,
        last: Decimal | float | None,
        about: dict[str, Any],
        said: Observation | None = None,
    ) -> None:
        """Keep the change for a person, unless it is kept already or was turned down."""
        state = self._states.get(change)
        if state == HeldChange.State.REJECTED:
            return
        self.waiting += 1
        if state is None:
            self._states[change] = HeldChange.State.WAITING
            fields = {
                "field": change.field,
                "old_value": text(last),
                "new_value": change.new_value,
                "reason": reason[:300],
                "proposal": about
                | ({"observation": orjson.loads(orjson.dumps(asdict(said), default=str))} if said else {}),
            }
            self._new.append((change.record_key, fields))

    def write(self, record_ids: dict[str, int]) -> None:
        """Insert the new ones. ``record_ids`` gives the raw record of every key that was read."""
        create_many(HeldChange, [HeldChange(record_id=record_ids[key], **fields) for key, fields in self._new])
