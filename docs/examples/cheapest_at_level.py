"""What does a level of capability cost at least? ``python docs/examples/cheapest_at_level.py [address] [day]``.

Reads /api/v1/frontier with the standard library alone and prints the steps of the frontier.
"""

import json
import sys
import urllib.request
from collections.abc import Iterator
from typing import Any, TypedDict


class Item(TypedDict):
    """The fields used here; /api/v1/docs lists all of them."""

    name: str
    price_usd_per_mtok: float
    capability: float
    on_frontier: bool


def frontier(site: str, day: str) -> Iterator[Item]:
    """Every model that has a price and a capability on that day, page by page."""
    address: str | None = f"{site}/api/v1/frontier?as_of={day}"
    while address:
        with urllib.request.urlopen(address) as answer:
            page: dict[str, Any] = json.load(answer)
        yield from page["items"]
        address = page["next"]


def main() -> None:
    """Print one line per step, the cheapest first."""
    site = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"
    day = sys.argv[2] if len(sys.argv) > 2 else ""
    for item in frontier(site, day):
        if item["on_frontier"]:
            print(f"{item['capability']:8.1f}  ${item['price_usd_per_mtok']:<10g} {item['name']}")


if __name__ == "__main__":
    main()
