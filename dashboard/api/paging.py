"""Pages of a collection: ``?limit=&offset=``, and the address of the next page."""

from calendar import isleap
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

from dashboard.query import FIRST_DAY, future_notice, last_day

T = TypeVar("T")
MOST = 1000
# Every day that ``parse_day`` reads, save those of the last year, which moves on.
_YEARS = "|".join(str(year) for year in range(FIRST_DAY.year, last_day().year))
_LEAP = "|".join(str(year) for year in range(FIRST_DAY.year, last_day().year) if isleap(year))
_IN_MONTHS = "(0[13578]|1[02])-(0[1-9]|[12][0-9]|3[01])|(0[469]|11)-(0[1-9]|[12][0-9]|30)|02-(0[1-9]|1[0-9]|2[0-8])"
# No ``format``: a day far off would keep to it, and is refused.
DAY = [
    {"type": "string", "pattern": rf"^(({_YEARS})-({_IN_MONTHS})|({_LEAP})-02-29)$", "examples": ["2025-02-08"]},
    {"type": "string", "maxLength": 0},
]
DAY_WORDS = (
    f"Day of the prices, from {FIRST_DAY} to ten years ahead; without it, today. Of a day that has not come, notices "
    "say what is shown."
)


class Paging(Schema):
    """How much of a collection is wanted."""

    limit: int = Field(100, ge=1, le=MOST, description="Items in one answer.")
    offset: int = Field(0, ge=0, le=1_000_000, description="Items to leave out at the start.")


def stated(default: str, description: str, **stated: object) -> Any:
    """A parameter that is read by our own code, which says better what is wrong.

    ``stated`` is what the OpenAPI document says of it; an empty default means absent.
    """

    def complete(schema: dict[str, Any]) -> None:
        schema.update(stated)
        if not default:
            schema.pop("default", None)
        elif stated.get("type") == "number":
            schema["default"] = float(default)

    return Field(default, description=description, json_schema_extra=complete)


@dataclass(frozen=True, slots=True)
class Page:
    count: int
    next: str | None

    def envelope(self, items: list[Any], **more: Any) -> dict[str, Any]:
        return {"count": self.count, "next": self.next, "items": items, **more}


def page(request: HttpRequest, paging: Paging, count: int) -> Page:
    """The page asked for, of ``count`` items in all. ``next`` is an absolute address, or None at the end."""
    following = paging.offset + paging.limit
    if following >= count:
        return Page(count, None)
    values = request.GET.dict() | {"limit": str(paging.limit), "offset": str(following)}
    return Page(count, request.build_absolute_uri(f"{request.path}?{urlencode(values, safe=':')}"))


def window(paging: Paging) -> slice:
    return slice(paging.offset, paging.offset + paging.limit)


def notices_of(day: date) -> list[str]:
    """What the reader of an answer about a day must know."""
    return [notice] if (notice := future_notice(day)) else []
