"""Shapes of the collections about what was measured."""

from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from dashboard.api.schemas import Infinite, ScoreItem, SourceItem


class ScoreRow(ScoreItem):
    """One score of one version."""

    model: str
    version: str
    sources: list[SourceItem]


class ScorePage(Schema):
    count: int
    next: str | None
    items: list[ScoreRow]


class IndexItem(Schema):
    """The index of one version."""

    model: str
    version: str
    capability: float
    capability_low: float | None = Field(description="Lower end of the 90% interval.")
    capability_high: float | None
    status: str = Field(description="ranked, or provisional where few scores carry it.")
    detail: str
    sources: list[SourceItem]


class IndexFitItem(Schema):
    """What names a fit. Values of two fits are never mixed."""

    created_at: datetime
    data_hash: str
    policy: str
    ridge: float
    anchors: dict[str, float]
    resamples: int
    level: float
    scores: int


class IndexPage(Schema):
    count: int
    next: str | None
    items: list[IndexItem]
    fit: IndexFitItem | None


class PriceRecordItem(Schema):
    """A price lower than all before it among versions that reach the level."""

    model: str
    version: str
    provider: str
    on: date = Field(description="The day from which this price was to be had.")
    is_observed: bool = Field(description="The day is that of a first sight: the price may be older.")
    price_usd_per_mtok: float
    capability: float
    sources: list[SourceItem]


class TrendItem(Schema):
    words: str
    words_only: bool = Field(description="Too few or too scattered prices: do not show the factor as a rate.")
    n: int
    factor_per_year: float | Infinite | None = Field(description="The price falls that many fold a year.")
    factor_low: float | Infinite | None = Field(description="Lower end of the 90% interval, which is too narrow.")
    factor_high: float | Infinite | None
    halving_days: float | Infinite | None
    leave_one_out: list[float | Infinite] | None


class PriceOfCapabilityPage(Schema):
    count: int
    next: str | None
    items: list[PriceRecordItem]
    level: float | None = Field(description="Shares in percent.")
    capability: str
    mix: str
    as_of: date
    notices: list[str] = Field(description="What to know of a day that has not come; empty for others.")
    policy: str
    price_policy: str
    price_usd_per_mtok: float | None = Field(description="The cheapest price of the level on that day.")
    cheapest: str | None
    trend: TrendItem | None
