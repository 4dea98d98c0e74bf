"""Where a model would stand with a price that is still being typed."""

from copy import copy

from django.db import transaction

from catalog.models import Price
from catalog.services.prices import record_price
from dashboard import formats
from dashboard.frontier import frontier
from dashboard.frontier_row import FrontierRow
from dashboard.query import FrontierQuery


def standing(price: Price) -> str:
    """One sentence about the frontier of today, computed as the pages do, on a catalog that has the price.

    The price is written and taken back: the numbers cannot differ from those of the page after saving.
    """
    slug = price.offering.version.model.slug
    tried = copy(price)  # saving numbers a row and its source, and the caller's must stay as they were typed
    tried.source = copy(price.source)
    with transaction.atomic():
        record_price(tried)
        found = frontier(FrontierQuery.parse({}))
        transaction.set_rollback(True)
    row = found.row(slug)
    name = price.offering.version.model.name
    if row is None:
        return f"{name} would not be on the frontier page: it lacks a price for the usual mix, or a capability."
    usd = f"{formats.usd(row.usd_per_mtok)} per million tokens (mix {found.query.mix.words})"
    whose = f", {row.price.policy_note}" if row.price and row.price.policy_note else ""
    return f"{name} would stand at {usd}{whose}, {_place(row)}."


def _place(row: FrontierRow) -> str:
    if row.on_frontier:
        return "on the frontier: nothing as capable costs less"
    if row.price_premium is not None and row.premium_set_by_name:
        return f"{row.price_premium:.3g} times the price of {row.premium_set_by_name}, which is at least as capable"
    return "behind the frontier"
