"""A kept answer says what a new one says: headers, methods, limits, and nothing meant for one visitor."""

import gzip
import time

import brotli
import pytest
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.middleware.csrf import get_token
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import ModelVersion
from dashboard.api.tally import Tally
from dashboard.kept import KeptAnswers, kept
from dashboard.shelf import EACH_BYTES, Kept, Shelf, shelf

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_keep", "three_models")]
ADDRESSES = [
    "/?as_of=2025-02-08",
    "/models/deepseek-v3/",
    "/frontier.svg?as_of=2025-02-08",
    "/frontier.csv?as_of=2025-02-08",
    "/frontier.json?as_of=2025-02-08",
    "/embed/frontier/?as_of=2025-02-08",
    "/oembed?url=http://testserver/",
    "/api/v1/frontier",
]


@pytest.fixture
def _keep(settings: Settings) -> None:
    settings.PAGE_CACHE_S = 600


def headers(response: HttpResponseBase) -> dict[str, str]:
    """Without what is left of the reads, which is another number each time."""
    return {name: value for name, value in response.items() if name != "RateLimit"}


@pytest.mark.parametrize("secure", [False, True])
@pytest.mark.parametrize("address", ADDRESSES)
def test_kept_answer_has_the_headers_of_a_new_one(
    client: Client, settings: Settings, three_models: dict[str, ModelVersion], address: str, secure: bool
) -> None:
    settings.SECURE_HSTS_SECONDS = 60 if secure else 0
    settings.PAGE_CACHE_S = 0
    plain = client.get(address, secure=secure)
    settings.PAGE_CACHE_S = 600

    new = client.get(address, secure=secure)
    from_shelf = client.get(address, secure=secure)
    shelf.clear()
    from_cache = client.get(address, secure=secure)

    assert headers(from_shelf) == headers(from_cache) == headers(new)
    if address.startswith("/api/") or ".json" in address:  # these have an ETag of their own
        assert headers(new) == headers(plain) | {"ETag": new["ETag"]}
    else:
        assert headers(new) == headers(plain) | {
            "ETag": new["ETag"],
            "Cache-Control": "public, max-age=60",
            "Vary": "Accept-Encoding",
        }
    assert ("Strict-Transport-Security" in new) == secure
    assert from_shelf.content == from_cache.content == new.content


@pytest.mark.parametrize("address", ADDRESSES)
def test_not_modified_repeats_the_headers_but_those_of_the_body(client: Client, address: str) -> None:
    new = client.get(address)
    asked = {"If-None-Match": new["ETag"]}

    from_shelf = client.get(address, headers=asked)
    shelf.clear()
    from_cache = client.get(address, headers=asked)

    of_the_body = ("Content-Type", "Content-Length", "Content-Disposition")
    assert (from_shelf.status_code, from_shelf.content) == (304, b"")
    assert headers(from_shelf) == {name: value for name, value in headers(new).items() if name not in of_the_body}
    assert headers(from_cache) == headers(from_shelf)


@pytest.mark.parametrize("forget", [False, True])
def test_frame_that_did_not_change_may_still_be_framed(client: Client, forget: bool) -> None:
    new = client.get("/embed/frontier/")
    shelf.clear()
    if forget:
        cache.clear()

    again = client.get("/embed/frontier/", headers={"If-None-Match": new["ETag"]})

    assert again.status_code == 304
    assert "X-Frame-Options" not in again
    assert again["Content-Security-Policy"] == new["Content-Security-Policy"]
    assert "frame-ancestors *" in new["Content-Security-Policy"]


@pytest.mark.parametrize("address", ["/api/v1/frontier", "/api/v1/suites", "/frontier.json", "/changes.json"])
@pytest.mark.parametrize("forget", ["nothing", "shelf", "all"])
def test_other_sites_may_read_that_nothing_changed(client: Client, address: str, forget: str) -> None:
    """Also where nothing but the address is left to say so."""
    etag = client.get(address)["ETag"]
    if forget != "nothing":
        shelf.clear()
    if forget == "all":
        cache.clear()

    again = client.get(address, headers={"If-None-Match": etag})

    assert (again.status_code, again["Access-Control-Allow-Origin"]) == (304, "*")


@pytest.mark.parametrize("page", ["/frontier.csv", "/frontier.json", "/embed/frontier/", "/changes.csv", "/"])
def test_new_answers_are_counted_and_kept_ones_are_not(client: Client, settings: Settings, page: str) -> None:
    settings.API_READS_PER_MINUTE = 3

    made_up = [client.get(f"{page}?made-up={n}") for n in range(5)]

    assert [answer.status_code for answer in made_up] == [200, 200, 200, 429, 429]
    assert made_up[-1].content.decode().startswith("3 new answers a minute are allowed. Wait ")
    assert 1 <= int(made_up[-1]["Retry-After"]) <= 60
    assert client.get("/api/v1/frontier").status_code == 200
    if page != "/changes.csv":
        assert client.get(f"{page}?made-up=0").status_code == 200
    assert client.get(f"{page}?made-up=0", REMOTE_ADDR="203.0.113.9").status_code == 200


def test_new_answers_are_built_without_a_limit_when_the_cache_is_away(client: Client, settings: Settings) -> None:
    settings.API_READS_PER_MINUTE = 1
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
            "OPTIONS": {"socket_connect_timeout": 0.2},
        }
    }

    assert [client.get(f"/models.csv?made-up={n}").status_code for n in range(3)] == [200, 200, 200]


def test_any_answer_will_do_for_those_who_say_so_but_not_none(client: Client) -> None:
    asked = {"If-None-Match": "*"}

    assert client.get("/models/nobody/", headers=asked).status_code == 404
    assert [client.get("/", headers=asked).status_code for _ in range(2)] == [200, 304]


def test_each_reads_the_packing_it_names(client: Client) -> None:
    plain = client.get("/")

    packed = client.get("/", headers={"Accept-Encoding": "gzip, deflate, br, zstd"})
    older = client.get("/", headers={"Accept-Encoding": "gzip"})

    refused = client.get("/", headers={"Accept-Encoding": "br;q=0, gzip"})
    assert refused["Content-Encoding"] == "gzip"
    assert client.get("/", headers={"Accept-Encoding": "gzip, BR;q=0.5"})["Content-Encoding"] == "br"
    assert (packed["Content-Encoding"], packed["Content-Length"]) == ("br", str(len(packed.content)))
    assert older["Content-Encoding"] == "gzip"
    assert brotli.decompress(packed.content) == gzip.decompress(older.content) == plain.content


def test_head_is_answered_as_get_is(client: Client) -> None:
    first = client.head("/")
    again = client.head("/")

    assert (first.status_code, again.status_code) == (200, 200)
    assert headers(again) == headers(first) == headers(client.get("/"))


def test_head_of_the_api_keeps_no_empty_body_and_nobody_waiting(client: Client) -> None:
    first = client.head("/api/v1/frontier")
    new = client.get("/api/v1/frontier")
    kept_one = client.get("/api/v1/frontier")

    assert (first.status_code, first.content) == (200, b"")
    assert first["Content-Length"] == str(len(new.content))
    assert len(new.json()["items"]) == len(kept_one.json()["items"]) == 3


def test_kept_api_answers_say_what_is_left(client: Client, settings: Settings) -> None:
    settings.API_READS_PER_MINUTE = 90

    from_view, from_shelf = (client.get("/api/v1/frontier") for _ in range(2))
    shelf.clear()
    from_cache = client.get("/api/v1/frontier")

    left = [answer["RateLimit"].split(";")[1] for answer in (from_view, from_shelf, from_cache)]
    assert left == ["r=89", "r=88", "r=87"]


def test_kept_api_answers_count_as_reads(client: Client, settings: Settings) -> None:
    settings.API_READS_PER_MINUTE = 3

    statuses = [client.get("/api/v1/frontier").status_code for _ in range(5)]
    refused = client.get("/api/v1/frontier")

    assert statuses == [200, 200, 200, 429, 429]
    assert "Content-Security-Policy" in refused
    assert 1 <= int(refused["Retry-After"]) <= 60
    assert client.get("/").status_code == 200


@pytest.mark.parametrize(("most", "passed"), [(10, 0), (199, 0), (600, 5)])
def test_processes_count_together_and_pass_a_limit_by_a_hundredth_each(most: int, passed: int) -> None:
    processes = [Tally(), Tally()]

    allowed = [tally.count("read:somebody", 1, most) <= most for _ in range(most) for tally in processes].count(True)

    assert most <= allowed <= most + 2 * passed
    assert Tally().count("read:another", 1, most) == 1


def test_shelf_answers_when_the_cache_is_away(
    client: Client, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
            "OPTIONS": {"socket_connect_timeout": 0.2},
        }
    }
    first = client.get("/")

    with django_assert_num_queries(1):
        assert client.get("/").content == first.content


def test_answer_for_one_visitor_is_not_kept() -> None:
    @kept
    def personal(request: HttpRequest) -> HttpResponse:
        return HttpResponse(get_token(request))

    def with_cookie(request: HttpRequest) -> HttpResponse:
        response = personal(request)
        response.set_cookie("csrftoken", "x")
        return response

    ask = KeptAnswers(with_cookie)
    first, second = (ask(RequestFactory().get("/personal")) for _ in range(2))

    assert first.content != second.content


def test_wrong_host_is_refused_before_anything_is_looked_up(client: Client) -> None:
    assert client.get("/", headers={"Host": "elsewhere.example"}).status_code == 400


def test_shelf_holds_so_many_bytes_and_drops_what_was_not_asked_for_longest(
    monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    monkeypatch.setattr("dashboard.shelf.MOST_BYTES", 3 * (EACH_BYTES + 101))
    small = Shelf()
    for name in "abc":
        small.put(Kept(name, "1", bytes(100), (), time.time()))
    assert small.get("a")

    small.put(Kept("d", "1", bytes(100), (), time.time()))
    small.put(Kept("e", "1", bytes(100), (), time.time() - settings.PAGE_CACHE_S - 1))

    assert [name for name in "abcde" if small.get(name)] == ["a", "d"]
