"""Placing what feeds say about versions, about accelerators and about their rent."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from catalog.models import Claim, Hardware, HardwarePrice, Source
from ingest.adapters.base import FactObservation, HardwareObservation, HardwarePriceObservation
from ingest.batches import create_many
from ingest.timeline import Timeline


@dataclass(slots=True)
class _Known:
    pk: int
    value: str
    observed_at: datetime | None


class ClaimBook:
    """All claims of one source. A revised estimate supersedes the one before and both stay."""

    def __init__(self, source: Source, timeline: Timeline) -> None:
        self._source = source
        self._time = timeline
        self._current: dict[tuple[int, str, str], _Known] = {}
        self._said: set[tuple[int, str, str, str]] = set()
        self._new: dict[tuple[int, str, str], Claim] = {}
        self._superseded: dict[tuple[int, str, str], int] = {}
        columns = ("pk", "version_id", "attribute", "qualifier", "value", "observed_at", "superseded_by_id")
        for pk, version, attribute, qualifier, value, observed_at, newer in (
            Claim.objects.filter(source=source).order_by("pk").values_list(*columns)
        ):
            self._said.add((version, attribute, qualifier, value))
            if newer is None:
                self._current[version, attribute, qualifier] = _Known(pk, value, observed_at)

    def record(self, version_id: int, fact: FactObservation) -> None:
        """Take one fact as read at this moment. An older reading adds what is missing and revises nothing."""
        key = (version_id, fact.attribute, fact.qualifier)
        known = self._current.get(key)
        if (*key, fact.value) in self._said or key in self._new:
            return
        if known and known.observed_at and known.observed_at > self._time.now:
            return
        if known:
            self._superseded[key] = known.pk
        self._new[key] = Claim(
            version_id=version_id,
            attribute=fact.attribute,
            value=fact.value,
            unit=fact.unit,
            qualifier=fact.qualifier,
            source=self._source,
            confidence=fact.confidence,
            observed_at=self._time.now,
            note=fact.note,
        )

    def write(self) -> int:
        """Write everything recorded; returns the number of new rows."""
        create_many(Claim, list(self._new.values()))
        old = [Claim(pk=pk, superseded_by_id=self._new[key].pk) for key, pk in self._superseded.items()]
        Claim.objects.bulk_update(old, ["superseded_by"], batch_size=100)
        return len(self._new)


class HardwarePriceBook:
    """All rents of one source, a row per accelerator, seller, terms, note and day of the quote."""

    def __init__(self, source: Source, timeline: Timeline) -> None:
        self._source = source
        self._time = timeline
        self._hardware = {name.casefold(): pk for pk, name in Hardware.objects.values_list("pk", "name")}
        self._new: list[HardwarePrice] = []
        rows = HardwarePrice.objects.filter(source=source).order_by()
        columns = ("hardware_id", "provider", "terms", "note", "quoted_on", "usd_per_gpu_hour")
        self._known: set[tuple[Any, ...]] = set()
        self._last: dict[tuple[Any, ...], tuple[Any, Decimal]] = {}
        for *key, quoted_on, usd in rows.values_list(*columns):
            self._keep(tuple(key), quoted_on, usd)

    def knows(self, hardware: str) -> bool:
        return hardware.casefold() in self._hardware

    def record(self, seller: str, price: HardwarePriceObservation) -> None:
        """Take one rent. A feed without dates adds a row only on a day when its price is another than before."""
        key = (self._hardware[price.hardware.casefold()], seller, price.terms, price.note)
        quoted_on = price.quoted_on or self._time.now.date()
        if (*key, quoted_on) in self._known:
            return
        if price.quoted_on is None and (last := self._last.get(key)) and last[1] == price.usd_per_gpu_hour:
            return
        self._keep(key, quoted_on, price.usd_per_gpu_hour)
        self._new.append(
            HardwarePrice(
                hardware_id=key[0],
                provider=seller,
                usd_per_gpu_hour=price.usd_per_gpu_hour,
                terms=price.terms,
                quoted_on=quoted_on,
                source=self._source,
                note=price.note,
            )
        )

    def write(self) -> int:
        """Write everything recorded; returns the number of new rows."""
        create_many(HardwarePrice, self._new)
        return len(self._new)

    def _keep(self, key: tuple[Any, ...], quoted_on: Any, usd: Decimal) -> None:
        self._known.add((*key, quoted_on))
        if quoted_on and (key not in self._last or self._last[key][0] <= quoted_on):
            self._last[key] = (quoted_on, usd)


PROPERTIES = ("vendor", "released_on", "peak_bf16_flop_per_s", "peak_fp8_flop_per_s", "memory_bytes", "tdp_w")


class HardwareBook:
    """The accelerators of the catalog. An empty property is filled; one that differs is a question for a person."""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._rows = {row.name.casefold(): row for row in Hardware.objects.select_related("source")}
        self._changed: dict[int, Hardware] = {}

    def knows(self, hardware: str) -> bool:
        return hardware.casefold() in self._rows

    def differences(self, said: HardwareObservation) -> dict[str, Any]:
        """What the feed says otherwise than the catalog, by property; unknown differs from nothing."""
        row = self._rows[said.hardware.casefold()]
        new = {name: getattr(said, name) for name in PROPERTIES}
        return {name: value for name, value in new.items() if value not in (None, "", getattr(row, name))}

    def value(self, hardware: str, name: str) -> Any:
        return getattr(self._rows[hardware.casefold()], name)

    def record(self, hardware: str, name: str, value: Any) -> None:
        """Take one property. A row without a source gets this one; a second source is named in its note."""
        row = self._rows[hardware.casefold()]
        setattr(row, name, value)
        if row.source is None:
            row.source = self._source
        elif row.source_id != self._source.pk and self._source.url not in row.note:
            row.note = f"{row.note}\nPartly from {self._source.url}".strip()
        self._changed[row.pk] = row

    def write(self) -> int:
        """Write everything recorded; returns the number of accelerators that gained something."""
        Hardware.objects.bulk_update(self._changed.values(), [*PROPERTIES, "source", "note"], batch_size=100)
        return len(self._changed)
