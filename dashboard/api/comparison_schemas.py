"""Shapes of comparisons: endpoints on the same items."""

from datetime import datetime
from decimal import ROUND_DOWN, Decimal
from typing import Annotated

from ninja import Schema
from pydantic import AfterValidator, Field, StrictBool, WithJsonSchema

from dashboard.api.schemas import Budget, Infinite, IntervalItem, RunItem, SourceItem


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


# Kept to three decimals, rounded down: the stricter side.
Alpha = Annotated[
    Decimal,
    Field(ge=Decimal("0.001"), le=Decimal("0.5")),
    AfterValidator(lambda alpha: alpha.quantize(Decimal("0.001"), ROUND_DOWN)),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0.001, "maximum": 0.5},
                {"type": "string", "pattern": r"^0\.(00[1-9]|0[1-9][0-9]?|[1-4][0-9]{0,2}|50{0,2})$"},
            ]
        }
    ),
]


class ComparisonWish(Schema):
    """What to compare. Everything but suite and endpoints has a default."""

    suite: str = Field(description="Slug of a suite: GET /api/v1/suites.")
    endpoints: list[str] = Field(
        min_length=2, max_length=6, description="Slugs of two to six endpoints: GET /api/v1/endpoints."
    )
    limit: int | None = Field(None, ge=1, le=1_000_000, description="So many samples instead of all.")
    repeats: int = Field(1, ge=1, le=100)
    budget_usd: Budget | None = Field(None, description="Of each run. Default: the installation's.")
    stop_early: StrictBool = Field(False, description="Ask nothing more once every pair is decided.")
    alpha: Alpha = Field(Decimal("0.05"), description="Accepted false alarms, to three decimals.")
    indifference_points: float | None = Field(
        None, gt=0, lt=100, description="Differences below so many points do not matter."
    )
    accept_unknown_cost: StrictBool = Field(False, description="Run though an endpoint has no known price.")
    latency_lane: StrictBool = Field(False, description="Few calls at once, nothing beside them, to measure latency.")
