"""Pages of a collection: ``?limit=&offset=``, and the address of the next page."""

from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from django.http import HttpRequest
from ninja import Schema
from pydantic import Field

T = TypeVar("T")
MOST = 1000
DAY = [{"type": "string", "format": "date"}, {"type": "string", "maxLength": 0}]


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
