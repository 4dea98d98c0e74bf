"""Posting JSON to one URL and reading what comes back, whole or as a stream of events.

It sits directly on the checked transport: no redirects (a key must never follow one), no cookies, no proxy from the
environment, no retries (each paid call is a row of ours).
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import orjson

from evals.clients.base import Target
from evals.clients.errors import BadReply
from evals.clients.network import MAX_REPLY_BYTES, CheckedTransport
from evals.clients.responses import errors_translated, from_status

CONNECT_TIMEOUT_S = 5.0
# Many servers close a stream right after its last event; one that does not loses its connection, not its answer.
DRAIN_S = 0.25


class Wire:
    """One URL of one endpoint for the length of one event loop."""

    def __init__(self, target: Target, *, url: str, headers: Mapping[str, str]) -> None:
        self._target = target
        self._url = httpx2.URL(url)
        self._headers = {
            "host": self._url.netloc.decode("ascii"),
            "content-type": "application/json",
            "accept": "application/json, text/event-stream",
            "user-agent": "capability-per-dollar",
            **headers,
        }
        timeout = httpx2.Timeout(
            target.timeout_s,
            connect=min(CONNECT_TIMEOUT_S, target.timeout_s),
            read=min(target.idle_s, target.timeout_s),
        )
        self._extensions = {"timeout": timeout.as_dict()}
        self._transport = CheckedTransport(allowed_networks=target.allowed_networks, concurrency=target.concurrency)

    @asynccontextmanager
    async def post(self, body: Mapping[str, Any]) -> AsyncIterator[httpx2.Response]:
        """Send one request; gives the answer when its status is 200, its body unread.

        :raises EndpointError: for every other status, a broken connection, or a passed deadline.
        """
        content = orjson.dumps(body)
        async with errors_translated(self._target), asyncio.timeout(self._target.timeout_s):
            response = await self._transport.handle_async_request(
                httpx2.Request(
                    "POST",
                    self._url,
                    headers=self._headers | {"content-length": str(len(content))},
                    stream=httpx2.ByteStream(content),
                    extensions=self._extensions,
                )
            )
            try:
                if response.status_code != 200:
                    raise from_status(response, await read_whole(response), self._target)
                yield response
            finally:
                await response.aclose()

    async def close(self) -> None:
        await self._transport.aclose()


def is_event_stream(response: httpx2.Response) -> bool:
    return "text/event-stream" in response.headers.get("content-type", "")


def content_kind(response: httpx2.Response) -> str:
    """The content type without its parameters, for a sentence."""
    kind: str = response.headers.get("content-type", "no content type")
    return kind.partition(";")[0]


async def read_whole(response: httpx2.Response) -> bytes:
    """The body, unpacked, up to the ceiling for replies."""
    return b"".join([part async for part in _parts(response)])


async def events(response: httpx2.Response) -> AsyncIterator[Any]:
    """The JSON of each event of a stream, up to ``[DONE]``.

    :raises BadReply: for a piece that is not JSON.
    """
    parts = _parts(response)
    async for data in _event_data(parts):
        if data.strip() == b"[DONE]":
            break
        try:
            event = orjson.loads(data)
        except orjson.JSONDecodeError as error:
            raise BadReply(
                "The stream held a piece that is not JSON.", code="truncated_json", http_status=response.status_code
            ) from error
        yield event
    try:
        async with asyncio.timeout(DRAIN_S):
            async for _ in parts:
                pass
    except (TimeoutError, httpx2.HTTPError, BadReply):
        pass  # the answer is complete; the connection is not used again


async def _event_data(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    rest, data = b"", []
    async for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        for line in lines:
            if line.startswith(b"data:"):
                data.append(line[5:].strip())
            elif not line.strip() and data:
                yield b"\n".join(data)
                data = []
    if rest.startswith(b"data:"):
        data.append(rest[5:].strip())
    if data:  # a server that forgets the last empty line
        yield b"\n".join(data)


async def _parts(response: httpx2.Response) -> AsyncIterator[bytes]:
    """Pieces of the body. What travels is bounded by the transport; what is unpacked from it, here."""
    if "content-encoding" not in response.headers:
        async for part in response.stream:  # type: ignore[union-attr]
            yield part
        return
    unpacked = 0
    async for part in response.aiter_bytes():
        unpacked += len(part)
        if unpacked > MAX_REPLY_BYTES:
            raise BadReply(f"The reply passed {MAX_REPLY_BYTES // 1024 // 1024} MB and was cut.", code="too_large")
        yield part
