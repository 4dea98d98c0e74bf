"""Whether something is sold at a moment: the one rule behind every page, file and answer that shows a price.

A sale ends on the day its provider states. Where nobody states one, it ends when the source of its prices stops listing
them: all of its usual prices, input and output. The last prices stay on record; who shows them says since when they are
not asked any more.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import NamedTuple, Protocol

from catalog.models import Offering, Source

USUAL = ("input", "output")


class Listed(Protocol):
    """What decides it of a price."""

    @property
    def absent_since(self) -> datetime | None: ...
    @property
    def source(self) -> Source: ...


class EndOfSale(NamedTuple):
    """The day a sale ended. ``is_stated``: the seller says so, as read at ``source``; else its price is not listed."""

    on: date
    is_stated: bool
    source: Source | None

    @property
    def words(self) -> str:
        """ "withdrawn on 28 Oct 2025" or "not listed since 28 Oct 2025"."""
        return f"{'withdrawn on' if self.is_stated else 'not listed since'} {day_words(self.on)}"

    def of(self, name: str) -> str:
        """ "GPT-4o was withdrawn on 28 Oct 2025." or "GPT-4o has not been listed since 28 Oct 2025."."""
        return f"{name} {'was withdrawn on' if self.is_stated else 'has not been listed since'} {day_words(self.on)}."


def end_of_sale(offering: Offering, prices: Mapping[str, Listed], moment: datetime) -> EndOfSale | None:
    """How the sale ended by that moment; None while it goes on. ``prices`` are those shown, by component."""
    if offering.retired_on and offering.retired_on <= moment.date():
        return EndOfSale(offering.retired_on, is_stated=True, source=offering.source)
    usual = [prices[name] for name in USUAL if name in prices]
    gone = [price.absent_since for price in usual if price.absent_since and not is_listed(price.absent_since, moment)]
    if not usual or len(gone) < len(usual):
        return None
    return EndOfSale(max(gone).date(), is_stated=False, source=usual[0].source)


def is_listed(absent_since: datetime | None, moment: datetime) -> bool:
    """Whether a source still lists at that moment what it stopped listing then."""
    return absent_since is None or absent_since > moment


def day_words(day: date) -> str:
    """8 Feb 2025, as on every page."""
    return f"{day.day} {day:%b %Y}"
