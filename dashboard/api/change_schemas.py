"""Shape of the list of changes."""

from datetime import datetime

from ninja import Schema
from pydantic import Field

from dashboard.api.schemas import SourceItem


class ChangeItem(Schema):
    """One event."""

    key: str = Field(description="Stays the same for ever.")
    kind: str
    at: datetime
    is_observed: bool = Field(description="Nobody states the day: it is that of a first sight.")
    title: str
    detail: str
    model: str | None
    url: str
    sources: list[SourceItem]


class ChangePage(Schema):
    count: int
    next: str | None
    items: list[ChangeItem]
