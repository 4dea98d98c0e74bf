"""By which rules runs of one suite were made, where they differ: a difference of rules is none of the models."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from uuid import UUID

from dashboard.runs import RunView
from evals.models import Run, RunSample


def scorers_of(runs: Iterable[Run]) -> dict[UUID, tuple[str, ...]]:
    """The versions of the scorers that judged each run, such as "numeric/3". One query."""
    found: defaultdict[UUID, set[str]] = defaultdict(set)
    rows = RunSample.objects.filter(run__in=list(runs)).exclude(scorer_version="")
    for run, label in rows.values_list("run_id", "scorer_version").distinct().order_by():
        found[run].add(label)
    return {run: tuple(sorted(labels)) for run, labels in found.items()}


def rules_that_differ(runs: Sequence[Run], scorers: Mapping[UUID, tuple[str, ...]]) -> dict[UUID, str]:
    """Of runs of one suite, what each did otherwise than another: scorers, settings, code; nothing where they agree.

    A scorer counts as another one only where two runs have it in two versions: a run that has not come to an item with
    some scorer says nothing about it.
    """
    versions: defaultdict[str, defaultdict[UUID, set[str]]] = defaultdict(lambda: defaultdict(set))
    for run in runs:
        for label in scorers.get(run.pk, ()):
            versions[label.rpartition("/")[0] or label][run.pk].add(label)
    names = [
        name for name, of_runs in sorted(versions.items()) if len({frozenset(each) for each in of_runs.values()}) > 1
    ]
    settings = [
        ("temperature", {run.pk: f"{run.temperature:g}" for run in runs}),
        ("output tokens at most", {run.pk: f"{run.max_output_tokens}" for run in runs}),
        ("repeats", {run.pk: f"{run.repeats}" for run in runs}),
    ]
    code = {run.pk: run.code_version[:8] for run in runs if run.code_version}
    found = {}
    for run in runs:
        judges = [label for name in names for label in sorted(versions[name].get(run.pk, ()))]
        parts = [f"judged by {' and '.join(judges)}"] if judges else []
        parts += [f"{title} {values[run.pk]}" for title, values in settings if len(set(values.values())) > 1]
        if len(set(code.values())) > 1:
            parts.append(f"asked by code {code.get(run.pk, 'that was not noted')}")
        if parts:
            found[run.pk] = ", ".join(parts)
    return found


def with_rules(views: Sequence[RunView]) -> list[RunView]:
    """The same runs, each saying what it did otherwise than another run of its suite among them."""
    by_suite: defaultdict[int, list[Run]] = defaultdict(list)
    for view in views:
        by_suite[view.run.suite_id].append(view.run)
    scorers = scorers_of(view.run for view in views)
    said: dict[UUID, str] = {}
    for runs in by_suite.values():
        said |= rules_that_differ(runs, scorers)
    return [replace(view, rules=said.get(view.run.pk, "")) for view in views]
