"""One of our runs as pages and API show it: the summary of the evals app with links and words."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet
from django.urls import reverse

from catalog.models import ModelVersion
from dashboard import formats
from economics.interval import Interval
from evals.models import Endpoint, Run, Suite
from evals.selectors import RunSummary, run_summaries, run_summary

MOST_COMPARABLE = 100


@dataclass(frozen=True, slots=True)
class RunView:
    """``rules``: what the run did otherwise than another run beside it; see ``dashboard.run_rules``."""

    run: Run
    summary: RunSummary
    rules: str = ""

    @property
    def url(self) -> str:
        return reverse("dashboard:run", args=[self.run.pk])

    @property
    def is_open(self) -> bool:
        return self.run.state in Run.OPEN_STATES

    @property
    def version(self) -> ModelVersion | None:
        """The weights that were measured, as far as the catalog knows them."""
        return self.run.measured_version

    @property
    def percent_done(self) -> int:
        found = self.summary
        return math.floor(100 * found.n_done / found.n_planned) if found.n_planned else 100

    @property
    def percent_spent(self) -> int:
        found = self.summary
        return math.ceil(100 * found.spent_usd / found.budget_usd) if found.budget_usd else 100

    @property
    def progress(self) -> str:
        """ "23 of 60 samples done, 1.4 per second, 26 s left, $0.0012 of $1.00 spent"; "23 of 60 samples done, 37
        cancelled, $0.0012 of $1.00 spent".
        """
        found = self.summary
        never = {"skipped": found.n_skipped, "not asked": found.n_not_asked, "cancelled": found.n_cancelled}
        parts = [f"{found.n_done} of {formats.plural(found.n_planned, 'sample')} done"]
        parts += [f"{n} {words}" for words, n in never.items() if n]
        if self.is_open and found.samples_per_second:
            parts.append(f"{found.samples_per_second:.1f} per second")
        if self.is_open and found.seconds_left is not None:
            parts.append(f"{formats.duration(found.seconds_left)} left")
        parts.append(f"{formats.usd(found.spent_usd)} of {formats.usd(found.budget_usd)} spent")
        return ", ".join(parts)

    @property
    def result(self) -> str:
        """What the run found, in one sentence; empty before anything is scored."""
        found = self.summary
        if found.pass_rate is None:
            return ""
        price = "" if self.usd_per_correct is None else f", {self.cost_at} per correct answer"
        price += f" (machine rent: {self.rent_note})" if price and self.rent_note else ""
        return (
            f"{self.run.endpoint.name} {'has answered' if self.is_open else 'answered'} {found.n_correct} of "
            f"{found.n_scored} right, {formats.percent(found.pass_rate)}{price}."
        )

    @property
    def rent_note(self) -> str:
        """Self-hosted: where the machine's price comes from. A cost can be no truer than that."""
        return str(self.run.prices.get("rent_note", ""))

    @property
    def tokens(self) -> int | None:
        found = self.summary
        if found.input_tokens is None or found.output_tokens is None:
            return None
        return found.input_tokens + found.output_tokens

    @property
    def not_scored(self) -> str:
        """What is neither right nor wrong nor an error, in words: "2 unscored, 1 skipped"; empty without any."""
        found = self.summary
        kinds = {
            "unscored": found.n_unscored,
            "skipped": found.n_skipped,
            "oversize": found.n_oversize,
            "not asked": found.n_not_asked,
            "cancelled": found.n_cancelled,
        }
        return ", ".join(f"{n} {words}" for words, n in kinds.items() if n)

    @property
    def usd_per_correct(self) -> float | None:
        return self.summary.cost_of_pass.value if self.summary.cost_of_pass else None

    @property
    def usd_per_correct_interval(self) -> Interval | None:
        return self.summary.cost_of_pass.interval if self.summary.cost_of_pass else None

    @property
    def cost_words(self) -> str:
        """$ per correct answer, in words where it is no number."""
        found = self.summary.cost_of_pass
        if found is None or (found.value is None and found.lower_bound is None):
            return "unknown"
        bound = "" if found.lower_bound is None else f"at least {formats.usd(found.lower_bound)}"
        return bound or formats.usd(found.value)

    @property
    def cost_at(self) -> str:
        """The same after a result: "at $0.01", or "at $0.01 or more" where some call's cost is unknown."""
        found = self.summary.cost_of_pass
        if found is None or found.lower_bound is None:
            return f"at {self.cost_words}"
        return f"at {formats.usd(found.lower_bound)} or more"

    @property
    def cost_interval(self) -> str:
        """The interval, or why there is none."""
        found = self.summary.cost_of_pass
        if found is None:
            return "no price is known"
        if found.interval is None:
            return formats.no_interval(found.method)
        return f"{formats.usd(found.interval.low)} to {formats.usd(found.interval.high)}, {found.interval.level:.0%}"

    @property
    def rate_interval(self) -> str:
        interval = self.summary.pass_rate_interval
        if interval is None:
            return ""
        return f"{formats.percent(interval.low)} to {formats.percent(interval.high)}, {interval.level:.0%}"


def all_runs() -> QuerySet[Run]:
    """The newest first, with everything a view of them names."""
    return Run.objects.select_related(
        "suite",
        "comparison",
        "version__model__developer",
        "endpoint__version__model__developer",
        "endpoint__offering__version__model__developer",
    ).order_by("-created_at", "pk")


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs a reader asks for; empty means all. ``notices`` says what was asked for and is not there."""

    suite: str = ""
    endpoint: str = ""
    state: str = ""
    notices: tuple[str, ...] = ()

    @property
    def is_set(self) -> bool:
        return bool(self.suite or self.endpoint or self.state)

    def runs(self) -> QuerySet[Run]:
        wanted = {"suite__slug": self.suite, "endpoint__slug": self.endpoint, "state": self.state}
        return all_runs().filter(**{name: value for name, value in wanted.items() if value})


def run_choices() -> dict[str, list[tuple[str, str]]]:
    """What runs can be filtered by: suites and endpoints that have runs, in the order of their names, and states."""
    return {
        name: list(model.objects.filter(runs__isnull=False).distinct().order_by("name").values_list("slug", "name"))
        for name, model in (("suite", Suite), ("endpoint", Endpoint))
    } | {"state": [(str(value), str(label).capitalize()) for value, label in Run.State.choices]}


def read_filter(values: Mapping[str, str], choices: Mapping[str, list[tuple[str, str]]]) -> RunFilter:
    """``?suite=SLUG&endpoint=SLUG&state=``; what does not exist is named and left out."""
    asked = {name: values[name].strip()[:80] for name in choices if values.get(name, "").strip()}
    known = {name: value for name, value in asked.items() if value in dict(choices[name])}
    notices = [
        f"No run has the {name} {value!r}, so that was left out." for name, value in asked.items() if name not in known
    ]
    return RunFilter(**known, notices=tuple(notices))


def comparable(run: Run) -> list[Run]:
    """Runs of the same suite on other endpoints, those of the same comparison first, then the newest of each."""
    others = all_runs().filter(suite=run.suite).exclude(endpoint=run.endpoint)
    made_together = list(others.filter(comparison=run.comparison_id)) if run.comparison_id else []
    known = {each.endpoint_id for each in made_together}
    newest: dict[int, Run] = {}
    for each in others[:MOST_COMPARABLE]:
        if each.endpoint_id not in known:
            newest.setdefault(each.endpoint_id, each)
    return [*made_together, *newest.values()]


def run_view(run: Run) -> RunView:
    return RunView(run, run_summary(run))


def run_views(runs: Iterable[Run]) -> list[RunView]:
    """In the order given, in two queries more than the runs themselves."""
    found = list(runs)
    summaries = run_summaries(found)
    return [RunView(run, summaries[run.pk]) for run in found]
