"""Models and their versions by name."""

from collections.abc import Collection
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from django.db.models import Prefetch, Q, QuerySet

from catalog.errors import UnknownModel
from catalog.models import Model, ModelVersion
from catalog.models.model import first_use


def models() -> QuerySet[Model]:
    """All models with their developer and versions (with source), oldest version first: two queries in all."""
    versions = ModelVersion.objects.select_related("source", "derived_from").order_by("announced_on", "slug")
    return Model.objects.select_related("developer").prefetch_related(Prefetch("versions", versions))


class VersionRow(NamedTuple):
    """What lists say of a version."""

    model_id: int
    slug: str
    open_weights: bool | None
    source_id: int | None
    announced_on: date | None
    api_on: date | None
    weights_on: date | None
    snapshot_on: date | None

    @property
    def released_on(self) -> date | None:
        return first_use(self.announced_on, self.api_on, self.weights_on, self.snapshot_on)


def version_rows(model_ids: Collection[int]) -> list[VersionRow]:
    """The versions of these models, the oldest first: one query, no objects."""
    found = ModelVersion.objects.filter(model__in=model_ids).order_by("announced_on", "slug")
    return [VersionRow(*row) for row in found.values_list(*VersionRow._fields)]


def model_detail(slug: str) -> Model:
    """One model with its developer and versions.

    :raises UnknownModel: with the nearest slugs.
    """
    try:
        return models().get(slug=slug)
    except Model.DoesNotExist:
        raise UnknownModel(f"There is no model {slug!r}.", near_names(slug)) from None


def search_models(query: str) -> QuerySet[Model]:
    """Models whose name, slug, developer or version has every word of ``query``; all models for an empty query."""
    found = models()
    for word in query.split():
        found = found.filter(
            Q(name__icontains=word)
            | Q(slug__icontains=word)
            | Q(developer__name__icontains=word)
            | Q(pk__in=ModelVersion.objects.filter(Q(slug__icontains=word) | Q(name__icontains=word)).values("model"))
        )
    return found


def near_names(slug: str, count: int = 3) -> list[str]:
    """Existing model slugs that look most like ``slug``, best first."""
    return get_close_matches(slug.lower(), Model.objects.values_list("slug", flat=True), count, cutoff=0.5)
