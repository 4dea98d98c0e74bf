"""What a training run costs, computes and can plausibly have needed.

Hours and FLOP are floats, money is Decimal USD. A function of scalars returns None when an input is None: unknown in,
unknown out. Every cost here is that of the *final run*: it excludes prior research, ablations, failed runs, data,
staff, and owning the cluster.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from economics._checks import Money, Number, exact, fraction, number, positive
from economics.architecture_flop import Architecture, ParameterCount, architecture_params, training_flop_per_token
from economics.errors import InvalidArgument
from economics.hardware_cost import AmortisedCost, acquisition_cost, amortised_cost
from economics.training_uncertainty import CostInterval, Plausibility, cost_interval, plausibility

__all__ = [
    "AmortisedCost",
    "Architecture",
    "CostInterval",
    "ParameterCount",
    "Plausibility",
    "RentalCost",
    "acquisition_cost",
    "amortised_cost",
    "architecture_params",
    "cluster_days",
    "cluster_peak",
    "cost_interval",
    "flop_from_rate",
    "gpu_hours_per_trillion_tokens",
    "least_gpu_hours",
    "model_flop_utilisation",
    "plausibility",
    "rental_cost",
    "training_flop",
    "training_flop_per_token",
]

HOURS_PER_DAY = 24
SECONDS_PER_HOUR = 3600
TRILLION = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class RentalCost:
    """GPU-hours at a rent, by phase.

    by_phase          USD; None for a phase of unknown hours
    total             USD over the known phases; None when no phase (or not the rent) is known
    total_gpu_hours   hours over the known phases; None when no phase is known
    unknown_phases    phases left out of the totals: if there are any, the totals are lower bounds
    """

    by_phase: Mapping[str, Decimal | None]
    total: Decimal | None
    total_gpu_hours: float | None
    unknown_phases: tuple[str, ...]

    @property
    def is_lower_bound(self) -> bool:
        """Whether the totals leave out a phase whose hours are not known."""
        return bool(self.unknown_phases)


def rental_cost(*, gpu_hours: Mapping[str, Number | None], usd_per_gpu_hour: Money | None) -> RentalCost:
    """Return gpu_hours x usd_per_gpu_hour by phase, and the sum over the phases whose hours are known.

    ``gpu_hours`` maps phases to GPU-hours, None for unknown. Never add a published total as a phase of its own. Money
    is exact: a float rent or hours is taken as it prints (0.1 is Decimal("0.1")).
    :raises InvalidArgument: for no phase at all, negative hours or a negative rent.
    """
    if len(gpu_hours) == 0:
        raise InvalidArgument("gpu_hours is empty; name at least one phase, with None when its hours are not known.")
    hours = {
        phase: None if value is None else exact(value, name=f"gpu_hours[{phase!r}]")
        for phase, value in gpu_hours.items()
    }
    rent = None if usd_per_gpu_hour is None else exact(usd_per_gpu_hour, name="usd_per_gpu_hour")
    known = [value for value in hours.values() if value is not None]
    by_phase = {phase: None if value is None or rent is None else value * rent for phase, value in hours.items()}
    return RentalCost(
        by_phase=by_phase,
        total=sum((usd for usd in by_phase.values() if usd is not None), Decimal(0))
        if known and rent is not None
        else None,
        total_gpu_hours=float(sum(known, Decimal(0))) if known else None,
        unknown_phases=tuple(phase for phase, value in hours.items() if value is None),
    )


def cluster_days(*, gpu_hours: Number | None, gpus: Number | None) -> float | None:
    """Return the days that ``gpus`` chips, all busy all the time, take for ``gpu_hours``: gpu_hours / gpus / 24."""
    if gpu_hours is None or gpus is None:
        return None
    return number(gpu_hours, name="gpu_hours") / positive(gpus, name="gpus") / HOURS_PER_DAY


def gpu_hours_per_trillion_tokens(*, gpu_hours: Number | None, tokens: Number | None) -> float | None:
    """Return pretraining GPU-hours / (tokens / 1e12)."""
    if gpu_hours is None or tokens is None:
        return None
    return number(gpu_hours, name="gpu_hours") / (positive(tokens, name="tokens") / TRILLION)


def cluster_peak(*, gpus: Number | None, peak_flop_per_s: Number | None) -> float | None:
    """Return gpus x peak_flop_per_s in FLOP/s, with the precision basis of ``peak_flop_per_s``, which must be dense."""
    if gpus is None or peak_flop_per_s is None:
        return None
    return number(gpus, name="gpus") * positive(peak_flop_per_s, name="peak_flop_per_s")


def training_flop(
    *, active_params: Number | None, tokens: Number | None, flop_per_param_token: Number = 6
) -> float | None:
    """Return flop_per_param_token x active_params x tokens, in FLOP.

    6: two per multiply-add, once forward and twice backward. It leaves out attention scores, which
    :func:`training_flop_per_token` counts. (Kaplan et al. 2020, arXiv 2001.08361)
    """
    if active_params is None or tokens is None:
        return None
    factor = positive(flop_per_param_token, name="flop_per_param_token")
    return factor * positive(active_params, name="active_params") * number(tokens, name="tokens")


def flop_from_rate(*, flop_per_token: Number | None, tokens: Number | None) -> float | None:
    """Return flop_per_token x tokens, in FLOP. Keep the basis of the rate (model or hardware FLOP) beside it."""
    if flop_per_token is None or tokens is None:
        return None
    return positive(flop_per_token, name="flop_per_token") * number(tokens, name="tokens")


def model_flop_utilisation(
    *, flop: Number | None, gpu_hours: Number | None, peak_flop_per_s: Number | None
) -> float | None:
    """Return flop / (gpu_hours x 3600 x peak_flop_per_s): the share of the paid arithmetic that was model FLOP.

    Say with it how ``flop`` was counted and which precision ``peak_flop_per_s`` is of (dense, not sparse). A result
    above 1 is returned as it is: it says that one of the three inputs is wrong.
    """
    if flop is None or gpu_hours is None or peak_flop_per_s is None:
        return None
    seconds = positive(gpu_hours, name="gpu_hours") * SECONDS_PER_HOUR
    return number(flop, name="flop") / (seconds * positive(peak_flop_per_s, name="peak_flop_per_s"))


def least_gpu_hours(
    *, flop: Number | None, peak_flop_per_s: Number | None, utilisation: Number | None = 1.0
) -> float | None:
    """Return flop / (peak_flop_per_s x 3600 x utilisation): the GPU-hours below which the run cannot have been.

    :raises InvalidArgument: for a utilisation of 0 or above 1 (a percentage is refused).
    """
    if flop is None or peak_flop_per_s is None or utilisation is None:
        return None
    share = fraction(utilisation, name="utilisation")
    positive(share, name="utilisation")
    rate = positive(peak_flop_per_s, name="peak_flop_per_s") * SECONDS_PER_HOUR * share
    return number(flop, name="flop") / rate
