"""Who may do what through the API, and how often."""

import logging

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, PermissionsMixin
from django.http import HttpRequest
from ninja.errors import HttpError
from ninja.security import HttpBearer
from ninja.throttling import AnonRateThrottle, SimpleRateThrottle
from redis.exceptions import RedisError

from dashboard.models import ApiToken

logger = logging.getLogger(__name__)


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
