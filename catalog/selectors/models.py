"""Models and their versions by name."""

from collections.abc import Collection
from datetime import date
from difflib import get_close_matches
from typing import NamedTuple

from django.db.models import F, Prefetch, Q, QuerySet

from catalog.errors import UnknownModel
from catalog.models import Alias, Model, ModelVersion
from catalog.models.model import FIRST_USE
from catalog.selectors.merges import current_slugs


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
    released_on: date | None


class ModelRow(NamedTuple):
    """What lists say of a model itself."""

    pk: int
    slug: str
    name: str
    developer__name: str


def standing(version: ModelVersion, *, is_sold: bool, has_level: bool) -> tuple[bool, bool, bool, date, int]:
    """Sort key: the largest stands for its model. The newest that is sold and has a level, else that is sold, else
    that has a level, else the newest.
    """
    return is_sold and has_level, is_sold, has_level, version.released_on or date.min, version.pk


def version_words(version: ModelVersion) -> str:
    """What tells a version from the others of its model: its own name, else the month of its release."""
    name, released = version.name, version.released_on
    return f"{name} ({released:%B %Y})" if released and name == version.model.name else name


def model_rows(found: QuerySet[Model], window: slice) -> list[tuple[ModelRow, list[VersionRow]]]:
    """A part of these models in the order of their names, each with its versions, the oldest first.

    Two queries and no objects, which would cost three times as much.
    """
    shown = found.order_by("name", "pk")
    rows = [ModelRow(*row) for row in shown.values_list(*ModelRow._fields)[window]]
    versions: dict[int, list[VersionRow]] = {row.pk: [] for row in rows}
    # The part is named by its query: a thousand ids take longer to hand over than to find again.
    of_these = ModelVersion.objects.filter(model__in=shown.values("pk")[window]).order_by("announced_on", "slug")
    for each in of_these.values_list(*VersionRow._fields[:-1], FIRST_USE):
        version = VersionRow._make(each)
        if version.model_id in versions:  # a write between the two queries may move the part
            versions[version.model_id].append(version)
    return [(row, versions[row.pk]) for row in rows]


def versions_of_model(slug: str) -> tuple[Model, list[ModelVersion]]:
    """One model with its developer, and its versions with theirs: one query for the slug it has now.

    :raises UnknownModel: with the nearest slugs.
    """
    joined = ModelVersion.objects.select_related("source", "derived_from", "model__developer")
    if versions := list(joined.filter(model__slug=slug)):
        return versions[0].model, versions
    model = model_detail(slug)
    return model, list(model.versions.all())


def aliases(version_ids: Collection[int]) -> dict[int, list[Alias]]:
    """The names under which feeds list these versions, as people accepted them, by version id. One query."""
    rows = Alias.objects.filter(version__in=version_ids, status=Alias.Status.ACCEPTED)
    found: dict[int, list[Alias]] = {}
    for alias in rows.order_by("namespace", "raw_name", F("valid_from").asc(nulls_first=True), "pk"):
        if alias.version_id is not None:
            found.setdefault(alias.version_id, []).append(alias)
    return found


def model_detail(slug: str) -> Model:
    """One model with its developer and versions. The slug of one that was merged away leads to what it is now.

    :raises UnknownModel: with the nearest slugs.
    """
    found = models().filter(slug=slug).first()
    if found is None and (now := current_slugs([slug])) != [slug]:
        found = models().filter(slug__in=now).first()
    if found is None:
        raise UnknownModel(f"There is no model {slug!r}.", near_names(slug))
    return found


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
