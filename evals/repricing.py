"""What the tokens of a run would have cost at other prices: a sum over what was reported, and no call."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from catalog.models import Offering, Price, Source
from catalog.selectors.prices import PriceInForce, prices_in_force
from economics.prices import Usage, request_cost
from evals.errors import UnknownPrice
from evals.models import Attempt, Run

COUNTS = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens", "reasoning_tokens")


@dataclass(frozen=True, slots=True, kw_only=True)
class ComponentCost:
    """Tokens of one kind over the whole run and what they would cost; ``is_assumed``: at the price of another kind."""

    component: str
    tokens: int
    usd: Decimal | None
    is_assumed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Repriced:
    """A cost that nobody paid.

    usd             of all calls whose tokens are known; None when some kind of token has no price
    calls_unknown   calls that reported no tokens and are left out, so that ``usd`` is a lower bound
    booked_usd      what the same calls were booked at in the run, for comparison
    """

    offering: Offering
    on: date
    service_class: str
    components: tuple[ComponentCost, ...]
    usd: Decimal | None
    calls: int
    calls_unknown: int
    booked_usd: Decimal | None
    sources: tuple[Source, ...]


def reprice(run: Run, *, offering: Offering, on: date, service_class: str = Price.ServiceClass.STANDARD) -> Repriced:
    """Price the stored usage of every call of ``run`` as ``offering`` was sold on a day (00:00 UTC).

    Each call gets the tier that its own prompt reaches. Reasoning is inside the output. Other models would have
    used other numbers of tokens: this moves prices, nothing else.

    :raises UnknownPrice: when no input and output price of the offering was in force on that day.
    """
    calls = list(Attempt.objects.filter(run_sample__run=run).values(*COUNTS, "cost_usd"))
    tokens: defaultdict[str, int] = defaultdict(int)
    costs: defaultdict[str, Decimal | None] = defaultdict(Decimal)
    assumed: set[str] = set()
    sources: dict[int, Source] = {}
    known = unknown = 0
    tiers: dict[int, dict[str, PriceInForce]] = {}
    steps = sorted(
        Price.objects.filter(offering=offering, service_class=service_class)
        .values_list("min_input_tokens", flat=True)
        .distinct()
    )
    for call in calls:
        if call["input_tokens"] is None or call["output_tokens"] is None:
            unknown += 1
            continue
        known += 1
        usage = Usage(
            input=call["input_tokens"],
            cached_input=call["cached_input_tokens"],
            cache_write=call["cache_write_tokens"],
            output=call["output_tokens"],
            reasoning_of_output=call["reasoning_tokens"],
        )
        tier = max((step for step in steps if step <= (usage.prompt_tokens or 0)), default=0)
        if tier not in tiers:
            tiers[tier] = _prices(offering, on=on, service_class=service_class, input_tokens=tier)
        rows = tiers[tier]
        sources |= {row.source.pk: row.source for row in rows.values()}
        cost = request_cost(price={name: row.usd_per_mtok for name, row in rows.items()}, usage=usage)
        assumed |= set(cost.assumed)
        for name, usd in cost.by_component.items():
            so_far = costs[name]
            costs[name] = None if usd is None or so_far is None else so_far + usd
        tokens["input"] += usage.input or 0
        tokens["cached_input"] += usage.cached_input or 0
        tokens["cache_write"] += usage.cache_write or 0
        tokens["output"] += usage.output or 0
    if not known:
        raise UnknownPrice("No call of this run reported its tokens, so there is nothing to price.")
    parts = tuple(
        ComponentCost(component=name, tokens=tokens[name], usd=usd, is_assumed=name in assumed)
        for name, usd in costs.items()
        if tokens[name] or name in ("input", "output")
    )
    usds = [part.usd for part in parts]
    booked = [call["cost_usd"] for call in calls if call["input_tokens"] is not None]
    return Repriced(
        offering=offering,
        on=on,
        service_class=service_class,
        components=parts,
        usd=None if None in usds else sum((usd for usd in usds if usd is not None), Decimal(0)),
        calls=known,
        calls_unknown=unknown,
        booked_usd=None if None in booked else sum((usd for usd in booked if usd is not None), Decimal(0)),
        sources=tuple(sources.values()),
    )


def _prices(offering: Offering, *, on: date, service_class: str, input_tokens: int) -> dict[str, PriceInForce]:
    found = prices_in_force(
        as_of=on, version_ids=[offering.version_id], service_class=service_class, input_tokens=input_tokens
    )
    offers = {each.offering.pk: each for each in found.get(offering.version_id, [])}
    rows = offers[offering.pk].components if offering.pk in offers else {}
    if not {"input", "output"} <= {name for name, row in rows.items() if row.usd_per_mtok is not None}:
        kind = "" if service_class == Price.ServiceClass.STANDARD else f"{service_class} "
        raise UnknownPrice(
            f"No {kind}input and output price of {offering} was in force on {on:%Y-%m-%d}. Choose another day or "
            "another offering."
        )
    return dict(rows)
