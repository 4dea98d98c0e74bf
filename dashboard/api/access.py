"""Who may do what through the API, and how often."""

import logging
import threading
import time

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.core.cache import cache
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle
from redis.exceptions import RedisError

from dashboard.models import ApiToken

logger = logging.getLogger(__name__)
MINUTE_S = 60
MOST_NAMES = 10_000


class TokenAuth(HttpBearer):
    """``Authorization: Bearer cpd_...``, made by ``manage.py api_token``."""

    def authenticate(self, _request: HttpRequest, token: str) -> ApiToken | None:
        return ApiToken.of(token)


def need(request: HttpRequest, permission: str) -> ApiToken:
    """The token of the request when its user has the permission, else 403 with the permission's name."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    user: AbstractBaseUser | PermissionsMixin = token.user
    if not (isinstance(user, PermissionsMixin) and user.has_perm(permission)):
        raise HttpError(
            403, f"{token.user} may not do this: the permission {permission} is missing. Ask an administrator."
        )
    return token


class _MinuteLimit(BaseThrottle):
    """Counts in minutes of the clock. Holds nothing itself: one object serves all threads."""

    def wait(self) -> float:
        return MINUTE_S - time.time() % MINUTE_S


class ReadLimit(_MinuteLimit):
    """By address. Fails open: without a cache everybody may read."""

    def allow_request(self, request: HttpRequest) -> bool:
        if getattr(request, "auth", None):
            return True
        try:
            most = settings.API_READS_PER_MINUTE
            return tally.count(f"read:{self.get_ident(request)}", most) <= most
        except (RedisError, OSError):
            logger.warning("The cache does not answer; reads are not limited.")
            return True


class WriteLimit(_MinuteLimit):
    """By token. Fails closed: what may cost money waits for the cache to come back."""

    def allow_request(self, request: HttpRequest) -> bool:
        try:
            most = settings.API_WRITES_PER_MINUTE
            return tally.count(f"write:{request.auth.pk}", most) <= most  # type: ignore[attr-defined]
        except (RedisError, OSError):
            logger.warning("The cache does not answer; a write was refused.")
            return False


def may_read(request: HttpRequest) -> bool:
    """Count a read that is answered from what is kept, as the API counts those that it computes."""
    return ReadLimit().allow_request(request)


class Tally:
    """Counts by name and minute of the clock, in the cache for all processes.

    Reports every hundredth of the limit at once, since each report costs more than a kept answer: a limit of 600 may be
    passed by 5 in each process, one below 200 never.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._known: dict[str, list[int]] = {}  # by name: what all had counted, and what came since

    def clear(self) -> None:
        with self._lock:
            self._known = {}

    def count(self, name: str, most: int) -> int:
        """How often that name was counted in this minute, this time included."""
        minute = int(time.time() // MINUTE_S)
        with self._lock:
            if minute != self._minute or len(self._known) > MOST_NAMES:
                self._minute, self._known = minute, {}
            known = self._known.setdefault(name, [0, 0])
            known[1] += 1
            reported = known[1]
            if known[0] and reported < max(1, most // 100):
                return sum(known)
            known[1] = 0
        total = _added(f"limit:{name}:{minute}", reported)
        with self._lock:
            known[0] = max(known[0], total)
        return total


def _added(key: str, number: int) -> int:
    try:
        return int(cache.incr(key, number))
    except ValueError:  # the first of this minute
        cache.add(key, 0, 2 * MINUTE_S)
        return int(cache.incr(key, number))


tally = Tally()
