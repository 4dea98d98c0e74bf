"""A client whose errors never repeat its key: some providers and gateways quote the key that they refuse."""

from typing import Any

from evals.clients.base import Client, Reply, Request
from evals.clients.errors import EndpointError

STRUCK = "***"
SHORTEST = 6  # a shorter "key" is a placeholder such as "none", and a word in its own right


class DiscreetClient:
    """The client it is given, with the key struck out of what goes wrong."""

    def __init__(self, client: Client, key: str) -> None:
        self._client = client
        self._key = key

    @property
    def dialect(self) -> str:
        return self._client.dialect

    @property
    def quirks(self) -> set[str]:
        return self._client.quirks

    def describe(self, request: Request) -> dict[str, Any]:
        return self._client.describe(request)

    async def send(self, request: Request) -> Reply:
        try:
            return await self._client.send(request)
        except EndpointError as error:
            error.args = tuple(_without(each, self._key) for each in error.args)
            error.raw = _without(error.raw, self._key)
            error.__cause__, error.__context__ = None, None  # a traceback would show what was read
            raise

    async def close(self) -> None:
        await self._client.close()


def _without(value: Any, key: str) -> Any:
    """The same JSON value, or text, without the key."""
    if isinstance(value, str):
        return value.replace(key, STRUCK)
    if isinstance(value, dict):
        return {_without(name, key): _without(each, key) for name, each in value.items()}
    if isinstance(value, list):
        return [_without(each, key) for each in value]
    return value
