"""Freezing the prices of a run: what is in force now, written down with its sources, so that it can be shown later."""

from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from evals.errors import UnknownPrice
from evals.models import Endpoint

if TYPE_CHECKING:
    from catalog.models import Offering

NOT_STATED = "nobody says where that price comes from"


def freeze_prices(
    endpoint: Endpoint, *, as_of: datetime, prompt_tokens: int = 0, accept_unknown_cost: bool = False
) -> dict[str, Any]:
    """The content of ``Run.prices`` for a run made at ``as_of``.

    A self-hosted endpoint is priced by its machine's rent; one that is sold, by the catalog's prices of its offering
    for prompts of ``prompt_tokens``.

    :raises UnknownPrice: when neither is known, unless ``accept_unknown_cost``.
    """
    frozen: dict[str, Any] = {"as_of": as_of.isoformat()}
    if endpoint.machine_usd_per_hour is not None:
        return frozen | {
            "kind": "self_hosted",
            "machine_usd_per_hour": str(endpoint.machine_usd_per_hour.normalize()),
            "rent_note": endpoint.machine_price_note or NOT_STATED,
            "note": (
                f"Machine at ${endpoint.machine_usd_per_hour.normalize():f} per hour "
                f"({endpoint.machine_price_note or NOT_STATED})."
            ),
        }
    missing = "it is linked to no offering and has no machine price"
    if endpoint.offering is not None:
        found = _sold(endpoint, as_of=as_of, prompt_tokens=prompt_tokens)
        if found is not None:
            return frozen | found
        missing = f"no input and output price of {endpoint.offering} is in force"
    if accept_unknown_cost:
        return frozen | {"kind": "unknown", "note": f"Cost unknown: {missing}."}
    raise UnknownPrice(
        f"The price of {endpoint.name} is not known: {missing}. Link the endpoint to an offering with prices, or state "
        "what its machine costs per hour. To run it anyway, without a cost and with no budget, accept an unknown cost."
    )


def _sold(endpoint: Endpoint, *, as_of: datetime, prompt_tokens: int) -> dict[str, Any] | None:
    from catalog.selectors.prices import prices_in_force

    offering = endpoint.offering
    if offering is None:
        return None
    offers = prices_in_force(as_of=as_of, version_ids=[offering.version_id], input_tokens=prompt_tokens)
    for offer in offers.get(offering.version_id, []):
        if offer.offering.pk != offering.pk:
            continue
        components = {
            name: {
                "usd_per_mtok": None if price.usd_per_mtok is None else str(price.usd_per_mtok),
                "price_id": price.price_id,
                "source": {"url": price.source.url, "publisher": price.source.publisher},
                "effective_from": price.effective_from and price.effective_from.isoformat(),
                "observed_from": price.observed_from and price.observed_from.isoformat(),
            }
            for name, price in offer.components.items()
        }
        stated = {name for name, row in components.items() if row["usd_per_mtok"] is not None}
        if {"input", "output"} <= stated:
            return {
                "kind": "sold",
                "components": components,
                **_tiers(offering, as_of=as_of),
                "note": f"List prices of {offering.provider} in force on {as_of:%Y-%m-%d}.",
            }
    return None


def _tiers(offering: "Offering", *, as_of: datetime) -> dict[str, Any]:
    """The prices of each prompt length and each part of the week, where the offering's prices depend on them."""
    from catalog.selectors.prices import prices_in_force

    rows = list(
        offering.prices.filter(service_class="standard").values_list(
            "min_input_tokens", "utc_from", "utc_to", "weekdays"
        )
    )
    lengths = sorted({0, *(row[0] for row in rows)})
    times = sorted({time(0), *(at for row in rows for at in row[1:3] if at is not None)})
    by_clock = len(times) > 1 or any(row[3] for row in rows)
    if lengths == [0] and not by_clock:
        return {}
    monday = datetime.combine((as_of - timedelta(days=as_of.weekday())).date(), time(0), tzinfo=UTC)
    tiers = []
    for length in lengths:
        for weekday in range(1, 8) if any(row[3] for row in rows) else (None,):
            for begins in times:
                clock = datetime.combine(monday + timedelta(days=(weekday or 1) - 1), begins, tzinfo=UTC)
                offers = prices_in_force(
                    as_of=as_of,
                    version_ids=[offering.version_id],
                    input_tokens=length,
                    clock=clock if by_clock else None,
                )
                tiers += [
                    {
                        "min_input_tokens": length,
                        "weekday": weekday,
                        "utc_from": begins.isoformat("minutes"),
                        "usd_per_mtok": {
                            name: None if price.usd_per_mtok is None else str(price.usd_per_mtok)
                            for name, price in offer.components.items()
                        },
                    }
                    for offer in offers.get(offering.version_id, [])
                    if offer.offering.pk == offering.pk
                ]
    return {"tiers": tiers}
