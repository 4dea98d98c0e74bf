"""Kept pages: fast, right after every write, and no stampede."""

import hashlib
import queue
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import brotli
import orjson
import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from catalog.models import ModelVersion, Price, Source
from dashboard.freshness import data_version
from dashboard.kept import KeptAnswers, kept
from dashboard.models import DataVersion
from dashboard.shelf import shelf
from dashboard.tasks import FIRST_PAGES, RUNNING, headline_pages, warm
from evals.models import Endpoint, Run, RunSample, Suite
from evals.services import cancel_run
from tests import factories as make
from tests.dashboard.conftest import measured

pytestmark = pytest.mark.django_db(transaction=True)
PAGE = "/?as_of=2025-02-08"


@pytest.fixture(autouse=True)
def _keep(settings: Settings) -> None:
    settings.PAGE_CACHE_S = 600


def output_price(version: ModelVersion) -> Price:
    return Price.objects.get(offering__version=version, component="output", effective_to=None)


def test_kept_page_costs_one_query(
    transactional_db: None,
    three_models: dict[str, ModelVersion],
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first = client.get(PAGE)
    with django_assert_num_queries(1):
        again = client.get(PAGE, headers={"Accept-Encoding": "gzip, br"})

    assert again["Content-Encoding"] == "br"
    assert brotli.decompress(again.content) == first.content
    assert again["ETag"] == first["ETag"]
    assert again["Vary"] == "Accept-Encoding"
    assert "script-src 'self'" in again["Content-Security-Policy"]


def test_kept_page_is_plain_for_those_who_do_not_unpack(
    transactional_db: None, three_models: dict[str, ModelVersion], client: Client
) -> None:
    first, again = client.get(PAGE), client.get(PAGE)

    assert "Content-Encoding" not in again
    assert again.content == first.content


def test_page_the_caller_has_is_not_built(
    transactional_db: None,
    three_models: dict[str, ModelVersion],
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    etag = client.get(PAGE)["ETag"]
    cache.clear()

    with django_assert_num_queries(1):
        response = client.get(PAGE, headers={"If-None-Match": f"W/{etag}"})

    assert (response.status_code, response.content) == (304, b"")


@pytest.mark.parametrize("road", ["save", "update", "bulk_create", "delete", "raw"])
def test_kept_page_is_right_after_a_write_by_any_road(
    transactional_db: None, three_models: dict[str, ModelVersion], client: Client, road: str
) -> None:
    before = client.get(PAGE).content
    assert b"$0.48" in before
    price = output_price(three_models["deepseek"])
    if road == "save":
        price.usd_per_mtok = Decimal("3.10")
        price.save()
    elif road == "update":
        Price.objects.filter(pk=price.pk).update(usd_per_mtok="3.10")
    elif road == "bulk_create":
        price.delete()
        price.pk, price.usd_per_mtok = None, Decimal("3.10")
        Price.objects.bulk_create([price])
    elif road == "delete":
        price.delete()
    else:
        with connection.cursor() as cursor:
            cursor.execute("UPDATE catalog_price SET usd_per_mtok = 3.10 WHERE id = %s", [price.pk])

    after = client.get(PAGE).content

    assert b"$0.48" not in after


def test_data_version_grows_once_for_a_transaction_and_not_for_one_that_is_undone(transactional_db: None) -> None:
    make.make_organization("A")
    start = data_version()

    with transaction.atomic():
        make.make_organization("B")
        make.make_organization("C")
    assert data_version() == start + 1

    with transaction.atomic():
        make.make_organization("D")
        transaction.set_rollback(True)
    assert data_version() == start + 1


class Crowd:
    """Visitors of one page, each on a thread of its own, and what they got, in the order in which they got it."""

    def __init__(self, ask: Callable[[HttpRequest], HttpResponse]) -> None:
        self.ask = ask
        self.got: queue.SimpleQueue[HttpResponse] = queue.SimpleQueue()
        self.threads: list[threading.Thread] = []

    def visit(self, address: str, times: int = 1) -> None:
        for _ in range(times):
            self.threads.append(threading.Thread(target=self._visit, args=[address]))
            self.threads[-1].start()

    def _visit(self, address: str) -> None:
        self.got.put(self.ask(RequestFactory().get(address)))
        connection.close()

    def answers(self, count: int) -> list[HttpResponse]:
        return [self.got.get(timeout=60) for _ in range(count)]


class Slow:
    """A page that is under construction until it is told to end."""

    def __init__(self, status: int = 200) -> None:
        self.status, self.built = status, 0
        self.begun, self.end = threading.Event(), threading.Event()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        self.built += 1
        self.begun.set()
        assert self.end.wait(60)
        return HttpResponse(f"built {request.path}", status=self.status)


def test_many_askers_of_a_new_page_build_it_once(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """A moment is enough for most pages, and for a moment everybody waits."""
    monkeypatch.setattr("dashboard.kept.MOMENT_S", 60)
    slow = Slow()
    crowd = Crowd(KeptAnswers(kept(slow)))
    crowd.visit("/slow", 16)
    slow.begun.wait(60)
    slow.end.set()

    assert [answer.content for answer in crowd.answers(16)] == [b"built /slow"] * 16
    assert slow.built == 1


@pytest.mark.parametrize("address", ["/slow", "/api/v1/slow"])
def test_page_that_takes_long_is_built_once_and_leaves_threads_for_others(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    monkeypatch.setattr("dashboard.kept.MOMENT_S", 0)
    slow = Slow()
    crowd, others = Crowd(KeptAnswers(kept(slow))), Crowd(KeptAnswers(kept(lambda _: HttpResponse("quick"))))
    crowd.visit(address)
    slow.begun.wait(60)

    crowd.visit(address, 11)
    refused = crowd.answers(9)  # one builds and two wait, in this process
    others.visit("/other")
    assert others.answers(1)[0].content == b"quick"
    slow.end.set()

    assert [answer.content for answer in crowd.answers(3)] == [f"built {address}".encode()] * 3
    assert slow.built == 1
    assert {answer.status_code for answer in refused} == {503}
    assert {(answer["Retry-After"], answer["Cache-Control"]) for answer in refused} == {("2", "no-store")}
    sentence = "This answer is being worked out for somebody else. Ask again in 2 seconds."
    if address == "/slow":
        assert {(answer["Refresh"], answer.content.decode()) for answer in refused} == {("2", sentence)}
    else:
        assert {orjson.loads(answer.content)["detail"] for answer in refused} == {sentence}


def test_who_has_waited_long_enough_is_asked_to_come_back_and_makes_room(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.kept.MOMENT_S", 0)
    slow = Slow()
    crowd = Crowd(KeptAnswers(kept(slow)))
    crowd.visit("/slow")
    slow.begun.wait(60)
    with monkeypatch.context() as hasty:
        hasty.setattr("dashboard.kept.BUILD_S", 0)
        for _ in range(2):
            crowd.visit("/slow", 3)
            assert [answer.status_code for answer in crowd.answers(3)] == [503, 503, 503]
    crowd.visit("/slow", 2)
    slow.end.set()

    assert [answer.content for answer in crowd.answers(3)] == [b"built /slow"] * 3
    assert slow.built == 1


def test_those_who_wait_build_themselves_when_the_first_could_not(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.kept.MOMENT_S", 60)
    failing, right = Slow(status=503), Slow()
    pages = iter([failing, right])

    def page(request: HttpRequest) -> HttpResponse:
        return next(pages)(request)

    crowd = Crowd(KeptAnswers(kept(page)))
    crowd.visit("/failing")
    failing.begun.wait(60)
    crowd.visit("/failing")
    failing.end.set()
    right.end.set()

    assert sorted(answer.status_code for answer in crowd.answers(2)) == [200, 503]


def test_one_of_those_who_wait_takes_the_place_of_a_builder_that_went_away(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The lock of a builder that was killed runs out; then one builds, not all."""
    monkeypatch.setattr("dashboard.kept.MOMENT_S", 60)
    slow = Slow()
    crowd, question = Crowd(KeptAnswers(kept(slow))), "http://testserver/slow"
    lock = f"kept-lock:{hashlib.sha256(question.encode()).hexdigest()}"
    cache.add(lock, 1, 60)
    crowd.visit("/slow", 8)
    cache.delete(lock)
    slow.begun.wait(60)
    slow.end.set()

    assert [answer.content for answer in crowd.answers(8)] == [b"built /slow"] * 8
    assert slow.built == 1


def test_error_is_not_kept(transactional_db: None, three_models: dict[str, ModelVersion], client: Client) -> None:
    assert client.get("/?mix=bad").status_code == 400
    assert "ETag" not in client.get("/?mix=bad")


def test_page_is_built_when_the_cache_is_away(
    transactional_db: None, three_models: dict[str, ModelVersion], client: Client, settings: Settings
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
            "OPTIONS": {"socket_connect_timeout": 0.2},
        }
    }

    assert b"$0.48" in client.get(PAGE).content


def test_api_answer_is_kept_with_its_headers(
    transactional_db: None,
    three_models: dict[str, ModelVersion],
    client: Client,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    first = client.get("/api/v1/frontier?as_of=2025-02-08")
    with django_assert_num_queries(1):
        again = client.get("/api/v1/frontier?as_of=2025-02-08")

    assert again.json() == first.json()
    assert again["Access-Control-Allow-Origin"] == "*"
    assert again["Content-Type"] == "application/json"


def test_warm_builds_what_the_first_page_leads_to_again_after_a_change(
    transactional_db: None,
    three_models: dict[str, ModelVersion],
    client: Client,
    settings: Settings,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    settings.APP_URL = "http://testserver"
    warm()
    with django_assert_num_queries(len(FIRST_PAGES) + len(headline_pages()) + 3):
        warm()
    Price.objects.filter(pk=output_price(three_models["deepseek"]).pk).update(usd_per_mtok="3.10")
    warm()

    leads_to = headline_pages()
    assert {"/models/deepseek-v3/", "/compare/deepseek-v3/claude-3-5-sonnet/"} <= set(leads_to)
    assert any(address.startswith("/preview.png?as_of=") for address in leads_to)
    for path in (*FIRST_PAGES, *leads_to):
        shelf.clear()
        with django_assert_num_queries(1):
            response = client.get(path)
        assert response.status_code == 200
    assert b"$3.10" in client.get("/").content


def test_warm_leaves_it_to_the_one_that_runs(
    transactional_db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    cache.set(RUNNING, 1)

    with django_assert_num_queries(0):
        warm()


def test_first_write_of_all_survives_the_number_it_moves() -> None:
    DataVersion.objects.all().delete()

    source = Source.objects.create(url="https://example.org/first", publisher="Example", kind="primary", rank=10)

    assert Source.objects.filter(pk=source.pk).exists()
    assert data_version() == 1


def test_model_page_shows_a_run_that_just_ended_and_is_kept_while_it_goes_on(
    transactional_db: None, client: Client
) -> None:
    version = make.make_version("Measured")
    suite = Suite.objects.create(slug="tiny-v1", name="Tiny", content_hash="a" * 64)
    endpoint = Endpoint.objects.create(slug="here", name="Here", base_url="http://127.0.0.1:1/v1", version=version)
    run = Run.objects.create(
        suite=suite, endpoint=endpoint, max_output_tokens=1, budget_usd=1, prices={"kind": "unknown"}
    )
    before = data_version()
    address = f"/evals/runs/{run.pk}/"
    assert address not in client.get("/models/measured/").content.decode()

    run.spent_usd = Decimal("0.1")
    run.save(update_fields=["spent_usd"])
    assert data_version() == before, "every answer writes the run's row; no kept page shows that"

    # Cancelled runs are not published, so nothing of the catalog is written.
    cancel_run(run)
    assert data_version() == before + 1
    assert address in client.get("/models/measured/").content.decode()


@pytest.mark.parametrize("write", ["move", "save", "raw", "rename", "rename suite", "delete"])
def test_measured_page_is_right_after_a_write_on_what_it_rests_on(
    transactional_db: None, client: Client, write: str
) -> None:
    one, other = make.make_version("Measured"), make.make_version("Other")
    run = measured(one, "+-" * 20, "0.001")
    address = "/?cost=measured&capability=suite:sums-v1"
    before, endpoint = client.get(address)["ETag"], Endpoint.objects.get()

    if write == "move":
        Endpoint.objects.filter(slug="measured").update(version=other)
    elif write == "save":
        endpoint.version = other
        endpoint.save()
    elif write == "raw":
        with connection.cursor() as cursor:
            cursor.execute(
                "update evals_endpoint set state='paused',version_id=%s where id=%s", [other.pk, endpoint.pk]
            )
    elif write == "rename":
        Endpoint.objects.filter(version=one).update(name="Another name")
    elif write == "rename suite":
        Suite.objects.update(name="Another name")
    else:
        run.delete()

    assert client.get(address)["ETag"] != before


def test_kept_pages_stay_while_endpoints_are_called(transactional_db: None) -> None:
    measured(make.make_version("Measured"), "+", "0.001")
    before = data_version()

    Endpoint.objects.filter(slug="measured", name="Measured").update(lease_owner="me", state="paused")
    Endpoint.objects.get().save(update_fields=["state", "state_message", "consecutive_failures", "resume_at"])
    RunSample.objects.all().delete()

    assert data_version() == before


def test_made_up_addresses_share_a_fixed_number_of_places(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.APP_URL = "http://testserver"
    monkeypatch.setattr("dashboard.kept.SLOTS", 4)
    places: set[str] = set()
    put = cache.set

    def seen(key: str, *rest: Any) -> None:
        places.add(key)
        put(key, *rest)

    monkeypatch.setattr(cache, "set", seen)

    @kept
    def echo(request: HttpRequest) -> HttpResponse:
        return HttpResponse(request.get_full_path())

    ask = KeptAnswers(echo)
    addresses = [f"/echo?made-up={n}" for n in range(40)]
    for _ in range(2):
        shelf.clear()
        answers = [ask(RequestFactory().get(address)).content.decode() for address in addresses]
        assert answers == addresses
    ask(RequestFactory().get("/echo"))
    ask(RequestFactory().get("/echo", SERVER_PORT="81"))

    assert places == {"kept:0", "kept:1", "kept:2", "kept:3", "kept:/echo"}
