"""What a call may cost and what it did cost: pure arithmetic on a run's frozen prices."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from decimal import ROUND_HALF_EVEN, ROUND_UP, Decimal
from typing import Any, Literal

from economics.errors import EconomicsError
from economics.prices import Usage, normalise_usage, request_cost

PLACES = Decimal("1e-12")
PER_MTOK = Decimal(1_000_000)
PER_HOUR = Decimal(3600)
# What chat templates and default system prompts add around a prompt, in tokens.
TEMPLATE_TOKENS = 128
BYTES_PER_TOKEN = 4
MOST_CHARACTERS_PER_TOKEN = 6

Kind = Literal["sold", "self_hosted", "unknown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceTier:
    """The prices that hold for prompts from ``min_input_tokens`` on, on a weekday (1: Monday) from a time (UTC) on.

    ``weekday`` None means every day.
    """

    min_input_tokens: int
    weekday: int | None
    utc_from: time
    components: Mapping[str, Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenPrices:
    """The prices of a run, as they were when it was made.

    kind          "sold": USD per million tokens by component; "self_hosted": rent of the machine; "unknown"
    components    component to USD per million tokens, None where unknown; the list price for a short prompt
    tiers         where prices depend on the prompt's length or the hour; empty where they do not
    """

    kind: Kind
    components: Mapping[str, Decimal | None] = field(default_factory=dict)
    machine_usd_per_hour: Decimal | None = None
    tiers: tuple[PriceTier, ...] = ()

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> "FrozenPrices":
        """Read what :mod:`evals.services.pricing` stored in ``Run.prices``."""
        rent = stored.get("machine_usd_per_hour")
        return cls(
            kind=stored["kind"],
            components={
                name: None if row["usd_per_mtok"] is None else Decimal(row["usd_per_mtok"])
                for name, row in stored.get("components", {}).items()
            },
            machine_usd_per_hour=None if rent is None else Decimal(rent),
            tiers=tuple(
                PriceTier(
                    min_input_tokens=row["min_input_tokens"],
                    weekday=row["weekday"],
                    utc_from=time.fromisoformat(row["utc_from"]),
                    components={
                        name: None if usd is None else Decimal(usd) for name, usd in row["usd_per_mtok"].items()
                    },
                )
                for row in stored.get("tiers", ())
            ),
        )

    def components_for(self, *, prompt_tokens: int, at: datetime | None) -> Mapping[str, Decimal | None]:
        """The prices of a call with a prompt of that length at that moment (aware, UTC).

        Without a moment, and where prices depend on it, the list price: the dearest hours.
        """
        reached = [tier for tier in self.tiers if tier.min_input_tokens <= prompt_tokens]
        if not reached:
            return self.components
        length = max(tier.min_input_tokens for tier in reached)
        held = [tier for tier in reached if tier.min_input_tokens == length]
        if at is None:
            return _dearest(held)
        today = [
            tier for tier in held if tier.weekday in {None, at.isoweekday()} and tier.utc_from <= at.time()
        ]  # every day has a tier from 00:00 on
        return max(today, key=lambda tier: tier.utc_from).components if today else _dearest(held)

    def reserve(self, *, prompt: str, max_output_tokens: int, timeout_s: float) -> Decimal:
        """The most that one call can cost in USD, as far as can be known before it; 0 where no price is known.

        A token is at least one byte, so the prompt's bytes bound its tokens. The generosity costs nothing: at the end
        of a budget a run waits for open reservations to be settled before it gives up.
        """
        if self.kind == "self_hosted" and self.machine_usd_per_hour is not None:
            return _up(self.machine_usd_per_hour * Decimal(str(timeout_s)) / PER_HOUR)
        if self.kind != "sold":
            return Decimal(0)
        input_tokens = len(prompt.encode()) + TEMPLATE_TOKENS
        reachable = [tier for tier in self.tiers if tier.min_input_tokens <= input_tokens]
        listed = _dearest(reachable) if reachable else self.components
        prices = {name: price for name, price in listed.items() if price is not None}
        dearest_input = max(prices.get(name, Decimal(0)) for name in ("input", "cache_write"))
        dearest_output = max(prices.get(name, Decimal(0)) for name in ("output", "reasoning"))
        return _up((input_tokens * dearest_input + max_output_tokens * dearest_output) / PER_MTOK)

    def cost(self, *, usage: Usage | None, machine_s: float | None, at: datetime | None = None) -> Decimal | None:
        """What one call that began ``at`` cost in USD, by its own prompt's length; None where that is unknown."""
        if self.kind == "self_hosted" and self.machine_usd_per_hour is not None:
            if machine_s is None:
                return None
            return _near(self.machine_usd_per_hour * Decimal(repr(machine_s)) / PER_HOUR)
        if self.kind != "sold" or usage is None:
            return None
        price = self.components_for(prompt_tokens=usage.prompt_tokens or 0, at=at)
        total = request_cost(price=price, usage=usage).total
        return None if total is None else _near(total)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadUsage:
    """A usage report as far as it can be believed. ``doubt`` says why it cannot: "usage_missing", "usage_absurd"."""

    usage: Usage | None
    doubt: str = ""


def read_usage(*, dialect: str, raw: Mapping[str, Any] | None, text: str, max_output_tokens: int) -> ReadUsage:
    """Read a provider's report. Missing, contradictory or absurd ones give no usage: a cost from them would be a lie.

    Absurd is: more than twice the output tokens that were allowed, or no token at all for a text that is there.
    """
    if not raw:
        return ReadUsage(usage=None, doubt="usage_missing")
    try:
        usage = normalise_usage(dialect=dialect, raw=raw)
    except EconomicsError:
        return ReadUsage(usage=None, doubt="usage_absurd")
    if usage.input is None or usage.output is None:
        return ReadUsage(usage=None, doubt="usage_missing")
    if usage.output > 2 * max_output_tokens or not usage.prompt_tokens or (text and not usage.output):
        return ReadUsage(usage=usage, doubt="usage_absurd")
    return ReadUsage(usage=usage)


def booked(*, cost: Decimal | None, reserve: Decimal) -> Decimal:
    """What is taken from the budget: the cost, or the whole reserve where the cost is unknown."""
    return reserve if cost is None else cost


def _dearest(tiers: Iterable[PriceTier]) -> dict[str, Decimal | None]:
    dearest: dict[str, Decimal | None] = {}
    for tier in tiers:
        for name, usd in tier.components.items():
            known = dearest.get(name)
            dearest[name] = usd if known is None else known if usd is None else max(known, usd)
    return dearest


def estimated_tokens(*, prompt: str, max_output_tokens: int) -> int:
    """What a call counts against a limit of tokens per minute before its usage is known: four bytes a token, and all
    the output it may make, which is how providers count it too.
    """
    return len(prompt.encode()) // BYTES_PER_TOKEN + max_output_tokens


def least_tokens(prompt: str) -> int:
    """Fewer tokens than this a prompt has on no common tokenizer: six characters for each."""
    return len(prompt) // MOST_CHARACTERS_PER_TOKEN


def _up(usd: Decimal) -> Decimal:
    return usd.quantize(PLACES, rounding=ROUND_UP)


def _near(usd: Decimal) -> Decimal:
    return usd.quantize(PLACES, rounding=ROUND_HALF_EVEN)
