import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from ingest.feeds import ensure_feed
from ingest.models import Feed, HeldChange
from tests.ingest.support import FEED, flat, history, name, read, table

pytestmark = pytest.mark.django_db
PAGES = ("feed", "feedrun", "snapshot", "rawrecord", "heldchange")


@pytest.fixture
def doubtful() -> HeldChange:
    name("gpt-4o")
    read(table(**{"gpt-4o": flat(2.5)}), "2026-11-01")
    read(table(**{"gpt-4o": flat(25)}), "2026-11-02")
    return HeldChange.objects.get()


def decide(client: Client, change: HeldChange, action: str) -> str:
    url = reverse("admin:ingest_heldchange_changelist")
    answer = client.post(url, {"action": action, "_selected_action": [change.pk]}, follow=True)
    return answer.content.decode()


def test_accepting_a_held_change_writes_it(admin_client: Client, doubtful: HeldChange) -> None:
    assert "1 decided." in decide(admin_client, doubtful, "accept")
    assert [value for value, *_ in history()] == ["2.5", "25"]


def test_rejecting_a_held_change_keeps_the_old_value(admin_client: Client, doubtful: HeldChange) -> None:
    assert "1 decided." in decide(admin_client, doubtful, "reject")
    assert [value for value, *_ in history()] == ["2.5"]
    doubtful.refresh_from_db()
    assert (doubtful.state, doubtful.decided_by) == ("rejected", "admin")


def test_viewer_cannot_decide(client: Client, doubtful: HeldChange) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_heldchange"))
    client.force_login(viewer)
    decide(client, doubtful, "accept")
    doubtful.refresh_from_db()
    assert doubtful.state == "waiting"


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("doubtful")
def test_every_list_shows_its_rows(admin_client: Client, page: str) -> None:
    answer = admin_client.get(reverse(f"admin:ingest_{page}_changelist"))
    assert answer.context["cl"].result_count >= 1


def test_changing_the_schedule_plans_the_next_reading(admin_client: Client) -> None:
    feed = ensure_feed(FEED)
    url = reverse("admin:ingest_feed_change", args=[feed.pk])
    form = {"name": feed.name, "enabled": "on", "fetch_url": "", "next_due_at_0": "", "next_due_at_1": ""}
    assert "is not five cron fields" in admin_client.post(url, form | {"schedule": "daily"}).content.decode()
    admin_client.post(url, form | {"schedule": "0 3 1 1 *"})
    due = Feed.objects.get().next_due_at
    assert due is not None
    assert (due.month, due.day, due.hour) == (1, 1, 3)
