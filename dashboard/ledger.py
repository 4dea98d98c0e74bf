"""What training runs cost at a rent: phases, totals, plausibility, and two runs against each other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from catalog.models import Claim, Source, TrainingPhase, TrainingRun
from catalog.selectors.facts import facts
from catalog.selectors.training import training_runs
from dashboard.frontier_row import unique
from economics.training import RentalCost, gpu_hours_per_trillion_tokens, rental_cost, training_flop
from economics.training_uncertainty import UTILISATION, Plausibility, plausibility

DEFAULT_RENT = Decimal(2)
MAX_RENT = Decimal(1000)
# The comparison this page was built for: the model said to be cheap, and the one it is measured against.
PAIR = ("deepseek-v3", "llama-3-1-405b")

# The same inputs come with every request, and the simulation behind a verdict costs a millisecond.
cached_plausibility = lru_cache(maxsize=4096)(plausibility)


@dataclass(frozen=True, slots=True)
class PlausibilityAssumptions:
    """What a verdict rests on beside the facts. ``peak_flop_per_s`` None: the chip's own dense BF16 peak."""

    peak_flop_per_s: float | None = None
    utilisation: tuple[float, float] = UTILISATION


USUAL = PlausibilityAssumptions()


@dataclass(frozen=True, slots=True)
class PhaseLine:
    phase: TrainingPhase
    usd: Decimal | None


@dataclass(frozen=True, slots=True)
class Ledger:
    """One run at one rent."""

    run: TrainingRun
    usd_per_gpu_hour: Decimal
    cost: RentalCost | None
    lines: list[PhaseLine]
    claims: dict[str, list[Claim]]
    tokens: float | None
    active_params: float | None
    verdict: Plausibility
    judged_hours: float | None
    judged_by: PlausibilityAssumptions
    peak_flop_per_s: float | None

    @property
    def slug(self) -> str:
        return self.run.version.model.slug

    @property
    def name(self) -> str:
        return self.run.version.name

    @property
    def gpu_hours(self) -> float | None:
        return self.cost.total_gpu_hours if self.cost else None

    @property
    def usd(self) -> Decimal | None:
        return self.cost.total if self.cost else None

    @property
    def is_lower_bound(self) -> bool:
        return bool(self.cost and self.cost.is_lower_bound)

    @property
    def is_estimate(self) -> bool:
        """Whether somebody other than the developer worked out one of the phases."""
        return any(line.phase.is_estimate for line in self.lines)

    @property
    def method(self) -> str:
        """How its cost came about: reported by the developer, derived from stated hours, or somebody's estimate."""
        if self.is_estimate:
            return "estimate"
        return "reported" if any(line.phase.published_cost_usd is not None for line in self.lines) else "derived"

    @property
    def needed_usd(self) -> tuple[float, float] | None:
        """What the hours that a run of this size needs would cost at the rent: a 90% interval; None where unknown."""
        needed, rent = self.verdict.needed_gpu_hours, float(self.usd_per_gpu_hour)
        return (needed.low * rent, needed.high * rent) if needed else None

    @property
    def chips(self) -> list[str]:
        return list(dict.fromkeys(line.phase.hardware.name for line in self.lines if line.phase.hardware))

    @property
    def flop(self) -> float | None:
        if self.run.flop_per_token and self.tokens:
            return self.run.flop_per_token * self.tokens
        return training_flop(active_params=self.active_params, tokens=self.tokens)

    @property
    def peak_words(self) -> str:
        """Where the peak comes from: the reader, or the chip."""
        if self.judged_by.peak_flop_per_s is not None:
            return "your figure"
        return f"dense BF16 of {self.chips[0]}" if self.peak_flop_per_s and self.chips else ""

    @property
    def peak_tflop_per_s(self) -> float | None:
        return None if self.peak_flop_per_s is None else self.peak_flop_per_s / 1e12

    @property
    def hours_per_trillion(self) -> float | None:
        return gpu_hours_per_trillion_tokens(gpu_hours=self.judged_hours, tokens=self.tokens)

    @property
    def sources(self) -> list[Source]:
        return unique([self.run.source, *(line.phase.source for line in self.lines)])

    @property
    def published_claims(self) -> list[Claim]:
        """What anyone states about the run as a whole: shown beside the sum of the phases, never added to it."""
        return [
            claim
            for attribute in (Claim.Attribute.TRAINING_GPU_HOURS, Claim.Attribute.TRAINING_COST)
            for claim in self.claims.get(attribute, [])
        ]


@dataclass(frozen=True, slots=True)
class RunComparison:
    """The second run divided by the first."""

    first: Ledger
    second: Ledger

    @property
    def gpu_hours_ratio(self) -> float | None:
        return _ratio(self.second.gpu_hours, self.first.gpu_hours)

    @property
    def flop_ratio(self) -> float | None:
        return _ratio(self.second.flop, self.first.flop)

    @property
    def cost_ratio(self) -> float | None:
        return _ratio(self.second.usd, self.first.usd)

    @property
    def same_chips(self) -> bool:
        return self.first.chips == self.second.chips and bool(self.first.chips)

    @property
    def note(self) -> str:
        """What the ratio of hours hides."""
        if self.same_chips:
            return f"Both runs used {self.first.chips[0]}, so the hours compare."
        return (
            f"The chips differ: {_listed(self.first.chips)} against {_listed(self.second.chips)}. "
            "An hour of one is not an hour of the other."
        )


def _listed(chips: Sequence[str]) -> str:
    return ", ".join(chips) or "unknown chips"


def _ratio(over: Decimal | float | None, under: Decimal | float | None) -> float | None:
    # Decimals are divided as such: a float may have no place for what is between nothing and a very small rent.
    return None if over is None or not under else float(Decimal(over) / Decimal(under))


def ledgers(usd_per_gpu_hour: Decimal = DEFAULT_RENT, assumed: PlausibilityAssumptions = USUAL) -> list[Ledger]:
    """Every run, the dearest first, those of unknown hours last. A constant number of queries."""
    runs = list(training_runs())
    claims = facts([run.version_id for run in runs])
    found = [_ledger(run, usd_per_gpu_hour, claims.get(run.version_id, {}), assumed) for run in runs]
    return sorted(found, key=lambda ledger: (ledger.usd is None, -(ledger.usd or 0), ledger.name, ledger.slug))


def ledgers_of(claims: Mapping[int, dict[str, list[Claim]]]) -> list[Ledger]:
    """The runs of some versions at the default rent; ``claims`` are their facts by version id."""
    runs = training_runs().filter(version__in=claims.keys())
    return [_ledger(run, DEFAULT_RENT, claims[run.version_id]) for run in runs]


def comparison(found: Sequence[Ledger], pair: tuple[str, str] = PAIR) -> RunComparison | None:
    """The two runs of ``pair`` (model slugs), or None when one of them is not known."""
    chosen = [next((ledger for ledger in found if ledger.slug == slug), None) for slug in pair]
    return RunComparison(chosen[0], chosen[1]) if chosen[0] and chosen[1] else None


def _ledger(
    run: TrainingRun, rent: Decimal, claims: dict[str, list[Claim]], assumed: PlausibilityAssumptions = USUAL
) -> Ledger:
    phases = list(run.phases.all())
    cost = rental_cost(gpu_hours={p.name: p.gpu_hours for p in phases}, usd_per_gpu_hour=rent) if phases else None
    lines = [PhaseLine(phase, cost.by_phase[phase.name] if cost else None) for phase in phases]
    # Hours that saw the training tokens: the phases that state tokens where any does, else the whole run.
    judged = [phase for phase in phases if phase.tokens] or phases
    hours = [phase.gpu_hours for phase in judged]
    judged_hours = None if None in hours or not hours else float(sum(hour for hour in hours if hour is not None))
    tokens = run.tokens or _claimed(claims, Claim.Attribute.TRAINING_TOKENS)
    active = _claimed(claims, Claim.Attribute.ACTIVE_PARAMS)
    chip = next((phase.hardware for phase in judged if phase.hardware), None)
    peak = assumed.peak_flop_per_s or (chip.peak_bf16_flop_per_s if chip else None)
    precision_peak = None
    if assumed.peak_flop_per_s is None and chip and any("FP8" in phase.precision for phase in judged):
        precision_peak = chip.peak_fp8_flop_per_s
    return Ledger(
        run=run,
        usd_per_gpu_hour=rent,
        cost=cost,
        lines=lines,
        claims=claims,
        tokens=tokens,
        active_params=active,
        judged_hours=judged_hours,
        judged_by=assumed,
        peak_flop_per_s=peak,
        verdict=cached_plausibility(
            active_params=active,
            tokens=tokens,
            gpu_hours=judged_hours or None,
            peak_flop_per_s=peak,
            precision_peak_flop_per_s=precision_peak,
            utilisation=assumed.utilisation,
        ),
    )


def _claimed(claims: dict[str, list[Claim]], attribute: str) -> float | None:
    said = claims.get(attribute)
    number = said[0].number if said else None
    return None if number is None else float(number)
