"""A visitor's traffic, in tokens a month, and what it costs at a model's list prices."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from math import gcd, lcm
from urllib.parse import urlencode

from catalog.selectors.prices import PriceInForce
from dashboard.query import Mix, parse_amount
from economics.prices import RequestCost, Usage, request_cost

TOKENS = Decimal(1_000_000)
# Ten billion million tokens: more than all providers together serve in a month.
MOST_MTOK = Decimal(10_000_000_000)
NAMES = ("input_mtok", "cached_mtok", "output_mtok")


@dataclass(frozen=True, slots=True)
class Workload:
    """Million tokens a month. ``input`` is read fresh, ``cached`` is read from the provider's cache."""

    input: Decimal = Decimal(300)
    cached: Decimal = Decimal(0)
    output: Decimal = Decimal(100)

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> "Workload":
        """Read ``input_mtok``, ``cached_mtok`` and ``output_mtok``; absent ones keep their default.

        With none of the three it is traffic in the proportions of ``mix``.

        :raises BadParameter: for anything that is no number from 0 up.
        """
        default = cls()
        if values.get("mix", "").strip() and not any(values.get(name, "").strip() for name in NAMES):
            return cls.of(Mix.parse(values["mix"]))
        amounts = [
            parse_amount(name, values[name], most=MOST_MTOK, example="300") if values.get(name, "").strip() else usual
            for name, usual in zip(NAMES, (default.input, default.cached, default.output), strict=True)
        ]
        return cls(*amounts)

    @classmethod
    def of(cls, mix: Mix) -> "Workload":
        """A hundred million tokens for each one of the mix: 3:0:1 is the default."""
        return cls(mix.input * 100, mix.cached_input * 100, mix.output * 100)

    @property
    def parameters(self) -> dict[str, str]:
        """Its part of a query string, defaults left out."""
        default = Workload()
        given = zip(NAMES, self.amounts, default.amounts, strict=True)
        return {name: text(amount) for name, amount, usual in given if amount != usual}

    @property
    def string(self) -> str:
        return f"?{urlencode(self.parameters)}" if self.parameters else ""

    @property
    def amounts(self) -> tuple[Decimal, Decimal, Decimal]:
        return self.input, self.cached, self.output

    @property
    def texts(self) -> dict[str, str]:
        """What the three fields of the form hold."""
        return dict(zip(("input", "cached", "output"), map(text, self.amounts), strict=True))

    @property
    def words(self) -> str:
        """``"300M input and 100M output tokens"``; parts of zero are left out."""
        kinds = (("input", self.input), ("cached input", self.cached), ("output", self.output))
        parts = [f"{amount.normalize():,f}M {kind}" for kind, amount in kinds if amount]
        if not parts:
            return "no tokens"
        return f"{', '.join(parts[:-1])} and {parts[-1]} tokens" if len(parts) > 1 else f"{parts[0]} tokens"

    @property
    def mix(self) -> Mix | None:
        """The same proportions as a mix, in lowest terms: 300:0:100 is 3:0:1. None for no traffic at all."""
        if not any(self.amounts):
            return None
        wholes = [amount.as_integer_ratio() for amount in self.amounts]
        scale = lcm(*(bottom for _, bottom in wholes))
        parts = [top * scale // bottom for top, bottom in wholes]
        return Mix(*(Decimal(part // gcd(*parts)) for part in parts))

    def cost(self, components: Mapping[str, PriceInForce]) -> RequestCost:
        """USD a month. The total is None when a price that is needed is not known."""
        return request_cost(
            price={name: found.usd_per_mtok for name, found in components.items()},
            usage=Usage(
                input=int(self.input * TOKENS),
                cached_input=int(self.cached * TOKENS),
                cache_write=0,
                output=int(self.output * TOKENS),
            ),
        )


def text(amount: Decimal) -> str:
    return f"{amount.normalize():f}"
