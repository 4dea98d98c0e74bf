import hashlib
import secrets
from collections.abc import Iterable
from datetime import date
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

PREFIX = "cpd_"
# Reading the site needs no token; these are what one can be for.
SCOPES = {
    "read": "read your own saved views",
    "runs:write": "start, cancel, resume and retry runs, which spends money",
    "schedules:write": "run, pause and go on with schedules, which spends money",
    "views:write": "save and remove your own views",
}


class ApiToken(models.Model):
    """A secret that lets a program act as a user. Only its digest is kept.

    It may do what its scopes name and its user may do: both have to allow it.
    """

    name = models.CharField(max_length=100, help_text="Which program has it.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField(max_length=4, editable=False, help_text="Its last characters, to tell tokens apart.")
    scopes = models.JSONField(default=list, help_text="What it is for; its user must be allowed to do that too.")
    expires_on = models.DateField(
        null=True, blank=True, help_text="The last day (UTC) on which it works. Empty: until it is revoked."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} (…{self.ending})"

    @property
    def is_expired(self) -> bool:
        return self.expires_on is not None and self.expires_on < timezone.now().date()

    @classmethod
    def issue(
        cls, *, name: str, user_id: int, scopes: Iterable[str], expires_on: date | None = None
    ) -> tuple[Self, str]:
        """Make a token; return its row and the secret, which is shown now and never again.

        :raises ValueError: for a scope that does not exist.
        """
        wanted = sorted(set(scopes))
        if unknown := [scope for scope in wanted if scope not in SCOPES]:
            raise ValueError(f"There is no scope {unknown[0]!r}. Choose from {', '.join(SCOPES)}.")
        secret = PREFIX + secrets.token_urlsafe(32)
        token = cls.objects.create(
            name=name,
            user_id=user_id,
            digest=digest_of(secret),
            ending=secret[-4:],
            scopes=wanted,
            expires_on=expires_on,
        )
        return token, secret

    @classmethod
    def of(cls, secret: str) -> Self | None:
        """The token with that secret, of an active user; notes the use. It may have expired; a revoked one is None."""
        tokens = cls.objects.select_related("user").filter(revoked_at=None, user__is_active=True)
        token = tokens.filter(digest=digest_of(secret)).first()
        if token is not None and not token.is_expired:
            cls.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
        return token


def digest_of(secret: str) -> str:
    """The secret has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
