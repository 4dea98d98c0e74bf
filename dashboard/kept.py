"""Answers kept as compressed bytes, so that the same question costs one look-up.

The name of an answer is made of what it depends on: code, data version, day and address. That name is its ETag too, so
a caller who has it already is told so before anything is built. When data change, one request builds the new answer
while the others get the last one; with no cache to ask, everything is built, slower and just as right.

Visitors can make up any number of addresses, so answers share a fixed number of places (``SLOTS``) and the later one
stays; only the plain pages of ``APP_URL``, of which there are few, have places of their own.
"""

import hashlib
import logging
import time
from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

import brotli
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from redis.exceptions import RedisError

from dashboard.freshness import code_version, data_version

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]
BROWSER_MAX_AGE_S = 60
BUILD_S = 30
QUALITY = 5
WAIT_S, WAITS = 0.05, 40
SLOTS = 2048


class Kept(NamedTuple):
    """An answer at rest; ``packed`` is brotli, ``question`` the digest of the address it answers."""

    question: str
    packed: bytes
    content_type: str
    etag: str
    cors: str


def kept(view: View) -> View:
    """Keep the 200 answers of a view that is the same for every visitor."""

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method not in ("GET", "HEAD") or not settings.PAGE_CACHE_S:
            return view(request, *args, **kwargs)
        etag = quote_etag(_name(request))
        if _has(request, etag):
            return _finished(HttpResponseNotModified(), etag)
        question = hashlib.sha256(_question(request).encode()).hexdigest()
        place, lock = _place(request, question, is_plain=not args and not kwargs), f"kept-lock:{question}"
        found = _get(place, question)
        if found and found.etag == etag:
            return _unpacked(request, found)
        if not _may_build(lock) and (found := found or _awaited(place, question)):
            return _unpacked(request, found)
        try:
            response = view(request, *args, **kwargs)
            if response.status_code == 200:
                packed = brotli.compress(response.content, quality=QUALITY)
                cors = response.headers.get("Access-Control-Allow-Origin", "")
                _put(place, Kept(question, packed, response["Content-Type"], etag, cors))
        finally:
            _done(lock)
        return _finished(response, etag) if response.status_code == 200 else response

    return answered


def _question(request: HttpRequest) -> str:
    """Scheme and host are part of it: answers hold absolute addresses."""
    return _site(request) + request.get_full_path()


def _site(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _place(request: HttpRequest, question: str, *, is_plain: bool) -> str:
    """Where the answer is kept. Any port passes as a host, so that alone would be endless too."""
    if is_plain and not request.META.get("QUERY_STRING") and _site(request) == settings.APP_URL:
        return f"kept:{request.path}"
    return f"kept:{int(question, 16) % SLOTS}"


def _name(request: HttpRequest) -> str:
    parts = (code_version(), str(data_version()), timezone.now().date().isoformat(), _question(request))
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:32]


def _has(request: HttpRequest, etag: str) -> bool:
    """Whether the caller holds it; compared weakly, since a proxy that packs makes tags weak."""
    known = parse_etags(request.headers.get("If-None-Match", ""))
    return "*" in known or etag in {tag.removeprefix("W/") for tag in known}


def _unpacked(request: HttpRequest, found: Kept) -> HttpResponse:
    accepts = request.headers.get("Accept-Encoding", "")
    if "br" in {part.split(";")[0].strip() for part in accepts.split(",")}:
        response = HttpResponse(found.packed, content_type=found.content_type)
        response["Content-Encoding"] = "br"
        response["Content-Length"] = str(len(found.packed))
    else:
        response = HttpResponse(brotli.decompress(found.packed), content_type=found.content_type)
    if found.cors:
        response["Access-Control-Allow-Origin"] = found.cors
    return _finished(response, found.etag)


def _awaited(place: str, question: str) -> Kept | None:
    """The answer that another request is building now, for as long as waiting is cheaper than building."""
    for _ in range(WAITS):
        time.sleep(WAIT_S)
        if found := _get(place, question):
            return found
    return None


def _finished(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={BROWSER_MAX_AGE_S}"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _get(place: str, question: str) -> Kept | None:
    try:
        found = cache.get(place)
    except (RedisError, OSError):
        logger.warning("The page cache does not answer; the page is built anew.")
        return None
    return Kept(*found) if found and found[0] == question else None


def _put(place: str, found: Kept) -> None:
    try:
        cache.set(place, tuple(found), settings.PAGE_CACHE_S)
    except (RedisError, OSError):
        logger.warning("The page cache does not answer; the page is not kept.")


def _may_build(lock: str) -> bool:
    """True for the first asker only, until it is done or has taken too long."""
    try:
        return bool(cache.add(lock, time.time(), BUILD_S))
    except (RedisError, OSError):
        return True


def _done(lock: str) -> None:
    try:
        cache.delete(lock)
    except (RedisError, OSError):
        return
