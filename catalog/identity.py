"""What a feed's name meant on a day. Only an accepted, exact alias within its period decides; nothing is guessed."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from catalog.models import Alias, ModelVersion


def resolve_alias(namespace: str, raw_name: str, at: datetime) -> ModelVersion | None:
    """The version that ``raw_name`` meant at a moment; None when nobody decided, or it is no single version."""
    return resolve_aliases(namespace, [raw_name], at).get(raw_name)


def resolve_aliases(namespace: str, raw_names: Collection[str], at: datetime) -> dict[str, ModelVersion]:
    """The names of a namespace that meant one version at a moment: one query, whatever their number."""
    began = Q(valid_from__isnull=True) | Q(valid_from__lte=at)
    lasts = Q(valid_to__isnull=True) | Q(valid_to__gt=at)
    aliases = Alias.objects.filter(
        began, lasts, namespace=namespace, status=Alias.Status.ACCEPTED, target=Alias.Target.VERSION
    ).select_related("version__model")
    wanted = set(raw_names)
    return {alias.raw_name: alias.version for alias in aliases if alias.version and alias.raw_name in wanted}
