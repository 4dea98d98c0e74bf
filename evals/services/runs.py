"""Starting, cancelling and resuming runs. The rows are the queue; messages only wake a worker sooner."""

import logging
import random
from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from catalog.code_digest import code_digest
from evals.errors import InvalidSetting, KeyReused, WrongState
from evals.models import Comparison, Endpoint, Run, RunSample, Sample, Suite
from evals.money import FrozenPrices, estimated_tokens, least_tokens
from evals.services.finish import finish_run
from evals.services.following import follow_endpoint
from evals.services.measured import changed_since
from evals.services.pricing import freeze_prices

logger = logging.getLogger(__name__)

MAX_REPEATS = 100
RESUMABLE = (Run.State.PAUSED, Run.State.FAILED)
RETRIABLE = (Run.State.FINISHED, Run.State.FAILED)
MEASURING = ("economics", "evals")  # whose code decides what a run finds


def start_run(
    *,
    suite: Suite,
    endpoint: Endpoint,
    limit: int | None = None,
    repeats: int = 1,
    budget_usd: Decimal | None = None,
    idempotency_key: str | None = None,
    requested_by: str = "",
    seed: int = 0,
    max_output_tokens: int | None = None,
    accept_unknown_cost: bool = False,
    lane: str = Run.Lane.NORMAL,
    comparison: Comparison | None = None,
) -> Run:
    """Make a run of ``suite`` on ``endpoint`` and wake a worker.

    The order of sending is random and fixed here; ``limit`` takes that many samples of it, the same for every endpoint
    with the same ``seed``, so that two endpoints can be compared item by item. Starting twice with one
    ``idempotency_key`` gives the first run. In the latency ``lane`` few calls are under way at once.

    :raises InvalidSetting: for a limit, a number of repeats or a budget that cannot be right.
    :raises WrongState: when the endpoint is out of credit, or refused its key or model.
    :raises KeyReused: when ``idempotency_key`` belongs to a run that was asked for with something else.
    :raises UnknownPrice: when the endpoint has no price and ``accept_unknown_cost`` is not given.
    """
    budget = settings.DEFAULT_RUN_BUDGET_USD if budget_usd is None else budget_usd
    tokens = suite.max_output_tokens if max_output_tokens is None else max_output_tokens
    wish = {
        "suite_id": suite.pk,
        "endpoint_id": endpoint.pk,
        "limit": limit,
        "repeats": repeats,
        "budget_usd": str(budget),
        "seed": seed,
        "max_output_tokens": tokens,
        "lane": str(lane),
    }
    if known := _known(idempotency_key, wish):
        return known
    if endpoint.state in {Endpoint.State.NO_CREDIT, Endpoint.State.REFUSED}:
        raise WrongState(
            f"{endpoint} cannot be called: {endpoint.state_message} When that is settled, run the action Test on it in "
            "the admin; it opens the endpoint again."
        )
    samples = _chosen(suite, limit=limit, seed=seed)
    if not 1 <= repeats <= MAX_REPEATS:
        raise InvalidSetting(f"repeats is {repeats}; give 1 to {MAX_REPEATS}.")
    if not budget.is_finite() or budget <= 0:
        raise InvalidSetting(f"The budget is {budget} USD; give an amount above 0.")
    prices = freeze_prices(
        endpoint,
        as_of=timezone.now(),
        accept_unknown_cost=accept_unknown_cost,
    )
    _check_token_limit(endpoint, samples, tokens)
    too_long = _too_long(endpoint, samples, tokens)
    _check_budget(budget, FrozenPrices.from_json(prices), samples, tokens, endpoint)
    try:
        with transaction.atomic():
            run = Run.objects.create(
                suite=suite,
                endpoint=endpoint,
                repeats=repeats,
                max_output_tokens=tokens,
                seed=seed,
                lane=lane,
                budget_usd=budget,
                prices=prices,
                idempotency_key=idempotency_key or None,
                idempotency_wish=wish,
                requested_by=requested_by,
                model_id=endpoint.model_id,
                version=endpoint.served_version,
                code_version=code_digest(MEASURING),
                comparison=comparison,
            )
            order = [(sample, repeat) for repeat in range(repeats) for sample in samples]
            RunSample.objects.bulk_create(
                RunSample(run=run, sample=sample, repeat=repeat, position=position, **too_long.get(sample.pk, {}))
                for position, (sample, repeat) in enumerate(order)
            )
            wake_worker(endpoint)
    except IntegrityError:
        # Two requests with one key at once: the other one won, and its run is the answer.
        if known := _known(idempotency_key, wish):
            return known
        raise
    return run


def cancel_run(run: Run) -> Run:
    """Stop a run: no call starts after this has committed; calls under way come home and are booked.

    A run that had finished before its failed samples were asked again is then finished as before.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        if not run.can_be_cancelled:
            return run
        if run.state == Run.State.FAILED:
            run.state = Run.State.QUEUED  # until calls under way are home
        run.cancel_requested = True
        run.stop_reason = "Cancelled."
        run.save(update_fields=["state", "cancel_requested", "stop_reason"])
        finish_run(run, now=timezone.now())
    return run


def resume_run(run: Run) -> Run:
    """Let a paused or failed run go on now, without waiting for the next probe.

    :raises WrongState: for a run that is over or going anyway, or whose endpoint serves something else now.
    """
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=run.endpoint_id)
        run = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        if run.state not in RESUMABLE:
            raise WrongState(
                f"The run is {run.get_state_display()}; only paused and failed runs can be resumed. Start a new run."
            )
        if problem := changed_since(run):
            raise WrongState(problem)
        _reopen(run, endpoint)
    return run


def failed_samples(run: Run) -> QuerySet[RunSample]:
    """Those that got no answer by an error. What a provider refused to answer it would refuse again."""
    return run.samples.filter(state=RunSample.State.FAILED, refused=False)


def retry_problem(run: Run) -> str:
    """Why the failed samples of a run cannot be asked again; empty when they can."""
    if run.state not in RETRIABLE:
        return f"The run is {run.get_state_display()}; failed samples are asked again once a run is finished or failed."
    if problem := changed_since(run):
        return problem
    if run.comparison is not None and run.comparison.stop_early:
        return "The run belongs to a comparison that was judged answer by answer. Start a new comparison."
    prompts = list(failed_samples(run).values_list("sample__prompt", flat=True))
    if not prompts:
        return "No sample of the run failed by an error, so there is nothing to ask again."
    least = min(reserves(run, prompts))
    left = run.budget_usd - run.spent_usd - run.reserved_usd
    if least > left:
        return (
            f"Of the run's budget ${max(left, Decimal(0)).normalize():f} is left, and one call may cost up to "
            f"${least.normalize():f}. Start a new run with a larger budget."
        )
    return ""


def retry_failed(run: Run) -> int:
    """Ask the samples again that failed by an error, within the same budget; return how many.

    Their failed calls stay on record. A finished run is open again, and its score is corrected when that is over;
    its end and its day stay those of the first time.

    :raises WrongState: when there is nothing to ask again, or no money for it.
    """
    with transaction.atomic():
        endpoint = Endpoint.objects.select_for_update(no_key=True).get(pk=run.endpoint_id)
        run = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
        if problem := retry_problem(run):
            raise WrongState(problem)
        count = failed_samples(run).update(
            state=RunSample.State.PENDING,
            failures=0,
            next_attempt_at=None,
            finished_at=None,
            attempts_before=F("attempts_made"),
        )
        _reopen(run, endpoint)
    return count


def reserves(run: Run, prompts: Iterable[str]) -> list[Decimal]:
    """What one call with each prompt reserves: the most that it can cost, 0 where no price is known."""
    prices = FrozenPrices.from_json(run.prices)
    timeout_s = float(run.endpoint.attempt_timeout_s)
    return [
        prices.reserve(prompt=prompt, max_output_tokens=run.max_output_tokens, timeout_s=timeout_s)
        for prompt in prompts
    ]


def _reopen(run: Run, endpoint: Endpoint) -> None:
    """Queue a run again, and open its endpoint, on which all its paused runs go on. The caller holds both rows."""
    if run.state == Run.State.FINISHED:
        run.first_finished_at = run.first_finished_at or run.finished_at
    run.state, run.stop_reason, run.finished_at = Run.State.QUEUED, "", None
    run.save(update_fields=["state", "stop_reason", "finished_at", "first_finished_at"])
    endpoint.state, endpoint.state_message = Endpoint.State.READY, ""
    endpoint.resume_at, endpoint.consecutive_failures = None, 0
    endpoint.save(update_fields=["state", "state_message", "resume_at", "consecutive_failures"])
    follow_endpoint(endpoint, timezone.now())
    wake_worker(endpoint)


def wake_worker(endpoint: Endpoint) -> None:
    """Ask for a slice once this transaction has committed. A broker that is down only makes the run start later."""
    from evals.tasks import run_slice

    transaction.on_commit(lambda: quietly(lambda: run_slice.delay(endpoint_id=endpoint.pk)))


def quietly(publish: Callable[[], object]) -> bool:
    """Publish a message and say whether that worked; the reconciler publishes again within half a minute."""
    try:
        publish()
    except OperationalError as error:
        logger.warning("the broker does not answer (%s); the run is queued and starts when it is back", error)
        return False
    return True


def _chosen(suite: Suite, *, limit: int | None, seed: int) -> list[Sample]:
    samples = list(suite.samples.order_by("position"))
    if not samples:
        raise InvalidSetting(f"The suite {suite.slug!r} has no samples.")
    if limit is not None and limit < 1:
        raise InvalidSetting(f"limit is {limit}; give at least 1, or leave it out to run the whole suite.")
    random.Random(f"{suite.content_hash}/{seed}").shuffle(samples)  # noqa: S311 - an order, not a secret
    return samples[:limit]


def _known(idempotency_key: str | None, wish: dict[str, Any]) -> Run | None:
    """The run that was started with this key, provided that the same was asked for."""
    run = Run.objects.filter(idempotency_key=idempotency_key).first() if idempotency_key else None
    if run is None:
        return None
    # Runs of an earlier release did not note what was asked for.
    other = [name for name, value in wish.items() if run.idempotency_wish.get(name, value) != value]
    if other:
        names = ", ".join(name.removesuffix("_id") for name in other)
        raise KeyReused(
            f"This idempotency key started run {run.pk} with another {names}. Send the same request again to get that "
            "run, or a new key to start another."
        )
    return run


def _too_long(endpoint: Endpoint, samples: list[Sample], tokens: int) -> dict[int, dict[str, Any]]:
    """The samples that cannot fit the endpoint's context, by key, with what their rows say: they are never sent.

    Tokens are only known to the provider, so this leaves out what no tokenizer could fit. What it lets through and the
    provider refuses gets the same state, and costs nothing either.
    """
    context = endpoint.context_tokens or (endpoint.offering.context_tokens if endpoint.offering else None)
    if context is None:
        return {}
    found = {
        sample.pk: {
            "state": RunSample.State.OVERSIZE,
            "explanation": (
                f"Not sent: at least {least_tokens(sample.prompt):,} tokens and {tokens:,} for the answer are more "
                f"than the {context:,} that {endpoint.name} takes."
            ),
            "finished_at": timezone.now(),
        }
        for sample in samples
        if least_tokens(sample.prompt) + tokens > context
    }
    if len(found) == len(samples):
        raise InvalidSetting(
            f"No sample fits {endpoint.name}, which takes {context:,} tokens, {tokens:,} of them kept for the answer. "
            "Allow shorter answers, or correct the endpoint's context."
        )
    return found


def _check_token_limit(endpoint: Endpoint, samples: list[Sample], tokens: int) -> None:
    """Refuse a call that alone is more than the endpoint's tokens per minute: it would wait for ever."""
    most = max(estimated_tokens(prompt=sample.prompt, max_output_tokens=tokens) for sample in samples)
    if endpoint.tokens_per_minute is not None and most > endpoint.tokens_per_minute:
        raise InvalidSetting(
            f"One call counts up to {most:,} tokens, more than the {endpoint.tokens_per_minute:,} per minute that "
            f"{endpoint.name} allows. Allow shorter answers, or correct the endpoint's limit."
        )


def _check_budget(
    budget: Decimal, prices: FrozenPrices, samples: list[Sample], tokens: int, endpoint: Endpoint
) -> None:
    """Refuse a budget that does not reach for a single call: the run would end before it began."""
    least = min(
        prices.reserve(prompt=sample.prompt, max_output_tokens=tokens, timeout_s=float(endpoint.attempt_timeout_s))
        for sample in samples
    )
    if least > budget:
        raise InvalidSetting(
            f"The budget of ${budget.normalize():f} does not reach for one call, which may cost up to "
            f"${least.normalize():f} on {endpoint.name}. Give a larger budget."
        )
