"""How the API answers: orjson, exact decimals as JSON numbers, ETags, and RFC 9457 problem details."""

import hashlib
import math
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag

from catalog.models import Source
from economics.interval import Interval

MAX_AGE_S = 60


def number(value: Decimal | float | None) -> float | str | None:
    """A JSON number that reads as the exact decimal; infinite as a word; unknown as null."""
    if value is None:
        return None
    found = float(value)
    return "infinite" if math.isinf(found) else found


def source_item(source: Source) -> dict[str, Any]:
    return {
        "url": source.url,
        "publisher": source.publisher,
        "published_on": source.published_on,
        "retrieved_at": source.retrieved_at,
        "licence": source.licence,
    }


def source_items(sources: Iterable[Source]) -> list[dict[str, Any]]:
    """Each source once, in the order given."""
    return [source_item(source) for source in {source.pk: source for source in sources}.values()]


def interval_item(interval: Interval | None) -> dict[str, Any] | None:
    if interval is None:
        return None
    return {
        "low": interval.low,
        "high": number(interval.high),
        "level": interval.level,
        "method": interval.method,
    }


def answer(request: HttpRequest, content: Mapping[str, Any]) -> HttpResponse:
    """200 with the content, or 304 when the caller has it already. Who may read it is for the routes to say."""
    body = orjson.dumps(content, default=_default, option=orjson.OPT_UTC_Z | orjson.OPT_SERIALIZE_NUMPY)
    etag = quote_etag(hashlib.sha256(body).hexdigest()[:32])
    known = parse_etags(request.headers.get("If-None-Match", ""))
    # Weak comparison: a compressing proxy turns our tag into a weak one.
    if "*" in known or etag in {tag.removeprefix("W/") for tag in known}:
        response: HttpResponse = HttpResponseNotModified()
    else:
        response = HttpResponse(body, content_type="application/json")
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={MAX_AGE_S}"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def plain(content: Mapping[str, Any], status: int) -> HttpResponse:
    """The content with a status, for answers to writes."""
    return HttpResponse(orjson.dumps(content, default=_default), status=status, content_type="application/json")


def sum_known(values: Iterable[Any]) -> Any:
    """The sum of what is known; None when nothing is."""
    known = [value for value in values if value is not None]
    return sum(known[1:], known[0]) if known else None


def problem(status: int, title: str, detail: str, *, kind: str, **more: Any) -> HttpResponse:
    """RFC 9457. ``kind`` is stable; ``detail`` says what is wrong, with which thing, and what to do."""
    content = {"type": f"urn:capability-per-dollar:{kind}", "title": title, "status": status, "detail": detail, **more}
    response = HttpResponse(
        orjson.dumps(content, default=_default), status=status, content_type="application/problem+json"
    )
    response["Access-Control-Allow-Origin"] = "*"
    return response


def _default(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    raise TypeError(f"{type(value).__name__} has no JSON form")
