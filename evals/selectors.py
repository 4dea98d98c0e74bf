"""What pages, the API and commands read about runs. Web-safe: no pandas, a constant number of queries."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import numpy as np
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from economics.cost_of_pass import CostOfPass, cost_of_pass
from economics.interval import Interval
from economics.intervals import clustered_mean, proportion_interval
from evals.errors import UnknownName
from evals.models import Attempt, Endpoint, Run, RunSample, Suite

# An event loop that is later than this adds to the latencies measured meanwhile, so they are not the endpoint's.
LAG_LIMIT_MS = 20.0
RATE_SPAN = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Percentiles:
    """Milliseconds, or what the field says; ``n`` is how many calls they rest on."""

    p05: float
    p50: float
    p95: float
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunSummary:
    """A run in numbers. Samples that failed, were skipped or could not be scored are counted, never judged.

    n_declined           refusals of the model itself, which are judged wrong
    n_errors             samples that failed for another reason than a refusal
    pass_rate            correct / scored; None before anything is scored
    cost_of_pass         every paid call counts, those of failed samples too; None for an endpoint without a price
    cost_usd             the known costs; ``cost_is_lower_bound`` when some call's cost is unknown. None: all unknown
    tokens_per_hour      while calls were under way
    price_note           where the prices come from, in words
    latency              of answered calls during which our own event loop was in time; so are the next two
    tokens_per_second    output tokens over the time from the first one to the end of the reply
    n_latency_distorted  answered calls left out of these three, because our own event loop was late
    latency_note         these in words, with what they must not be taken for; empty before the first answer
    samples_per_second   over the last minute; None when nothing came home in it
    seconds_left         at that rate; None when it cannot be told
    """

    n_planned: int
    n_scored: int
    n_correct: int
    n_incorrect: int
    n_unscored: int
    n_failed: int
    n_skipped: int
    n_oversize: int
    n_cancelled: int
    n_not_asked: int
    n_waiting: int
    n_truncated: int
    n_refused: int
    n_declined: int
    n_errors: int
    pass_rate: float | None
    pass_rate_interval: Interval | None
    cost_of_pass: CostOfPass | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: Decimal | None
    cost_is_lower_bound: bool
    spent_usd: Decimal
    reserved_usd: Decimal
    budget_usd: Decimal
    tokens_per_hour: float | None
    price_usd_per_mtok: Decimal | None
    price_note: str
    latency: Percentiles | None
    time_to_first_token: Percentiles | None
    tokens_per_second: Percentiles | None
    n_latency_distorted: int
    latency_note: str
    samples_per_second: float | None
    seconds_left: float | None

    @property
    def n_done(self) -> int:
        """Samples that were asked to the end; those that never will be are none of them."""
        return self.n_planned - self.n_waiting - self.n_cancelled - self.n_not_asked - self.n_skipped


def run_summary(run: Run, *, now: datetime | None = None) -> RunSummary:
    """Everything about one run, in two queries."""
    return run_summaries([run], now=now)[run.pk]


def run_summaries(runs: Sequence[Run], *, now: datetime | None = None) -> dict[UUID, RunSummary]:
    """Everything about some runs, by their ids, in two queries however many they are."""
    samples: defaultdict[UUID, list[Any]] = defaultdict(list)
    calls: defaultdict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    if runs:
        keys = [run.pk for run in runs]
        for run_id, *row in RunSample.objects.filter(run__in=keys).values_list(
            "run_id", "pk", "sample_id", "state", "outcome", "truncated", "refused", "finished_at"
        ):
            samples[run_id].append(row)
        for call in Attempt.objects.filter(run_sample__run__in=keys).values(
            "run_sample__run_id",
            "run_sample_id",
            "state",
            "cost_usd",
            "input_tokens",
            "cached_input_tokens",
            "cache_write_tokens",
            "output_tokens",
            "latency_ms",
            "time_to_first_token_ms",
            "machine_s",
            "loop_lag_ms",
        ):
            calls[call["run_sample__run_id"]].append(call)
    moment = now or timezone.now()
    return {run.pk: _summary(run, samples[run.pk], calls[run.pk], moment) for run in runs}


def shared_costs(runs: Sequence[Run]) -> tuple[int, dict[UUID, CostOfPass | None]]:
    """How many items every one of the runs has asked to the end, and what a right answer to them cost in each.

    A call that failed was paid, so its item counts too. Two queries.
    """
    samples: defaultdict[UUID, list[Any]] = defaultdict(list)
    over = (RunSample.State.DONE, RunSample.State.FAILED)
    for run_id, *row in RunSample.objects.filter(run__in=runs, state__in=over).values_list(
        "run_id", "pk", "sample_id", "state", "outcome"
    ):
        samples[run_id].append(row)
    items = [{item for _, item, *_ in samples[run.pk]} for run in runs]
    shared = set.intersection(*items) if items else set()
    calls: defaultdict[UUID, list[Mapping[str, Any]]] = defaultdict(list)
    closed = Attempt.objects.filter(run_sample__run__in=runs).exclude(state=Attempt.State.SENT)
    for call in closed.values("run_sample__run_id", "run_sample_id", "cost_usd"):
        calls[call["run_sample__run_id"]].append(call)
    return len(shared), {
        run.pk: _cost_of_pass(run, [row for row in samples[run.pk] if row[1] in shared], calls[run.pk]) for run in runs
    }


def _summary(run: Run, samples: Sequence[Any], calls: Sequence[Mapping[str, Any]], now: datetime) -> RunSummary:
    answered = [call for call in calls if call["state"] == Attempt.State.ANSWERED]
    in_time = [call for call in answered if (call["loop_lag_ms"] or 0) <= LAG_LIMIT_MS]
    latency = _percentiles([call["latency_ms"] for call in in_time])
    first_token = _percentiles([call["time_to_first_token_ms"] for call in in_time])
    speed = _percentiles([_tokens_per_second(call) for call in in_time])
    states = Counter(state for _, _, state, *_ in samples)
    outcomes = Counter(outcome for _, _, _, outcome, *_ in samples if outcome)
    correct, incorrect = outcomes[RunSample.Outcome.CORRECT], outcomes[RunSample.Outcome.INCORRECT]
    scored = correct + incorrect
    waiting = states[RunSample.State.PENDING] + states[RunSample.State.CLAIMED]
    known = [call["cost_usd"] for call in calls if call["cost_usd"] is not None]
    closed = [call for call in calls if call["state"] != Attempt.State.SENT]
    per_second = _rate([finished for *_, finished in samples if finished], now)
    return RunSummary(
        n_planned=len(samples),
        n_scored=scored,
        n_correct=correct,
        n_incorrect=incorrect,
        n_unscored=outcomes[RunSample.Outcome.UNSCORED],
        n_failed=states[RunSample.State.FAILED],
        n_skipped=states[RunSample.State.SKIPPED],
        n_oversize=states[RunSample.State.OVERSIZE],
        n_cancelled=states[RunSample.State.CANCELLED],
        n_not_asked=states[RunSample.State.NOT_ASKED],
        n_waiting=waiting,
        n_truncated=sum(truncated for *_, truncated, _, _ in samples),
        n_refused=sum(refused for *_, refused, _ in samples),
        n_declined=sum(refused and outcome == RunSample.Outcome.INCORRECT for *_, outcome, _, refused, _ in samples),
        n_errors=sum(state == RunSample.State.FAILED and not refused for _, _, state, _, _, refused, _ in samples),
        pass_rate=correct / scored if scored else None,
        pass_rate_interval=_pass_rate_interval(run, samples, correct=correct, scored=scored),
        cost_of_pass=_cost_of_pass(run, samples, closed),
        input_tokens=_total(calls, "input_tokens", "cached_input_tokens", "cache_write_tokens"),
        output_tokens=_total(calls, "output_tokens"),
        cost_usd=sum(known, Decimal(0)) if known or not closed else None,
        cost_is_lower_bound=len(known) < len(closed),
        spent_usd=run.spent_usd,
        reserved_usd=run.reserved_usd,
        budget_usd=run.budget_usd,
        tokens_per_hour=_tokens_per_hour(calls),
        price_usd_per_mtok=run.price_usd_per_mtok,
        price_note=_price_note(run, calls),
        latency=latency,
        time_to_first_token=first_token,
        tokens_per_second=speed,
        n_latency_distorted=len(answered) - len(in_time),
        latency_note=_latency_note(run, latency, first_token, speed, len(answered) - len(in_time)),
        samples_per_second=per_second,
        seconds_left=waiting / per_second if per_second and waiting and run.state == Run.State.RUNNING else None,
    )


def recent_runs(*, limit: int = 50) -> QuerySet[Run]:
    """Newest first, with suite and endpoint, and counts for a list: ``n_planned``, ``n_correct``, ``n_scored``."""
    judged = Q(samples__outcome__in=(RunSample.Outcome.CORRECT, RunSample.Outcome.INCORRECT))
    return (
        Run.objects.select_related(
            "suite", "version__model", "endpoint__version__model", "endpoint__offering__version__model"
        )
        .annotate(
            n_planned=Count("samples"),
            n_scored=Count("samples", filter=judged),
            n_correct=Count("samples", filter=Q(samples__outcome=RunSample.Outcome.CORRECT)),
        )
        .order_by("-created_at")[:limit]
    )


def runs_of_versions(version_ids: Collection[int]) -> QuerySet[Run]:
    """Runs that measured these versions: the rows whose ``measured_version`` is one of them."""
    served = Coalesce("version_id", "endpoint__version_id", "endpoint__offering__version_id")
    return Run.objects.alias(served_version_id=served).filter(served_version_id__in=version_ids)


def run_samples(run: Run) -> QuerySet[RunSample]:
    """The samples of a run in the order of sending, with their items and attempts."""
    return run.samples.select_related("sample").prefetch_related("attempts").order_by("position")


def suite_by_slug(slug: str) -> Suite:
    """:raises UnknownName: with near names."""
    suite = Suite.objects.filter(slug=slug.replace("\x00", "")).first()
    if suite is None:
        raise UnknownName("suite", slug, Suite.objects.values_list("slug", flat=True))
    return suite


def endpoint_by_slug(slug: str) -> Endpoint:
    """:raises UnknownName: with near names."""
    endpoint = (
        Endpoint.objects.select_related("offering__provider", "version").filter(slug=slug.replace("\x00", "")).first()
    )
    if endpoint is None:
        raise UnknownName("endpoint", slug, Endpoint.objects.values_list("slug", flat=True))
    return endpoint


def _pass_rate_interval(run: Run, samples: Sequence[Any], *, correct: int, scored: int) -> Interval | None:
    """Wilson for single answers; repeats of one item depend on each other and are clustered.

    A run that was stopped by what it found is no sample of fixed size: its interval is one that holds at every look.
    """
    if run.state == Run.State.DECIDED:
        from economics.planning import confidence_sequence

        return confidence_sequence(successes=correct, n=scored) if scored else None
    if run.repeats == 1:
        return proportion_interval(successes=correct, n=scored) if scored else None
    judged = [
        (float(outcome == RunSample.Outcome.CORRECT), sample_id)
        for _, sample_id, _, outcome, *_ in samples
        if outcome in {RunSample.Outcome.CORRECT, RunSample.Outcome.INCORRECT}
    ]
    return clustered_mean(scores=[s for s, _ in judged], clusters=[c for _, c in judged]).interval if judged else None


def _cost_of_pass(run: Run, samples: Sequence[Any], calls: Sequence[Mapping[str, Any]]) -> CostOfPass | None:
    """Cost and success of every sample that was called for and is over; a failed one was paid and gave nothing."""
    if run.prices["kind"] == "unknown":
        return None
    costs: dict[int, Decimal | None] = {}
    for call in calls:
        so_far = costs.get(call["run_sample_id"], Decimal(0))
        costs[call["run_sample_id"]] = None if so_far is None or call["cost_usd"] is None else so_far + call["cost_usd"]
    over = [
        (costs[pk], outcome == RunSample.Outcome.CORRECT, sample_id)
        for pk, sample_id, state, outcome, *_ in samples
        if pk in costs
        and state in {RunSample.State.DONE, RunSample.State.FAILED}
        and outcome != RunSample.Outcome.UNSCORED
    ]
    found = cost_of_pass(
        cost=[cost for cost, *_ in over],
        success=[success for _, success, _ in over],
        clusters=[sample_id for *_, sample_id in over] if run.repeats > 1 else None,
    )
    if run.state == Run.State.DECIDED:
        # Its interval is for a number of items fixed before the run.
        return replace(found, interval=None, method="no interval: stopped early")
    return found


def _total(calls: Sequence[Mapping[str, Any]], *names: str) -> int | None:
    known = [call[name] for call in calls for name in names if call[name] is not None]
    return sum(known) if known else None


def _tokens_per_hour(calls: Sequence[Mapping[str, Any]]) -> float | None:
    counted = [call for call in calls if call["output_tokens"] is not None and call["machine_s"] is not None]
    seconds = sum(call["machine_s"] for call in counted)
    tokens = _total(counted, "input_tokens", "cached_input_tokens", "output_tokens")
    return tokens / seconds * 3600 if tokens and seconds else None


def _price_note(run: Run, calls: Sequence[Mapping[str, Any]]) -> str:
    note = str(run.prices.get("note", ""))
    if run.prices["kind"] != "self_hosted":
        return note
    rate = _tokens_per_hour(calls)
    rent = Decimal(run.prices["machine_usd_per_hour"]).normalize()
    if rate is None:
        return f"{note} Its price per token follows from the throughput measured in this run."
    if run.price_usd_per_mtok is None:
        return f"{note} Provisional: each call is charged its share of the machine's time until the run has ended."
    return (
        f"${rent:f} per machine hour{_rent_words(run)} / {rate:,.0f} tokens per hour, measured while calls were under "
        f"way = ${run.price_usd_per_mtok:.4g} per million tokens, input and output alike."
    )


def _rent_words(run: Run) -> str:
    """Where the rent comes from; runs from before that was asked say nothing."""
    note = str(run.prices.get("rent_note", ""))
    return f" ({note})" if note else ""


def _percentiles(values: Sequence[float | None]) -> Percentiles | None:
    known = [value for value in values if value is not None]
    if not known:
        return None
    p05, p50, p95 = np.percentile(np.asarray(known), (5, 50, 95))
    return Percentiles(p05=float(p05), p50=float(p50), p95=float(p95), n=len(known))


def _tokens_per_second(call: Mapping[str, Any]) -> float | None:
    """Output tokens a second once they flow; None for a reply that came whole or in a single piece."""
    tokens, total, first = call["output_tokens"], call["latency_ms"], call["time_to_first_token_ms"]
    if tokens is None or tokens < 2 or total is None or first is None or total - first < 1:
        return None
    return float((tokens - 1) / ((total - first) / 1000))  # the first token is what the span begins with


def _latency_note(
    run: Run,
    latency: Percentiles | None,
    first_token: Percentiles | None,
    speed: Percentiles | None,
    distorted: int,
) -> str:
    sentences = []
    if latency is not None:
        sentences.append(
            f"Latency: half of {latency.n} calls under {latency.p50:,.0f} ms, 95% under {latency.p95:,.0f} ms."
        )
        if first_token is not None:
            sentences.append(f"First token after {first_token.p50:,.0f} ms (median).")
        if speed is not None:
            sentences.append(f"Then {speed.p50:,.0f} tokens per second (median).")
    if distorted:
        sentences.append(
            f"{distorted} {'calls are' if distorted > 1 else 'call is'} left out of this: the worker itself was more "
            f"than {LAG_LIMIT_MS:.0f} ms late, so the time was not the endpoint's alone."
        )
    if sentences and run.lane == Run.Lane.LATENCY:
        sentences.append(
            f"Measured in the latency lane: at most {Run.LATENCY_CALLS} calls at once, nothing beside them."
        )
    elif sentences:
        sentences.append("Waiting behind other calls may be in it; a run in the latency lane measures without.")
    return " ".join(sentences)


def _rate(finished: Sequence[datetime], now: datetime) -> float | None:
    recent = [at for at in finished if at > now - RATE_SPAN]
    if not recent:
        return None
    return len(recent) / max(1.0, (now - min(recent)).total_seconds())
