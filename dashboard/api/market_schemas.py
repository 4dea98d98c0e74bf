"""Shapes of the collections about prices: who sells what, at which price, and what changed."""

from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from dashboard.api.schemas import SourceItem


class OfferingItem(Schema):
    """A provider's sale of one version, with its list prices in force."""

    model: str
    version: str
    provider: str
    provider_model_id: str
    first_party: bool = Field(description="Sold by the developer itself.")
    prices_usd_per_mtok: dict[str, float | None]
    not_listed_since: date | None = Field(
        description="Since when its source lists these prices no more; null while it does. They are then the last ones."
    )
    conflicts: int = Field(description="Prices of which another source states another value at the same time.")
    quantisation: str
    region: str
    speed_class: str
    context_tokens: int | None
    retired_on: date | None = Field(
        description="When this provider ends the sale; a day to come is an announcement. Others may go on selling it."
    )
    retirement_source: SourceItem | None = Field(description="Where that day was read.")
    retirement_note: str
    sources: list[SourceItem]


class OfferingPage(Schema):
    count: int
    next: str | None
    items: list[OfferingItem]
    as_of: date
    notices: list[str] = Field(description="What to know of a day that has not come; empty for others.")


class PriceItem(Schema):
    """The price of one component of one offering on a day."""

    model: str
    version: str
    provider: str
    provider_model_id: str
    first_party: bool
    component: str
    usd_per_mtok: float | None
    effective_from: datetime | None
    effective_to: datetime | None = Field(description="Exclusive; null means open.")
    observed_from: datetime | None
    last_seen: datetime | None
    absent_since: datetime | None = Field(
        description="When its source stopped listing it; null while it is listed. From then on it is the last known "
        "price, at which nobody sells any more."
    )
    confidence: str
    note: str
    sources: list[SourceItem]


class PricePage(Schema):
    count: int
    next: str | None
    items: list[PriceItem]
    as_of: date
    notices: list[str] = Field(description="What to know of a day that has not come; empty for others.")
