"""The one way out: addresses are checked at the moment of connecting, replies have a ceiling, redirects end here."""

import asyncio
import contextvars
import socket
import ssl
import time
from collections.abc import AsyncIterator, Iterable
from ipaddress import ip_address, ip_network
from typing import Any

import httpcore2
import httpx2

from catalog.addresses import place_of, unwrapped
from evals.clients.errors import BadReply, ForbiddenAddress

MAX_REPLY_BYTES = 8 * 1024 * 1024
# Below the five seconds after which common servers close an idle connection, so that we rarely race them.
KEEPALIVE_EXPIRY_S = 4.0


def check_address(text: str, *, allowed_networks: Iterable[str], host: str) -> None:
    """Pass when ``text`` is a public address, or a private one inside one of ``allowed_networks``.

    :raises ForbiddenAddress: naming the host, the address and the setting.
    """
    place = place_of(text)
    if place == "never":
        raise ForbiddenAddress(
            f"{host} leads to {text}, an address that is never called (cloud metadata, link-local or multicast)."
        )
    if place == "public":
        return
    address = unwrapped(ip_address(text.partition("%")[0]))
    if any(address in ip_network(network, strict=False) for network in allowed_networks):
        return
    raise ForbiddenAddress(
        f"{host} leads to {text}, a private address. To allow it, add it to ALLOW_PRIVATE_NETWORKS, "
        f"such as ALLOW_PRIVATE_NETWORKS=127.0.0.0/8,{address}/{address.max_prefixlen}, and restart."
    )


_opened: contextvars.ContextVar[list[bool] | None] = contextvars.ContextVar("opened", default=None)


class _CheckedBackend(httpcore2.AnyIOBackend):
    """Resolves a name once, checks every address it has, and connects to one that was checked."""

    def __init__(self, allowed_networks: tuple[str, ...]) -> None:
        self._allowed = allowed_networks

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the base class names it so
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        opened = _opened.get()
        if opened is not None:
            opened.append(True)
        try:
            found = await asyncio.wait_for(
                asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM), timeout
            )
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout(f"the name {host} was not resolved in time") from error
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved") from error
        addresses = list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))
        for address in addresses:
            check_address(address, allowed_networks=self._allowed, host=host)
        failure: Exception | None = None
        for address in addresses:
            try:
                return _QuickStream(
                    await super().connect_tcp(
                        address, port, timeout=timeout, local_address=local_address, socket_options=socket_options
                    )
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore2.ConnectError(f"the name {host} has no address")


class _QuickStream(httpcore2.AsyncNetworkStream):
    """A stream that is asked less often whether the other side has closed it, and sends a request in one piece.

    The pool asks every idle connection at every request, which at 64 connections costs more than the request. A
    connection that was closed within the last tenth of a second is caught by the free second try below. Head and body
    are written apart; kept together until the first read they cost one system call on each side, not two.
    """

    ASK_EVERY_S = 0.1

    def __init__(self, stream: httpcore2.AsyncNetworkStream) -> None:
        self._stream = stream
        self._asked_at = time.monotonic()
        self._unsent: list[bytes] = []

    async def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ASYNC109
        if self._unsent:
            whole, self._unsent = b"".join(self._unsent), []
            await self._stream.write(whole, timeout)
        return await self._stream.read(max_bytes, timeout)

    async def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002, ASYNC109
        self._unsent.append(buffer)

    async def aclose(self) -> None:
        await self._stream.aclose()

    async def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ASYNC109
    ) -> httpcore2.AsyncNetworkStream:
        return _QuickStream(await self._stream.start_tls(ssl_context, server_hostname, timeout))

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            now = time.monotonic()
            if now - self._asked_at < self.ASK_EVERY_S:
                return False
            self._asked_at = now
        return self._stream.get_extra_info(info)


class CheckedTransport(httpx2.AsyncHTTPTransport):
    """Transport for calls to endpoints: checked addresses, bounded replies, and one free second try.

    The free try is for a kept-alive connection that the server had already closed: nothing of the request was
    answered, so repeating it costs nothing. llama.cpp does this after some streamed replies.
    """

    def __init__(self, *, allowed_networks: tuple[str, ...], concurrency: int) -> None:
        super().__init__(trust_env=True)  # only for SSL_CERT_FILE: a company's own authority
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=self._pool._ssl_context,
            max_connections=concurrency + 4,
            max_keepalive_connections=concurrency + 4,
            keepalive_expiry=KEEPALIVE_EXPIRY_S,
            network_backend=_CheckedBackend(allowed_networks),
        )

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        opened: list[bool] = []
        token = _opened.set(opened)
        try:
            try:
                response = await super().handle_async_request(request)
            except (httpx2.RemoteProtocolError, httpx2.ReadError, httpx2.WriteError):
                if opened:
                    raise
                response = await super().handle_async_request(request)
        finally:
            _opened.reset(token)
        response.stream = _BoundedStream(response.stream)
        return response


class _BoundedStream(httpx2.AsyncByteStream):
    def __init__(self, stream: Any) -> None:
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        received = 0
        async for part in self._stream:
            received += len(part)
            if received > MAX_REPLY_BYTES:
                raise BadReply(f"The reply passed {MAX_REPLY_BYTES // 1024 // 1024} MB and was cut.", code="too_large")
            yield part

    async def aclose(self) -> None:
        await self._stream.aclose()


def http_client(*, allowed_networks: tuple[str, ...], concurrency: int, timeout: httpx2.Timeout) -> httpx2.AsyncClient:
    """An HTTP client for one event loop. No redirects: what is secret must never follow one."""
    return httpx2.AsyncClient(
        transport=CheckedTransport(allowed_networks=allowed_networks, concurrency=concurrency),
        follow_redirects=False,
        trust_env=False,
        timeout=timeout,
    )
