"""What the calls of a day have taken, for the budgets of an endpoint's day and the installation's day."""

from datetime import date, datetime, timedelta
from decimal import Decimal

from django.conf import settings

from evals.models import Endpoint, SpendingDay


def take(endpoint: Endpoint, on: date, usd: Decimal) -> None:
    """Add what was reserved, or give back (negative) what was not used.

    Call it inside a transaction that holds the endpoint's row, so that nobody else writes this row of it. The sum is
    exact: SQLite would add in floating point.
    """
    if not usd:
        return
    row, _ = SpendingDay.objects.get_or_create(on=on, endpoint=endpoint)
    SpendingDay.objects.filter(pk=row.pk).update(taken_usd=row.taken_usd + usd)


def taken_on(endpoint: Endpoint, on: date) -> Decimal:
    """What the calls of one endpoint that began on a day have taken, in USD: booked, or reserved while under way."""
    row = SpendingDay.objects.filter(on=on, endpoint=endpoint).first()
    return row.taken_usd if row else Decimal(0)


def left_today(endpoint: Endpoint, now: datetime) -> tuple[Decimal | None, str]:
    """What may still be taken today, and whose budget that is; None without a limit.

    With a budget for the installation this locks the day until the transaction ends: one endpoint at a time takes.
    """
    on = now.date()
    left: Decimal | None = None
    whose = ""
    if endpoint.budget_usd_per_day is not None:
        left = endpoint.budget_usd_per_day - taken_on(endpoint, on)
        whose = f"{endpoint} has used its ${endpoint.budget_usd_per_day.normalize():f} for today"
    of_all: Decimal = settings.BUDGET_USD_PER_DAY
    if of_all:
        SpendingDay.objects.get_or_create(on=on, endpoint=None)
        SpendingDay.objects.select_for_update().get(on=on, endpoint=None)
        taken = SpendingDay.objects.filter(on=on, endpoint__isnull=False).values_list("taken_usd", flat=True)
        rest = of_all - sum(taken, Decimal(0))
        if left is None or rest < left:
            left = rest
            whose = f"All runs together have used the ${of_all.normalize():f} for today (BUDGET_USD_PER_DAY)"
    return left, whose


def midnight_after(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
