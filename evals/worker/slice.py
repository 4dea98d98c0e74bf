"""One slice: drive one endpoint for half a minute inside a worker process.

An asyncio loop makes the calls; one thread makes every database call, since Django's ORM is synchronous and SQLite has
one writer anyway. The loop hands finished calls over and gets new claims back in one transaction, so at a kill at most
the calls under way are paid twice, and no result is lost or stored twice.
"""

import asyncio
import contextlib
import logging
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar, cast

from django.conf import settings
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from evals.clients import Client, open_client
from evals.clients.errors import EndpointError, KeyRefused
from evals.judging import judge
from evals.models import Attempt, Endpoint
from evals.money import estimated_tokens
from evals.services.comparisons import stop_if_decided
from evals.services.following import follow_endpoint
from evals.targets import target_of
from evals.worker.claims import Claimer
from evals.worker.drain import is_draining
from evals.worker.lease import LeaseLost, database_now, hold_lease, release_lease, take_lease
from evals.worker.pace import LoopLag, MinuteWindow, ShareClock
from evals.worker.settle import settle
from evals.worker.work import Claim, Outcome, Turn

logger = logging.getLogger(__name__)
T = TypeVar("T")

DATABASE_WAITS_S = (0.2, 1.0, 3.0)
FULL = "The disk of the database is full. Free some room; nothing is lost, and the run goes on by itself."
FULL_TRY_S = 1.0
FULL_WAIT_S = 60.0
FULL_PROBE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceReport:
    """What a slice did. ``has_work``: samples are waiting that another slice could take up now."""

    drove: bool
    calls: int = 0
    has_work: bool = False


def run_slice(endpoint_id: int, *, seconds: float | None = None) -> SliceReport:
    """Drive an endpoint for ``seconds`` (default: the setting), then let its calls come home.

    Safe to call twice or in several processes at once: whoever holds the endpoint's lease drives, the others return.
    """
    return asyncio.run(_Slice(endpoint_id, settings.EVAL_SLICE_SECONDS if seconds is None else seconds).run())


class _Slice:
    def __init__(self, endpoint_id: int, seconds: float) -> None:
        self._endpoint_id = endpoint_id
        self._owner = uuid.uuid4().hex
        self._ends = time.monotonic() + seconds
        self._database = ThreadPoolExecutor(1, thread_name_prefix="database")
        self._finished: list[Outcome] = []
        self._under_way: set[asyncio.Task[None]] = set()
        self._wake = asyncio.Event()
        self._share = ShareClock()
        self._lag = LoopLag()
        self._calls = 0
        self._requests = self._tokens = MinuteWindow(None)

    async def run(self) -> SliceReport:
        try:
            endpoint = await self._db(take_lease, self._endpoint_id, self._owner)
            if endpoint is None:
                return SliceReport(drove=False)
            try:
                return await self._drive(endpoint)
            finally:
                await self._db(release_lease, self._endpoint_id, self._owner)
        except LeaseLost:
            logger.warning("endpoint %s: the lease went to another driver; this one stops", self._endpoint_id)
            return SliceReport(drove=False, calls=self._calls)
        finally:
            await self._db(_close_connection)
            self._database.shutdown()

    async def _drive(self, endpoint: Endpoint) -> SliceReport:
        try:
            target = target_of(endpoint)
        except KeyRefused as error:
            await self._db(refuse_endpoint, endpoint.pk, self._owner, str(error))
            return SliceReport(drove=True)
        client = open_client(endpoint.dialect, target)
        recent = await self._db(_recent_starts, endpoint)
        self._requests = MinuteWindow(endpoint.requests_per_minute, [(at, 1) for at, _ in recent])
        self._tokens = MinuteWindow(endpoint.tokens_per_minute, recent)
        watch = asyncio.create_task(self._lag.watch())
        try:
            turn = await self._loop(endpoint, client, Claimer(client))
            if client.quirks != set(endpoint.quirks):
                await self._db(_remember_quirks, endpoint.pk, sorted(client.quirks))
            return SliceReport(drove=True, calls=self._calls, has_work=turn.is_ready and turn.resume_at is None)
        finally:
            for task in (*self._under_way, watch):
                task.cancel()
            await asyncio.gather(*self._under_way, watch, return_exceptions=True)
            await client.close()

    async def _loop(self, endpoint: Endpoint, client: Client, claimer: Claimer) -> Turn:
        heartbeat_s = settings.EVAL_LEASE_SECONDS / 3
        while True:
            now = time.monotonic()
            free = 0 if now >= self._ends or is_draining() else endpoint.concurrency - len(self._under_way)
            room, tokens = self._requests.room(now), self._tokens.room(now)
            want = free if room is None else min(free, room)
            outcomes, self._finished = self._finished, []
            self._wake.clear()
            turn = await self._turn(claimer, outcomes, want, tokens)
            for claim in turn.claims:
                self._requests.note(time.monotonic())
                self._tokens.note(time.monotonic(), claim.tokens)
                self._calls += 1
                task = asyncio.create_task(self._call(client, claim))
                self._under_way.add(task)
            if not self._under_way and not self._finished:
                pause = self._pause(turn)
                if pause is None:
                    return turn
                await asyncio.sleep(pause)
                continue
            waits = self._waits_s(turn) if free > len(turn.claims) else []
            await self._woken(min(heartbeat_s, max(waits, default=heartbeat_s) + 0.01))

    async def _turn(self, claimer: Claimer, outcomes: list[Outcome], want: int, tokens: int | None) -> Turn:
        """One exchange with the database; a database that restarts is waited for, since the answers are paid."""
        for wait_s in DATABASE_WAITS_S:
            try:
                return await self._db(take_turn, self._endpoint_id, self._owner, claimer, outcomes, want, tokens)
            except (OperationalError, InterfaceError) as error:
                if is_full(error):
                    return await self._without_room(outcomes)
                logger.warning("the database does not answer; trying again in %s s", wait_s)
                await self._db(_close_connection)
                await asyncio.sleep(wait_s)
        return await self._db(take_turn, self._endpoint_id, self._owner, claimer, outcomes, want, tokens)

    async def _without_room(self, outcomes: list[Outcome]) -> Turn:
        """The database's disk is full: send nothing, say so, and keep the answers in memory until they can be stored.

        What cannot be stored in time is as if this process had died: booked as paid, and called again.
        """
        logger.error("the database's disk is full; the run waits")
        gives_up = time.monotonic() + FULL_WAIT_S
        while True:
            try:
                return await self._db(pause_without_room, self._endpoint_id, self._owner, outcomes)
            except (OperationalError, InterfaceError):
                await self._db(_close_connection)
                if time.monotonic() > gives_up:
                    raise
            with contextlib.suppress(OperationalError, InterfaceError):
                await self._db(pause_without_room, self._endpoint_id, self._owner, [])
            await asyncio.sleep(FULL_TRY_S)

    def _pause(self, turn: Turn) -> float | None:
        """Seconds to wait for more work with nothing under way; None when this slice is over."""
        left = self._ends - time.monotonic()
        if left <= 0 or is_draining() or turn.stopped:
            return None
        if turn.claims:
            return 0.0
        if not turn.has_work:
            return None
        wait = max(self._waits_s(turn), default=0.0)
        return min(max(wait, 0.02), 1.0) if wait < left else None

    def _waits_s(self, turn: Turn) -> list[float]:
        """Seconds until time alone makes room; a call that comes home may make room before."""
        waits = []
        now = timezone.now()
        if turn.resume_at is not None:
            waits.append((turn.resume_at - now).total_seconds())
        if turn.next_at is not None and turn.resume_at is None:
            waits.append((turn.next_at - now).total_seconds())
        if self._requests.room(time.monotonic()) == 0:
            waits.append(self._requests.wait_s(time.monotonic()))
        if turn.waiting_for_tokens:
            waits.append(self._tokens.wait_s(time.monotonic()))
        return waits

    async def _woken(self, timeout_s: float) -> None:
        """Wait until a call has come home, or until it is time for a heartbeat."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _call(self, client: Client, claim: Claim) -> None:
        started_at, started = timezone.now(), time.perf_counter()
        token = self._share.enter()
        reply, error = None, None
        try:
            reply = await client.send(claim.request)
        except EndpointError as caught:
            error = caught
        except Exception as caught:
            # A bug of ours must neither end the slice nor count against the model.
            logger.exception("sample %s: the client failed in a way it does not know", claim.run_sample_id)
            error = EndpointError(
                f"Our own client failed: {type(caught).__name__}.", code="client_bug", maybe_billed=True
            )
        finally:
            share = self._share.leave(token)
        outcome = Outcome(
            claim=claim,
            started_at=started_at,
            machine_s=share,
            loop_lag_ms=self._lag.worst_ms(started),
            latency_ms=(time.perf_counter() - started) * 1000,
            reply=reply,
            error=error,
        )
        if reply is not None:
            outcome.judgement, outcome.scorer_label = judge(
                scorer=claim.scorer,
                options=claim.scorer_options,
                target=claim.target,
                text=reply.text,
                finish_reason=reply.finish_reason,
                name=str(claim.run_sample_id),
            )
        # Its place is free in the same step as its outcome is handed over, or the next turn would claim too little.
        self._finished.append(outcome)
        self._under_way.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        self._wake.set()

    async def _db(self, function: Callable[..., T], *args: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._database, function, *args)


def take_turn(
    endpoint_id: int, owner: str, claimer: Claimer, outcomes: list[Outcome], want: int, tokens: int | None = None
) -> Turn:
    """Settle finished calls and claim new ones in one transaction.

    :raises LeaseLost: when another driver has taken the endpoint over; nothing is written then.
    """
    with transaction.atomic():
        endpoint = hold_lease(endpoint_id, owner)
        now = database_now()
        before = endpoint.state
        if outcomes:
            settle(endpoint, outcomes, now)
        if endpoint.state != before or endpoint.state == Endpoint.State.PAUSED:
            follow_endpoint(endpoint, now)
        turn = claimer.claim(endpoint, owner, want, now, tokens=tokens)
        if outcomes:
            for comparison_id in turn.comparisons:
                # After the commit: it locks runs of other endpoints, which must not be done with this one's held.
                transaction.on_commit(partial(stop_if_decided, comparison_id), robust=True)
        return turn


def is_full(error: Exception) -> bool:
    """Whether the database failed for want of room on its disk."""
    cause = error.__cause__
    return "disk is full" in str(error) or getattr(cause, "sqlstate", "") == "53100"


def pause_without_room(endpoint_id: int, owner: str, outcomes: list[Outcome]) -> Turn:
    """Settle what has come home and let the endpoint wait; each of the two may need more room than there is."""
    with transaction.atomic():
        endpoint = hold_lease(endpoint_id, owner)
        now = database_now()
        if outcomes:
            settle(endpoint, outcomes, now)
        endpoint.state, endpoint.state_message = Endpoint.State.PAUSED, FULL
        endpoint.consecutive_failures, endpoint.resume_at = 0, now + timedelta(seconds=FULL_PROBE_S)
        endpoint.save(update_fields=["state", "state_message", "consecutive_failures", "resume_at"])
        follow_endpoint(endpoint, now)
    return Turn(stopped=FULL)


def refuse_endpoint(endpoint_id: int, owner: str, message: str) -> None:
    """Mark an endpoint that cannot be called at all, and stop its runs."""
    with transaction.atomic():
        endpoint = hold_lease(endpoint_id, owner)
        endpoint.state, endpoint.state_message = Endpoint.State.REFUSED, message
        endpoint.save(update_fields=["state", "state_message"])
        follow_endpoint(endpoint, database_now())


def _recent_starts(endpoint: Endpoint) -> list[tuple[float, int]]:
    """Starts of the last minute's calls, on this process's monotonic clock, and the tokens that each counted."""
    if endpoint.requests_per_minute is None and endpoint.tokens_per_minute is None:
        return []
    now: datetime = timezone.now()
    calls = Attempt.objects.filter(
        run_sample__run__endpoint=endpoint, started_at__gt=now - timedelta(seconds=MinuteWindow.SPAN_S)
    ).values_list("started_at", "run_sample__sample__prompt", "run_sample__run__max_output_tokens")
    return [
        (
            time.monotonic() - (now - start).total_seconds(),
            estimated_tokens(prompt=prompt, max_output_tokens=max_output_tokens),
        )
        for start, prompt, max_output_tokens in calls
    ]


def _remember_quirks(endpoint_id: int, quirks: list[str]) -> None:
    Endpoint.objects.filter(pk=endpoint_id).update(quirks=quirks)


def _close_connection() -> None:
    connection.close()  # looked up here, because each thread has its own
