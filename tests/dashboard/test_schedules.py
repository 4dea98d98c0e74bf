"""The pages of schedules and alerts, their feed and their part of the API."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from evals.models import (
    Alert,
    AlertRule,
    Channel,
    Delivery,
    Endpoint,
    Run,
    RunSample,
    Sample,
    Schedule,
    ScheduleSlot,
    SlotRun,
    Suite,
)
from tests.dashboard.pages_support import HOSTILE

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)
MakeSchedule = Callable[..., Schedule]


@pytest.fixture
def make_schedule() -> MakeSchedule:
    """A schedule on one endpoint, with one finished run of ten samples per number in ``correct``."""

    def make(
        slug: str = "daily", *, correct: tuple[int, ...] = (8, 9, 5), name: str = "Daily", **fields: Any
    ) -> Schedule:
        suite, is_new = Suite.objects.get_or_create(
            slug="sevens-v1", defaults={"name": "Sevens", "content_hash": "x", "max_output_tokens": 10}
        )
        if is_new:
            Sample.objects.bulk_create(
                Sample(suite=suite, key=f"i{n}", position=n, category="c", prompt="?", target="7", scorer="numeric")
                for n in range(10)
            )
        endpoint, _ = Endpoint.objects.get_or_create(
            slug="stub", defaults={"name": "The stub", "base_url": "https://a.example/v1", "model_id": "m"}
        )
        defaults: dict[str, Any] = {
            "cron": "0 7 * * *",
            "time_zone": "Europe/Berlin",
            "next_due_at": MONDAY + timedelta(days=9),
        }
        schedule = Schedule.objects.create(slug=slug, name=name, suite=suite, **(defaults | fields))
        schedule.endpoints.add(endpoint)
        for day, solved in enumerate(correct):
            slot = ScheduleSlot.objects.create(schedule=schedule, due_at=MONDAY + timedelta(days=day), state="started")
            run = Run.objects.create(
                suite=suite, endpoint=endpoint, state="finished", budget_usd=1, max_output_tokens=10,
                finished_at=slot.due_at,
                spent_usd=Decimal("0.02"), prices={"kind": "unknown", "note": ""},
            )  # fmt: skip
            RunSample.objects.bulk_create(
                RunSample(
                    run=run, sample=sample, position=n, state="done", outcome="correct" if n < solved else "incorrect"
                )
                for n, sample in enumerate(suite.samples.order_by("position"))
            )
            SlotRun.objects.create(slot=slot, endpoint=endpoint, run=run)
        return schedule

    return make


def text(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("op")
    user.user_permissions.set(Permission.objects.filter(codename__in=["change_schedule", "change_alert"]))
    client.force_login(user)
    return client


def test_a_schedule_shows_its_last_result_next_time_and_trend(client: Client, make_schedule: MakeSchedule) -> None:
    make_schedule()
    page = text(client, "/evals/schedules/")
    assert "Next Wednesday 2 December 2026, 07:00 CET (06:00 UTC); 0 7 * * * in Europe/Berlin." in page
    assert "25 Nov 2026, 06:00 UTC" in page
    assert "50.0% 23.7% to 76.3%, 95%" in page
    html = client.get("/evals/schedules/").content.decode()
    assert 'aria-label="Pass rates of the last 3 runs, the oldest first: 80.0%, 90.0%, 50.0%"' in html
    assert 'points="3.0,7.4 60.0,5.2 117.0,14.0"' in html
    assert "Run now" not in page


def test_the_number_of_queries_does_not_grow(
    client: Client, make_schedule: MakeSchedule, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_schedule()
    with django_assert_num_queries(7):
        client.get("/evals/schedules/")
    make_schedule("two", name="Two")
    make_schedule("three", name="Three")
    with django_assert_num_queries(7):
        client.get("/evals/schedules/")


def test_without_schedules_the_page_says_where_they_come_from(client: Client) -> None:
    assert "No schedules yet. Operators enter them in the admin." in text(client, "/evals/schedules/")


def test_a_run_that_could_not_start_shows_its_reason(client: Client, make_schedule: MakeSchedule) -> None:
    schedule = make_schedule(correct=())
    slot = ScheduleSlot.objects.create(schedule=schedule, due_at=MONDAY, state="started", missed=2)
    SlotRun.objects.create(slot=slot, endpoint=Endpoint.objects.get(), problem="The account is empty.")
    page = text(client, "/evals/schedules/")
    assert "not started The account is empty." in page
    assert "2 times left out before the last one." in page


def test_operators_pause_and_run_and_others_may_not(client: Client, make_schedule: MakeSchedule) -> None:
    make_schedule(correct=())
    assert client.post("/evals/schedules/daily/pause/")["Location"].startswith("/admin/login/")
    user = User.objects.create_user("reader")
    client.force_login(user)
    assert client.post("/evals/schedules/daily/pause/").status_code == 403
    user.user_permissions.set(Permission.objects.filter(codename="change_schedule"))
    assert client.get("/evals/schedules/daily/run/").status_code == 405
    assert client.post("/evals/schedules/daily/explode/").status_code == 404
    assert "Daily is paused." in client.post("/evals/schedules/daily/pause/", follow=True).content.decode()
    assert Schedule.objects.get().is_paused
    assert "Daily goes on at" in client.post("/evals/schedules/daily/go-on/", follow=True).content.decode()
    said = client.post("/evals/schedules/daily/run/", follow=True).content.decode()
    assert "The price of The stub is not known" in said


def test_the_api_lists_schedules_with_their_sources(client: Client, make_schedule: MakeSchedule) -> None:
    make_schedule()
    make_schedule("other", name="Other", is_paused=True, correct=())
    page = client.get("/api/v1/schedules?limit=1").json()
    assert (page["count"], page["next"]) == (2, "http://testserver/api/v1/schedules?limit=1&offset=1")
    (item,) = page["items"]
    last = SlotRun.objects.latest("slot__due_at").run
    assert last is not None
    assert (item["schedule"], item["next_due_at"], item["budget_usd"]) == ("daily", "2026-12-02T06:00:00Z", 1.0)
    assert item["endpoints"] == [
        {
            "endpoint": "stub", "state": "ready", "last_due_at": "2026-11-25T06:00:00Z", "last_run": str(last.pk),
            "last_state": "finished", "problem": "", "pass_rate": 0.5, "pass_rates": [0.8, 0.9, 0.5], "alerts": [],
        }
    ]  # fmt: skip
    assert item["sources"][0]["url"] == f"http://testserver/evals/runs/{last.pk}/"
    assert client.get("/api/v1/schedules?offset=1").json()["items"][0]["next_due_at"] is None


@pytest.fixture
def alert(make_schedule: MakeSchedule) -> Alert:
    schedule = make_schedule()
    rule = AlertRule.objects.create(name="Drift", kind="score", schedule=schedule)
    run = Run.objects.earliest("finished_at")
    return Alert.objects.create(
        rule=rule, endpoint=run.endpoint, suite=run.suite, subject="1:1", run=run, title="Sevens fell",
        detail="From 80%.",
        url=f"/evals/runs/{run.pk}/", opened_at=MONDAY,
    )  # fmt: skip


def test_an_alert_is_on_its_page_with_its_schedule_and_in_the_feed(client: Client, alert: Alert) -> None:
    assert "1 alert now" in text(client, "/evals/alerts/")
    assert "From 80%." in text(client, "/evals/alerts/")
    other = Schedule.objects.create(
        slug="other",
        name="Other",
        suite=Suite.objects.get(),
        cron="0 7 * * *",
        budget_usd=1,
    )
    other.endpoints.add(Endpoint.objects.get())
    assert text(client, "/evals/schedules/").count("1 alert") == 1
    feed = client.get("/evals/alerts.atom")
    assert feed["Content-Type"] == "application/atom+xml; charset=utf-8"
    assert f"tag:testserver,2025:alert:{alert.pk}:opened" in feed.content.decode()
    Alert.objects.update(recovered_at=MONDAY + timedelta(days=1), recovery="Back at 80%.")
    feed = client.get("/evals/alerts.atom")
    entries = re.findall(r"<entry><title>([^<]*)", feed.content.decode())
    assert entries == ["Recovered: Sevens fell", "Sevens fell"]
    assert "Nothing is wrong now" in text(client, "/evals/alerts/")


def test_operators_acknowledge_accept_mute_and_test(operator: Client, alert: Alert) -> None:
    channel = Channel.objects.create(name="hook", kind="webhook", address="https://example.org/")
    for pk, action, words in (
        (alert.pk, "seen", "Sevens fell: noted."),
        (alert.rule_id, "mute", "Drift is silent for a day."),
        (alert.rule_id, "unmute", "Drift is told again."),
        (alert.pk, "accept", "Sevens fell: accepted as the new normal."),
        (channel.pk, "test", "A test message to hook is on its way."),
    ):
        assert words in operator.post(f"/evals/alerts/{pk}/{action}/", follow=True).content.decode()
    alert.refresh_from_db()
    assert (alert.acknowledged_by, alert.recovery) == ("op", "op accepted it as the new normal.")
    assert Delivery.objects.get().kind == "test"
    operator.logout()
    assert operator.post(f"/evals/alerts/{alert.pk}/seen/")["Location"].startswith("/admin/login/")


def test_hostile_names_are_text(client: Client, make_schedule: MakeSchedule) -> None:
    for n, name in enumerate(HOSTILE):
        make_schedule(f"s{n}", name=name[:200], correct=())
        rule = AlertRule.objects.create(name=name[:200], kind="score")
        Alert.objects.create(rule=rule, subject=str(n), title=name[:300], detail=name, url="/evals/", opened_at=MONDAY)
    for address in ("/evals/schedules/", "/evals/alerts/", "/evals/alerts.atom"):
        html = client.get(address).content.decode()
        assert "<script>alert" not in html
        assert "\u202e" not in html


def test_names_of_channels_are_for_those_who_act(operator: Client) -> None:
    rule = AlertRule.objects.create(name="Drift", kind="score")
    rule.channels.add(Channel.objects.create(name="The board", kind="webhook", address="https://hook.example/x"))

    assert "Told: The board" in text(operator, "/evals/alerts/")
    operator.logout()
    page = text(operator, "/evals/alerts/")
    assert "Told by 1 channel." in page
    assert "The board" not in page
