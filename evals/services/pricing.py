"""Freezing the prices of a run: what is in force now, written down with its sources, so that it can be shown later."""

from datetime import datetime
from typing import Any

from evals.errors import UnknownPrice
from evals.models import Endpoint

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
                "note": f"List prices of {offering.provider} in force on {as_of:%Y-%m-%d}.",
            }
    return None
