"""Writing down what came of a call: the attempt, the sample, the money, and what it says about the endpoint."""

import random
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import F

from economics.prices import Usage
from evals.bulk import update_rows
from evals.clients.errors import (
    PROMPT_TOO_LONG,
    BudgetError,
    EndpointError,
    PermanentError,
    RateLimited,
    RefusedError,
    RequestRejected,
    RetryableError,
    Unreachable,
)
from evals.models import Attempt, Endpoint, Run, RunSample
from evals.money import booked, read_usage
from evals.spending import take
from evals.worker.lease import MAX_FAILURES
from evals.worker.work import Outcome

MAX_CALLS_PER_SAMPLE = 6  # and as many again each time that failed samples are asked again
STORM = 10  # failures in a row after which an endpoint is left alone
FIRST_PROBE_S = 30.0
LONGEST_PROBE_S = 900.0
FIRST_WAIT_S = 0.5
LONGEST_WAIT_S = 60.0
LONGEST_STATED_WAIT_S = 300.0

_jitter = random.SystemRandom()


@dataclass(slots=True)
class _Money:
    released: Decimal = Decimal(0)
    spent: Decimal = Decimal(0)
    busy_s: float = 0.0


def settle(endpoint: Endpoint, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Write finished calls. The caller is inside a transaction and holds the endpoint's lease, so nobody else writes.

    An attempt that is no longer open was booked by somebody else in the meantime; its late answer is dropped.
    """
    money: dict[UUID, _Money] = defaultdict(_Money)
    ids = [outcome.claim.run_sample_id for outcome in outcomes]
    rows = Attempt.objects.filter(run_sample__in=ids, state=Attempt.State.SENT).values_list("run_sample_id", "n", "pk")
    still_open = {(run_sample_id, n): pk for run_sample_id, n, pk in rows}
    days: dict[date, Decimal] = defaultdict(Decimal)
    attempts: dict[int, dict[str, Any]] = {}
    samples: dict[int, dict[str, Any]] = {}
    for outcome in outcomes:
        claim = outcome.claim
        attempt_id = still_open.get((claim.run_sample_id, claim.attempts_made))
        if attempt_id is None:
            continue
        fields = attempts[attempt_id] = _attempt_fields(outcome, endpoint)
        samples[claim.run_sample_id] = {"lease_owner": "", **_sample_fields(outcome, now)}
        own = money[claim.run_id]
        own.released += claim.reserved_usd
        own.spent += fields["booked_usd"]
        own.busy_s += outcome.machine_s
        days[claim.on] += fields["booked_usd"] - claim.reserved_usd
        _note_health(endpoint, outcome, now)
    update_rows(Attempt, attempts)
    update_rows(RunSample, samples)
    for run in Run.objects.select_for_update(no_key=True).filter(pk__in=money).only("reserved_usd", "spent_usd"):
        # Exact decimals under the row's lock: SQLite would do this sum in floating point.
        Run.objects.filter(pk=run.pk).update(
            reserved_usd=run.reserved_usd - money[run.pk].released,
            spent_usd=run.spent_usd + money[run.pk].spent,
            busy_s=F("busy_s") + money[run.pk].busy_s,
        )
    for on, usd in days.items():
        take(endpoint, on, usd)
    endpoint.save(update_fields=["state", "state_message", "consecutive_failures", "resume_at"])


def _attempt_fields(outcome: Outcome, endpoint: Endpoint) -> dict[str, Any]:
    claim, reply, error = outcome.claim, outcome.reply, outcome.error
    fields: dict[str, Any] = {
        "machine_s": outcome.machine_s,
        "loop_lag_ms": outcome.loop_lag_ms,
        "latency_ms": outcome.latency_ms,
        "started_at": outcome.started_at,
    }
    raw_usage = reply.raw_usage if reply else error.raw_usage if error else None
    text = (reply.text or reply.reasoning) if reply else ""
    read = read_usage(
        dialect=endpoint.dialect, raw=raw_usage, text=text, max_output_tokens=claim.request.max_output_tokens
    )
    if reply is not None:
        fields |= {
            "state": Attempt.State.ANSWERED,
            "reply": reply.raw,
            "text": reply.text,
            "reasoning": reply.reasoning,
            "finish_reason": reply.finish_reason[:40],
            "reply_model": reply.model[:300],
            "request_id": reply.request_id[:200],
            "http_status": reply.http_status,
            "time_to_first_token_ms": reply.time_to_first_token_ms,
            "latency_ms": reply.latency_ms,
            "error_code": read.doubt,
        }
    elif error is not None:
        fields |= {
            "state": Attempt.State.ERROR,
            "reply": error.raw if isinstance(error.raw, dict | list) else None,
            "http_status": error.http_status,
            "request_id": error.request_id[:200],
            "error_code": error.code[:60],
            "error_message": str(error),
            "maybe_billed": error.maybe_billed,
        }
    fields["raw_usage"] = raw_usage
    fields |= _token_fields(read.usage)
    cost = _cost(outcome, usage=None if read.doubt else read.usage)
    taken = booked(cost=cost, reserve=claim.reserved_usd)
    if read.doubt == "usage_absurd" and read.usage is not None:
        # We do not believe it, but the provider may charge it: the budget must not be passed on that account.
        stated = claim.prices.cost(usage=read.usage, machine_s=outcome.machine_s, at=outcome.started_at)
        taken = max(taken, stated or Decimal(0))
    return fields | {"cost_usd": cost, "booked_usd": taken}


def _token_fields(usage: Usage | None) -> dict[str, int | None]:
    if usage is None:
        return {}
    return {
        "input_tokens": usage.input,
        "cached_input_tokens": usage.cached_input,
        "cache_write_tokens": usage.cache_write,
        "output_tokens": usage.output,
        "reasoning_tokens": usage.reasoning_of_output,
    }


def _cost(outcome: Outcome, *, usage: Usage | None) -> Decimal | None:
    prices, error = outcome.claim.prices, outcome.error
    if prices.kind == "unknown":
        return None
    if isinstance(error, Unreachable):
        return Decimal(0)  # nothing was sent, and no machine of ours was busy with it
    if prices.kind == "sold" and error is not None and usage is None and not error.maybe_billed:
        return Decimal(0)  # refused before any token was made
    return prices.cost(usage=usage, machine_s=outcome.machine_s, at=outcome.started_at)


def _sample_fields(outcome: Outcome, now: datetime) -> dict[str, Any]:
    if outcome.reply is not None and outcome.judgement is not None:
        return {
            "state": RunSample.State.DONE,
            "outcome": outcome.judgement.outcome,
            "answer": outcome.judgement.answer,
            "explanation": outcome.judgement.explanation,
            "truncated": outcome.reply.truncated,
            "refused": outcome.reply.refused,
            "scorer_version": outcome.scorer_label,
            "finished_at": now,
        }
    error, claim = outcome.error, outcome.claim
    if error is None:  # cancelled inside our own process: free the sample, the attempt stays as it is
        return {"state": RunSample.State.PENDING}
    failed = {"state": RunSample.State.FAILED, "explanation": str(error), "finished_at": now}
    if isinstance(error, RefusedError) and error.code == PROMPT_TOO_LONG:
        return failed | {"state": RunSample.State.OVERSIZE}
    if isinstance(error, RefusedError):
        return failed | {"refused": True}
    if isinstance(error, RequestRejected) and _has_answered(claim.run_id):
        return failed  # the endpoint takes our requests; it is this prompt that it does not take
    if isinstance(error, PermanentError | BudgetError):
        return {"state": RunSample.State.PENDING}
    failures = claim.failures + (0 if isinstance(error, RateLimited | Unreachable) else 1)
    if failures >= MAX_FAILURES or (isinstance(error, RateLimited) and claim.calls >= MAX_CALLS_PER_SAMPLE):
        return failed | {"failures": failures}
    return {
        "state": RunSample.State.PENDING,
        "failures": failures,
        "next_attempt_at": now + timedelta(seconds=_wait(error, claim.attempts_made)),
    }


def _has_answered(run_id: UUID) -> bool:
    return Attempt.objects.filter(run_sample__run_id=run_id, state=Attempt.State.ANSWERED).exists()


def _wait(error: EndpointError, calls: int) -> float:
    """Seconds until the next call: as long as the provider says, else full jitter over a doubling span."""
    if error.retry_after_s is not None:
        return min(error.retry_after_s, LONGEST_STATED_WAIT_S)
    return _jitter.uniform(0, min(LONGEST_WAIT_S, FIRST_WAIT_S * 2**calls))


def _note_health(endpoint: Endpoint, outcome: Outcome, now: datetime) -> None:
    """Let one outcome change what is known of the endpoint. Rows of its runs follow in :func:`follow_endpoint`."""
    error = outcome.error
    if outcome.reply is not None:
        endpoint.consecutive_failures = 0
        if endpoint.state == Endpoint.State.PAUSED:
            endpoint.state, endpoint.state_message, endpoint.resume_at = Endpoint.State.READY, "", None
        return
    if isinstance(error, BudgetError):
        endpoint.state, endpoint.state_message = Endpoint.State.NO_CREDIT, str(error)
    elif isinstance(error, PermanentError):
        if not (isinstance(error, RequestRejected) and _has_answered(outcome.claim.run_id)):
            endpoint.state, endpoint.state_message = Endpoint.State.REFUSED, str(error)
    elif isinstance(error, RateLimited):
        endpoint.resume_at = _later(
            endpoint.resume_at, now + timedelta(seconds=_wait(error, outcome.claim.attempts_made))
        )
    elif isinstance(error, RetryableError) and endpoint.state in {Endpoint.State.READY, Endpoint.State.PAUSED}:
        endpoint.consecutive_failures += 1
        if endpoint.consecutive_failures >= STORM or endpoint.state == Endpoint.State.PAUSED:
            beyond = max(0, endpoint.consecutive_failures - STORM)
            probe_in = min(LONGEST_PROBE_S, FIRST_PROBE_S * 2.0 ** min(beyond, 10))
            endpoint.state = Endpoint.State.PAUSED
            endpoint.state_message = str(error)
            endpoint.resume_at = now + timedelta(seconds=probe_in)


def _later(known: datetime | None, other: datetime) -> datetime:
    return other if known is None else max(known, other)
