"""The page of a suite, and the list of endpoints, on recorded runs."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from evals.models import Endpoint, Sample, Suite
from tests import factories as make
from tests.dashboard.pages_support import get, text_of
from tests.dashboard.test_run_pages import run_on

pytestmark = pytest.mark.django_db


def test_suite_shows_items_by_difficulty_and_every_run(client: Client) -> None:
    run_on("good", "cc")
    run_on("poor", "if")  # a failed call is no wrong answer

    text = text_of(get(client, "/evals/suites/tiny-v1/"))

    assert "q0 sums" in text
    assert "1 of 2 wrong" in text
    assert "50.0%" in text
    assert "0 of 1 wrong" in text
    assert "Good" in text
    assert "Poor" in text


@pytest.mark.parametrize(
    ("scorer", "options", "shown"),
    [("choice", {}, "25.0%"), ("choice", {"letters": "ABCDE"}, "20.0%"), ("numeric", {}, "unknown")],
)
def test_chance_is_one_in_the_number_of_choices(
    client: Client, scorer: str, options: dict[str, str], shown: str
) -> None:
    suite = Suite.objects.create(slug="s-v1", name="S", content_hash="b" * 64)
    Sample.objects.create(
        suite=suite, key="k", position=0, category="c", prompt="p", target="A", scorer=scorer, scorer_options=options
    )

    row = text_of(get(client, "/evals/suites/s-v1/").split("<tbody>")[-1])

    assert shown in row.split(scorer)[1].split("not answered yet")[0]


def test_unknown_suite_is_not_found(client: Client) -> None:
    assert client.get("/evals/suites/nowhere/").status_code == 404


def test_endpoints_show_state_price_and_last_run_but_no_secret(client: Client) -> None:
    run = run_on("good", "cccc")
    version = make.make_version("Model 0")
    offering = make.make_offering(version)
    make.make_price(offering, "input", "0.25", since="2026-01-01")
    run.endpoint.offering = offering
    run.endpoint.api_key_env = "GOOD_API_KEY"
    run.endpoint.api_key_fingerprint = "abcd1234"
    run.endpoint.state = Endpoint.State.NO_CREDIT
    run.endpoint.save()

    page = get(client, "/evals/endpoints/")
    text = text_of(page)

    assert "out of credit" in text
    assert "$0.25" in text
    assert "100.0%" in text
    assert f"/evals/runs/{run.pk}/" in page
    for secret in ("GOOD_API_KEY", "abcd1234", "127.0.0.1:1"):
        assert secret not in page


def test_price_that_is_not_listed_any_more_says_so(client: Client) -> None:
    run = run_on("good", "c")
    offering = make.make_offering(make.make_version("Model 0"))
    for component in ("input", "output"):
        make.make_price(offering, component, "0.25", since="2026-01-01", absent_since=make.at("2026-11-07"))
    run.endpoint.offering = offering
    run.endpoint.save()

    text = text_of(get(client, "/evals/endpoints/"))

    assert "$0.25" in text
    assert "not listed since 7 Nov 2026" in text


def test_rent_of_a_machine_stands_with_its_source(client: Client) -> None:
    Endpoint.objects.create(
        slug="own",
        name="Own",
        base_url="http://x/v1",
        model_id="m",
        machine_usd_per_hour=2,
        machine_price_note="a bill",
    )

    assert "$2.00 an hour a bill" in text_of(get(client, "/evals/endpoints/"))


@pytest.mark.parametrize("address", ["/evals/endpoints/", "/evals/suites/tiny-v1/"])
def test_queries_do_not_grow(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries, address: str
) -> None:
    for name in "abc":
        run_on(name, "ci")

    with django_assert_max_num_queries(12):
        get(client, address)
