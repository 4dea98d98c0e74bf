import pytest
from django.contrib.auth.models import Permission, User
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from catalog.models import AuditEvent
from ingest.feeds import ensure_feed
from ingest.held_admin import ReadableChange
from ingest.models import Feed, HeldChange, Proposal
from ingest.naming import propose_names
from tests.factories import make_version
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
    assert f"Accepted: {doubtful.record}, input, standard." in decide(admin_client, doubtful, "accept")
    assert [value for value, *_ in history()] == ["2.5", "25"]


def test_rejecting_a_held_change_keeps_the_old_value(admin_client: Client, doubtful: HeldChange) -> None:
    assert f"Rejected, and not asked again: {doubtful.record}, input, standard." in decide(
        admin_client, doubtful, "reject"
    )
    assert [value for value, *_ in history()] == ["2.5"]
    doubtful.refresh_from_db()
    assert (doubtful.state, doubtful.decided_by) == ("rejected", "admin")


def answer(client: Client, change: HeldChange, word: str, reason: str = "") -> HttpResponse:
    url = reverse("admin:ingest_heldchange_decide", args=[change.pk])
    return client.post(url, {"answer": word, "reason": reason}, follow=True)  # type: ignore[return-value]


def test_page_of_a_change_says_what_changes_and_takes_the_answer(admin_client: Client, doubtful: HeldChange) -> None:
    page = admin_client.get(reverse("admin:ingest_heldchange_change", args=[doubtful.pk])).content.decode()
    assert "<dd>$2.5 per million tokens</dd>" in page
    assert "<dd><b>$25 per million tokens</b></dd>" in page
    assert "Why it waits: The price would change from 2.5 to 25, more than 3-fold." in page
    assert (
        f'<a href="{doubtful.record.feed.source.url}" rel="noreferrer">{doubtful.record.feed.source.publisher}</a>'
        in page
    )

    done = answer(admin_client, doubtful, "accept", "The seller raised it.").content.decode()

    assert f"Accepted: {doubtful.record}, input, standard." in done
    assert "Accepted by admin on" in done
    assert 'value="accept"' not in done
    assert [value for value, *_ in history()] == ["2.5", "25"]
    event = AuditEvent.objects.get(table="ingest.heldchange", row=str(doubtful.pk), verb="changed")
    assert (event.reason, event.actor) == ("The seller raised it.", "admin")
    assert (
        "Somebody had decided already; nothing was changed."
        in answer(admin_client, doubtful, "reject").content.decode()
    )


def test_page_of_a_change_refuses_what_is_no_answer(admin_client: Client, doubtful: HeldChange) -> None:
    assert "Nothing was decided. Choose Accept or Reject." in answer(admin_client, doubtful, "").content.decode()
    url = reverse("admin:ingest_heldchange_decide", args=[doubtful.pk])
    assert admin_client.get(url).status_code == 403
    doubtful.refresh_from_db()
    assert doubtful.state == "waiting"


def test_viewer_cannot_decide(client: Client, doubtful: HeldChange) -> None:
    viewer = User.objects.create_user("viewer", is_staff=True)
    viewer.user_permissions.add(Permission.objects.get(codename="view_heldchange"))
    client.force_login(viewer)
    page = client.get(reverse("admin:ingest_heldchange_change", args=[doubtful.pk])).content.decode()
    assert "A reviewer accepts or rejects it." in page
    assert "/decide/" not in page
    assert answer(client, doubtful, "accept").status_code == 403
    decide(client, doubtful, "accept")
    doubtful.refresh_from_db()
    assert doubtful.state == "waiting"


@pytest.mark.parametrize(
    ("field", "old", "new", "proposal", "sentence"),
    [
        (
            "output, standard",
            "",
            "6E+2",
            {"offering": {"provider": "OpenAI"}, "observation": {"usd_per_mtok": "6E+2"}},
            "Price of output, standard, sold by OpenAI: no price recorded before → $600 per million tokens",
        ),
        (
            "input, batch",
            "2.5",
            "",
            {"observation": {"usd_per_mtok": None}},
            "Price of input, batch: $2.5 per million tokens → unknown",
        ),
        ("score on mmlu", "0.54", "0.9", {"observation": {"original_value": "90"}}, "Score on mmlu: 0.54 → 0.9"),
        ("listing", "", "gone", {"missing": "gpt-4o"}, "Whether the feed still lists it: listed → gone"),
        (
            "memory_bytes",
            "",
            "80000000000",
            {"observation": {"hardware": "h100"}},
            "Memory bytes: see the reason → 80,000,000,000",
        ),
        (
            "end of sale",
            "",
            "2026-11-03",
            {"observation": {"on": "2026-11-03"}},
            "End of sale: see the reason → 2026-11-03",
        ),
    ],
)
def test_change_is_said_in_words(field: str, old: str, new: str, proposal: dict[str, object], sentence: str) -> None:
    change = HeldChange(field=field, old_value=old, new_value=new, proposal=proposal)
    assert ReadableChange.of(change).sentence == sentence


def test_page_of_a_proposal_takes_the_answers_of_the_queue(admin_client: Client) -> None:
    make_version("GPT-9", developer="OpenAI")
    read(table(**{"gpt-9-mini": flat(1, 4)}), "2026-01-01")
    propose_names(FEED)
    proposal = Proposal.objects.get()
    url = reverse("admin:ingest_proposal_change", args=[proposal.pk])
    assert 'value="not_a_model"' in admin_client.get(url).content.decode()

    decision = {"answer": "not_a_model", "reason": "A tool.", "next": url}
    done = admin_client.post(reverse("admin:ingest_proposal_decide", args=[proposal.pk]), decision, follow=True)

    assert done.redirect_chain == [(url, 302)]
    said = " ".join(done.content.decode().split())
    assert "Why: A tool. <button" not in said
    assert "by admin on" in said
    assert "Why: A tool." in said
    assert "Take back</button>" in said
    assert 'value="not_a_model"' not in said


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
