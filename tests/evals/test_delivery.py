"""Messages: signed, tried again, never lost, never sent twice by two senders."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from pytest_django.fixtures import Settings

from evals.models import Channel, Delivery
from evals.services.delivery import (
    CLAIM,
    MOST_ATTEMPTS,
    deliver,
    new_signing_secret,
    queue,
    queue_test,
    send_again,
)
from tests.support.sinks import MailSink, WebhookSink

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


@pytest.fixture
def hook() -> Iterator[WebhookSink]:
    with WebhookSink() as sink:
        yield sink


@pytest.fixture
def mail(settings: Settings) -> Iterator[MailSink]:
    with MailSink() as sink:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", sink.port
        yield sink


def channel(address: str, kind: str = "webhook") -> Channel:
    return Channel.objects.create(name=address, kind=kind, address=address)


def queued(*channels: Channel, event: str = "alert:1:opened") -> None:
    queue(
        channels,
        event=event,
        kind="opened",
        title="It\r\nBcc: x",
        text="Pass rate 50%.",
        url="/evals/",
        happened_at=NOON,
    )


def states() -> list[tuple[str, int]]:
    return list(Delivery.objects.order_by("pk").values_list("state", "attempts"))


def test_a_webhook_gets_a_body_whose_signature_it_can_check(hook: WebhookSink) -> None:
    place = channel(hook.url)
    secret = new_signing_secret(place)
    queued(place)
    assert deliver(NOON) == 1
    (post,) = hook.posts
    assert json.loads(post.body) == {
        "event": "alert:1:opened",
        "kind": "opened",
        "title": "It\r\nBcc: x",
        "text": "Pass rate 50%.",
        "url": "http://127.0.0.1:8000/evals/",
        "happened_at": "2026-11-24T12:00:00+00:00",
    }
    stamp = post.headers["x-capability-timestamp"]
    assert stamp == str(int(NOON.timestamp()))
    expected = hmac.new(secret.encode(), f"{stamp}.".encode() + post.body, hashlib.sha256).hexdigest()
    assert post.headers["x-capability-signature"] == f"v1={expected}"
    assert post.headers["x-capability-event"] == "alert:1:opened"
    assert secret not in repr(Channel.objects.values_list())


def test_mail_arrives_with_a_stable_id_and_a_header_that_cannot_be_broken_out_of(mail: MailSink) -> None:
    queued(channel("ada@example.org", "email"))
    assert deliver(NOON) == 1
    (message,) = mail.messages
    assert message["To"] == "ada@example.org"
    assert message["Subject"] == "It Bcc: x"
    assert message["Bcc"] is None
    assert message["Message-ID"].endswith("@127.0.0.1>")
    assert "http://127.0.0.1:8000/evals/" in message.get_payload()


def test_the_same_event_is_written_and_sent_once(hook: WebhookSink) -> None:
    place = channel(hook.url)
    queued(place)
    queued(place)
    assert [deliver(NOON), deliver(NOON)] == [1, 0]
    assert len(hook.posts) == 1


def test_failures_are_tried_again_after_waits_that_double(hook: WebhookSink) -> None:
    hook.statuses = [500, 302]
    queued(channel(hook.url))
    assert deliver(NOON) == 0
    row = Delivery.objects.get()
    assert (row.state, row.next_attempt_at - NOON, row.last_error) == (
        "waiting", timedelta(seconds=30), "It answered with status 500.",
    )  # fmt: skip
    assert deliver(NOON + timedelta(seconds=29)) == 0
    assert deliver(NOON + timedelta(seconds=30)) == 0
    row.refresh_from_db()
    assert row.next_attempt_at - NOON == timedelta(seconds=90)
    assert "Redirects are not followed" in row.last_error
    assert deliver(NOON + timedelta(seconds=90)) == 1
    assert (len(hook.posts), states()) == (3, [("sent", 3)])


def test_a_mail_server_that_defers_gets_the_message_again(mail: MailSink) -> None:
    mail.refusals = 1
    queued(channel("ada@example.org", "email"))
    assert [deliver(NOON), deliver(NOON + timedelta(minutes=1))] == [0, 1]
    assert len(mail.messages) == 1


def test_what_nobody_takes_is_given_up_at_last_and_can_be_sent_again(hook: WebhookSink) -> None:
    hook.statuses = [404] * MOST_ATTEMPTS
    queued(channel(hook.url))
    moment = NOON
    for _ in range(MOST_ATTEMPTS):
        deliver(moment)
        moment += timedelta(hours=7)
    assert states() == [("failed", MOST_ATTEMPTS)]
    assert deliver(moment) == 0
    send_again(Delivery.objects.get())
    assert deliver() == 1


def test_a_sender_that_died_gives_the_message_back(hook: WebhookSink) -> None:
    queued(channel(hook.url))
    Delivery.objects.update(state="sending", attempts=1, next_attempt_at=NOON + CLAIM)
    assert deliver(NOON + CLAIM - timedelta(seconds=1)) == 0
    assert deliver(NOON + CLAIM) == 1


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("http://169.254.169.254/latest/", "never called"),
        ("http://10.0.0.1/hook", "add it to ALLOW_PRIVATE_NETWORKS"),
        ("http://127.0.0.1:1/hook", "cannot be reached"),
    ],
)
def test_addresses_are_held_to_the_same_rules_as_endpoints(address: str, words: str) -> None:
    queued(channel(address))
    assert deliver(NOON) == 0
    assert words in Delivery.objects.get().last_error


def test_without_a_mail_server_the_message_waits_and_says_what_to_set(settings: Settings) -> None:
    settings.EMAIL_HOST = ""
    queued(channel("ada@example.org", "email"))
    assert deliver(NOON) == 0
    assert Delivery.objects.get().last_error.startswith("No mail server is set. Set EMAIL_HOST")


def test_a_test_message_goes_through_the_same_rows(hook: WebhookSink) -> None:
    queue_test(channel(hook.url), requested_by="ada")
    assert deliver() == 1
    assert json.loads(hook.posts[0].body)["kind"] == "test"


def test_switched_off_channels_get_nothing(hook: WebhookSink) -> None:
    place = channel(hook.url)
    place.is_active = False
    queued(place)
    assert Delivery.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_eight_senders_at_once_send_each_message_once(hook: WebhookSink) -> None:
    place = channel(hook.url)
    for n in range(12):
        queued(place, event=f"e{n}")

    def go(_: int) -> int:
        try:
            return deliver(NOON)
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(go, range(8))) == 12
    assert len({post.headers["x-capability-event"] for post in hook.posts}) == len(hook.posts) == 12


@pytest.mark.parametrize(
    ("kind", "address", "sentence"),
    [
        ("email", "ada", "'ada' is not a mail address. Write one such as models@example.org."),
        ("webhook", "ada@example.org", "is not a web address. Write one such as https://"),
        ("webhook", "ftp://example.org/", "is not a web address"),
        ("webhook", "https://me:pw@example.org/", "Leave name and password out of the address"),
        ("webhook", "http://[::1", "is not a web address"),
    ],
)
def test_wrong_channel_names_its_field_and_the_remedy(kind: str, address: str, sentence: str) -> None:
    with pytest.raises(ValidationError) as caught:
        Channel(name="x", kind=kind, address=address).full_clean()
    assert sentence in caught.value.message_dict["address"][0]
