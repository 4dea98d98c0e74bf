"""Prices per token and what a request costs.

Prices are USD per million tokens, exact decimals; None is an unknown price, 0 a stated price of nothing. Components:
``input``, ``cached_input`` (reading a cache), ``cache_write``, ``cache_write_1h``, ``output``, ``reasoning``.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike

from economics._checks import FloatArray, Money, Number, count, exact, fraction
from economics.errors import InvalidArgument, MismatchedShapes
from economics.price_history import DatedPrice, price_as_of
from economics.usage import Usage, normalise_usage

__all__ = [
    "BlendedPrice",
    "CachedPrefixCost",
    "DatedPrice",
    "RequestCost",
    "Usage",
    "blended_price",
    "cached_prefix_cost",
    "normalise_usage",
    "price_as_of",
    "request_cost",
    "request_cost_array",
    "self_hosted_price",
    "tiered_request_cost",
]

Price = Mapping[str, Money | None]
TOKENS_PER_PRICE = 1_000_000

# Where a provider states no price of its own for a component, this one is charged.
FALLBACKS = {
    "cached_input": ("input",),
    "cache_write": ("input",),
    "cache_write_1h": ("cache_write", "input"),
    "reasoning": ("output",),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BlendedPrice:
    """One price for a mix of tokens.

    usd_per_mtok   None when a component of the mix has no price
    mix            the weights as used; state them wherever the price is shown
    assumed        components priced by their fallback (cached_input as input, ...)
    missing        components without a price
    """

    usd_per_mtok: Decimal | None
    mix: Mapping[str, Decimal]
    assumed: tuple[str, ...]
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestCost:
    """What one request cost, in USD.

    total                 None when tokens were used that have no price, or when input or output is not reported
    by_component          USD per component, after discount; they add up to ``total``
    assumed               components priced by their fallback
    not_reported          counts that the usage does not tell apart (they are inside ``input``, which makes the total
                          an upper bound where cached tokens are cheaper), or that make the total unknown
    reasoning_of_output   the part of the output cost that was reasoning; already inside, None when not reported
    """

    total: Decimal | None
    by_component: Mapping[str, Decimal | None]
    assumed: tuple[str, ...]
    not_reported: tuple[str, ...]
    reasoning_of_output: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CachedPrefixCost:
    """USD for reading one prefix in several calls, with the provider's cache and without it."""

    total: Decimal | None
    without_cache: Decimal | None
    assumed: tuple[str, ...]


def blended_price(*, price: Price | None, mix: Mapping[str, Number | str]) -> BlendedPrice:
    """Return sum(w_k p_k) / sum(w_k) in USD per million tokens for the weights of ``mix``.

    ``price`` maps components to USD per million tokens, ``mix`` components to weights, which need not add to 1.
    cached_input and cache_write fall back on input, reasoning on output; both are named in ``assumed``. A component
    with weight above 0 and no price even so makes the result None; so does ``price`` None (no record).
    :raises InvalidArgument: for a mix that is all zero, or a negative weight or price.
    """
    weights = {component: exact(weight, name=f"mix[{component!r}]") for component, weight in mix.items()}
    total_weight = sum(weights.values(), Decimal(0))
    if total_weight == 0:
        raise InvalidArgument(f"mix is {dict(mix)!r}; at least one component needs a weight above 0.")
    book = _PriceBook(price)
    parts = [(weight, book.price(component)) for component, weight in weights.items() if weight > 0]
    known = [weight * usd for weight, usd in parts if usd is not None]
    return BlendedPrice(
        usd_per_mtok=sum(known, Decimal(0)) / total_weight if len(known) == len(parts) else None,
        mix=weights,
        assumed=tuple(book.assumed),
        missing=tuple(book.missing),
    )


def request_cost(*, price: Price | None, usage: Usage, batch_discount: Number | str = 0) -> RequestCost:
    """Return what a request cost: sum over components of tokens x USD per million / 1e6, x (1 - batch_discount).

    Reasoning tokens are inside ``usage.output`` and are never added. A cached_input or cache_write that the usage does
    not report is inside input. Fallback prices as in :func:`blended_price`. Tokens of a component that has no price
    make the total None; a component with 0 tokens needs none.
    :raises InvalidArgument: for a negative price, or a discount outside [0, 1].
    """
    if not isinstance(usage, Usage):
        raise InvalidArgument(f"usage is {usage!r}; give a Usage (normalise_usage makes one from a provider's report).")
    paid_share = 1 - _discount(batch_discount)
    book = _PriceBook(price)
    by_component: dict[str, Decimal | None] = {}
    for component, tokens in _billed(usage).items():
        if tokens is None:
            if component in {"input", "output"}:
                by_component[component] = None
            continue
        usd = book.price(component) if tokens else Decimal(0)
        by_component[component] = None if usd is None else tokens * usd * paid_share / TOKENS_PER_PRICE
    known = [usd for usd in by_component.values() if usd is not None]
    reasoning, output_usd = usage.reasoning_of_output, book.lookup("output")
    return RequestCost(
        total=sum(known, Decimal(0)) if len(known) == len(by_component) else None,
        by_component=by_component,
        assumed=tuple(book.assumed),
        not_reported=tuple(name for name in _COUNTED if getattr(usage, name) is None),
        reasoning_of_output=(
            None if reasoning is None or output_usd is None else reasoning * output_usd * paid_share / TOKENS_PER_PRICE
        ),
    )


def tiered_request_cost(
    *, tiers: Mapping[int, Price], usage: Usage, marginal: bool = False, batch_discount: Number | str = 0
) -> RequestCost:
    """Return what a request cost where a long prompt is dearer.

    ``tiers`` maps the smallest prompt (tokens read: uncached + cached + written) of a tier to its prices; one must
    start at 0. The tier that the prompt reaches prices the *whole request*, output too. With ``marginal`` (only where
    the provider says so) a tier prices only the input tokens from its threshold on, and output costs what it does in
    the first tier. The prompt is read in the order cached, written, uncached: a cache holds a prefix.

    A usage without input count gives an unknown total: nobody can say which tier it reached.
    """
    starts = sorted(count(start, name="a threshold in tiers") for start in tiers)
    if not starts or starts[0] != 0:
        raise InvalidArgument(f"tiers start at {starts}; one tier must start at 0.")
    prompt = usage.prompt_tokens
    if prompt is None:
        return request_cost(price=tiers[0], usage=usage, batch_discount=batch_discount)
    if not marginal:
        reached = max(start for start in starts if start <= prompt)
        return request_cost(price=tiers[reached], usage=usage, batch_discount=batch_discount)
    ends = [*starts[1:], max(prompt, starts[-1])]
    slices = [
        request_cost(price=tiers[start], usage=_prompt_slice(usage, start, end), batch_discount=batch_discount)
        for start, end in zip(starts, ends, strict=True)
    ]
    return _added(slices)


def request_cost_array(
    *, price: Mapping[str, ArrayLike | None], usage: Mapping[str, ArrayLike | None], batch_discount: ArrayLike = 0.0
) -> FloatArray:
    """Return the cost of many requests at once, in USD as float64: :func:`request_cost` for the columns of a table.

    ``price`` maps components to columns (or one number for all) of USD per million tokens, ``usage`` the names of
    :class:`Usage` to columns of counts; NaN or an absent column is unknown. Same fallbacks and rules as the scalar
    function, with which it agrees to 1e-12 relative. Shapes broadcast; unknown results are NaN.
    """
    prices = {name: _column(values, name=f"price[{name!r}]") for name, values in price.items() if values is not None}
    counts = {name: _column(values, name=f"usage[{name!r}]") for name, values in usage.items() if values is not None}
    discount = _column(batch_discount, name="batch_discount")
    if np.any(discount > 1):
        raise InvalidArgument(f"batch_discount reaches {np.nanmax(discount)}; give fractions of at most 1.")
    unknown = np.float64(np.nan)
    long_writes = np.nan_to_num(counts.get("cache_write_1h", np.float64(0)))
    try:
        tokens = {
            "input": counts.get("input", unknown),
            "cached_input": np.nan_to_num(counts.get("cached_input", np.float64(0))),
            "cache_write": np.nan_to_num(counts.get("cache_write", np.float64(0))) - long_writes,
            "cache_write_1h": long_writes,
            "output": counts.get("output", unknown),
        }
        total: FloatArray = np.zeros(np.broadcast_shapes(*(np.shape(c) for c in (*tokens.values(), discount))))
        for component, used in tokens.items():
            usd = np.asarray(prices.get(component, unknown))
            for fallback in FALLBACKS.get(component, ()):
                usd = np.where(np.isnan(usd), prices.get(fallback, unknown), usd)
            total = total + np.where(used == 0, 0.0, used * usd)
    except ValueError as error:
        raise MismatchedShapes(f"The columns of price, usage and batch_discount do not fit: {error}.") from None
    return np.asarray(total * (1.0 - discount) / TOKENS_PER_PRICE, dtype=np.float64)


def cached_prefix_cost(
    *, price: Price | None, prefix_tokens: int, calls: int, batch_discount: Number | str = 0
) -> CachedPrefixCost:
    """Return the USD for one prefix read in ``calls`` calls: one cache write and (calls - 1) reads.

    Only the prefix is counted, and every later call is taken to hit. ``without_cache`` is calls x input price: below
    it the cache pays. Fallback prices as in :func:`blended_price`.
    """
    tokens, calls = count(prefix_tokens, name="prefix_tokens"), count(calls, name="calls")
    reads = max(calls - 1, 0)
    cached = request_cost(
        price=price,
        usage=Usage(input=0, cached_input=tokens * reads, cache_write=tokens * min(calls, 1), output=0),
        batch_discount=batch_discount,
    )
    plain = request_cost(
        price=price,
        usage=Usage(input=tokens * calls, cached_input=0, cache_write=0, output=0),
        batch_discount=batch_discount,
    )
    return CachedPrefixCost(total=cached.total, without_cache=plain.total, assumed=cached.assumed)


def self_hosted_price(
    *, usd_per_hour: Money | None, tokens_per_hour: Number | None, utilisation: Number | str = 1
) -> Decimal | None:
    """Return the USD per million tokens of rented machines: usd_per_hour / (tokens_per_hour x utilisation) x 1e6.

    ``tokens_per_hour`` is the throughput measured while busy; ``utilisation`` the share of the paid hours in which the
    machine is busy (1: always, which few services reach). Unknown in, unknown out.
    :raises InvalidArgument: for no throughput, or a utilisation of 0 or above 1.
    """
    busy = exact(utilisation, name="utilisation")
    if not 0 < busy <= 1:
        raise InvalidArgument(f"utilisation is {utilisation!r}; it must be above 0 and at most 1.")
    if usd_per_hour is None or tokens_per_hour is None:
        return None
    rent, tokens = exact(usd_per_hour, name="usd_per_hour"), exact(tokens_per_hour, name="tokens_per_hour")
    if tokens == 0:
        raise InvalidArgument("tokens_per_hour is 0; a machine that yields no token has no price per token.")
    return rent * TOKENS_PER_PRICE / (tokens * busy)


_COUNTED = ("input", "cached_input", "cache_write", "output")


class _PriceBook:
    """Looks prices up, falls back where allowed and remembers what it had to assume."""

    def __init__(self, price: Price | None) -> None:
        self._price = {} if price is None else price
        self.assumed: list[str] = []
        self.missing: list[str] = []

    def lookup(self, component: str) -> Decimal | None:
        usd = self._price.get(component)
        return None if usd is None else exact(usd, name=f"price[{component!r}]")

    def price(self, component: str) -> Decimal | None:
        usd = self.lookup(component)
        if usd is not None:
            return usd
        for fallback in FALLBACKS.get(component, ()):
            usd = self.lookup(fallback)
            if usd is not None:
                self.assumed.append(component)
                return usd
        self.missing.append(component)
        return None


def _discount(value: Number | str) -> Decimal:
    discount = exact(value, name="batch_discount")
    fraction(discount, name="batch_discount")
    return discount


def _billed(usage: Usage) -> dict[str, int | None]:
    """Token counts by the component that prices them; long-lived cache writes stand apart."""
    billed = {name: getattr(usage, name) for name in _COUNTED}
    if usage.cache_write_1h:
        billed["cache_write"] = None if usage.cache_write is None else usage.cache_write - usage.cache_write_1h
        billed["cache_write_1h"] = usage.cache_write_1h
    return billed


def _prompt_slice(usage: Usage, start: int, end: int) -> Usage:
    """The part of a request whose prompt tokens lie in [start, end); the first slice carries the output."""
    cached, write, fresh = usage.cached_input or 0, usage.cache_write or 0, usage.input or 0
    short_writes = write - (usage.cache_write_1h or 0)
    edges = [0, cached, cached + short_writes, cached + write, cached + write + fresh]
    overlap = [max(0, min(end, after) - max(start, before)) for before, after in pairwise(edges)]
    return Usage(
        input=overlap[3],
        cached_input=None if usage.cached_input is None else overlap[0],
        cache_write=None if usage.cache_write is None else overlap[1] + overlap[2],
        cache_write_1h=None if usage.cache_write_1h is None else overlap[2],
        output=usage.output if start == 0 else 0,
        reasoning_of_output=usage.reasoning_of_output if start == 0 else 0,
    )


def _added(costs: list[RequestCost]) -> RequestCost:
    components = {component: None for cost in costs for component in cost.by_component}
    by_component = {
        component: _sum_known([cost.by_component.get(component, Decimal(0)) for cost in costs])
        for component in components
    }
    return RequestCost(
        total=_sum_known([cost.total for cost in costs]),
        by_component=by_component,
        assumed=tuple(dict.fromkeys(name for cost in costs for name in cost.assumed)),
        not_reported=costs[0].not_reported,
        reasoning_of_output=costs[0].reasoning_of_output,
    )


def _sum_known(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if len(known) == len(amounts) else None


def _column(values: ArrayLike, *, name: str) -> FloatArray:
    try:
        column = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        raise InvalidArgument(f"{name} is {values!r}; give numbers, NaN for unknown.") from None
    if np.any(column < 0) or np.any(np.isinf(column)):
        raise InvalidArgument(
            f"{name} holds {np.nanmin(column) if np.any(column < 0) else np.inf}; "
            "amounts are finite and never negative."
        )
    return column
