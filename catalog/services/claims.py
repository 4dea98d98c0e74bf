"""Writes claims about versions down."""

from datetime import datetime

from django.core.exceptions import ValidationError
from django.db import transaction

from catalog.errors import BadFact
from catalog.models import Claim, ModelVersion, Source


@transaction.atomic
def record_claim(
    *,
    version: ModelVersion,
    attribute: str,
    value: str,
    source: Source,
    confidence: str,
    unit: str = "",
    qualifier: str = "",
    observed_at: datetime | None = None,
    note: str = "",
) -> Claim:
    """Record what a source says; the same thing twice is one row. Its own earlier claim is superseded and stays.

    :raises BadFact: for an unknown attribute, or a value that is not a number where one is needed.
    """
    current = Claim.objects.select_for_update().filter(
        version=version, attribute=attribute, qualifier=qualifier, source=source, superseded_by=None
    )
    before = current.first()
    if before and before.value == value:
        return before
    claim = Claim(
        version=version,
        attribute=attribute,
        value=value,
        unit=unit,
        qualifier=qualifier,
        source=source,
        confidence=confidence,
        observed_at=observed_at,
        note=note,
    )
    try:
        claim.full_clean()
    except ValidationError as error:
        problems = "; ".join(f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items())
        raise BadFact(f"{attribute} of {version}: {problems}") from error
    claim.save()
    if before:
        before.superseded_by = claim
        before.save(update_fields=["superseded_by"])
    return claim
