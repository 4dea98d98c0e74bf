"""Writes prices down, one at a time, for people and for endpoints. Feeds place whole price lists themselves."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction

from catalog.errors import BadFact
from catalog.models import Offering, Price, Source


@transaction.atomic
def record_price(
    *,
    offering: Offering,
    component: str,
    usd_per_mtok: Decimal | None,
    source: Source,
    confidence: str,
    effective_from: datetime | None = None,
    effective_to: datetime | None = None,
    observed_at: datetime | None = None,
    service_class: str = Price.ServiceClass.STANDARD,
    min_input_tokens: int = 0,
    note: str = "",
) -> Price:
    """Record a price; the same price twice is one row, seen for longer. Nothing is overwritten or closed.

    :raises BadFact: for a negative price, a period that ends before it begins, an unknown component or class, or a
        price without any date.
    """
    if usd_per_mtok is not None and (not usd_per_mtok.is_finite() or usd_per_mtok < 0):
        raise BadFact(f"{usd_per_mtok} USD per Mtok is no price of {offering}. Give 0 or more, or None when unknown.")
    if effective_from and effective_to and effective_to <= effective_from:
        raise BadFact(f"The price of {offering} would end on {effective_to}, before it begins. Correct one of the two.")
    if component not in Price.Component.values or service_class not in Price.ServiceClass.values:
        raise BadFact(
            f"{component} ({service_class}) is not priced here. Choose from {', '.join(Price.Component.values)}."
        )
    if not (effective_from or effective_to or observed_at):
        raise BadFact(f"The price of {offering} has no date. Say from when it holds, or when it was seen.")
    price, is_new = Price.objects.select_for_update().get_or_create(
        offering=offering,
        component=component,
        usd_per_mtok=usd_per_mtok,
        source=source,
        service_class=service_class,
        min_input_tokens=min_input_tokens,
        utc_from=None,
        weekdays="",
        effective_from=effective_from,
        effective_to=effective_to,
        announced=False,
        defaults={"observed_from": observed_at, "last_seen": observed_at, "confidence": confidence, "note": note},
    )
    if not is_new and observed_at and (price.last_seen is None or price.last_seen < observed_at):
        price.last_seen = observed_at
        price.save(update_fields=["last_seen"])
    return price
