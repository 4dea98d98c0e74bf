"""Ends of sale: when a provider stops selling a version, as a feed has it."""

from collections.abc import Iterable
from datetime import date

from catalog import audit
from catalog.models import AuditEvent, Offering, Source
from ingest.offerings import OfferingKey

WHY = "The end of sale that the feed states, accepted by a person."


class SalesBook:
    """The offerings whose end a feed states. Feeds often give the earliest possible day, so a person decides."""

    def __init__(self, source: Source, keys: Iterable[OfferingKey]) -> None:
        self._source = source
        wanted = set(keys)
        rows = Offering.objects.filter(version_id__in={key.version_id for key in wanted})
        found = {_key(row): row for row in rows.select_related("provider", "version", "source")}
        self._rows = {key: found[key] for key in wanted if key in found}
        self._changed: dict[int, Offering] = {}
        self._before: dict[int, audit.Values] = {}

    def doubt(self, key: OfferingKey, on: date) -> str:
        """Why a person must decide on this day; empty where there is nothing to decide.

        That is where the catalog does not know the offering, has the same day, or has one of a better source.
        """
        row = self._rows.get(key)
        if row is None or row.retired_on == on:
            return ""
        if row.retired_on and row.source and row.source.rank < self._source.rank:
            return ""
        has = f"has {row.retired_on}" if row.retired_on else "has no day"
        return f"The feed ends {row} on {on}; the catalog {has}. Feeds often give the earliest possible day."

    def record(self, key: OfferingKey, on: date) -> None:
        row = self._rows[key]
        self._before.setdefault(row.pk, audit.values_of(row))
        row.retired_on, row.source, row.note = on, self._source, ""
        self._changed[row.pk] = row

    def write(self) -> int:
        """Write everything recorded; returns the number of offerings that end otherwise than before."""
        rows = list(self._changed.values())
        Offering.objects.bulk_update(rows, ["retired_on", "source", "note"], batch_size=100)
        with audit.changes_by(self._source.publisher, origin=AuditEvent.Origin.DECISION, reason=WHY):
            audit.record_changed(rows, self._before)
        return len(self._changed)


def _key(row: Offering) -> OfferingKey:
    return OfferingKey(
        row.provider.name, row.provider_model_id, row.version_id, row.quantisation, row.region, row.speed_class
    )
