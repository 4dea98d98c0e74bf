"""What the page of one run shows beside its summary: spreads, and its cost at other prices."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.safestring import SafeString
from django.utils.text import slugify

from catalog.models import Offering, Price
from dashboard import formats
from dashboard.charts.histogram import Spread, histogram_svg, spread_of
from dashboard.errors import BadParameter
from dashboard.query import choice, parse_day
from evals.errors import UnknownPrice
from evals.models import Attempt, Run
from evals.repricing import Repriced, reprice
from evals.selectors import LAG_LIMIT_MS

MOST_OFFERINGS = 300


@dataclass(frozen=True, slots=True)
class Distribution:
    """One quantity with its drawing and its percentiles in words."""

    title: str
    unit: str
    spread: Spread
    drawing: SafeString
    write: Callable[[float], str]
    note: str = ""

    @property
    def name(self) -> str:
        """In an address: "time-to-first-token"."""
        return slugify(self.title)

    @property
    def facts(self) -> list[tuple[str, str]]:
        found = self.spread
        named = (
            ("Least", found.least),
            ("Half within", found.p50),
            ("90% within", found.p90),
            ("95% within", found.p95),
            ("Most", found.most),
        )
        return [(name, self.write(value)) for name, value in named]

    @property
    def sentence(self) -> str:
        return f"{self.title} of {formats.plural(self.spread.n, self.unit)}."


def distributions(run: Run) -> list[Distribution]:
    """Latency of the answered calls, time to the first token where it was seen, and cost of each sample. One query.

    Times are of the calls that the summary's are of: those during which our own event loop was in time.
    """
    latency, first_token = [], []
    costs: defaultdict[int, Decimal | None] = defaultdict(Decimal)
    rows = Attempt.objects.filter(run_sample__run=run).values_list(
        "run_sample_id", "state", "latency_ms", "time_to_first_token_ms", "loop_lag_ms", "cost_usd"
    )
    left_out = 0
    for sample, state, milliseconds, first, lag, cost in rows:
        is_answered, is_late = state == Attempt.State.ANSWERED, (lag or 0) > LAG_LIMIT_MS
        left_out += is_answered and is_late
        if is_answered and not is_late:
            latency += [milliseconds] if milliseconds is not None else []
            first_token += [first] if first is not None else []
        so_far = costs[sample]
        costs[sample] = None if cost is None or so_far is None else so_far + cost
    known = [float(cost) for cost in costs.values() if cost is not None]
    note = f"without {formats.plural(left_out, 'call')} while the worker itself was late" if left_out else ""
    wanted: list[tuple[str, str, list[float], Callable[[float], str], str]] = [
        ("Latency", "answered call", latency, milliseconds_words, note),
        ("Time to first token", "answered call", first_token, milliseconds_words, note),
        ("Cost", "sample", known, formats.usd, ""),
    ]
    found = []
    for title, unit, values, write, said in wanted:
        spread = spread_of(values)
        if spread is not None:
            found.append(Distribution(title, unit, spread, histogram_svg(values, spread), write, said))
    return found


def milliseconds_words(value: float) -> str:
    """As the sentence about the timing writes them, up to ten seconds."""
    return f"{value / 1000:,.1f} s" if value >= 9_950 else f"{value:,.0f} ms"


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """Other prices for the same tokens, as asked for, and what came of it."""

    offering: str = ""
    on: str = ""
    tier: str = str(Price.ServiceClass.STANDARD)
    found: Repriced | None = None
    problem: str = ""

    @property
    def factor(self) -> float | None:
        """Hypothetical over booked; None where one of them is not known or nothing was booked."""
        if self.found is None or self.found.usd is None or not self.found.booked_usd:
            return None
        return float(self.found.usd / self.found.booked_usd)


def hypothesis(run: Run, values: dict[str, str], *, today: date) -> Hypothesis:
    """Read ``?offering=&on=&tier=`` and price the run's tokens so. Nothing asked for: an empty form."""
    own = run.endpoint.offering
    named = values.get("offering", "").strip()[:400]
    on, tier = values.get("on", "").strip(), values.get("tier", "") or str(Price.ServiceClass.STANDARD)
    asked = Hypothesis(offering=named or (name_of(own) if own else ""), on=on or today.isoformat(), tier=tier)
    if not (named or on or values.get("tier")):
        return asked
    try:
        day = parse_day(asked.on)
        choice("tier", tier, tuple(Price.ServiceClass.values))
        offering = offering_named(asked.offering)
        found = reprice(run, offering=offering, on=day, service_class=tier)
    except BadParameter as error:
        return Hypothesis(asked.offering, asked.on, tier, problem=error.message)
    except UnknownPrice as error:
        return Hypothesis(asked.offering, asked.on, tier, problem=str(error))
    return Hypothesis(asked.offering, asked.on, tier, found=found)


def name_of(offering: Offering) -> str:
    """How an offering is written in the form: provider/id."""
    return f"{offering.provider.slug}/{offering.provider_model_id}"


def offering_named(text: str) -> Offering:
    """:raises BadParameter: when there is none of that name."""
    provider, _, model_id = text.partition("/")
    found = (
        Offering.objects.select_related("provider", "version__model")
        .filter(provider__slug=provider, provider_model_id=model_id)
        .order_by("region", "pk")
        .first()
    )
    if found is None:
        raise BadParameter(
            "offering",
            f"There is no offering {text!r}. Write provider/id as in the list, such as deepseek/deepseek-chat.",
        )
    return found


def offerings_to_choose(run: Run) -> list[Offering]:
    """Those of the measured version first, then others."""
    version = run.measured_version
    found = Offering.objects.select_related("provider", "version").order_by("provider__slug", "provider_model_id")
    own = list(found.filter(version=version)) if version else []
    others = found.exclude(pk__in=[each.pk for each in own])[: max(0, MOST_OFFERINGS - len(own))]
    return [*own, *others]
