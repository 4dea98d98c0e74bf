"""The way out: what is refused, before or after a connection, and what is read."""

import gzip
import os
import socket
import threading
import time
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import httpcore2
import httpx2
import pytest

from catalog.addresses import is_public
from ingest import fetch as fetching
from ingest.errors import FetchFailed
from ingest.fetch import Fetched, GuardedBackend, GuardedTransport, fetch

URL = "https://feed.example/prices.json"


def answering(handler: Callable[[httpx2.Request], httpx2.Response]) -> httpx2.MockTransport:
    return httpx2.MockTransport(handler)


def reply(content: bytes = b"[]", status: int = 200, **headers: str) -> httpx2.MockTransport:
    named = {key.replace("_", "-"): value for key, value in headers.items()}
    return answering(lambda _: httpx2.Response(status, headers=named, stream=httpx2.ByteStream(content)))


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.0.192",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::a9fe:a9fe",
        "2002:a9fe:a9fe::",
        "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "fd00:ec2::254",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
    ],
)
def test_address_inside_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["140.82.121.3", "2606:50c0:8000::153", "::ffff:140.82.121.3", "64:ff9b::8c52:7903"]
)
def test_address_outside_is_public(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("http://feed.example/x", "feeds are read over https only"),
        ("file:///etc/passwd", "feeds are read over https only"),
        ("gopher://feed.example", "feeds are read over https only"),
        ("https://user:word@feed.example/", "has no password and no port"),
        ("https://feed.example:8443/", "has no password and no port"),
        ("not an address", "feeds are read over https only"),
    ],
)
def test_url_of_another_kind_is_refused(url: str, message: str) -> None:
    with pytest.raises(FetchFailed, match=message):
        fetch(url, transport=reply())


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        server.settimeout(0.05)
        yield server


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "127.1", "localhost"])
def test_host_that_leads_inside_gets_no_connection(listener: socket.socket, host: str) -> None:
    backend = GuardedBackend(deadline=time.monotonic() + 5)
    with pytest.raises(FetchFailed, match=r"which is not a public address\. Nothing was sent\."):
        backend.connect_tcp(host, listener.getsockname()[1])
    with pytest.raises(TimeoutError):
        listener.accept()


def test_name_with_one_inner_address_among_public_ones_is_refused() -> None:
    backend = GuardedBackend(deadline=time.monotonic() + 5, resolve=lambda *_: ["140.82.121.3", "10.0.0.1"])
    with pytest.raises(FetchFailed, match=r"leads to 10\.0\.0\.1"):
        backend.connect_tcp("feed.example", 443)


def test_name_is_looked_up_once_per_fetch(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([["140.82.121.3"], ["127.0.0.1"]])
    reached = []

    def connect(_: object, host: str, port: int, **__: object) -> httpcore2.NetworkStream:
        reached.append((host, port))
        raise httpcore2.ConnectError("refused")

    monkeypatch.setattr(httpcore2.SyncBackend, "connect_tcp", connect)
    backend = GuardedBackend(deadline=time.monotonic() + 5, resolve=lambda *_: next(answers))
    for _ in range(2):
        with pytest.raises(httpcore2.ConnectError):
            backend.connect_tcp("feed.example", 443)
    assert reached == [("140.82.121.3", 443)] * 2


def test_transport_goes_through_the_guard() -> None:
    transport = GuardedTransport(deadline=time.monotonic() + 5, resolve=lambda *_: ["169.254.169.254"])
    with pytest.raises(FetchFailed, match=r"feed\.example leads to 169\.254\.169\.254"):
        fetch(URL, transport=transport)


def test_fetch_that_is_out_of_time_connects_to_nothing() -> None:
    transport = GuardedTransport(deadline=time.monotonic() - 1, resolve=lambda *_: ["140.82.121.3"])
    with pytest.raises(FetchFailed, match=r"feed\.example did not deliver: the 30 seconds of a fetch are over\."):
        fetch(URL, transport=transport)


def test_fetch_reads_plain_and_zipped_bodies() -> None:
    assert fetch(URL, transport=reply(b"[1]", etag='"a"')) == Fetched(b"[1]", '"a"')
    assert fetch(URL, transport=reply(gzip.compress(b"[2]"), content_encoding="gzip")) == Fetched(b"[2]", "")


def test_fetch_asks_whether_anything_changed() -> None:
    asked = []

    def handler(request: httpx2.Request) -> httpx2.Response:
        asked.append(request.headers["if-none-match"])
        return httpx2.Response(304, headers={"etag": '"a"'})

    assert fetch(URL, etag='"a"', transport=answering(handler)) == Fetched(None, '"a"')
    assert asked == ['"a"']


@pytest.mark.parametrize(
    ("transport", "message"),
    [
        (reply(status=404), r"feed\.example answered 404 Not Found\."),
        (reply(status=503), r"feed\.example answered 503 Service Unavailable\."),
        (reply(b"<html>", content_type="text/html; charset=utf-8"), r"feed\.example sent text/html instead of data\."),
        (reply(b"x", content_encoding="br"), "sent the encoding 'br', which was not asked for"),
        (reply(gzip.compress(b"[1]" * 1000)[:-12], content_encoding="gzip"), "a gzip stream that breaks off"),
        (reply(b"not gzip", content_encoding="gzip"), "a damaged gzip stream"),
        (
            reply(status=302, location="https://elsewhere.example/x"),
            r"feed\.example redirects to elsewhere\.example, which is not followed",
        ),
        (reply(status=302, location="http://feed.example/x"), r"redirects to feed\.example, which is not followed"),
        (reply(status=302, location="https://169.254.169.254/"), r"redirects to 169\.254\.169\.254, which is not"),
        (reply(status=302, location="/again"), r"feed\.example redirects more than 3 times\."),
    ],
)
def test_answer_that_is_no_data_is_refused(transport: httpx2.MockTransport, message: str) -> None:
    with pytest.raises(FetchFailed, match=message):
        fetch(URL, transport=transport)


def test_redirect_on_the_same_host_is_followed() -> None:
    def handler(request: httpx2.Request) -> httpx2.Response:
        if request.url.path == "/prices.json":
            return httpx2.Response(301, headers={"location": "/v2/prices.json"})
        return httpx2.Response(200, stream=httpx2.ByteStream(b"[3]"))

    assert fetch(URL, transport=answering(handler)).body == b"[3]"


def test_body_over_the_wire_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_WIRE_BYTES", 1 << 20)
    with pytest.raises(FetchFailed, match=r"feed\.example sent more than 1 MB\."):
        fetch(URL, transport=reply(bytes(2 << 20)))


def test_gzip_bomb_is_refused_without_unpacking_it() -> None:
    packer = zlib.compressobj(wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()
    assert len(bomb) < 110_000
    tracemalloc.start()
    with pytest.raises(FetchFailed, match=r"feed\.example sent \d+ bytes that unpack to over 100 times as many\."):
        fetch(URL, transport=reply(bomb, content_encoding="gzip"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 8 << 20


def test_body_over_the_unpacked_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "MAX_BYTES", 1 << 20)
    with pytest.raises(FetchFailed, match=r"feed\.example sent more than 1 MB after unpacking\."):
        fetch(URL, transport=reply(gzip.compress(os.urandom(2 << 20)), content_encoding="gzip"))


class _Feed(BaseHTTPRequestHandler):
    """A feed that knows its version by an etag and by a date, and answers 304 to who has it."""

    asked: ClassVar[list[dict[str, str]]] = []
    DATE = "Tue, 24 Nov 2026 10:00:00 GMT"

    def do_GET(self) -> None:
        self.asked.append(dict(self.headers))
        known = self.headers.get("If-None-Match") == '"7"' or self.headers.get("If-Modified-Since") == self.DATE
        self.send_response(304 if known else 200)
        self.send_header("Last-Modified", self.DATE)
        if self.path == "/etag":
            self.send_header("ETag", '"7"')
        self.end_headers()
        if not known:
            self.wfile.write(b"[1, 2]")

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def feed_server() -> Iterator[int]:
    _Feed.asked.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Feed) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


class _ToLoopback(httpx2.BaseTransport):
    """Carries what is meant for feed.example to a server on this machine."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._inner = httpx2.HTTPTransport()

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port)
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()


@pytest.mark.parametrize(("path", "header"), [("/etag", "If-None-Match"), ("/date", "If-Modified-Since")])
def test_unchanged_feed_is_asked_for_by_its_version_and_not_sent_again(
    feed_server: int, path: str, header: str
) -> None:
    url = f"https://feed.example{path}"
    first = fetch(url, transport=_ToLoopback(feed_server))
    assert first.body == b"[1, 2]"
    again = fetch(url, etag=first.etag, last_modified=first.last_modified, transport=_ToLoopback(feed_server))
    assert again.body is None
    assert header not in _Feed.asked[0]
    assert _Feed.asked[1][header] in {'"7"', _Feed.DATE}
