import hashlib
import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

PREFIX = "cpd_"


class ApiToken(models.Model):
    """A secret that lets a program act as a user. Only its digest is kept; what it may do is what the user may do."""

    name = models.CharField(max_length=100, help_text="Which program has it.")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True, editable=False)
    ending = models.CharField(max_length=4, editable=False, help_text="Its last characters, to tell tokens apart.")
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]
        verbose_name = "API token"

    def __str__(self) -> str:
        return f"{self.name} (…{self.ending})"

    @classmethod
    def issue(cls, *, name: str, user_id: int) -> tuple[Self, str]:
        """Make a token; return its row and the secret, which is shown now and never again."""
        secret = PREFIX + secrets.token_urlsafe(32)
        return cls.objects.create(name=name, user_id=user_id, digest=digest_of(secret), ending=secret[-4:]), secret

    @classmethod
    def of(cls, secret: str) -> Self | None:
        """The live token with that secret, of an active user; notes the use."""
        tokens = cls.objects.select_related("user").filter(revoked_at=None, user__is_active=True)
        token = tokens.filter(digest=digest_of(secret)).first()
        if token is not None:
            cls.objects.filter(pk=token.pk).update(last_used_at=timezone.now())
        return token


def digest_of(secret: str) -> str:
    """The secret has 256 random bits, so a plain hash is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()
