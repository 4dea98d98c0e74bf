"""Who may do what through the API, and how often."""

import logging
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.http import HttpRequest
from ninja.errors import AuthenticationError
from ninja.security import HttpBearer
from ninja.throttling import AnonRateThrottle, SimpleRateThrottle
from redis.exceptions import RedisError

from dashboard.models import ApiToken
from dashboard.models.api_token import SCOPES

logger = logging.getLogger(__name__)


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
    """What a route says that needs a token with this scope: its check, its limit, and the document."""
    return {
        "auth": TokenAuth(scope),
        "throttle": [WriteLimit()],
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


class ReadLimit(AnonRateThrottle):
    """By address. Fails open: without a cache everybody may read."""

    scope = "read"

    def __init__(self) -> None:
        super().__init__(f"{settings.API_READS_PER_MINUTE}/m")

    def allow_request(self, request: HttpRequest) -> bool:
        try:
            return bool(super().allow_request(request))
        except (RedisError, OSError):
            logger.warning("The cache does not answer; reads are not limited.")
            return True


class WriteLimit(SimpleRateThrottle):
    """By token. Fails closed: what may cost money waits for the cache to come back."""

    scope = "write"

    def __init__(self) -> None:
        super().__init__(f"{settings.API_WRITES_PER_MINUTE}/m")

    def get_cache_key(self, request: HttpRequest) -> str | None:
        return self.cache_format % {"scope": self.scope, "ident": request.auth.pk}  # type: ignore[attr-defined]

    def allow_request(self, request: HttpRequest) -> bool:
        try:
            return bool(super().allow_request(request))
        except (RedisError, OSError):
            logger.warning("The cache does not answer; a write was refused.")
            return False
