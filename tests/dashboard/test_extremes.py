"""Days and amounts at the ends of what can be written: refused with a sentence or answered, never a failure."""

import re
from datetime import date
from decimal import Decimal
from urllib.parse import quote

import pytest
from django.test import Client

from catalog.models import TrainingRun
from dashboard.errors import BadParameter
from dashboard.query import FrontierQuery, Mix, future_notice, last_day, parse_amount, parse_day
from dashboard.saved_views import answer_of
from tests.dashboard.pages_support import get, text_of
from tests.support.world import make_world

PAGES = {
    "frontier": "/",
    "model": "/models/one/",
    "compare": "/compare/one/two/",
    "prices": "/prices/",
    "trends": "/trends/",
    "routing": "/routing/",
    "whole_life": "/whole-life/",
}
API = ("frontier", "models/one", "offerings", "prices", "price-of-capability")
FAR = ("0001-01-01", "2014-12-31", "9999-12-31")
LAST_YEAR = last_day().year
NEAR = ("2015-01-01", f"{LAST_YEAR}-12-31")
NOTICE = (
    f"1 Jan {LAST_YEAR} has not come yet. Shown is what is known today: ends of prices and of sales that are stated "
    "already count, prices that are only announced do not."
)


def forms(page: str) -> list[str]:
    """The page, its files, its picture and its frame."""
    base = page.rstrip("/") or "/frontier"
    return [page, f"{base}.csv", f"{base}.json", f"{base}.svg", f"/embed{base}/"]


def status(client: Client, address: str) -> int:
    return client.get(address).status_code


@pytest.fixture
def world(db: None) -> None:
    make_world()


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_days_far_off_are_refused_and_the_last_ones_answered(client: Client, world: None, page: str) -> None:
    for day, expected in (*((day, 400) for day in FAR), *((day, 200) for day in NEAR)):
        found = {form: status(client, f"{form}?as_of={day}") for form in forms(page)}
        assert found == dict.fromkeys(forms(page), expected), day
    address = quote(f"http://testserver{page}?as_of=9999-12-31", safe="")
    assert status(client, f"/oembed?url={address}") == 200, "a frame shows the default, as the page does"
    text = text_of(get(client, f"{page}?as_of=9999-12-31", status=400))
    assert f"as_of is '9999-12-31': choose a day from 2015-01-01 to {LAST_YEAR}-12-31, such as 2025-02-08." in text


@pytest.mark.parametrize("route", API)
def test_api_refuses_the_same_days(client: Client, world: None, route: str) -> None:
    for day, expected in (*((day, 400) for day in FAR), *((day, 200) for day in NEAR)):
        assert status(client, f"/api/v1/{route}?as_of={day}") == expected, day


def test_document_of_the_api_allows_every_day_but_those_of_the_last_year(client: Client, db: None) -> None:
    document = client.get("/api/v1/openapi.json").json()
    (day,) = (each for each in document["paths"]["/api/v1/prices"]["get"]["parameters"] if each["name"] == "as_of")
    pattern = re.compile(day["schema"]["anyOf"][0]["pattern"])
    for text in ("2015-01-01", "2024-02-29", "2026-12-31", f"{LAST_YEAR - 1}-11-30"):
        assert pattern.search(text), text
        assert parse_day(text).isoformat() == text
    for text in (*FAR, "2023-02-29", "2024-04-31", "2025-13-01", "2025-00-10", "2025-1-1"):
        assert not pattern.search(text), text
        with pytest.raises(BadParameter):
            parse_day(text)


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_day_that_has_not_come_is_no_fact(client: Client, world: None, page: str) -> None:
    assert NOTICE in text_of(get(client, f"{page}?as_of={LAST_YEAR}-01-01"))
    assert NOTICE in text_of(get(client, f"{forms(page)[-1]}?as_of={LAST_YEAR}-01-01"))
    assert "has not come yet" not in text_of(get(client, page))


@pytest.mark.parametrize("route", API)
def test_api_says_that_a_day_has_not_come(client: Client, world: None, route: str) -> None:
    assert client.get(f"/api/v1/{route}?as_of={LAST_YEAR}-01-01").json()["notices"] == [NOTICE]
    assert client.get(f"/api/v1/{route}?as_of=2025-02-08").json()["notices"] == []


def test_file_of_a_day_to_come_that_lacks_another_value_says_both(client: Client, world: None) -> None:
    refused = client.get(f"/prices.csv?as_of={LAST_YEAR}-01-01&input_mtok=many")
    assert refused.status_code == 400
    assert refused.content.decode().startswith(f"{NOTICE} input_mtok is 'many': ")


def test_today_has_come(db: None) -> None:
    assert [future_notice(day) for day in (None, FrontierQuery().day, date(2015, 1, 1))] == ["", "", ""]


@pytest.mark.parametrize("rent", ["1e-400", "1e-330", "1e-300", "1e-9999", "0"])
def test_rent_of_next_to_nothing_is_answered(client: Client, two_runs: list[TrainingRun], rent: str) -> None:
    for form in forms("/training/"):
        assert status(client, f"{form}?usd_per_gpu_hour={rent}") == 200, form
    found = client.get(f"/api/v1/training?usd_per_gpu_hour={rent}").json()
    # 30.84 million hours over 2.788 million; nothing over nothing is unknown.
    expected = pytest.approx(30.84 / 2.788) if rent == "1e-300" else None
    assert found["comparison"]["cost_ratio"] == expected
    assert status(client, f"/whole-life/?usd_per_gpu_hour={rent}") == 200
    assert answer_of(f"/training/?usd_per_gpu_hour={rent}")


def test_what_is_too_small_for_a_float_is_nothing() -> None:
    for text in ("1e-400", "1e-9999", "0"):
        assert parse_amount("budget", text, most=Decimal(1), example="1") == 0
        assert Mix.parse(f"{text}:0:1").text == "0:0:1"
    assert parse_amount("budget", "1e-300", most=Decimal(1), example="1") == Decimal("1e-300")
    with pytest.raises(BadParameter, match="at least one of its parts must be more than 0"):
        Mix.parse("1e-400:0:0")
