"""The two axes of the frontier: what is measured, in which unit, and how its values are written."""

from dataclasses import dataclass

from catalog.models import Benchmark
from dashboard import formats
from dashboard.measured_costs import MeasuredSuite
from dashboard.query import FrontierQuery


@dataclass(frozen=True, slots=True)
class CapabilityAxis:
    """``name`` is the query value; ``noun`` fills "trails by 1.1 ...", ``short`` heads a table column."""

    name: str
    title: str
    short: str
    noun: str
    unit: str

    @property
    def is_share(self) -> bool:
        return self.unit == Benchmark.Unit.FRACTION

    def text(self, value: float | None) -> str:
        """A level on this axis: 133.2, or 59.1%."""
        if value is None:
            return formats.UNKNOWN
        return formats.percent(value) if self.is_share else f"{value:,.1f}"

    def between(self, first: float | None, second: float | None) -> str:
        """A distance on this axis: "1.1 index points", "4.2 percentage points on GPQA Diamond"."""
        return f"{abs(self.gap(first, second)):.1f} {self.noun}"

    def gap(self, first: float | None, second: float | None) -> float:
        """The first less the second, as both are written: a reader who subtracts finds the same."""
        return self.rounded(first or 0.0) - self.rounded(second or 0.0)

    def rounded(self, value: float) -> float:
        """The number that ``text`` writes."""
        return round(self.shown(value), 1)

    def shown(self, value: float) -> float:
        """The value as the chart plots it: percent for shares."""
        return value * 100 if self.is_share else value


INDEX = CapabilityAxis("index", "Capability index", "Index", "index points", Benchmark.Unit.INDEX)


def capability_axis(name: str) -> CapabilityAxis:
    """The axis of a capability name that is known to exist; an unknown benchmark reads like a share of tasks."""
    if name == "index":
        return INDEX
    benchmark = Benchmark.objects.filter(slug=name.partition(":")[2]).first()
    if benchmark is None:
        return CapabilityAxis(name, name, "Score", "percentage points", Benchmark.Unit.FRACTION)
    noun = {
        Benchmark.Unit.FRACTION: f"percentage points on {benchmark}",
        Benchmark.Unit.ELO: f"rating points on {benchmark}",
        Benchmark.Unit.INDEX: f"points on {benchmark}",
    }[Benchmark.Unit(benchmark.unit)]
    title = f"{benchmark}, measured here" if benchmark.is_own_suite else str(benchmark)
    return CapabilityAxis(name, title, "Score", noun, benchmark.unit)


@dataclass(frozen=True, slots=True)
class CostAxis:
    """What a model costs: its list price for the visitor's mix, or a solved task as our runs measured it, in US$.

    ``title`` labels the chart's axis, ``basis`` says what it rests on, ``short`` heads a table column, ``per`` follows
    an amount ("$0.48 per 1M"), ``spoken`` does so in full, ``per_unit`` follows "cheaper", ``less`` "costs 92% less".
    """

    name: str
    heading: str
    title: str
    basis: str
    short: str
    per: str
    spoken: str
    per_unit: str
    less: str

    @property
    def is_measured(self) -> bool:
        return self.name == "measured"

    @property
    def subtitle(self) -> str:
        """The basis with its unit."""
        return f"{self.basis}, US${'' if self.is_measured else ' per 1M tokens'}"


def cost_axis(query: FrontierQuery, suite: MeasuredSuite | None) -> CostAxis:
    if query.cost == "measured":
        on = f" of {suite.name}" if suite else ""
        return CostAxis(
            "measured",
            "Capability against measured cost",
            f"US$ per solved task{on}",
            f"measured cost of a solved task{on}",
            "Per solved task",
            "per solved task",
            "per solved task",
            "per solved task",
            " per solved task",
        )
    kind = {"1:0:0": "input", "0:0:1": "output"}.get(query.mix.text)
    tokens = f"{kind} tokens" if kind else "tokens"
    return CostAxis(
        "list",
        "Capability against price",
        f"US$ per 1M {tokens}",
        f"list price of {tokens}" if kind else f"blended list price ({query.mix.words})",
        "Input" if kind == "input" else "Output" if kind else "Blended",
        f"per 1M {kind}" if kind else "per 1M",
        f"per million {tokens}",
        f"per {kind or 'blended'} token",
        "",
    )
