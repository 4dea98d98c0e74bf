"""Records list prices."""

from decimal import Decimal

from django.db import transaction

from catalog.errors import BadFact
from catalog.models import Price
from catalog.selectors.price_checks import PriceNeighbours
from catalog.services.sources import save_source


@transaction.atomic
def record_price(price: Price) -> Price | None:
    """Save a price; an open one of the same publisher ends where a new one begins. Returns the one it ended.

    A source that a form made is saved first.

    :raises BadFact: when the publisher's own prices would overlap.
    """
    save_source(price)
    neighbours = PriceNeighbours([price.offering_id])
    if clash := neighbours.overlaps(price):
        raise BadFact(overlap_sentence(clash))
    closed = neighbours.closes(price)
    if closed:
        closed.effective_to = price.effective_from
        closed.save(update_fields=["effective_to"])
    price.save()
    return closed


def overlap_sentence(clash: Price) -> str:
    """Which price is in the way, and what to do about it."""
    return (
        f"{clash.source.publisher} already states {usd(clash)} for {component(clash)} of this offering "
        f"{period(clash)}. Correct that row, or give one of the two an end."
    )


def jump_words(price: Price, last: Price, ratio: Decimal) -> str:
    """By how much a price differs from the last one, in words."""
    times = "infinitely many" if ratio.is_infinite() else f"{ratio:,.0f}"
    return f"{usd(price)} and the last price, {usd(last)} ({last.source.publisher}), differ {times} times."


def period(price: Price) -> str:
    """Its stated period in words: from 8 Feb 2025 on."""
    start, end = price.effective_from, price.effective_to
    words = f"from {start:%-d %b %Y}" if start else "since always"
    return f"{words} to {end:%-d %b %Y}" if end else f"{words} on"


def component(price: Price) -> str:
    """What it is a price of, inside a sentence: cached input."""
    return price.get_component_display().lower()


def usd(price: Price) -> str:
    """$0.27 per million tokens, exactly as recorded."""
    return "unknown" if price.usd_per_mtok is None else f"${price.usd_per_mtok.normalize():f} per million tokens"
