"""Who may do what through the API, and how often."""

import logging
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from hashlib import sha256
from time import time
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.http import HttpRequest, HttpResponse
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer
from ninja.throttling import BaseThrottle
from redis.exceptions import RedisError

from dashboard.api.answers import problem
from dashboard.api.tally import tally
from dashboard.models import ApiToken
from dashboard.models.api_token import SCOPES

View = Callable[..., HttpResponse]
WINDOW_S = 60
logger = logging.getLogger(__name__)
_ADDRESS = BaseThrottle()  # knows the address of a caller behind a proxy


class TokenExpired(AuthenticationError):
    """The token was right until a day that is over."""


class NotAllowed(Exception):
    """403: what is missing, and how to get it. ``missing`` goes into the problem details."""

    def __init__(self, detail: str, **missing: str) -> None:
        super().__init__(detail)
        self.missing = missing


class TokenAuth(HttpBearer):
    """``Authorization: Bearer cpd_...``, made by ``manage.py api_token``, with one scope that the route needs."""

    openapi_bearerFormat = "cpd_ and 43 characters"  # noqa: N815  OpenAPI names it
    openapi_description = (
        "Made by manage.py api_token or in the admin, and shown once. Each route names the scope that it needs: "
        + "; ".join(f"{scope}: {words}" for scope, words in SCOPES.items())
        + "."
    )

    def __init__(self, scope: str) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, _request: HttpRequest, token: str) -> ApiToken | None:
        found = ApiToken.of(token)
        if found is None:
            return None
        if found.is_expired:
            raise TokenExpired(message=f"The token {found} worked until {found.expires_on}.")
        if self.scope not in found.scopes:
            raise NotAllowed(
                f"The token {found} is not for this: the scope {self.scope} is missing. Make one that has it with "
                f"manage.py api_token NAME --user {found.user.get_username()} --scope {self.scope}, or in the admin.",
                missing_scope=self.scope,
            )
        return found


def by_token(scope: str) -> dict[str, Any]:
    """What a route says that needs a token with this scope: its check, its limit, and the document.

    Reading is counted like every other read, by ``limited``.
    """
    return {
        "auth": TokenAuth(scope),
        "throttle": [] if scope == "read" else [WriteLimit()],
        "openapi_extra": {"security": [{TokenAuth.__name__: [scope]}]},
    }


def need(request: HttpRequest, permission: str) -> ApiToken:
    """The token of the request when its user has the permission, else 403 with the permission's name."""
    token: ApiToken = request.auth  # type: ignore[attr-defined]
    user: AbstractBaseUser | PermissionsMixin = token.user
    if not (isinstance(user, PermissionsMixin) and user.has_perm(permission)):
        raise NotAllowed(
            f"{token.user} may not do this: the permission {permission} is missing. Ask an administrator.",
            missing_permission=permission,
        )
    return token


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a caller's requests in the minute that is counted; below zero: too many."""

    scope: str
    limit: int
    left: int
    resets_s: int

    @property
    def refusal(self) -> str:
        what = f"{self.scope.replace('-', ' ')}s"
        return f"{self.limit} {what} a minute are allowed. Wait {self.resets_s} s and try again."

    @property
    def headers(self) -> dict[str, str]:
        """As the IETF's draft on rate limit headers names them."""
        return {
            "RateLimit-Policy": f'"{self.scope}";q={self.limit};w={WINDOW_S}',
            "RateLimit": f'"{self.scope}";r={max(self.left, 0)};t={self.resets_s}',
        }


def caller_of(request: HttpRequest) -> str:
    """The caller's address; empty for what this site asks itself."""
    return _ADDRESS.get_ident(request) or ""


def spend(scope: str, caller: str, limit: int) -> Allowance | None:
    """Count one request of a caller in this minute. None when the cache does not answer."""
    now = time()
    minute = int(now // WINDOW_S)
    name = f"api-limit:{scope}:{sha256(caller.encode()).hexdigest()[:32]}"
    try:
        used = tally.count(name, minute, limit)
    except (RedisError, OSError, ValueError):  # the last: the key went between the two
        return None
    return Allowance(scope, limit, limit - used, math.ceil((minute + 1) * WINDOW_S - now))


def too_many(allowance: Allowance | None) -> HttpResponse:
    """429 with when to come back; without an allowance the cache is down and nobody knows."""
    words = allowance.refusal if allowance else f"Wait {WINDOW_S} s and try again."
    response = problem(429, "Too many requests", words, kind="rate")
    response["Retry-After"] = str(allowance.resets_s if allowance else WINDOW_S)
    return response


def limited(view: View) -> View:
    """Around every route: reads are counted by address, kept answers too, and each answer says what is left.

    Fails open: without a cache everybody may read. Writes are counted by ``WriteLimit``, which knows the token. Other
    sites may read every answer to a read: refusals and "not modified" too, whoever made them.
    """

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        allowance = None
        if request.method in ("GET", "HEAD"):
            allowance = spend("read", caller_of(request), settings.API_READS_PER_MINUTE)
            if allowance is None:
                logger.warning("The cache does not answer; reads are not limited.")
        response = too_many(allowance) if allowance and allowance.left < 0 else view(request, *args, **kwargs)
        allowance = getattr(request, "allowance", None) or allowance  # of two the one that may have refused
        for name, value in allowance.headers.items() if allowance else ():
            response[name] = value
        if request.method in ("GET", "HEAD"):
            open_to_other_sites(response)
        if "Access-Control-Allow-Origin" in response:
            response["Access-Control-Expose-Headers"] = "ETag, RateLimit, RateLimit-Policy, Retry-After"
        return response

    return counted


def open_to_other_sites(response: HttpResponse) -> HttpResponse:
    """Let scripts on pages of other sites read it. A "not modified" needs that too: browsers ask it anew each time."""
    response["Access-Control-Allow-Origin"] = "*"
    return response


def open_read(view: View) -> View:
    """Around a kept view whose answers other sites may read, so that those made without the view say so as well."""

    @wraps(view)
    def answered(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return open_to_other_sites(view(request, *args, **kwargs))

    return answered


class WriteLimit(BaseThrottle):
    """By token. Fails closed: what may cost money waits for the cache to come back."""

    def allow_request(self, request: HttpRequest) -> bool:
        allowance = spend("write", str(request.auth.pk), settings.API_WRITES_PER_MINUTE)  # type: ignore[attr-defined]
        request.allowance = allowance  # type: ignore[attr-defined]
        if allowance is None:
            logger.warning("The cache does not answer; a write was refused.")
            return False
        return allowance.left >= 0
