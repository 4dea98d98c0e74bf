"""Shapes of comparisons: endpoints on the same items."""

from datetime import datetime
from decimal import Decimal

from ninja import Schema
from pydantic import Field

from dashboard.api.schemas import Infinite, IntervalItem, RunItem, SourceItem


class PairItem(Schema):
    """Two endpoints on the items that both were scored on."""

    first: str
    second: str
    items: int
    only_first: int = Field(description="Items that only the first answered right.")
    only_second: int
    difference: float | None = Field(description="Pass rate of the first minus that of the second.")
    difference_interval: IntervalItem | None
    p_value: float | None = Field(description="After Holm over all pairs; null where the comparison may stop early.")
    evalue: float | Infinite | None = Field(description="Evidence that holds at every look, where it may stop early.")
    verdict: str | None = Field(description="differ, alike or open, where it may stop early.")
    words: str


class ComparisonItem(Schema):
    """Runs of one suite on several endpoints, made together."""

    id: str
    suite: str
    stop_early: bool
    alpha: float
    indifference_points: float | None
    decided_at: datetime | None
    words: str
    runs: list[RunItem]
    pairs: list[PairItem]
    created_at: datetime
    url: str
    sources: list[SourceItem]


class ComparisonWish(Schema):
    """What to compare. Everything but suite and endpoints has a default."""

    suite: str = Field(description="Slug of a suite: GET /api/v1/suites.")
    endpoints: list[str] = Field(
        min_length=2, max_length=6, description="Slugs of two to six endpoints: GET /api/v1/endpoints."
    )
    limit: int | None = Field(None, ge=1, le=1_000_000, description="So many samples instead of all.")
    repeats: int = Field(1, ge=1, le=100)
    budget_usd: Decimal | None = Field(
        None, gt=0, le=1_000_000, decimal_places=12, description="Of each run. Default: the installation's."
    )
    stop_early: bool = Field(False, description="Ask nothing more once every pair is decided.")
    alpha: Decimal = Field(
        Decimal("0.05"), ge=Decimal("0.001"), le=Decimal("0.5"), decimal_places=3, description="Accepted false alarms."
    )
    indifference_points: float | None = Field(
        None, gt=0, lt=100, description="Differences below so many points do not matter."
    )
    accept_unknown_cost: bool = Field(False, description="Run though an endpoint has no known price.")
    latency_lane: bool = Field(False, description="Few calls at once and nothing beside them, to measure latency.")
