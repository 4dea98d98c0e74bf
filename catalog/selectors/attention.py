"""What of the catalog an editor should look at."""

from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.models import Model, Price, Source
from catalog.selectors.conflicts import conflicts

STALE_AFTER = timedelta(days=90)


def models_without_price() -> "QuerySet[Model]":
    """Models of which no version has a known price anywhere."""
    priced = Price.objects.filter(offering__version__model=OuterRef("pk"), usd_per_mtok__isnull=False)
    return Model.objects.filter(~Exists(priced))


def stale_price_sources(now: datetime | None = None) -> "QuerySet[Source]":
    """Sources of prices still in force that were last read more than 90 days ago, or nobody knows when."""
    moment = now or timezone.now()
    in_force = Price.objects.filter(source=OuterRef("pk"), effective_to=None, absent_since=None)
    old = Q(retrieved_at=None) | Q(retrieved_at__lt=moment - STALE_AFTER)
    seen_lately = Exists(in_force.filter(last_seen__gte=moment - STALE_AFTER))
    return Source.objects.filter(old, Exists(in_force)).exclude(seen_lately)


def undated_sources() -> "QuerySet[Source]":
    """Sources without a day of retrieval."""
    return Source.objects.filter(retrieved_at=None)


def conflicts_without_note() -> int:
    """Disagreements on the same question about which nobody has written down what they found."""
    found = conflicts(as_of=timezone.now())
    return sum(each.same_question and each.note is None for each in found)
