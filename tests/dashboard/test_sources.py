"""Every source with what rests on it."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Source
from ingest.models import Feed, FeedRun
from tests.dashboard.pages_support import HOSTILE, get, text_of, two_priced
from tests.factories import make_source, make_version

pytestmark = pytest.mark.django_db


def test_list_counts_what_rests_on_each(client: Client) -> None:
    two_priced()
    text = text_of(get(client, "/sources/"))
    assert "2 sources, and what rests on each" in text
    assert "Price page https://example.org/prices 6 6 prices primary 10 – unknown 1 Nov 2026" in text
    assert "4 scores" in text


def test_list_finds_by_words(client: Client) -> None:
    two_priced()
    text = text_of(get(client, "/sources/?q=price+page"))
    assert "1 source with “price page”" in text
    assert "example.org/report" not in text


def test_one_source_lists_its_facts(client: Client) -> None:
    two_priced()
    text = text_of(get(client, f"/sources/{Source.objects.get(publisher='Price page').pk}/"))
    assert "6 prices." in text
    assert "DeepSeek-V3 by DeepSeek, cached input $0.07 per 1M from 8 Feb 2025" in text


def test_long_lists_say_how_much_is_left_out(client: Client) -> None:
    source = make_source("https://example.org/many")
    for i in range(103):
        make_version(f"Model {i}", source=source)
    text = text_of(get(client, f"/sources/{source.pk}/"))
    assert "103 release dates" in text
    assert "3 more are in the CSV ." in text


def test_unknown_source_is_not_found(client: Client) -> None:
    assert client.get("/sources/999/").status_code == 404


def test_a_source_that_is_no_web_address_is_not_a_link(client: Client) -> None:
    source = make_source("javascript:alert(1)", publisher=HOSTILE, title=HOSTILE)
    for url in ("/sources/", f"/sources/{source.pk}/"):
        page = get(client, url)
        assert 'href="javascript' not in page
        assert "<script>alert(1)" not in page


@pytest.mark.parametrize("count", [0, 1, 3])
def test_list_needs_two_queries(client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int) -> None:
    for i in range(count):
        make_version(f"Model {i}", source=make_source(f"https://example.org/{i}"))
    with django_assert_num_queries(2 if count else 1):
        client.get("/sources/")


def test_api_sources_and_paging(client: Client) -> None:
    two_priced()
    answer = client.get("/api/v1/sources?limit=1").json()
    assert answer["count"] == 2
    assert answer["next"].endswith("/api/v1/sources?limit=1&offset=1")
    assert answer["items"][0]["facts"]["prices"] == 6
    assert answer["items"][0]["sources"][0]["url"] == "https://example.org/prices"


def test_api_feeds_tell_the_last_reading(client: Client, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for slug in ("a", "b"):
        feed = Feed.objects.create(slug=slug, name=slug, source=make_source())
        FeedRun.objects.create(feed=feed, state="failed", adapter_version="1", message="first")
    FeedRun.objects.create(feed=feed, state="applied", adapter_version="1", created=7)
    Feed.objects.create(slug="never", name="never", source=make_source())
    with django_assert_num_queries(3):
        items = client.get("/api/v1/feeds").json()["items"]
    assert [(item["feed"], item["last_run"] and item["last_run"]["state"]) for item in items] == [
        ("a", "failed"),
        ("b", "applied"),
        ("never", None),
    ]
    assert items[1]["last_run"]["created"] == 7
