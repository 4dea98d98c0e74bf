"""What a model costs over its life: training once, then serving; and an API against rented GPUs."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from catalog.models import ModelVersion
from catalog.selectors.capabilities import index_levels
from catalog.selectors.merges import current_slugs
from catalog.selectors.models import standing, version_words
from catalog.selectors.prices import OfferingPrice, VersionPrice, prices_in_force, version_price
from catalog.selectors.sales import EndOfSale
from dashboard.ledger import DEFAULT_RENT, MAX_RENT, Ledger, ledgers
from dashboard.query import FrontierQuery, parse_amount
from economics.prices import self_hosted_price

FAVOURITE = "deepseek-v3"
MTOK = Decimal(1_000_000)


@dataclass(frozen=True, slots=True)
class WholeLifeQuery:
    """The assumptions. ``tokens_per_hour`` is what the machine yields while busy: a guess until it is measured."""

    base: FrontierQuery
    model: str = ""
    usd_per_gpu_hour: Decimal = DEFAULT_RENT
    gpus: Decimal = Decimal(8)
    tokens_per_hour: Decimal = Decimal(20_000_000)
    utilisation_percent: Decimal = Decimal(30)
    served_mtok: Decimal = Decimal(10_000_000)

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> "WholeLifeQuery":
        """:raises BadParameter: naming the parameter."""
        base = FrontierQuery.parse({name: each for name, each in values.items() if name in ("mix", "as_of")})
        limits = {
            "usd_per_gpu_hour": (Decimal(0), MAX_RENT, "2"),
            "gpus": (Decimal("0.01"), Decimal(1_000_000), "8"),
            "tokens_per_hour": (Decimal(1), Decimal(10) ** 15, "20000000"),
            "utilisation_percent": (Decimal("0.01"), Decimal(100), "30"),
            "served_mtok": (Decimal("0.000001"), Decimal(10) ** 12, "10000000"),
        }
        given = {
            name: parse_amount(name, values[name], least=least, most=most, example=example)
            for name, (least, most, example) in limits.items()
            if values.get(name, "").strip()
        }
        return cls(base, model=values.get("model", "").strip()[:120], **given)

    @property
    def texts(self) -> dict[str, str]:
        """What the fields of the form hold."""
        names = ("usd_per_gpu_hour", "gpus", "tokens_per_hour", "utilisation_percent", "served_mtok")
        return {name: f"{getattr(self, name).normalize():f}" for name in names}

    @property
    def machine_usd_per_hour(self) -> Decimal:
        return self.usd_per_gpu_hour * self.gpus

    @property
    def utilisation(self) -> Decimal:
        return self.utilisation_percent / 100

    def self_hosted(self, utilisation: Decimal | None = None) -> Decimal:
        """USD per million tokens of the rented machine."""
        price = self_hosted_price(
            usd_per_hour=self.machine_usd_per_hour,
            tokens_per_hour=self.tokens_per_hour,
            utilisation=self.utilisation if utilisation is None else utilisation,
        )
        return Decimal(0) if price is None else price


@dataclass(frozen=True, slots=True)
class LifeLine:
    """One training run: its cost, the API price of its model, and what the served tokens make of both.

    ``priced``    the version that the price is of: the trained one where it is sold
    ``is_usual``  whether that is the version which stands for the model on the other pages
    """

    ledger: Ledger
    price: VersionPrice | None
    query: WholeLifeQuery
    priced: ModelVersion | None = None
    is_usual: bool = True

    @property
    def version(self) -> ModelVersion:
        return self.ledger.run.version

    @property
    def api_name(self) -> str:
        """What the API price is of: the model, or its version where that is not the usual one."""
        version = self.priced or self.version
        return version.model.name if self.is_usual else version_words(version)

    @property
    def api_ended(self) -> EndOfSale | None:
        """How the sale ended; the API price is then the last known one."""
        return self.price.ended if self.price else None

    @property
    def api_usd_per_mtok(self) -> Decimal | None:
        return self.price.usd_per_mtok if self.price else None

    @property
    def training_usd_per_mtok(self) -> Decimal | None:
        """Training spread over the tokens served."""
        return None if self.ledger.usd is None else self.ledger.usd / self.query.served_mtok

    @property
    def serving_usd(self) -> Decimal:
        """Renting machines for all tokens served, at the utilisation assumed."""
        return self.query.self_hosted() * self.query.served_mtok

    @property
    def whole_life_usd(self) -> Decimal | None:
        return None if self.ledger.usd is None else self.ledger.usd + self.serving_usd

    @property
    def training_share(self) -> Decimal | None:
        """Training as a part of the whole."""
        whole = self.whole_life_usd
        return None if not whole or self.ledger.usd is None else self.ledger.usd / whole

    @property
    def payback_mtok(self) -> Decimal | None:
        """Million tokens sold at the API price that bring in what training cost; serving is not taken off."""
        price = self.api_usd_per_mtok
        return None if self.ledger.usd is None or not price else self.ledger.usd / price

    @property
    def break_even_utilisation(self) -> Decimal | None:
        """The part of the hours that the machine must be busy to be as cheap as the API; above 1: never."""
        price = self.api_usd_per_mtok
        return None if not price else self.query.self_hosted(Decimal(1)) / price


@dataclass(frozen=True, slots=True)
class WholeLife:
    query: WholeLifeQuery
    lines: list[LifeLine]
    chosen: LifeLine | None


def whole_life(query: WholeLifeQuery) -> WholeLife:
    """Every known training run against API prices and the machine assumed, in a constant number of queries.

    ``chosen`` is the model asked for; without one the favourite, else the first that has a price.
    """
    runs = ledgers(query.usd_per_gpu_hour)
    offers = prices_in_force(as_of=query.base.day)
    usual = _usual_versions(runs, offers)
    lines = [_line(run, offers, usual, query) for run in runs]
    if query.model and query.model not in {run.slug for run in runs}:
        query = replace(query, model=current_slugs([query.model])[0])
    named = [line for line in lines if line.ledger.slug == (query.model or FAVOURITE)]
    priced = [line for line in lines if line.api_usd_per_mtok is not None]
    chosen = next((line for line in named if line.api_usd_per_mtok is not None), None)
    return WholeLife(query, lines, chosen or next(iter([*named, *priced] if query.model else priced), None))


def _usual_versions(runs: Sequence[Ledger], offers: Mapping[int, list[OfferingPrice]]) -> dict[str, ModelVersion]:
    """The version that stands for each trained model, of those that have a price, by slug."""
    slugs = {run.slug for run in runs}
    versions = [found[0].offering.version for found in offers.values()]
    of_models = [version for version in versions if version.model.slug in slugs]
    levels = index_levels([version.pk for version in of_models])
    usual: dict[str, ModelVersion] = {}
    for version in sorted(
        of_models, key=lambda each: standing(each, is_sold=_is_sold(offers[each.pk]), has_level=each.pk in levels)
    ):
        usual[version.model.slug] = version
    return usual


def _line(
    run: Ledger,
    offers: Mapping[int, list[OfferingPrice]],
    usual: Mapping[str, ModelVersion],
    query: WholeLifeQuery,
) -> LifeLine:
    """With the price of the trained version while it is sold; else of the usual version of the same model, which costs
    about as much to run.
    """
    own, other = run.run.version, usual.get(run.slug)
    version = own if other is None or _is_sold(offers.get(own.pk, ())) else other
    if version.pk not in offers:
        return LifeLine(run, None, query)
    price = version_price(offers[version.pk], mix=query.base.mix.weights)
    return LifeLine(run, price, query, version, is_usual=version == other)


def _is_sold(offers: Sequence[OfferingPrice]) -> bool:
    return any(offer.ended is None for offer in offers)
