"""What a model costs over its life: training once, then serving; and an API against rented GPUs."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from catalog.models import ModelVersion
from catalog.selectors.prices import OfferingPrice, VersionPrice, prices_in_force, version_price
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
    """One training run: its cost, the API price of its model, and what the served tokens make of both."""

    ledger: Ledger
    price: VersionPrice | None
    query: WholeLifeQuery

    @property
    def version(self) -> ModelVersion:
        return self.ledger.run.version

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
    by_model: dict[str, list[OfferingPrice]] = {}
    for found in offers.values():
        for offer in found:
            by_model.setdefault(offer.offering.version.model.slug, []).append(offer)
    lines = [LifeLine(run, _price(run, offers, by_model, query), query) for run in runs]
    named = [line for line in lines if line.ledger.slug == (query.model or FAVOURITE)]
    priced = [line for line in lines if line.api_usd_per_mtok is not None]
    chosen = next((line for line in named if line.api_usd_per_mtok is not None), None)
    return WholeLife(query, lines, chosen or next(iter([*named, *priced] if query.model else priced), None))


def _price(
    run: Ledger,
    offers: Mapping[int, list[OfferingPrice]],
    by_model: Mapping[str, list[OfferingPrice]],
    query: WholeLifeQuery,
) -> VersionPrice | None:
    """The price of the trained version; else of a later version of the same model, which costs about as much to run."""
    found = offers.get(run.run.version_id) or by_model.get(run.slug)
    return version_price(found, mix=query.base.mix.weights) if found else None
