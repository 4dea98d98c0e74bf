"""Real worker processes, a real Valkey, a real database, and a run that must survive what is done to them.

Every answer is there once; at most the calls under way are paid twice; the money booked is never less than
what the endpoint itself counted.
"""

import contextlib
import os
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from decimal import Decimal

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from psycopg import sql

from evals.models import Attempt, Endpoint, Run, RunSample
from evals.services import cancel_run, resume_run, start_run
from evals.tasks import reconcile
from evals.worker.slice import run_slice
from tests.faults.conftest import LEASE_S, MakeEndpoint, MakeSuite
from tests.support.redis import RedisServer
from tests.support.stub_endpoint import Behaviour, StubEndpoint
from tests.support.worker import Worker

pytestmark = [pytest.mark.fault, pytest.mark.django_db(transaction=True)]

SAMPLES = 600
UNDER_WAY = 32
COST_OF_A_CALL = Decimal("0.000023")  # 13 tokens read at 1 USD and 1 written at 10 USD per million


@pytest.fixture
def run(make_suite: MakeSuite, make_endpoint: MakeEndpoint, stub: StubEndpoint) -> Run:
    """A run of 600 samples that is not started yet: nothing was published for it."""
    stub.script = lambda n, call: Behaviour(text="7", delay_s=0.1)
    endpoint = make_endpoint(concurrency=UNDER_WAY)
    return start_run(suite=make_suite(SAMPLES), endpoint=endpoint, budget_usd=Decimal(10))


def wait_for(condition: Callable[[], bool], *, timeout_s: float, tick: Callable[[], object] = lambda: None) -> None:
    deadline = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < deadline, "it took too long"
        tick()
        time.sleep(0.1)


def finished(run: Run) -> Callable[[], bool]:
    def check() -> bool:
        run.refresh_from_db()
        return run.state == Run.State.FINISHED

    return check


def beat() -> Callable[[], None]:
    """What beat does every half minute, at the tests' pace."""
    last = 0.0

    def tick() -> None:
        nonlocal last
        if time.monotonic() - last > 1:
            last = time.monotonic()
            reconcile()

    return tick


def assert_nothing_lost(run: Run, stub: StubEndpoint, *, lost_calls: int) -> None:
    assert Counter(run.samples.values_list("state", "outcome")) == {("done", "correct"): SAMPLES}
    answered = Counter(Attempt.objects.filter(state=Attempt.State.ANSWERED).values_list("run_sample_id", flat=True))
    assert set(answered.values()) == {1}
    assert len(answered) == SAMPLES
    assert len(stub.calls) - SAMPLES <= lost_calls, "at most the calls under way are paid twice"
    assert run.reserved_usd == 0
    assert run.spent_usd >= stub.answered * COST_OF_A_CALL
    assert run.spent_usd == sum(a.booked_usd or 0 for a in Attempt.objects.all())
    assert Attempt.objects.filter(state=Attempt.State.SENT).count() == 0


def test_a_killed_pool_process_costs_the_calls_under_way_and_nothing_else(
    run: Run, stub: StubEndpoint, eval_worker: Worker
) -> None:
    tick = beat()
    wait_for(lambda: stub.answered > 100, timeout_s=20, tick=tick)
    for pid in eval_worker.pool_pids():
        os.kill(pid, signal.SIGKILL)
    wait_for(finished(run), timeout_s=40, tick=tick)
    assert_nothing_lost(run, stub, lost_calls=UNDER_WAY)


def test_a_killed_worker_costs_the_calls_under_way_and_nothing_else(
    run: Run, stub: StubEndpoint, eval_worker: Worker
) -> None:
    tick = beat()
    wait_for(lambda: stub.answered > 100, timeout_s=20, tick=tick)
    eval_worker.kill()
    unknown_before = RunSample.objects.filter(state=RunSample.State.CLAIMED).count()
    assert 0 < unknown_before <= UNDER_WAY
    eval_worker.start()
    wait_for(finished(run), timeout_s=40, tick=tick)
    assert_nothing_lost(run, stub, lost_calls=UNDER_WAY)
    assert Attempt.objects.filter(state=Attempt.State.UNKNOWN, error_code="lost").count() == unknown_before


def test_redis_losing_everything_costs_nothing(
    run: Run, stub: StubEndpoint, eval_worker: Worker, broker: RedisServer
) -> None:
    tick = beat()
    wait_for(lambda: stub.answered > 100, timeout_s=20, tick=tick)
    broker.kill()
    broker.wipe()
    broker.start()
    assert broker.client.dbsize() == 0
    wait_for(finished(run), timeout_s=60, tick=tick)
    assert_nothing_lost(run, stub, lost_calls=0)


def test_a_worker_told_to_stop_drains_and_its_successor_goes_on(
    run: Run, stub: StubEndpoint, eval_worker: Worker
) -> None:
    tick = beat()
    wait_for(lambda: stub.answered > 100, timeout_s=20, tick=tick)
    asked_at = time.monotonic()
    eval_worker.stop()
    assert time.monotonic() - asked_at < 10, "it does not sit its slice out"
    assert RunSample.objects.filter(state=RunSample.State.CLAIMED).count() == 0
    assert 100 < len(stub.calls) < SAMPLES
    eval_worker.start()
    wait_for(finished(run), timeout_s=40, tick=tick)
    assert_nothing_lost(run, stub, lost_calls=0)


def test_the_same_slice_delivered_five_times_has_one_driver(run: Run, stub: StubEndpoint, eval_worker: Worker) -> None:
    from evals.tasks import run_slice as task

    for _ in range(5):
        task.delay(endpoint_id=run.endpoint_id)
    wait_for(finished(run), timeout_s=40)
    assert_nothing_lost(run, stub, lost_calls=0)
    assert most_under_way() <= UNDER_WAY
    wait_for(lambda: Endpoint.objects.get(pk=run.endpoint_id).lease_owner == "", timeout_s=5)


def test_cancel_starts_no_call_after_it(run: Run, stub: StubEndpoint, eval_worker: Worker) -> None:
    tick = beat()
    wait_for(lambda: stub.answered > 100, timeout_s=20, tick=tick)
    cancel_run(run)
    committed_at = time.time()

    def cancelled() -> bool:
        run.refresh_from_db()
        return run.state == Run.State.CANCELLED

    wait_for(cancelled, timeout_s=10)
    assert [call for call in stub.calls if call.at > committed_at + 0.1] == []
    assert run.reserved_usd == 0
    assert run.spent_usd == len(stub.calls) * COST_OF_A_CALL


def test_a_driver_that_wakes_after_losing_its_lease_writes_nothing(
    run: Run, stub: StubEndpoint, eval_worker: Worker
) -> None:
    """The pool is frozen for two leases; another driver takes over; then the frozen one wakes."""
    tick = beat()
    wait_for(lambda: stub.answered > 100, timeout_s=20, tick=tick)
    frozen = eval_worker.pool_pids()
    wait_for(lambda: froze_between_writes(frozen, run.endpoint_id), timeout_s=20)
    time.sleep(LEASE_S + 0.5)
    run_slice(run.endpoint_id, seconds=2)
    for pid in frozen:
        os.kill(pid, signal.SIGCONT)
    wait_for(finished(run), timeout_s=40, tick=tick)
    assert_nothing_lost(run, stub, lost_calls=UNDER_WAY)


def test_a_sample_that_kills_its_process_is_given_up_after_three_times(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, eval_worker: Worker
) -> None:
    def kill_on_item_3(n: int, call: object) -> Behaviour:
        if "Item 3:" in str(getattr(call, "prompt", "")):
            for pid in eval_worker.pool_pids():
                os.kill(pid, signal.SIGKILL)
        return Behaviour(text="7")

    stub.script = kill_on_item_3
    endpoint = make_endpoint(concurrency=1)
    run = start_run(suite=make_suite(6), endpoint=endpoint)
    wait_for(finished(run), timeout_s=60, tick=beat())
    assert Counter(run.samples.values_list("state", flat=True)) == {"done": 5, "failed": 1}
    poison = run.samples.get(state=RunSample.State.FAILED)
    assert (poison.sample.key, poison.attempts_made) == ("item-3", 3)
    assert "died 3 times" in poison.explanation


def test_four_drivers_at_once_never_pass_the_cap(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint
) -> None:
    stub.script = lambda n, call: Behaviour(text="7", delay_s=0.02)
    endpoint = make_endpoint(concurrency=8)
    run = start_run(suite=make_suite(200), endpoint=endpoint, budget_usd=Decimal("0.003"))
    over: list[Decimal] = []
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            seen = Run.objects.get(pk=run.pk)
            if seen.spent_usd + seen.reserved_usd > seen.budget_usd:
                over.append(seen.spent_usd + seen.reserved_usd)
            time.sleep(0.01)
        connection.close()

    def drive() -> None:
        while Run.objects.get(pk=run.pk).state in Run.OPEN_STATES:
            run_slice(endpoint.pk, seconds=0.3)
        connection.close()

    threads = [threading.Thread(target=watch), *(threading.Thread(target=drive) for _ in range(4))]
    for thread in threads:
        thread.start()
    for thread in threads[1:]:
        thread.join(60)
    done.set()
    threads[0].join(10)
    run.refresh_from_db()
    assert run.state == Run.State.CAPPED
    assert over == []
    assert run.spent_usd == len(stub.calls) * COST_OF_A_CALL <= run.budget_usd
    assert most_under_way() <= 8


def test_a_database_that_cuts_everybody_off_for_two_seconds_costs_nothing(
    run: Run, stub: StubEndpoint, eval_worker: Worker, postgres_url: str
) -> None:
    """What a restart of PostgreSQL looks like from outside: connections are cut, and new ones refused for a while."""
    if connection.vendor != "postgresql":
        pytest.skip("The tests run on SQLite this time, which has no server to restart.")
    tick = beat()
    wait_for(lambda: stub.answered > 100, timeout_s=20, tick=tick)
    name = connection.settings_dict["NAME"]
    connection.close()
    with psycopg.connect(postgres_url, autocommit=True) as server:
        database = sql.Identifier(name)
        server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(database))
        try:
            server.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name])
            time.sleep(2)  # the fault itself, not a way to wait for something
        finally:
            server.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(database))
    wait_for(finished(run), timeout_s=40, tick=tick)
    assert_nothing_lost(run, stub, lost_calls=UNDER_WAY)


def test_a_full_disk_pauses_the_run_with_words_and_loses_nothing(
    stub: StubEndpoint, make_suite: MakeSuite, make_endpoint: MakeEndpoint, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The database may not grow any more in the middle of a run, and may again later."""
    if connection.vendor != "sqlite":
        pytest.skip("The disk of a PostgreSQL server is not ours to fill.")
    monkeypatch.setattr("evals.worker.slice.FULL_TRY_S", 0.1)
    monkeypatch.setattr("evals.worker.slice.FULL_WAIT_S", 1.0)
    stub.script = lambda n, call: Behaviour(text="7 " + "and more " * 500)
    suite = make_suite(SAMPLES, max_output_tokens=2000)
    run = start_run(suite=suite, endpoint=make_endpoint(concurrency=8), budget_usd=Decimal(100))

    with connection.cursor() as cursor:
        cursor.execute("PRAGMA page_count")
        most_pages = cursor.fetchone()[0] + 250  # a megabyte

    def is_full(connection: BaseDatabaseWrapper, **_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"PRAGMA max_page_count = {most_pages}")

    connection_created.connect(is_full)
    try:
        with contextlib.suppress(OperationalError):  # what could not be stored is called again
            run_slice(run.endpoint_id, seconds=20)
    finally:
        connection_created.disconnect(is_full)
    run.refresh_from_db()
    done = run.samples.filter(state=RunSample.State.DONE).count()
    assert 0 < done < SAMPLES
    assert run.state == Run.State.PAUSED
    assert run.stop_reason.startswith("The disk of the database is full. Free some room; nothing is lost")
    Endpoint.objects.update(lease_until=None)
    run_slice(resume_run(run).endpoint_id, seconds=30)
    run.refresh_from_db()
    assert run.state == Run.State.FINISHED
    assert_nothing_lost(run, stub, lost_calls=8)
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA integrity_check")
        assert cursor.fetchone() == ("ok",)


def froze_between_writes(pids: list[int], endpoint_id: int) -> bool:
    """Freeze processes; thaw them again and say False when they were writing."""
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    sqlite = connection.vendor == "sqlite"
    try:
        with connection.cursor() as cursor:
            if sqlite:
                cursor.execute("PRAGMA busy_timeout = 100")
            with transaction.atomic():
                Endpoint.objects.select_for_update(nowait=True).get(pk=endpoint_id)
    except OperationalError:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
        return False
    finally:
        connection.close()  # the next one has the usual patience
    return True


def most_under_way() -> int:
    spans = [
        (attempt.started_at.timestamp(), attempt.started_at.timestamp() + (attempt.latency_ms or 0) / 1000)
        for attempt in Attempt.objects.all()
    ]
    edges = sorted([(start, 1) for start, _ in spans] + [(end, -1) for _, end in spans])
    most = now = 0
    for _, step in edges:
        now += step
        most = max(most, now)
    return most
