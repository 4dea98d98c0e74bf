"""The real model server dies in the middle of a run: the run waits, with words, and goes on when it is back."""

import threading
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

import pytest
from django.db import connection

from config.supervisor.local_model import MODEL_ID, weights
from evals.models import Attempt, Endpoint, Run, RunSample
from evals.services import resume_run, start_run
from evals.worker.slice import run_slice
from tests.conftest import missing
from tests.faults.conftest import MakeSuite
from tests.faults.test_eval_worker import wait_for
from tests.support.local_model import LocalModelServer

pytestmark = [pytest.mark.fault, pytest.mark.local_model, pytest.mark.django_db(transaction=True)]

SAMPLES = 24


@pytest.fixture
def model_server() -> Iterator[LocalModelServer]:
    if weights() is None:
        missing("No local model: python3 bootstrap.py dev local-model.")
    server = LocalModelServer()
    server.start()
    yield server
    server.stop()


def test_killing_the_model_server_pauses_the_run_and_resuming_finishes_it(
    model_server: LocalModelServer, make_suite: MakeSuite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("evals.worker.settle.FIRST_WAIT_S", 0.0)
    endpoint = Endpoint.objects.create(
        slug="local",
        name="The local model",
        base_url=model_server.base_url,
        model_id=MODEL_ID,
        machine_usd_per_hour=Decimal("0.10"),
        concurrency=2,
        attempt_timeout_s=60,
    )
    run = start_run(suite=make_suite(SAMPLES), endpoint=endpoint)

    def drive() -> None:
        run_slice(endpoint.pk, seconds=60)
        connection.close()

    driver = threading.Thread(target=drive)
    driver.start()
    wait_for(lambda: run.samples.filter(state=RunSample.State.DONE).count() >= 4, timeout_s=60)
    model_server.kill()
    driver.join(60)
    run.refresh_from_db()
    done = run.samples.filter(state=RunSample.State.DONE).count()
    assert run.state == Run.State.PAUSED
    assert f"No connection to 127.0.0.1:{model_server.port}" in run.stop_reason
    assert "Next probe at" in run.stop_reason
    assert 4 <= done < SAMPLES
    assert run.samples.exclude(state=RunSample.State.DONE).exclude(state=RunSample.State.PENDING).count() == 0
    refused = Attempt.objects.filter(error_code="unreachable")
    assert refused.count() >= 8
    assert set(refused.values_list("cost_usd", flat=True)) == {Decimal(0)}, "what was never sent costs nothing"

    model_server.start()
    run_slice(resume_run(run).endpoint_id, seconds=60)
    run.refresh_from_db()
    assert run.state == Run.State.FINISHED
    assert Counter(run.samples.values_list("state", flat=True)) == {"done": SAMPLES}
    answered = Attempt.objects.filter(state=Attempt.State.ANSWERED)
    assert answered.count() == SAMPLES
    assert run.price_usd_per_mtok is not None
    assert run.price_usd_per_mtok > 0
    assert run.spent_usd == sum(attempt.booked_usd or 0 for attempt in Attempt.objects.all())
