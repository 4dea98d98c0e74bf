"""Everything known about one model, gathered once for its page and for the API."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal

from catalog.models import Alias, Claim, Model, ModelVersion, Offering, Price, Score, Source
from catalog.selectors.capabilities import IndexLevel, index_levels
from catalog.selectors.facts import facts
from catalog.selectors.models import aliases, standing, versions_of_model
from catalog.selectors.prices import OfferingPrice, VersionPrice, price_history, prices_in_force, version_price
from catalog.selectors.sales import EndOfSale
from dashboard.frontier_row import unique
from dashboard.query import DEFAULT_MIX, FrontierQuery, Mix


@dataclass(frozen=True, slots=True)
class Offer:
    """One provider's list price, with its blend under the mix."""

    offering_price: OfferingPrice
    blended: VersionPrice

    @property
    def sources(self) -> list[Source]:
        return self.blended.sources

    @property
    def since(self) -> date | None:
        days = [price.effective_from or price.observed_from for price in self.offering_price.components.values()]
        known = [day.date() for day in days if day]
        return max(known) if known else None

    @property
    def is_since_sight(self) -> bool:
        """Whether nobody states that day: the price was first seen on it."""
        on = [price for price in self.offering_price.components.values() if price.effective_from]
        return not any(price.effective_from and price.effective_from.date() == self.since for price in on)

    @property
    def ended(self) -> EndOfSale | None:
        """How this sale ended, with its source; None while it goes on."""
        return self.offering_price.ended

    @property
    def columns(self) -> list[Decimal | None]:
        prices = self.offering_price.components
        return [prices[name].usd_per_mtok if name in prices else None for name in ("input", "cached_input", "output")]


@dataclass(frozen=True, slots=True)
class VersionDossier:
    version: ModelVersion
    claims: dict[str, list[Claim]]
    offers: list[Offer]
    price: VersionPrice | None
    scores: list[Score]
    index: IndexLevel | None
    aliases: list[Alias] = field(default_factory=list)

    @property
    def is_sold(self) -> bool:
        return self.price is not None and self.price.ended is None

    def number(self, attribute: str) -> float | None:
        said = self.claims.get(attribute)
        number = said[0].number if said else None
        return None if number is None else float(number)

    @property
    def facts(self) -> list[tuple[str, list[Claim]]]:
        """Attribute labels with their claims, the shown one first."""
        return [(str(Claim.Attribute(name).label), said) for name, said in sorted(self.claims.items())]


@dataclass(frozen=True, slots=True)
class Dossier:
    """A model, its versions from the newest to the oldest, and their price history."""

    model: Model
    day: date
    mix: Mix
    versions: list[VersionDossier]
    history: list[Price] = field(default_factory=list)

    @property
    def current(self) -> VersionDossier | None:
        """The version that stands for the model on that day."""
        if not self.versions:
            return None
        released = [each for each in self.versions if (each.version.released_on or date.min) <= self.day]
        return max(
            released or self.versions,
            key=lambda each: standing(each.version, is_sold=each.is_sold, has_level=each.index is not None),
        )

    @property
    def ended(self) -> list[Offering]:
        """Sales of it that end on a stated day, the last first; who else is listed goes on selling."""
        sold = {price.offering.pk: price.offering for price in self.history}
        ended = [offering for offering in sold.values() if offering.retired_on]
        return sorted(ended, key=lambda each: (each.retired_on or date.min, each.pk), reverse=True)

    @property
    def aliases(self) -> list[tuple[ModelVersion, Alias]]:
        """The names under which feeds list its versions, the newest version first."""
        return [(each.version, alias) for each in self.versions for alias in each.aliases]

    @property
    def newest_first(self) -> list[Price]:
        """The price rows by when they began or were first seen, undated ones last."""
        return sorted(self.history, key=_start, reverse=True)

    @property
    def first_released_on(self) -> date | None:
        """When the public could first use any version of it."""
        known = [each.version.released_on for each in self.versions if each.version.released_on]
        return min(known) if known else None

    @property
    def sources(self) -> list[Source]:
        return unique(
            source
            for each in self.versions
            for source in (
                *(claim.source for said in each.claims.values() for claim in said),
                *(source for offer in each.offers for source in offer.sources),
                *(score.source for score in each.scores),
            )
        )


def dossier(slug: str, *, day: date | None = None, mix: Mix = DEFAULT_MIX) -> Dossier:
    """Gather a model. Raises ``catalog.errors.UnknownModel`` with near names."""
    model, versions = versions_of_model(slug)
    day = day or FrontierQuery().day
    versions.sort(key=lambda version: (version.released_on or date.min, version.pk), reverse=True)
    keys = [version.pk for version in versions]
    claims, levels, names = facts(keys), index_levels(keys), aliases(keys)
    offers, scores = prices_in_force(as_of=day, version_ids=keys), _scores(keys)
    return Dossier(
        model=model,
        day=day,
        mix=mix,
        versions=[
            VersionDossier(
                version=version,
                claims=claims.get(version.pk, {}),
                offers=[_offer(each, mix) for each in offers.get(version.pk, [])],
                price=version_price(offers[version.pk], mix=mix.weights) if version.pk in offers else None,
                scores=scores.get(version.pk, []),
                index=levels.get(version.pk),
                aliases=names.get(version.pk, []),
            )
            for version in versions
        ],
        history=price_history(version_ids=keys),
    )


def _start(price: Price) -> tuple[bool, datetime]:
    began = price.effective_from or price.observed_from
    return began is not None, began or datetime.min.replace(tzinfo=UTC)


def _offer(offering_price: OfferingPrice, mix: Mix) -> Offer:
    return Offer(offering_price, version_price([offering_price], mix=mix.weights, policy="cheapest"))


def _scores(keys: Sequence[int]) -> dict[int, list[Score]]:
    found: dict[int, list[Score]] = {}
    rows = (
        Score.objects.filter(version_id__in=keys, superseded_by=None)
        .select_related("benchmark", "source", "measured_by")
        .order_by("benchmark__name", "benchmark__variant", "source__rank", "pk")
    )
    for score in rows:
        found.setdefault(score.version_id, []).append(score)
    return found


def score_setting(score: Score) -> str:
    """In which configuration a score was measured."""
    return ", ".join(filter(None, (score.effort, score.shots, score.harness, score.configuration)))
