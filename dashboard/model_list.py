"""The list of models: what each is, how capable, and what it costs today."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from catalog.models import Model, ModelVersion, Source
from catalog.selectors.capabilities import IndexLevel, index_levels
from catalog.selectors.models import standing
from catalog.selectors.prices import VersionPrice, prices_in_force, version_price
from catalog.selectors.sales import EndOfSale
from dashboard.frontier_row import unique
from dashboard.query import DEFAULT_MIX, FrontierQuery


@dataclass(frozen=True, slots=True)
class ListedModel:
    """One model. None is unknown.

    ``version``        the one that stands for the model: :func:`catalog.selectors.models.standing`
    ``open_weights``   None where unknown or not the same for all versions
    """

    model: Model
    version: ModelVersion | None
    versions: int
    open_weights: bool | None
    access: str
    released_on: date | None
    index: IndexLevel | None
    price: VersionPrice | None

    @property
    def ended(self) -> EndOfSale | None:
        """How its sale ended; the price is then the last known one."""
        return self.price.ended if self.price else None

    @property
    def sources(self) -> list[Source]:
        """Where its versions and its price were read."""
        offer = self.price.offering_price if self.price else None
        prices = [price.source for price in offer.components.values()] if offer else []
        own = [version.source for version in self.model.versions.all() if version.source]
        return unique([*own, *prices])


def listed(models: Iterable[Model]) -> list[ListedModel]:
    """In the order given, at the default mix and today's prices, in a constant number of queries."""
    models = list(models)
    keys = [version.pk for model in models for version in model.versions.all()]
    levels = index_levels(keys)
    offers = prices_in_force(as_of=FrontierQuery().day, version_ids=keys)
    prices = {key: version_price(found, mix=DEFAULT_MIX.weights) for key, found in offers.items()}
    return [_listed(model, levels, prices) for model in models]


def _listed(model: Model, levels: dict[int, IndexLevel], prices: dict[int, VersionPrice]) -> ListedModel:
    versions = list(model.versions.all())
    for version in versions:
        version.model = model  # already at hand; the mark needs its developer
    access = {version.open_weights for version in versions}
    words = {True: "open weights", False: "closed weights", None: "unknown"}
    sold = {key for key, price in prices.items() if price.ended is None}
    shown = max(
        versions,
        key=lambda each: standing(each, is_sold=each.pk in sold, has_level=each.pk in levels),
        default=None,
    )
    return ListedModel(
        model=model,
        version=shown,
        versions=len(versions),
        open_weights=next(iter(access)) if len(access) == 1 else None,
        access=", ".join(sorted(words[value] for value in access)) or "unknown",
        released_on=min((version.released_on for version in versions if version.released_on), default=None),
        index=levels.get(shown.pk) if shown else None,
        price=prices.get(shown.pk) if shown else None,
    )
