"""Choosing the next calls: what is due, what may be paid for, and when a run is over."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from django.db.models import F, Min, Q

from evals.bulk import insert_rows
from evals.clients import Client, Request
from evals.models import Attempt, Endpoint, Run, RunSample
from evals.money import FrozenPrices, estimated_tokens
from evals.services.finish import ask_no_more, finish_run
from evals.services.measured import changed_since
from evals.spending import left_today, midnight_after, take
from evals.worker.work import Claim, Turn


@dataclass(slots=True, kw_only=True)
class _Room:
    """What this turn may still claim; None means no limit."""

    calls: int
    tokens: int | None
    usd: Decimal | None = None
    whose_usd: str = ""

    def take(self, usd: Decimal, tokens: int) -> None:
        self.calls -= 1
        self.usd = None if self.usd is None else self.usd - usd
        self.tokens = None if self.tokens is None else self.tokens - tokens


class _Due(NamedTuple):
    """A sample that is due, with its item."""

    pk: int
    repeat: int
    attempts_made: int
    attempts_before: int
    failures: int
    prompt: str
    target: Any
    scorer: str
    scorer_options: dict[str, Any]


_COLUMNS = (
    "pk",
    "repeat",
    "attempts_made",
    "attempts_before",
    "failures",
    "sample__prompt",
    "sample__target",
    "sample__scorer",
    "sample__scorer_options",
)


class Claimer:
    """Claims samples of one endpoint's runs, oldest run first; remembers each run's parsed prices."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._prices: dict[UUID, FrozenPrices] = {}

    def claim(self, endpoint: Endpoint, owner: str, want: int, now: datetime, *, tokens: int | None = None) -> Turn:
        """Reserve money for up to ``want`` calls of at most ``tokens`` in all, and write their Attempt rows.

        The caller is inside a transaction and holds the endpoint's lease. Runs that turn out to be over are finished.
        """
        turn = Turn(resume_at=endpoint.resume_at if endpoint.resume_at and endpoint.resume_at > now else None)
        if endpoint.state in {Endpoint.State.NO_CREDIT, Endpoint.State.REFUSED}:
            turn.stopped = endpoint.state_message
            return turn
        states: tuple[Run.State, ...] = Run.CLAIMABLE_STATES
        if endpoint.state == Endpoint.State.PAUSED:
            # Half open: one call decides whether the endpoint is back, and the next waits for its answer.
            probing = RunSample.objects.filter(run__endpoint=endpoint, state=RunSample.State.CLAIMED).exists()
            states, want = Run.OPEN_STATES, 0 if probing else min(want, 1)
        room = _Room(calls=want, tokens=tokens)
        if want:
            room.usd, room.whose_usd = left_today(endpoint, now)
        runs = Run.objects.select_for_update(no_key=True).filter(endpoint=endpoint, state__in=states)
        for run in runs.order_by("created_at", "pk"):
            if run.model_id not in ("", endpoint.model_id):
                _fail(run, changed_since(run), now)
                continue
            if run.comparison_id is not None:
                turn.comparisons.add(run.comparison_id)
            if turn.resume_at is None and room.calls > 0 and not run.cancel_requested:
                turn.claims += self._claim_of_run(endpoint, run, owner, room, now, turn)
            if room.calls or not want:
                self._look_ahead(run, now, turn)
            else:
                turn.has_work = turn.is_ready = True
            if run.lane == Run.Lane.LATENCY and run.state in Run.OPEN_STATES:
                # What would run beside it is what it must not measure.
                room.calls = 0
        take(endpoint, now.date(), sum((claim.reserved_usd for claim in turn.claims), Decimal(0)))
        return turn

    def _claim_of_run(
        self,
        endpoint: Endpoint,
        run: Run,
        owner: str,
        room: "_Room",
        now: datetime,
        turn: Turn,
    ) -> list[Claim]:
        calls = room.calls
        if run.lane == Run.Lane.LATENCY:
            calls = _room_of_latency_lane(endpoint, run, calls, beside=len(turn.claims))
        due = run.samples.filter(state=RunSample.State.PENDING).filter(
            Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now)
        )
        # Plain values: building two models for each call takes longer than reading their rows.
        samples = [_Due(*row) for row in due.order_by("position").values_list(*_COLUMNS)[:calls]]
        prices = self._prices.setdefault(run.pk, FrozenPrices.from_json(run.prices))
        afforded: list[tuple[_Due, Request, Decimal, int]] = []
        reserved = run.reserved_usd
        for sample in samples:
            request = Request(
                prompt=sample.prompt,
                max_output_tokens=run.max_output_tokens,
                temperature=run.temperature,
                seed=run.seed + sample.repeat,
            )
            reserve = prices.reserve(
                prompt=request.prompt,
                max_output_tokens=request.max_output_tokens,
                timeout_s=float(endpoint.attempt_timeout_s),
            )
            counted = estimated_tokens(prompt=request.prompt, max_output_tokens=request.max_output_tokens)
            if room.tokens is not None and counted > room.tokens:
                turn.waiting_for_tokens = True
                room.calls = 0
                break
            if room.usd is not None and reserve > room.usd:
                turn.resume_at = midnight_after(now)
                run.stop_reason = f"{room.whose_usd}; the run goes on after midnight UTC."
                run.save(update_fields=["stop_reason"])
                break
            if reserved + run.spent_usd + reserve > run.budget_usd:
                # The order of sending is random, so stopping at the first call that does not fit keeps the samples
                # that were sent a fair draw. Picking cheaper ones from behind would not.
                turn.waiting_for_money = True
                if reserved == 0:
                    _cap(run, now)
                break
            reserved += reserve
            room.take(reserve, counted)
            afforded.append((sample, request, reserve, counted))
        if not afforded:
            return []
        run.reserved_usd = reserved
        if run.state != Run.State.PAUSED:
            run.state = Run.State.RUNNING
        run.started_at = run.started_at or now
        run.save(update_fields=["reserved_usd", "state", "started_at"])
        insert_rows(
            Attempt,
            (
                {
                    "run_sample_id": sample.pk,
                    "n": sample.attempts_made + 1,
                    "request": self._client.describe(request),
                    "reserved_usd": reserve,
                    "started_at": now,
                }
                for sample, request, reserve, _ in afforded
            ),
        )
        RunSample.objects.filter(pk__in=[sample.pk for sample, *_ in afforded]).update(
            state=RunSample.State.CLAIMED,
            lease_owner=owner,
            attempts_made=F("attempts_made") + 1,
            next_attempt_at=None,
        )
        return [
            Claim(
                run_sample_id=sample.pk,
                run_id=run.pk,
                attempts_made=sample.attempts_made + 1,
                calls=sample.attempts_made + 1 - sample.attempts_before,
                failures=sample.failures,
                request=request,
                prices=prices,
                reserved_usd=reserve,
                tokens=counted,
                on=now.date(),
                scorer=sample.scorer,
                scorer_options=sample.scorer_options,
                target=sample.target,
            )
            for sample, request, reserve, counted in afforded
        ]

    def _look_ahead(self, run: Run, now: datetime, turn: Turn) -> None:
        """Finish the run when nothing of it is left, else note when its next sample is due."""
        if finish_run(run, now=now):
            return
        if run.cancel_requested or run.state not in Run.OPEN_STATES:
            return
        pending = run.samples.filter(state=RunSample.State.PENDING)
        due = pending.aggregate(soonest=Min("next_attempt_at"))["soonest"]
        if pending.exists():
            turn.has_work = True
            turn.is_ready |= pending.filter(Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now)).exists()
        if due is not None and due > now:
            turn.next_at = due if turn.next_at is None else min(turn.next_at, due)


def _room_of_latency_lane(endpoint: Endpoint, run: Run, calls: int, *, beside: int) -> int:
    """How many calls a latency run may start: few at once, and none while another run's are under way."""
    under_way = RunSample.objects.filter(run__endpoint=endpoint, state=RunSample.State.CLAIMED)
    if beside or under_way.exclude(run=run).exists():
        return 0
    return max(0, min(calls, Run.LATENCY_CALLS - under_way.count()))


def _fail(run: Run, reason: str, now: datetime) -> None:
    run.state, run.stop_reason, run.finished_at = Run.State.FAILED, reason, now
    run.save(update_fields=["state", "stop_reason", "finished_at"])


def _cap(run: Run, now: datetime) -> None:
    ask_no_more(run, RunSample.State.SKIPPED, "Not attempted: the budget did not reach.", now=now)
