"""Before a run: how many questions a difference needs, and what a run would cost and take on each endpoint."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Q, Sum
from django.utils import timezone

from economics.planning import detectable_difference, n_mcnemar
from economics.prices import Usage
from evals.errors import InvalidSetting
from evals.models import Attempt, Endpoint, Run, RunSample, Suite
from evals.money import BYTES_PER_TOKEN, TEMPLATE_TOKENS, FrozenPrices
from evals.services.pricing import freeze_prices
from evals.services.runs import failed_samples, reserves

ASSUMED_RATE = 0.7
ASSUMED_CORRELATION = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointForecast:
    """What one run would cost and take. ``basis`` says what the forecast rests on.

    usd           expected; None where the price or the time of a call is not known
    usd_at_most   what would be reserved in all if every call were as dear as it can be
    seconds       None before anything was measured on this endpoint
    """

    endpoint: Endpoint
    usd: Decimal | None
    usd_at_most: Decimal
    seconds: float | None
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Whether a suite is large enough, and for how much.

    pass_rate           of earlier runs, else an assumption; ``rate_basis`` says which
    questions_needed    for a paired yes/no comparison of two endpoints, alpha 5 %, power 80 %
    detectable_points   smallest difference that ``n_questions`` would show, in percentage points
    """

    suite: Suite
    n_questions: int
    repeats: int
    detect_points: float
    pass_rate: float
    rate_basis: str
    questions_needed: int
    detectable_points: float
    forecasts: list[EndpointForecast]

    @property
    def is_enough(self) -> bool:
        return self.n_questions >= self.questions_needed


@dataclass(frozen=True, slots=True, kw_only=True)
class Rest:
    """What going on with a run may still cost, in USD.

    n_samples       how many would be asked
    usd_one_call    what one call for each of them reserves; some may need more than one
    usd_left        what is left of the run's budget: more is never spent
    has_price       False: costs are not known, so that no cap holds
    n_others        paused runs of the same endpoint, which go on with it
    usd_of_others   what is left of their budgets; None when one of them has no price
    """

    n_samples: int
    usd_one_call: Decimal
    usd_left: Decimal
    has_price: bool
    n_others: int
    usd_of_others: Decimal | None


def rest_of(run: Run, *, with_failed: bool = False) -> Rest:
    """Of the samples that wait, and ``with_failed`` of those that failed by an error. Three queries at most."""
    waiting = run.samples.filter(state__in=(RunSample.State.PENDING, RunSample.State.CLAIMED))
    prompts = list(waiting.values_list("sample__prompt", flat=True))
    if with_failed:
        prompts += failed_samples(run).values_list("sample__prompt", flat=True)
    others = list(run.endpoint.runs.filter(state=Run.State.PAUSED).exclude(pk=run.pk))
    return Rest(
        n_samples=len(prompts),
        usd_one_call=sum(reserves(run, prompts), Decimal(0)),
        usd_left=_left(run),
        has_price=_has_price(run),
        n_others=len(others),
        usd_of_others=sum(map(_left, others), Decimal(0)) if all(map(_has_price, others)) else None,
    )


def _has_price(run: Run) -> bool:
    return bool(run.prices["kind"] != "unknown")


def _left(run: Run) -> Decimal:
    return max(Decimal(0), run.budget_usd - run.spent_usd - run.reserved_usd)


def plan_run(
    *, suite: Suite, endpoints: Sequence[Endpoint], detect_points: float, limit: int | None = None, repeats: int = 1
) -> Plan:
    """Plan runs of ``suite`` that should show a difference of ``detect_points`` percentage points.

    :raises InvalidSetting: for a difference that is not between 0 and the pass rate, in points.
    """
    samples = list(suite.samples.order_by("position")[: limit or None])
    rate, basis = _pass_rate(suite)
    other = rate - detect_points / 100
    if not 0 < detect_points < 100 or other <= 0:
        raise InvalidSetting(
            f"A difference of {detect_points:g} points cannot be below a pass rate of {rate:.0%}. Give points "
            f"between 0 and {rate * 100:.0f}, such as 10."
        )
    # With very different rates the correlation cannot reach the assumed one; independence needs more questions.
    correlation = min(ASSUMED_CORRELATION, (other * (1 - rate) / (rate * (1 - other))) ** 0.5 if rate < 1 else 0.0)
    needed = n_mcnemar(p_a=min(rate, 0.999), p_b=other, correlation=0.95 * correlation)
    spread = needed.discordant_share - (detect_points / 100) ** 2
    return Plan(
        suite=suite,
        n_questions=len(samples),
        repeats=repeats,
        detect_points=detect_points,
        pass_rate=rate,
        rate_basis=basis,
        questions_needed=needed.pairs,
        detectable_points=100 * detectable_difference(n=max(1, len(samples)), omega2=spread),
        forecasts=[
            _forecast(endpoint, suite, [sample.prompt for sample in samples], repeats) for endpoint in endpoints
        ],
    )


def _pass_rate(suite: Suite) -> tuple[float, str]:
    judged = RunSample.objects.filter(run__suite=suite, outcome__in=("correct", "incorrect"))
    n = judged.count()
    if n < 10:
        return ASSUMED_RATE, "assumed: nothing measured yet"
    rate = judged.filter(outcome="correct").count() / n
    return min(max(rate, 0.01), 0.99), f"{n} answers of earlier runs"


def _forecast(endpoint: Endpoint, suite: Suite, prompts: list[str], repeats: int) -> EndpointForecast:
    frozen = freeze_prices(endpoint, as_of=timezone.now(), accept_unknown_cost=True)
    prices = FrozenPrices.from_json(frozen)
    at_most = sum(
        (
            prices.reserve(
                prompt=prompt, max_output_tokens=suite.max_output_tokens, timeout_s=float(endpoint.attempt_timeout_s)
            )
            for prompt in prompts
        ),
        Decimal(0),
    )
    calls = len(prompts) * repeats
    answered = Attempt.objects.filter(state=Attempt.State.ANSWERED, run_sample__run__suite=suite)
    own = answered.filter(run_sample__run__endpoint=endpoint)
    means = own.aggregate(
        latency=Avg("latency_ms"), machine=Avg("machine_s"), tokens=Avg("output_tokens", filter=Q(output_tokens__gt=0))
    )
    basis = "this endpoint's earlier runs of this suite"
    tokens, machine, latency = means["tokens"], means["machine"], means["latency"]
    if tokens is None:
        tokens, basis = answered.aggregate(mean=Avg("output_tokens"))["mean"], "other endpoints' runs of this suite"
    if tokens is None:
        tokens, basis = suite.max_output_tokens / 2, "an assumption: half of the allowed answer length"
    if latency is None and (elsewhere := _per_token(endpoint)):
        # What a token took in other suites is the nearest that is known of this endpoint.
        machine, latency = (None if each is None else each * float(tokens) for each in elsewhere)
        basis += "; the time of a token in this endpoint's runs of other suites"
    usd: Decimal | None = None
    if prices.kind == "self_hosted" and machine is not None:
        cost = prices.cost(usage=None, machine_s=machine)
        usd = None if cost is None else cost * calls
    elif prices.kind == "sold":
        costs = [
            prices.cost(
                usage=Usage(input=len(prompt.encode()) // BYTES_PER_TOKEN + TEMPLATE_TOKENS // 8, output=round(tokens)),
                machine_s=None,
            )
            for prompt in prompts
        ]
        known = [cost for cost in costs if cost is not None]
        usd = sum(known, Decimal(0)) * repeats if len(known) == len(costs) else None
    seconds = None if latency is None else calls * latency / 1000 / endpoint.concurrency
    return EndpointForecast(endpoint=endpoint, usd=usd, usd_at_most=at_most * repeats, seconds=seconds, basis=basis)


def _per_token(endpoint: Endpoint) -> tuple[float | None, float] | None:
    """Seconds of the machine and milliseconds of waiting for each output token, over all suites; None without calls."""
    calls = Attempt.objects.filter(
        state=Attempt.State.ANSWERED, run_sample__run__endpoint=endpoint, output_tokens__gt=0, latency_ms__isnull=False
    )
    found = calls.aggregate(
        tokens=Sum("output_tokens"),
        latency=Sum("latency_ms"),
        machine=Sum("machine_s"),
        timed=Sum("output_tokens", filter=Q(machine_s__isnull=False)),
    )
    if not found["tokens"]:
        return None
    machine = float(found["machine"]) / found["timed"] if found["timed"] else None
    return machine, float(found["latency"]) / found["tokens"]
