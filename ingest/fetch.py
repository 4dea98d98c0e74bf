"""The one way out for feeds: https, public addresses, bounded in size, in time and in what it unpacks to.

A name is resolved once per fetch; every address it has must be public, and the connection goes to one of those, so a
name that answers differently the second time gains nothing. Redirects are followed on the same host only.
"""

import socket
import time
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import httpcore2
import httpx2

from catalog.addresses import is_public
from ingest.errors import FetchFailed

MAX_WIRE_BYTES = 20 * 1024 * 1024
MAX_BYTES = 64 * 1024 * 1024
# Feeds pack to a fifth or a twentieth; a bomb to a thousandth. Noticed after the first megabyte, not the 64th.
MAX_RATIO = 100
MAX_SECONDS = 30.0
MAX_REDIRECTS = 3
CONNECT_SECONDS = 5.0
READ_SECONDS = 15.0
_STEP = 65_536
USER_AGENT = "capability-per-dollar (feed reader)"
_REFUSED_TYPES = ("text/html", "application/xhtml+xml", "image/", "video/", "audio/")

Resolve = Callable[[str, int], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Fetched:
    """The feed's bytes, or None when it says that nothing changed since the last time."""

    body: bytes | None
    etag: str
    last_modified: str = ""


def fetch(
    url: str, *, etag: str = "", last_modified: str = "", transport: httpx2.BaseTransport | None = None
) -> Fetched:
    """Get a feed. ``etag`` and ``last_modified`` came with the last snapshot: an unchanged file is not sent again.

    Raises FetchFailed, whose message names the host and what to do.
    """
    deadline = time.monotonic() + MAX_SECONDS
    headers = {"User-Agent": USER_AGENT, "Accept-Encoding": "gzip", "Accept": "*/*"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    start = _checked_url(url)
    client = httpx2.Client(
        transport=transport or GuardedTransport(deadline=deadline),
        follow_redirects=False,
        trust_env=False,
        timeout=httpx2.Timeout(READ_SECONDS, connect=CONNECT_SECONDS),
        headers=headers,
    )
    try:
        with client:
            return _get(client, start, deadline)
    except httpx2.HTTPError as error:
        raise FetchFailed(f"{start.host} did not deliver: {error or type(error).__name__}.") from error


def _get(client: httpx2.Client, start: httpx2.URL, deadline: float) -> Fetched:
    url = start
    for _ in range(MAX_REDIRECTS + 1):
        with client.stream("GET", url) as response:
            if response.is_redirect and response.has_redirect_location:
                url = url.join(response.headers["location"])
                if (url.scheme, url.host, url.port) != (start.scheme, start.host, start.port):
                    raise FetchFailed(
                        f"{start.host} redirects to {url.host or 'another place'}, which is not followed. If the feed "
                        "has moved, set its new address in the admin."
                    )
                continue
            if response.status_code == httpx2.codes.NOT_MODIFIED:
                return Fetched(None, response.headers.get("etag", ""), response.headers.get("last-modified", ""))
            if response.status_code != httpx2.codes.OK:
                raise FetchFailed(f"{start.host} answered {response.status_code} {response.reason_phrase}.")
            kind = response.headers.get("content-type", "").lower()
            if kind.startswith(_REFUSED_TYPES):
                raise FetchFailed(f"{start.host} sent {kind.split(';')[0]} instead of data.")
            body = _read(response, start.host, deadline)
            return Fetched(body, response.headers.get("etag", ""), response.headers.get("last-modified", ""))
    raise FetchFailed(f"{start.host} redirects more than {MAX_REDIRECTS} times.")


def _read(response: httpx2.Response, host: str, deadline: float) -> bytes:
    """The decoded body. Reads and unpacks in small steps, so that no cap can be passed by more than one of them."""
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding not in ("gzip", "x-gzip", "identity", ""):
        raise FetchFailed(f"{host} sent the encoding {encoding!r}, which was not asked for.")
    chunks = _limited(response.iter_raw(_STEP), host, deadline)
    body = bytearray()
    for part in _inflated(chunks, host) if "gzip" in encoding else chunks:
        body += part
        if len(body) > MAX_BYTES:
            raise FetchFailed(f"{host} sent more than {MAX_BYTES >> 20} MB after unpacking.")
    return bytes(body)


def _limited(chunks: Iterable[bytes], host: str, deadline: float) -> Iterator[bytes]:
    received = 0
    for chunk in chunks:
        received += len(chunk)
        if received > MAX_WIRE_BYTES:
            raise FetchFailed(f"{host} sent more than {MAX_WIRE_BYTES >> 20} MB.")
        if time.monotonic() > deadline:
            raise FetchFailed(f"{host} took longer than {MAX_SECONDS:.0f} seconds.")
        yield chunk


def _inflated(chunks: Iterable[bytes], host: str) -> Iterator[bytes]:
    unpacker = zlib.decompressobj(31)
    packed = unpacked = 0
    try:
        for chunk in chunks:
            packed += len(chunk)
            rest = chunk
            while rest and not unpacker.eof:
                part = unpacker.decompress(rest, _STEP)
                rest = unpacker.unconsumed_tail
                unpacked += len(part)
                if unpacked > 1 << 20 and unpacked > MAX_RATIO * (packed - len(rest)):
                    raise FetchFailed(f"{host} sent {packed} bytes that unpack to over {MAX_RATIO} times as many.")
                yield part
        yield unpacker.flush(_STEP)
    except zlib.error as error:
        raise FetchFailed(f"{host} sent a damaged gzip stream: {error}.") from None
    if not unpacker.eof:
        raise FetchFailed(f"{host} sent a gzip stream that breaks off.")


def _checked_url(text: str) -> httpx2.URL:
    try:
        url = httpx2.URL(text)
    except httpx2.InvalidURL as error:
        raise FetchFailed(f"{text!r} is not a web address: {error}.") from None
    if url.scheme != "https" or not url.host:
        raise FetchFailed(f"{text!r} is not fetched: feeds are read over https only.")
    if url.userinfo or url.port not in (None, 443):
        raise FetchFailed(f"{text!r} is not fetched: a feed's address has no password and no port.")
    return url


def _addresses(host: str, port: int) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


class GuardedBackend(httpcore2.SyncBackend):
    """Resolves a name once, refuses it unless all its addresses are public, and connects to one of those."""

    def __init__(self, *, deadline: float, resolve: Resolve = _addresses) -> None:
        self._deadline = deadline
        self._resolve = resolve
        self._pinned: dict[tuple[str, int], list[str]] = {}

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        failure: Exception = httpcore2.ConnectError(f"the name {host} has no address")
        for address in self._public_addresses(host, port):
            try:
                stream = super().connect_tcp(
                    address,
                    port,
                    timeout=_within(timeout, self._deadline),
                    local_address=local_address,
                    socket_options=socket_options,
                )
                return _DeadlineStream(stream, self._deadline)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    def _public_addresses(self, host: str, port: int) -> list[str]:
        if (host, port) not in self._pinned:
            try:
                found = list(dict.fromkeys(self._resolve(host, port)))
            except OSError as error:
                raise httpcore2.ConnectError(f"the name {host} cannot be resolved") from error
            for address in found:
                if not is_public(address):
                    raise FetchFailed(f"{host} leads to {address}, which is not a public address. Nothing was sent.")
            self._pinned[host, port] = found
        return self._pinned[host, port]


class GuardedTransport(httpx2.HTTPTransport):
    """Connects through the guarded backend and never through a proxy from the environment."""

    def __init__(self, *, deadline: float, resolve: Resolve = _addresses) -> None:
        super().__init__(trust_env=True)  # only for SSL_CERT_FILE: a company's own authority
        self._pool = httpcore2.ConnectionPool(
            ssl_context=self._pool._ssl_context,
            max_connections=1,
            network_backend=GuardedBackend(deadline=deadline, resolve=resolve),
        )


class _DeadlineStream(httpcore2.NetworkStream):
    """A connection on which no single step may go past the moment when the whole fetch must be over."""

    def __init__(self, stream: httpcore2.NetworkStream, deadline: float) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(min(max_bytes, _STEP), timeout=_within(timeout, self._deadline))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._stream.write(buffer, timeout=_within(timeout, self._deadline))

    def close(self) -> None:
        self._stream.close()

    def start_tls(self, ssl_context: Any, server_hostname: str | None = None, timeout: float | None = None) -> Any:
        stream = self._stream.start_tls(ssl_context, server_hostname, _within(timeout, self._deadline))
        return _DeadlineStream(stream, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _within(timeout: float | None, deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise httpcore2.ReadTimeout(f"the {MAX_SECONDS:.0f} seconds of a fetch are over")
    return left if timeout is None else min(timeout, left)
