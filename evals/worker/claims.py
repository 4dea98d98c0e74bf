"""Choosing the next calls: what is due, what may be paid for, and when a run is over."""

from datetime import datetime, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import F, Min, Q

from evals.clients import Client, Request
from evals.models import Attempt, Endpoint, Run, RunSample
from evals.money import FrozenPrices
from evals.services.finish import finish_run
from evals.worker.work import Claim, Turn

CLAIMABLE = (Run.State.QUEUED, Run.State.RUNNING)


class Claimer:
    """Claims samples of one endpoint's runs, oldest run first; remembers each run's parsed prices."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._prices: dict[UUID, FrozenPrices] = {}

    def claim(self, endpoint: Endpoint, owner: str, want: int, now: datetime) -> Turn:
        """Reserve money for up to ``want`` calls and write their Attempt rows.

        The caller is inside a transaction and holds the endpoint's lease. Runs that turn out to be over are finished.
        """
        turn = Turn(resume_at=endpoint.resume_at if endpoint.resume_at and endpoint.resume_at > now else None)
        if endpoint.state in {Endpoint.State.NO_CREDIT, Endpoint.State.REFUSED}:
            turn.stopped = endpoint.state_message
            return turn
        states: tuple[Run.State, ...] = CLAIMABLE
        if endpoint.state == Endpoint.State.PAUSED:
            # Half open: one call decides whether the endpoint is back, and the next waits for its answer.
            probing = RunSample.objects.filter(run__endpoint=endpoint, state=RunSample.State.CLAIMED).exists()
            states, want = Run.OPEN_STATES, 0 if probing else min(want, 1)
        left_today = _left_today(endpoint, now)
        runs = Run.objects.select_for_update(no_key=True).filter(endpoint=endpoint, state__in=states)
        for run in runs.order_by("created_at", "pk"):
            if run.comparison_id is not None:
                turn.comparisons.add(run.comparison_id)
            room = want - len(turn.claims)
            if turn.resume_at is None and room > 0 and not run.cancel_requested:
                claims = self._claim_of_run(endpoint, run, owner, room, now, turn, left_today)
                turn.claims += claims
                if left_today is not None:
                    left_today -= sum((claim.reserved_usd for claim in claims), Decimal(0))
            if len(turn.claims) < want or not want:
                self._look_ahead(run, now, turn)
            else:
                turn.has_work = turn.is_ready = True
        return turn

    def _claim_of_run(
        self,
        endpoint: Endpoint,
        run: Run,
        owner: str,
        room: int,
        now: datetime,
        turn: Turn,
        left_today: Decimal | None,
    ) -> list[Claim]:
        samples = list(
            run.samples.filter(state=RunSample.State.PENDING)
            .filter(Q(next_attempt_at__isnull=True) | Q(next_attempt_at__lte=now))
            .select_related("sample")
            .order_by("position")[:room]
        )
        prices = self._prices.setdefault(run.pk, FrozenPrices.from_json(run.prices))
        afforded: list[tuple[RunSample, Request, Decimal]] = []
        reserved = run.reserved_usd
        for sample in samples:
            request = Request(
                prompt=sample.sample.prompt,
                max_output_tokens=run.max_output_tokens,
                temperature=run.temperature,
                seed=run.seed + sample.repeat,
            )
            reserve = prices.reserve(
                prompt=request.prompt,
                max_output_tokens=request.max_output_tokens,
                timeout_s=float(endpoint.attempt_timeout_s),
            )
            if left_today is not None and reserved - run.reserved_usd + reserve > left_today:
                turn.resume_at = _midnight_after(now)
                run.stop_reason = (
                    f"{endpoint} has used its ${endpoint.budget_usd_per_day:f} for today; "
                    "the run goes on after midnight UTC."
                )
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
            afforded.append((sample, request, reserve))
        if not afforded:
            return []
        run.reserved_usd = reserved
        if run.state != Run.State.PAUSED:
            run.state = Run.State.RUNNING
        run.started_at = run.started_at or now
        run.save(update_fields=["reserved_usd", "state", "started_at"])
        attempts = Attempt.objects.bulk_create(
            Attempt(
                run_sample=sample,
                n=sample.attempts_made + 1,
                request=self._client.describe(request),
                reserved_usd=reserve,
                started_at=now,
            )
            for sample, request, reserve in afforded
        )
        RunSample.objects.filter(pk__in=[sample.pk for sample, *_ in afforded]).update(
            state=RunSample.State.CLAIMED,
            lease_owner=owner,
            attempts_made=F("attempts_made") + 1,
            next_attempt_at=None,
        )
        return [
            Claim(
                attempt_id=attempt.pk,
                run_sample_id=sample.pk,
                run_id=run.pk,
                attempts_made=sample.attempts_made + 1,
                failures=sample.failures,
                request=request,
                prices=prices,
                reserved_usd=reserve,
                scorer=sample.sample.scorer,
                scorer_options=sample.sample.scorer_options,
                target=sample.sample.target,
            )
            for attempt, (sample, request, reserve) in zip(attempts, afforded, strict=True)
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


def _left_today(endpoint: Endpoint, now: datetime) -> Decimal | None:
    """What the endpoint may still cost today (UTC); None without a limit. What is under way counts as reserved."""
    if endpoint.budget_usd_per_day is None:
        return None
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    today = Attempt.objects.filter(run_sample__run__endpoint=endpoint, started_at__gte=midnight)
    taken = today.values_list("booked_usd", "reserved_usd")
    return endpoint.budget_usd_per_day - sum(
        (reserved if booked is None else booked for booked, reserved in taken), Decimal(0)
    )


def _midnight_after(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


def _cap(run: Run, now: datetime) -> None:
    run.samples.filter(state=RunSample.State.PENDING).update(
        state=RunSample.State.SKIPPED, explanation="Not attempted: the budget did not reach.", finished_at=now
    )


def follow_endpoint(endpoint: Endpoint, now: datetime) -> None:
    """Let an endpoint's state reach its runs: pause them, stop them, or let them go on."""
    runs = Run.objects.filter(endpoint=endpoint)
    if endpoint.state == Endpoint.State.PAUSED:
        probe = f" Next probe at {endpoint.resume_at:%H:%M:%S} UTC." if endpoint.resume_at else ""
        failures = f"{endpoint.consecutive_failures} failures in a row"
        runs.filter(state__in=CLAIMABLE).update(
            state=Run.State.PAUSED,
            stop_reason=f"{failures}: {endpoint.state_message}{probe}",
        )
    elif endpoint.state in {Endpoint.State.NO_CREDIT, Endpoint.State.REFUSED}:
        runs.filter(state__in=Run.OPEN_STATES).update(
            state=Run.State.FAILED, stop_reason=endpoint.state_message, finished_at=now
        )
    else:
        runs.filter(state=Run.State.PAUSED).update(state=Run.State.RUNNING, stop_reason="")
