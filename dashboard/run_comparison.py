"""Runs of one suite beside each other: whether a difference is real, what a right answer costs, who said what."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import NamedTuple
from uuid import UUID

from dashboard import formats
from dashboard.errors import BadParameter
from dashboard.run_rules import with_rules
from dashboard.runs import RunView, all_runs, run_views
from economics.cost_of_pass import CostOfPass
from evals.comparisons import ALPHA, Evidence, Pair, evidence_of, pairs_of, results_of, shared_rates
from evals.models import Attempt, Comparison, Run, RunSample
from evals.selectors import shared_costs

FEWEST, MOST = 2, 6
SHOWN = {
    "differ": "only one right",
    "only_first": "only {first} right",
    "only_second": "only {second} right",
    "both": "both right",
    "neither": "both wrong",
    "failed": "failed or unscored in one",
}


@dataclass(frozen=True, slots=True)
class PairView:
    """Two runs with their names, what separates them, and what may be said of it."""

    pair: Pair
    evidence: Evidence | None
    first: str
    second: str

    @property
    def key(self) -> str:
        return f"{self.pair.first.pk},{self.pair.second.pk}"

    @property
    def names(self) -> str:
        return f"{self.first} and {self.second}"

    @property
    def ahead(self) -> tuple[str, str]:
        """The better one first."""
        in_order = (self.pair.difference.difference or 0) >= 0
        return (self.first, self.second) if in_order else (self.second, self.first)

    @property
    def is_real(self) -> bool | None:
        """None where nothing can be said."""
        if self.evidence is not None:
            return self.evidence.verdict == "differ"
        return None if self.pair.p_value is None else self.pair.p_value < ALPHA

    @property
    def points(self) -> str:
        """ "+12.0 points, 5.1 to 18.9"; first minus second."""
        found = self.pair.difference
        if found.difference is None:
            return ""
        return f"{signed(100 * found.difference)} points"

    @property
    def interval(self) -> str:
        """The interval that goes with the way it was measured, or why there is none."""
        if self.evidence is not None:
            between = self.evidence.interval
            if between is None:
                return "no shared item yet"
            return f"{signed(100 * between.low)} to {signed(100 * between.high)}, holds at every look"
        between = self.pair.difference.interval
        if between is None:
            return formats.no_interval(self.pair.difference.method)
        return f"{signed(100 * between.low)} to {signed(100 * between.high)}, {between.level:.0%}"

    @property
    def certainty(self) -> str:
        if self.evidence is not None:
            return f"e-value {self.evidence.evalue:,.1f}" if self.evidence.evalue < 1e6 else "e-value over a million"
        value = self.pair.p_value
        return "" if value is None else "p < 0.001" if value < 0.001 else f"p = {value:.3f}"

    @property
    def words(self) -> str:
        """Whether the difference is real, in one or two sentences."""
        better, worse = self.ahead
        found = self.pair.difference
        gap = abs(100 * (found.difference or 0))
        if self.evidence is not None and self.evidence.verdict == "alike":
            return f"Alike: {self.names} differ by less than what was said to matter."
        if self.is_real:
            return f"Yes: {better} answers {gap:.1f} points more of the items right than {worse}."
        if self.is_real is None:
            return f"Too few items to say: {formats.plural(found.n, 'item')} in common, at least 10 are needed."
        if gap == 0:
            return "Not shown: they answered equally many right."
        return (
            f"Not shown: {better} is {gap:.1f} points ahead on these {found.n} items, and chance alone does that often "
            "enough."
        )


class Answer(NamedTuple):
    """What one endpoint made of one item; both None where it was not asked."""

    sample: RunSample | None
    text: str


@dataclass(frozen=True, slots=True)
class ItemRow:
    """One item with both answers. ``kind`` is one of SHOWN, or empty while one of them is waiting."""

    key: str
    category: str
    prompt: str
    target: object
    scorer: str
    repeat: int
    first: Answer
    second: Answer
    kind: str


@dataclass(frozen=True, slots=True)
class RunComparison:
    """Everything the page of a comparison says.

    names     of the runs, by id: that of the endpoint, with the moment where one endpoint has several runs here
    n_scored  items that every run was scored on; ``rates`` are over these
    n_asked   items that every run has asked to the end; ``costs`` are over these
    """

    comparison: Comparison | None
    views: list[RunView]
    pairs: list[PairView]
    names: dict[UUID, str]
    n_scored: int
    rates: dict[UUID, float]
    n_asked: int
    costs: dict[UUID, CostOfPass | None]

    @property
    def suite_name(self) -> str:
        return self.views[0].run.suite.name

    @property
    def is_live(self) -> bool:
        return any(view.is_open for view in self.views)

    @property
    def have_other_rules(self) -> bool:
        """Whether some were judged, set or asked otherwise, which a difference may come from."""
        return any(view.rules for view in self.views)

    @property
    def rows(self) -> list[tuple[str, RunView]]:
        """The runs with their names."""
        return [(self.names[view.run.pk], view) for view in self.views]

    @property
    def sentence(self) -> str:
        """The answer of the page: only of the items that all of the runs share."""
        if any(view.summary.pass_rate is None for view in self.views):
            return "Nothing to compare yet: not every run has answered."
        if not self.n_scored and self.pairs:
            return f"No item was scored in all {len(self.views)} runs, so only the pairs below can be compared."
        if not self.n_scored:
            return "These runs have no scored item in common, so they cannot be compared."
        return f"{self._lead}{self._cheapest}."

    @property
    def _best(self) -> list[UUID]:
        most = max(self.rates.values())
        return [pk for pk, rate in self.rates.items() if math.isclose(rate, most)]

    @property
    def _lead(self) -> str:
        best = self._best
        who = and_list([self.names[pk] for pk in best])
        share = f"{formats.percent(self.rates[best[0]])} of {formats.plural(self.n_scored, 'shared item')}"
        if len(best) == len(self.views):
            return f"{who} answer equally many right ({share})"
        if len(best) > 1:
            return f"{who} are level in front ({share} each)"
        name = self.names[best[0]]
        own = [pair for pair in self.pairs if best[0] in (pair.pair.first.pk, pair.pair.second.pk)]
        real = [pair for pair in own if pair.is_real and pair.ahead[0] == name]
        if len(real) == len(self.views) - 1:
            return f"{name} is ahead for certain ({share})"
        if real:
            return f"{name} is ahead, though not of all for certain ({share})"
        few = all(pair.is_real is None for pair in own)
        why = "on too few items to rule out chance" if few else "which chance alone could do"
        return f"{name} is ahead, {why} ({share})"

    @property
    def _cheapest(self) -> str:
        """Whose right answers cost least; empty where some cost is not known."""
        costs = {pk: found.value for pk, found in self.costs.items() if found is not None and found.value is not None}
        if len(costs) < len(self.views) or not all(map(math.isfinite, costs.values())):
            return ""
        least = min(costs.values())
        cheapest = [pk for pk, cost in costs.items() if math.isclose(cost, least)]
        each = f"{formats.usd(least)} each"
        if len(cheapest) == len(self.views):
            return f"; right answers cost the same ({each})"
        if cheapest == self._best:
            return f", and {'has' if len(cheapest) == 1 else 'have'} the cheapest right answers ({each})"
        return f"; right answers are cheapest on {and_list([self.names[pk] for pk in cheapest])} ({each})"


def names_of(runs: Sequence[Run]) -> dict[UUID, str]:
    """What each run is called beside the others: its endpoint; with day and time, or if these are the same too with the
    beginning of its id, where that says too little.
    """
    short = {run.pk: run.endpoint.name for run in runs}
    dated = {run.pk: f"{run.endpoint.name} of {moment_words(run.created_at)}" for run in runs}
    exact = {run.pk: f"{run.endpoint.name} run {str(run.pk)[:8]}" for run in runs}
    found = {}
    for run in runs:
        for names in (short, dated, exact):
            found[run.pk] = names[run.pk]
            if list(names.values()).count(names[run.pk]) == 1:
                break
    return found


def moment_words(at: datetime) -> str:
    """8 Feb 2025 14:02 UTC."""
    return f"{formats.day(at.astimezone(UTC).date())} {at.astimezone(UTC):%H:%M} UTC"


def and_list(words: Sequence[str]) -> str:
    """ "A", "A and B", "A, B and C"."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


def signed(value: float) -> str:
    return f"{formats.MINUS if value < -0.05 else '+' if value > 0.05 else ''}{abs(value):.1f}"


def read_runs(values: dict[str, str]) -> tuple[Comparison | None, list[Run]]:
    """The runs of ``?comparison=ID`` or ``?runs=ID,ID``.

    :raises BadParameter: when there are none of these ids, too few or too many, or of different suites.
    """
    if values.get("comparison"):
        pk = as_uuid("comparison", values["comparison"])
        comparison = Comparison.objects.select_related("suite").filter(pk=pk).first()
        if comparison is None:
            raise BadParameter(
                "comparison", f"There is no comparison {values['comparison']!r}. /evals/ lists the runs."
            )
        return comparison, list(all_runs().filter(comparison=comparison).order_by("created_at", "pk"))
    named = [text for text in values.get("runs", "").split(",") if text.strip()]
    keys = list(dict.fromkeys(as_uuid("runs", text) for text in named))
    if not FEWEST <= len(keys) <= MOST:
        raise BadParameter(
            "runs",
            f"{formats.plural(len(keys), 'run is', 'runs are')} chosen. A comparison takes {FEWEST} to {MOST} runs of "
            "one suite: tick them in one of the lists below.",
        )
    found = {run.pk: run for run in all_runs().filter(pk__in=keys)}
    if missing := [str(key) for key in keys if key not in found]:
        raise BadParameter("runs", f"There is no run {missing[0]}. /evals/ lists all runs.")
    runs = [found[key] for key in keys]
    suites = {run.suite.slug for run in runs}
    if len(suites) > 1:
        raise BadParameter(
            "runs", f"The runs are of {' and '.join(sorted(suites))}: only runs of one suite have items in common."
        )
    made_together = {run.comparison_id for run in runs}
    comparison_id = made_together.pop() if len(made_together) == 1 else None
    return Comparison.objects.filter(pk=comparison_id).first() if comparison_id else None, runs


def as_uuid(parameter: str, text: str) -> UUID:
    try:
        return UUID(text.strip())
    except ValueError:
        raise BadParameter(
            parameter, f"{text[:60]!r} is not the id of a run. Copy it from the page of the run."
        ) from None


def run_comparison(comparison: Comparison | None, runs: Sequence[Run]) -> RunComparison:
    """In a constant number of queries. A comparison that may stop early is judged by evidence for every look."""
    looked: dict[tuple[UUID, UUID], Evidence] = {}
    if comparison is not None and comparison.stop_early:
        looked = evidence_of(runs, alpha=float(comparison.alpha), indifference_points=comparison.indifference_points)
    results, names = results_of(runs), names_of(runs)
    pairs = [
        PairView(pair, looked.get((pair.first.pk, pair.second.pk)), names[pair.first.pk], names[pair.second.pk])
        for pair in pairs_of(runs, results)
    ]
    n_scored, rates = shared_rates(runs, results)
    n_asked, costs = shared_costs(runs)
    return RunComparison(comparison, with_rules(run_views(runs)), pairs, names, n_scored, rates, n_asked, costs)


def item_rows(first: Run, second: Run) -> list[ItemRow]:
    """Both runs' answers to each item and repeat, in the first run's order of sending. Texts come later."""
    of_second = {(each.sample_id, each.repeat): each for each in second.samples.all()}
    rows = []
    for one in first.samples.select_related("sample").order_by("position"):
        other = of_second.get((one.sample_id, one.repeat))
        item = one.sample
        rows.append(
            ItemRow(
                item.key,
                item.category,
                item.prompt,
                item.target,
                item.scorer,
                one.repeat,
                Answer(one, ""),
                Answer(other, ""),
                kind_of(one, other),
            )
        )
    return rows


def kind_of(one: RunSample, other: RunSample | None) -> str:
    judged = {RunSample.Outcome.CORRECT, RunSample.Outcome.INCORRECT}
    waiting = {RunSample.State.PENDING, RunSample.State.CLAIMED, RunSample.State.NOT_ASKED, RunSample.State.CANCELLED}
    if other is None or one.state in waiting or other.state in waiting:
        return ""
    if one.outcome not in judged or other.outcome not in judged:
        return "failed"
    right = one.outcome == RunSample.Outcome.CORRECT, other.outcome == RunSample.Outcome.CORRECT
    return {(True, True): "both", (True, False): "only_first", (False, True): "only_second"}.get(right, "neither")


def with_texts(rows: Sequence[ItemRow]) -> list[ItemRow]:
    """The same rows with what was replied: one query for the ones on the page."""
    keys = [answer.sample.pk for row in rows for answer in (row.first, row.second) if answer.sample]
    texts: dict[int, str] = {}
    for sample, text in (
        Attempt.objects.filter(run_sample__in=keys).order_by("run_sample", "n").values_list("run_sample_id", "text")
    ):
        texts[sample] = text or texts.get(sample, "")
    return [replace(row, first=answered(row.first, texts), second=answered(row.second, texts)) for row in rows]


def answered(answer: Answer, texts: dict[int, str]) -> Answer:
    return answer if answer.sample is None else Answer(answer.sample, texts.get(answer.sample.pk, ""))
