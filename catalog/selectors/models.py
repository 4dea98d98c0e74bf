"""Models and their versions by name."""

from difflib import get_close_matches

from django.db.models import Prefetch, Q, QuerySet

from catalog.errors import UnknownModel
from catalog.models import Model, ModelVersion


def models() -> QuerySet[Model]:
    """All models with their developer and versions (with source), oldest version first: two queries in all."""
    versions = ModelVersion.objects.select_related("source", "derived_from").order_by("announced_on", "slug")
    return Model.objects.select_related("developer").prefetch_related(Prefetch("versions", versions))


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
