"""Telling people: a row per message and place, sent by whoever claims it, tried again until it arrives.

The row is written in the transaction of the event, so none is lost; (channel, event) is unique, so none is made twice.
A process that dies between sending and noting it leaves the one case in which a message goes out again: it carries the
same event key and the same Message-ID, by which the receiver can tell.
"""

import asyncio
import hashlib
import hmac
import logging
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import httpx2
import orjson
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from evals.clients.errors import EndpointError
from evals.clients.network import http_client
from evals.models import Channel, Delivery
from evals.secret_text import UnreadableSecret, decrypt, encrypt
from evals.services.runs import quietly

logger = logging.getLogger(__name__)

MOST_ATTEMPTS = 12
FIRST_WAIT = timedelta(seconds=30)
LONGEST_WAIT = timedelta(hours=6)
CLAIM = timedelta(seconds=90)
TIMEOUT_S = 10.0
AT_ONCE = 100
SIGNATURE, TIMESTAMP, EVENT = "X-Capability-Signature", "X-Capability-Timestamp", "X-Capability-Event"


class NotDelivered(Exception):
    """Why a message did not arrive, in a sentence."""


def queue(
    channels: Iterable[Channel], *, event: str, kind: str, title: str, text: str, url: str, happened_at: datetime
) -> None:
    """Write one delivery per channel. Call it in the transaction of the event; the same event is written once."""
    Delivery.objects.bulk_create(
        (
            Delivery(
                channel=channel,
                event=event[:150],
                kind=kind,
                title=title[:300],
                text=text,
                url=url,
                happened_at=happened_at,
                next_attempt_at=happened_at,
            )
            for channel in channels
            if channel.is_active
        ),
        ignore_conflicts=True,
    )
    from evals.tasks import deliver as task

    transaction.on_commit(lambda: quietly(task.delay))


def queue_test(channel: Channel, *, requested_by: str) -> str:
    """A message that says it is a test. Return its event key."""
    event = f"test:{channel.pk}:{secrets.token_hex(8)}"
    with transaction.atomic():
        queue(
            [channel],
            event=event,
            kind="test",
            title="Test message from Capability per Dollar",
            text=f"{requested_by} asked for it. Alerts for {channel.name} arrive here.",
            url="/evals/alerts/",
            happened_at=timezone.now(),
        )
    return event


def new_signing_secret(channel: Channel) -> str:
    """Give a webhook a new secret and return it: it is shown now and never again."""
    secret = "whsec_" + secrets.token_urlsafe(32)
    channel.signing_secret = encrypt(secret)
    channel.save(update_fields=["signing_secret"])
    return secret


def deliver(now: datetime | None = None) -> int:
    """Send what is due. Return how many messages arrived. Many may do so at once: each message has one sender."""
    arrived = 0
    waiting = Delivery.objects.filter(
        state__in=(Delivery.State.WAITING, Delivery.State.SENDING), next_attempt_at__lte=now or timezone.now()
    )
    for pk, due in list(waiting.order_by("next_attempt_at", "pk").values_list("pk", "next_attempt_at")[:AT_ONCE]):
        moment = now or timezone.now()
        # The moment that was seen is the claim: whoever else saw it finds another one there.
        mine = Delivery.objects.filter(
            pk=pk, next_attempt_at=due, state__in=(Delivery.State.WAITING, Delivery.State.SENDING)
        ).update(state=Delivery.State.SENDING, attempts=F("attempts") + 1, next_attempt_at=moment + CLAIM)
        if mine:
            arrived += _send(Delivery.objects.select_related("channel").get(pk=pk), moment)
    return arrived


def send_again(delivery: Delivery) -> None:
    """Try a message that was given up once more."""
    Delivery.objects.filter(pk=delivery.pk, state=Delivery.State.FAILED).update(
        state=Delivery.State.WAITING, attempts=0, next_attempt_at=timezone.now()
    )


def signature(secret: str, *, timestamp: str, body: bytes) -> str:
    """``v1=`` and the HMAC-SHA256, in hexadecimal, of the timestamp, a dot and the body."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


def _send(delivery: Delivery, now: datetime) -> bool:
    try:
        if delivery.channel.kind == Channel.Kind.EMAIL:
            _mail(delivery)
        else:
            asyncio.run(_post(delivery, now))
    except NotDelivered as error:
        given_up = delivery.attempts >= MOST_ATTEMPTS
        wait = min(FIRST_WAIT * 2 ** (delivery.attempts - 1), LONGEST_WAIT)
        delivery.state = Delivery.State.FAILED if given_up else Delivery.State.WAITING
        delivery.next_attempt_at, delivery.last_error = now + wait, str(error)[:500]
        delivery.save(update_fields=["state", "next_attempt_at", "last_error"])
        logger.warning("Message %s did not reach %s: %s", delivery.event, delivery.channel, error)
        return False
    delivery.state, delivery.sent_at, delivery.last_error = Delivery.State.SENT, timezone.now(), ""
    delivery.save(update_fields=["state", "sent_at", "last_error"])
    return True


def _mail(delivery: Delivery) -> None:
    if not settings.EMAIL_HOST:
        raise NotDelivered("No mail server is set. Set EMAIL_HOST for the workers (docs/configuration.md).")
    host = urlsplit(settings.APP_URL).hostname or "localhost"
    name = hashlib.sha256(f"{delivery.channel_id}/{delivery.event}".encode()).hexdigest()[:32]
    title = " ".join(delivery.title.split())  # a line break would end the header
    message = EmailMessage(
        subject=title,
        body=f"{delivery.text}\n\n{settings.APP_URL}{delivery.url}\n",
        to=[delivery.channel.address],
        headers={"Message-ID": f"<{name}@{host}>", EVENT: delivery.event},
    )
    try:
        message.send()
    except OSError as error:  # SMTPException is one
        raise NotDelivered(
            f"The mail server {settings.EMAIL_HOST}:{settings.EMAIL_PORT} did not take it: {error}."
        ) from None


async def _post(delivery: Delivery, now: datetime) -> None:
    body = orjson.dumps(
        {
            "event": delivery.event,
            "kind": delivery.kind,
            "title": delivery.title,
            "text": delivery.text,
            "url": f"{settings.APP_URL}{delivery.url}",
            "happened_at": delivery.happened_at.isoformat(),
        }
    )
    timestamp = str(int(now.timestamp()))
    headers = {"Content-Type": "application/json", TIMESTAMP: timestamp, EVENT: delivery.event}
    if delivery.channel.signing_secret:
        try:
            secret = decrypt(delivery.channel.signing_secret)
        except UnreadableSecret as error:
            raise NotDelivered(f"Its signing secret cannot be read. {error}") from None
        headers[SIGNATURE] = signature(secret, timestamp=timestamp, body=body)
    client = http_client(
        allowed_networks=tuple(settings.ALLOW_PRIVATE_NETWORKS), concurrency=1, timeout=httpx2.Timeout(TIMEOUT_S)
    )
    try:
        async with asyncio.timeout(TIMEOUT_S), client:
            response = await client.post(delivery.channel.address, content=body, headers=headers)
    except TimeoutError:
        raise NotDelivered(f"No answer within {TIMEOUT_S:.0f} s.") from None
    except EndpointError as error:
        raise NotDelivered(str(error)) from None
    except (httpx2.HTTPError, httpx2.InvalidURL) as error:
        raise NotDelivered(f"The address cannot be reached: {type(error).__name__}: {error}.") from None
    if not response.is_success:
        hint = " Redirects are not followed; write the final address." if response.is_redirect else ""
        raise NotDelivered(f"It answered with status {response.status_code}.{hint}")
