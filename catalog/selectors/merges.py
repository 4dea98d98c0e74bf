"""What merged models and versions are called now."""

from catalog.models import Merge


def merged_slugs(kind: str) -> dict[str, str]:
    """Each slug that was merged away, with the slug that stands for it now: one query."""
    now: dict[str, str] = {}
    rows = Merge.objects.filter(kind=kind, undone_at=None).order_by("-pk")
    for source, target in rows.values_list("source_slug", "target_slug"):
        now[source] = now.get(target, target)
    return now
