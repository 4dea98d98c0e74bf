"""What is said about a version, the picked claim first."""

from collections import defaultdict
from collections.abc import Collection
from datetime import UTC, datetime

from catalog.models import Claim, Confidence

CONFIDENCE_ORDER = {Confidence.HIGH: 0, Confidence.MEDIUM: 1, Confidence.LOW: 2}


def facts(version_ids: Collection[int]) -> dict[int, dict[str, list[Claim]]]:
    """Claims by version id and attribute. The first is shown: lowest source rank, surest, then newest.

    Superseded claims are left out. A claim with a qualifier ("per trillion tokens") comes after those without: it
    answers a narrower question.
    """
    claims = Claim.objects.filter(version_id__in=version_ids, superseded_by=None).select_related("source")
    found: defaultdict[int, defaultdict[str, list[Claim]]] = defaultdict(lambda: defaultdict(list))
    for claim in sorted(claims, key=_order):
        found[claim.version_id][claim.attribute].append(claim)
    return {version: dict(by_attribute) for version, by_attribute in found.items()}


def _order(claim: Claim) -> tuple[bool, int, int, float, int]:
    seen = claim.observed_at or datetime(1970, 1, 1, tzinfo=UTC)
    confidence = CONFIDENCE_ORDER[Confidence(claim.confidence)]
    return bool(claim.qualifier), claim.source.rank, confidence, -seen.timestamp(), claim.pk
