"""Keeping an endpoint's key, forgetting it, and moving all secrets to a new master key."""

from dataclasses import dataclass

from django.db.models import Model

from evals.errors import InvalidSetting
from evals.models import Channel, Endpoint
from evals.origins import origin_of
from evals.secret_text import UnreadableSecret, encrypt, fingerprint, is_newest, rotated

SHORTEST_KEY = 8


@dataclass(frozen=True, slots=True)
class Rotation:
    """How many secrets were moved, were there already, and cannot be read."""

    moved: int
    already: int
    unreadable: list[str]


def check_key(key: str) -> str:
    """The key without the white space around it.

    :raises InvalidSetting: for something that cannot be a key. The sentence does not repeat it.
    """
    text = key.strip()
    if len(text) < SHORTEST_KEY or not text.isascii() or not text.isprintable() or " " in text:
        raise InvalidSetting(
            f"That is no API key: one has at least {SHORTEST_KEY} characters, without spaces. Copy it again from the "
            "provider's page."
        )
    return text


def keep_key(endpoint: Endpoint, key: str) -> None:
    """Encrypt a key for an endpoint and bind it to the endpoint's scheme, host and port. It is never shown again.

    :raises InvalidSetting: as ``check_key``.
    """
    text = check_key(key)
    endpoint.api_key_encrypted = encrypt(text)
    endpoint.api_key_fingerprint = fingerprint(text)
    endpoint.api_key_origin = origin_of(endpoint.base_url)
    endpoint.api_key_env = ""
    endpoint.save(update_fields=["api_key_encrypted", "api_key_fingerprint", "api_key_origin", "api_key_env"])


def forget_key(endpoint: Endpoint) -> None:
    """Delete the kept key. Idempotent."""
    endpoint.api_key_encrypted = endpoint.api_key_fingerprint = endpoint.api_key_origin = ""
    endpoint.save(update_fields=["api_key_encrypted", "api_key_fingerprint", "api_key_origin"])


def rotate_secrets() -> Rotation:
    """Bring every secret under the newest master key. One row at a time, so it may be stopped and started anywhere."""
    moved = already = 0
    unreadable = []
    places: list[tuple[type[Model], str]] = [(Endpoint, "api_key_encrypted"), (Channel, "signing_secret")]
    for model, field in places:
        rows = model._default_manager.exclude(**{field: ""})
        for pk, token in rows.values_list("pk", field):
            if is_newest(token):
                already += 1
                continue
            try:
                fresh = rotated(token)
            except UnreadableSecret:
                unreadable.append(f"{model._meta.verbose_name} {pk}")
                continue
            # Only over the text that was read: a key entered meanwhile is newer than ours.
            moved += model._default_manager.filter(pk=pk, **{field: token}).update(**{field: fresh})
    return Rotation(moved, already, unreadable)
