"""From an endpoint's row to what a client needs, its key read at this moment."""

from django.conf import settings

from evals.clients import Target
from evals.clients.errors import KeyRefused
from evals.keys import read_key
from evals.models import Endpoint
from evals.origins import origin_of
from evals.secret_text import UnreadableSecret, decrypt

LONGEST_SILENCE_S = 60.0


def target_of(endpoint: Endpoint) -> Target:
    """What a client needs to call an endpoint.

    :raises KeyRefused: when the variable that should hold the key is empty, or the kept key cannot be read.
    """
    key = read_key(endpoint.api_key_env) if endpoint.api_key_env else _kept_key(endpoint)
    if endpoint.api_key_env and not key:
        raise KeyRefused(
            f"The key of {endpoint.name} is not there: set the environment variable {endpoint.api_key_env} (or "
            f"{endpoint.api_key_env}_FILE) for the worker and restart it."
        )
    return Target(
        name=endpoint.name,
        base_url=endpoint.base_url,
        model_id=endpoint.model_id,
        api_key=key,
        timeout_s=float(endpoint.attempt_timeout_s),
        idle_s=min(LONGEST_SILENCE_S, float(endpoint.attempt_timeout_s)),
        concurrency=endpoint.concurrency,
        quirks=frozenset(endpoint.quirks),
        allowed_networks=tuple(settings.ALLOW_PRIVATE_NETWORKS),
    )


def _kept_key(endpoint: Endpoint) -> str:
    """The key at rest; it goes only to the scheme, host and port it was entered for."""
    if not endpoint.api_key_encrypted:
        return ""
    if endpoint.api_key_origin != origin_of(endpoint.base_url):
        raise KeyRefused(
            f"The key of {endpoint.name} was entered for {endpoint.api_key_origin} and is sent nowhere else. Enter "
            "the key for the new address."
        )
    try:
        return decrypt(endpoint.api_key_encrypted)
    except UnreadableSecret as error:
        raise KeyRefused(f"The key of {endpoint.name} cannot be read. {error}") from None
