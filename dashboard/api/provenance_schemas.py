"""Shapes of the collections about where numbers come from."""

from datetime import date, datetime

from ninja import Schema
from pydantic import Field

from dashboard.api.schemas import SourceItem


class SourceFacts(Schema):
    """A source and how many facts of each kind rest on it."""

    id: int
    title: str
    kind: str
    rank: int = Field(description="When sources disagree, the lowest rank is shown.")
    attribution: str = Field(description="The credit line that exports must carry.")
    facts: dict[str, int]
    sources: list[SourceItem]


class SourcePage(Schema):
    count: int
    next: str | None
    items: list[SourceFacts]


class StatementItem(Schema):
    """One of the values that disagree."""

    text: str
    number: float | None
    detail: str = Field(description="Qualifier, setting or days.")
    on: date | None
    shown: bool
    sources: list[SourceItem]


class ConflictItem(Schema):
    key: str
    kind: str
    model: str
    version: str
    what: str
    unit: str
    size: float | None = Field(
        description="1 - smallest / largest; for shares of tasks the distance; null where texts differ."
    )
    same_question: bool
    values: list[StatementItem]
    note: str | None
    sources: list[SourceItem]


class ConflictPage(Schema):
    count: int
    next: str | None
    items: list[ConflictItem]


class FeedRunItem(Schema):
    """What came of one reading of a feed."""

    state: str
    started_at: datetime
    finished_at: datetime | None
    created: int
    changed: int
    unchanged: int
    held: int
    rejected: int
    unresolved: int
    message: str


class FeedItem(Schema):
    feed: str
    name: str
    enabled: bool
    last_run: FeedRunItem | None
    sources: list[SourceItem]


class FeedPage(Schema):
    count: int
    next: str | None
    items: list[FeedItem]
