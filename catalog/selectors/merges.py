"""What merged models and versions are called now."""

from collections.abc import Sequence

from catalog.models import Merge, Model


def merged_slugs(kind: str) -> dict[str, str]:
    """Each slug that was merged away, with the slug that stands for it now: one query."""
    now: dict[str, str] = {}
    rows = Merge.objects.filter(kind=kind, undone_at=None).order_by("-pk")
    for source, target in rows.values_list("source_slug", "target_slug"):
        now[source] = now.get(target, target)
    return now


def current_slugs(slugs: Sequence[str]) -> list[str]:
    """What these models are called now, in the same order, each once. A slug that a model has is left as it is."""
    now = merged_slugs(Merge.Kind.MODEL)
    merged = [slug for slug in slugs if slug in now]
    taken = set(Model.objects.filter(slug__in=merged).values_list("slug", flat=True)) if merged else set()
    return list(dict.fromkeys(slug if slug in taken else now.get(slug, slug) for slug in slugs))
