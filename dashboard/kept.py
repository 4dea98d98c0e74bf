"""Answers kept as compressed bytes, so that the same question costs one look-up.

What an answer depends on besides its address is its edition: code, data version and day. Address and edition make its
ETag, so a caller who has it already is told so before anything is built. When data change, one request builds the new
answer while the others get the last one; with no cache to ask, everything is built, slower and just as right.

``kept`` marks a view and sees to it that one asker builds while a few wait; ``KeptAnswers``, a middleware, keeps what
left the other middlewares, headers and all, and gives it again before they run. Each process has a shelf of what it
gave last, and all of them share the cache.

Visitors can make up any number of addresses, so answers share a fixed number of places (``SLOTS``) and the later one
stays; only the plain pages of ``APP_URL``, of which there are few, have places of their own. What has to be built for a
caller is counted.
"""

import hashlib
import logging
import re
import threading
import time
from collections.abc import Callable
from functools import wraps
from typing import NamedTuple

import brotli
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.utils.cache import has_vary_header, patch_vary_headers
from django.utils.http import parse_etags, quote_etag
from redis.exceptions import RedisError

from dashboard.api.access import caller_of, limited, spend
from dashboard.api.answers import problem
from dashboard.freshness import edition
from dashboard.shelf import Kept, shelf

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponse]
BROWSER_MAX_AGE_S = 60
BUILD_S = 30
QUALITY = 5
WAIT_S = 0.05
# Who waits holds one of the few threads of a web process (config/gunicorn.py). All may do so for a moment; longer than
# that, so many of them, and the others are asked to come back.
MOMENT_S, AGAIN_S = 1.0, 2
patience = threading.BoundedSemaphore(2)
NO_WEIGHT = re.compile(r"\s*q\s*=\s*0(\.0*)?\s*")
SLOTS = 2048
# A 304 repeats what was said before, except of a body that it does not have.
OF_THE_BODY = ("Content-Type", "Content-Length", "Content-Disposition")
API = "/api/"
OF_THE_REQUEST = {"RateLimit", "RateLimit-Policy"}
TOO_MANY, BUSY = 429, 503
EDITION = "dashboard.edition"


class StillBuilding(Exception):
    """Another request builds the answer, and this one may not wait for it any longer."""


class Order(NamedTuple):
    """What a marked view leaves on its answer for the middleware: keep it, there, and let the others build again."""

    edition: str
    place: str
    lock: str


def kept(view: View) -> View:
    """Keep the 200 answers of a view that is the same for every visitor."""

    build = counted(view)

    @wraps(view)
    def answered(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if not may_be_kept(request):
            return build(request, *args, **kwargs)
        question, now = question_of(request), edition_for(request)
        digest = hashlib.sha256(question.encode()).hexdigest()
        place, lock = _place(request, digest), f"kept-lock:{digest}"
        try:
            known = _known(request, question, place, lock)
        except StillBuilding:
            return _come_back(request)
        if known:
            return known
        try:
            response = build(request, *args, **kwargs)
        except BaseException:
            _done(lock)
            raise
        if response.status_code != 200:
            _done(lock)
            return response
        response.order = Order(now, place, lock)  # type: ignore[attr-defined]
        return _stated(response, _etag(question, now))

    return answered


def counted(view: View) -> View:
    """Count what is built by the address of the caller: 429 beyond as many a minute as the API lets it read.

    Fails open: without a cache everything is built. The API counts all its answers itself.
    """

    @wraps(view)
    def built(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.method in ("GET", "HEAD") and not _is_limited(request) and (caller := caller_of(request)):
            allowance = spend("new-answer", caller, settings.API_READS_PER_MINUTE)
            if allowance is not None and allowance.left < 0:
                response = HttpResponse(allowance.refusal, status=TOO_MANY, content_type="text/plain; charset=utf-8")
                response["Retry-After"] = str(allowance.resets_s)
                return response
        return view(request, *args, **kwargs)

    return built


class KeptAnswers:
    """Middleware. Stands before all that only a new answer needs: policy, sessions, users, messages."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not may_be_kept(request):
            return self.get_response(request)
        if request.method == "HEAD" and _is_limited(request):
            return self._without_body(request)
        question = question_of(request)
        found = shelf.get(question)
        if found and found.edition == edition_for(request):
            answer = _counted(request, found) if _is_limited(request) else _answer(request, found)
            if answer.status_code != TOO_MANY:  # that is said with the headers of a new answer
                return answer
        response = self.get_response(request)
        if (replayed := getattr(response, "replayed", None)) is not None:
            if replayed.edition == edition_for(request):
                shelf.put(replayed)
            answer = _answer(request, replayed)
            for name in OF_THE_REQUEST & response.headers.keys():
                answer[name] = response[name]
            return answer
        if (order := getattr(response, "order", None)) is not None:
            self._keep(question, order, response)
        return response

    def _without_body(self, request: HttpRequest) -> HttpResponse:
        """The API has taken the body off already, so there is nothing to keep."""
        response = self.get_response(request)
        if (order := getattr(response, "order", None)) is not None:
            _done(order.lock)
        return response

    @staticmethod
    def _keep(question: str, order: Order, response: HttpResponse) -> None:
        try:
            # What turned out to be for one visitor is for nobody else.
            if response.cookies or has_vary_header(response, "Cookie"):
                logger.error("%s sets or reads a cookie, so it is not kept; its view must not be marked.", question)
                return
            passing = {"Content-Length", *OF_THE_REQUEST}
            headers = tuple((name, value) for name, value in response.items() if name not in passing)
            packed = brotli.compress(response.content, quality=QUALITY)
            answer = Kept(question, order.edition, packed, headers, time.time())
            _put(order.place, answer)
            shelf.put(answer)
        finally:
            _done(order.lock)


def _known(request: HttpRequest, question: str, place: str, lock: str) -> HttpResponse | None:
    """What can be answered without building. None leaves the lock with the caller, or there is no cache to lock in.

    :raises StillBuilding: see :func:`_awaited`.
    """
    now = edition_for(request)
    found = _get(place, question)
    if found and found.edition == now:
        return _replay(request, found)
    if _has(request, _etag(question, now)):
        return _stated(HttpResponseNotModified(), _etag(question, now))
    if not _may_build(lock) and (found := found or _awaited(place, lock, question)):
        return _replay(request, found)
    return None


def may_be_kept(request: HttpRequest) -> bool:
    return request.method in ("GET", "HEAD") and bool(settings.PAGE_CACHE_S)


def question_of(request: HttpRequest) -> str:
    """Scheme and host are part of it: answers hold absolute addresses."""
    return _site(request) + request.get_full_path()


def edition_for(request: HttpRequest) -> str:
    """The edition in force when the request came: read once, before anything is built."""
    if EDITION not in request.META:
        request.META[EDITION] = edition()
    return str(request.META[EDITION])


def _site(request: HttpRequest) -> str:
    return f"{request.scheme}://{request.get_host()}"


def _place(request: HttpRequest, digest: str) -> str:
    """Where the answer is kept. Any port passes as a host, so that alone would be endless too."""
    named = request.resolver_match is not None and (request.resolver_match.args or request.resolver_match.kwargs)
    if not named and not request.META.get("QUERY_STRING") and _site(request) == settings.APP_URL:
        return f"kept:{request.path}"
    return f"kept:{int(digest, 16) % SLOTS}"


def _etag(question: str, now: str) -> str:
    return quote_etag(hashlib.sha256(f"{now}\n{question}".encode()).hexdigest()[:32])


def _has(request: HttpRequest, etag: str) -> bool:
    """Whether the caller holds it; compared weakly, since a proxy that packs makes tags weak."""
    if "HTTP_IF_NONE_MATCH" not in request.META:
        return False
    return etag in {tag.removeprefix("W/") for tag in parse_etags(request.META["HTTP_IF_NONE_MATCH"])}


def _is_limited(request: HttpRequest) -> bool:
    return request.path.startswith(API)


def _counted(request: HttpRequest, found: Kept) -> HttpResponse:
    """As the API answers: counted, and saying what is left."""
    return limited(lambda asked: _answer(asked, found))(request)


def _answer(request: HttpRequest, found: Kept) -> HttpResponse:
    """What was kept, in the form that the caller can read; nothing but the headers if that is all it needs."""
    headers = dict(found.headers)
    if _has(request, headers["ETag"]) or request.META.get("HTTP_IF_NONE_MATCH") == "*":
        return HttpResponseNotModified(
            headers={name: value for name, value in headers.items() if name not in OF_THE_BODY}
        )
    body = found.packed
    if _reads_brotli(request.META.get("HTTP_ACCEPT_ENCODING", "")):
        headers["Content-Encoding"] = "br"
    else:
        body = brotli.decompress(body)
    headers["Content-Length"] = str(len(body))
    return HttpResponse(body, headers=headers)


def _reads_brotli(accepted: str) -> bool:
    """Whether the coding is named, and not with a weight of zero, which refuses it."""
    codings = (part.partition(";") for part in accepted.lower().split(","))
    return any(name.strip() == "br" and not NO_WEIGHT.fullmatch(weight) for name, _, weight in codings)


def _replay(request: HttpRequest, found: Kept) -> HttpResponse:
    """For the middleware, which answers with what was kept instead of what the others add to this."""
    response = _answer(request, found)
    response.replayed = found  # type: ignore[attr-defined]
    return response


def _stated(response: HttpResponse, etag: str) -> HttpResponse:
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={BROWSER_MAX_AGE_S}"
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _awaited(place: str, lock: str, question: str) -> Kept | None:
    """The answer that another request is building now.

    None when that ended without an answer and this asker is the one to build in its place.

    :raises StillBuilding: when a moment was not enough and enough others wait already, or after ``BUILD_S``.
    """
    begun, is_patient = time.monotonic(), False
    try:
        while True:
            time.sleep(WAIT_S)
            is_building = _is_locked(lock)
            if found := _get(place, question):
                return found
            if not is_building and _may_build(lock):
                return None
            waited = time.monotonic() - begun
            if waited >= MOMENT_S and not is_patient:
                is_patient = patience.acquire(blocking=False)
                if not is_patient:
                    raise StillBuilding
            if waited >= BUILD_S:
                raise StillBuilding
    finally:
        if is_patient:
            patience.release()


def _come_back(request: HttpRequest) -> HttpResponse:
    """503 in a sentence; a browser asks again by itself."""
    words = f"This answer is being worked out for somebody else. Ask again in {AGAIN_S} seconds."
    if _is_limited(request):
        response = problem(BUSY, "Not ready yet", words, kind="busy")
    else:
        response = HttpResponse(words, status=BUSY, content_type="text/plain; charset=utf-8")
        response["Refresh"] = str(AGAIN_S)
    response["Retry-After"] = str(AGAIN_S)
    response["Cache-Control"] = "no-store"
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
        return bool(cache.add(lock, 1, BUILD_S))
    except (RedisError, OSError):
        return True


def _is_locked(lock: str) -> bool:
    try:
        return cache.get(lock) is not None
    except (RedisError, OSError):
        return False


def _done(lock: str) -> None:
    try:
        cache.delete(lock)
    except (RedisError, OSError):
        return
