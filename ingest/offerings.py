"""Finding or making what prices hang on: who sells which version under which id."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from django.utils.text import slugify

from catalog.models import Offering, Organization, Source
from ingest.adapters.base import Record
from ingest.batches import SIZE, create_many


class OfferingKey(NamedTuple):
    provider: str
    provider_model_id: str
    version_id: int
    quantisation: str
    region: str
    speed_class: str


def offering_key(record: Record, version_id: int) -> OfferingKey:
    """The offering that a price of this record belongs to."""
    if record.provider is None:
        msg = f"{record.external_key} has prices and no provider."
        raise ValueError(msg)
    return OfferingKey(
        record.provider.name,
        record.provider_model_id or record.raw_name,
        version_id,
        record.quantisation,
        record.region,
        record.speed_class,
    )


def ensure_offerings(keys: Iterable[OfferingKey]) -> dict[OfferingKey, int]:
    """The primary key of each offering; those and the providers that are new are created."""
    wanted = list(dict.fromkeys(keys))
    providers = ensure_organizations({key.provider for key in wanted})
    names = {pk: name for name, pk in providers.items()}
    versions = sorted({key.version_id for key in wanted})
    found: dict[OfferingKey, int] = {}
    for start in range(0, len(versions), SIZE):
        rows = Offering.objects.filter(version_id__in=versions[start : start + SIZE]).order_by()
        for pk, provider_id, *rest in rows.values_list("pk", "provider_id", *OfferingKey._fields[1:]):
            if provider_id in names:
                found[OfferingKey._make((names[provider_id], *rest))] = pk
    new = [
        Offering(
            provider_id=providers[key.provider],
            provider_model_id=key.provider_model_id,
            version_id=key.version_id,
            quantisation=key.quantisation,
            region=key.region,
            speed_class=key.speed_class,
        )
        for key in wanted
        if key not in found
    ]
    create_many(Offering, new)
    found |= dict(zip([key for key in wanted if key not in found], [row.pk for row in new], strict=True))
    return found


def ensure_organizations(names: Iterable[str]) -> dict[str, int]:
    """The primary key of each organisation by the name asked for. A name matches without regard to case, or by slug."""
    by_name: dict[str, int] = {}
    by_slug: dict[str, int] = {}
    for pk, name, slug in Organization.objects.values_list("pk", "name", "slug"):
        by_name[name.casefold()] = pk
        by_slug[slug] = pk
    result: dict[str, int] = {}
    for name in sorted(set(names)):
        slug = slugify(name.replace(".", "-"))[:100] or "unnamed"
        known = by_name.get(name.casefold()) or by_slug.get(slug) or by_slug.get(slugify(name))
        result[name] = known or Organization.objects.create(slug=slug, name=name).pk
        by_name[name.casefold()] = by_slug[slug] = result[name]
    return result


def offerings_named(names: Collection[tuple[int, str]]) -> set[int]:
    """Offerings by version and provider's id."""
    rows = Offering.objects.filter(version_id__in={version for version, _ in names}).order_by()
    return {
        pk
        for pk, version, name in rows.values_list("pk", "version_id", "provider_model_id")
        if (version, name) in names
    }


def offerings_of_others(source: Source, seller: str) -> set[int]:
    """Offerings priced by this source whose provider is not the one with this name."""
    known = ensure_organizations([seller])[seller]
    rows = Offering.objects.filter(prices__source=source).exclude(provider=known)
    return set(rows.order_by().values_list("pk", flat=True).distinct())
