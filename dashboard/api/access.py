"""Who may do what through the API, and how often."""

import logging
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
            return _count(f"read:{self.get_ident(request)}") <= settings.API_READS_PER_MINUTE
        except (RedisError, OSError):
            logger.warning("The cache does not answer; reads are not limited.")
            return True


class WriteLimit(_MinuteLimit):
    """By token. Fails closed: what may cost money waits for the cache to come back."""

    def allow_request(self, request: HttpRequest) -> bool:
        try:
            return _count(f"write:{request.auth.pk}") <= settings.API_WRITES_PER_MINUTE  # type: ignore[attr-defined]
        except (RedisError, OSError):
            logger.warning("The cache does not answer; a write was refused.")
            return False


def may_read(request: HttpRequest) -> bool:
    """Count a read that is answered from what is kept, as the API counts those that it computes."""
    return ReadLimit().allow_request(request)


def _count(who: str) -> int:
    """How often that was asked in this minute, this time included."""
    key = f"limit:{who}:{int(time.time() // MINUTE_S)}"
    try:
        return int(cache.incr(key))
    except ValueError:  # the first of this minute
        cache.add(key, 0, 2 * MINUTE_S)
        return int(cache.incr(key))
