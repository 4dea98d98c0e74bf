"""A real Celery worker starts a schedule's run, finds what went wrong and tells it by mail and webhook."""

import time
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from evals.models import Alert, AlertRule, Channel, Delivery, Endpoint, Schedule, Suite
from evals.tasks import deliver, tick, watch
from tests.support.redis import RedisServer
from tests.support.sinks import MailSink, WebhookSink
from tests.support.stub_endpoint import Behaviour, StubEndpoint
from tests.support.worker import Worker, process_environment

WAIT_S = 60


def until(condition: Callable[[], bool], worker: Worker) -> None:
    deadline = time.monotonic() + WAIT_S
    while not condition():
        assert time.monotonic() < deadline, worker.log
        time.sleep(0.05)


@pytest.mark.django_db(transaction=True)
def test_an_account_that_ran_dry_is_told_by_mail_and_webhook_once(
    broker: RedisServer,
    short_path: Path,
    stub: StubEndpoint,
    make_suite: Callable[..., Suite],
    make_endpoint: Callable[..., Endpoint],
) -> None:
    stub.script = lambda n, call: Behaviour(status=402, body={"error": {"message": "Insufficient Balance"}})
    endpoint = make_endpoint()
    schedule = Schedule.objects.create(
        slug="s", name="S", suite=make_suite(2), cron="0 6 * * *", budget_usd=Decimal("0.1"), next_due_at=timezone.now()
    )
    schedule.endpoints.add(endpoint)
    rule = AlertRule.objects.create(name="Endpoints", kind="endpoint")
    with MailSink() as mail, WebhookSink(statuses=[503]) as hook:
        rule.channels.add(
            Channel.objects.create(name="mail", kind="email", address="ada@example.org"),
            Channel.objects.create(name="hook", kind="webhook", address=hook.url),
        )
        environment = process_environment(redis_url=broker.url, EMAIL_HOST="127.0.0.1", EMAIL_PORT=str(mail.port))
        worker = Worker(environment, short_path / "worker.log")
        worker.start()
        try:
            tick.delay()
            until(lambda: Endpoint.objects.get().state == Endpoint.State.NO_CREDIT, worker)
            for _ in range(3):
                watch.delay()
            until(lambda: len(mail.messages) == 1 and len(hook.posts) == 1, worker)
            until(lambda: Delivery.objects.filter(state="waiting", attempts=1).exists(), worker)
            # The wait after the first failure, cut short.
            Delivery.objects.filter(state="waiting").update(next_attempt_at=timezone.now())
            for _ in range(3):
                deliver.delay()
            until(lambda: Delivery.objects.filter(state="sent").count() == 2, worker)
        finally:
            worker.stop()
        assert (len(mail.messages), len(hook.posts)) == (1, 2)
    assert Alert.objects.get().title == "The stub: out of credit"
    assert mail.messages[0]["Subject"] == "The stub: out of credit"
    assert schedule.slots.count() == 1
