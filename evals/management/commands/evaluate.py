import math
import time
from argparse import ArgumentParser
from decimal import Decimal, InvalidOperation
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from economics.dollars import usd
from evals.comparisons import evidence_of, pairs_of
from evals.errors import EvalError, InvalidSetting
from evals.models import Run
from evals.selectors import RunSummary, endpoint_by_slug, run_summary, suite_by_slug
from evals.services import install_suites, start_comparison, start_run
from evals.worker.presence import worker_is_alive
from evals.worker.slice import run_slice

POLL_S = 0.5
WORKER_GRACE_S = 5.0
ENDED_WELL = (Run.State.FINISHED, Run.State.DECIDED)


class Command(BaseCommand):
    help = "Run a suite on one or more endpoints, show progress, and print what came of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("suite", help='Such as "everyday-v1".')
        parser.add_argument("endpoints", nargs="+", metavar="endpoint", help='Such as "local-smollm2".')
        parser.add_argument("--limit", type=int, help="Only so many samples, a fair draw, the same on every endpoint.")
        parser.add_argument("--repeats", type=int, default=1, help="Ask each sample so many times.")
        parser.add_argument("--budget", help="USD that each run may spend; default is the setting.")
        parser.add_argument(
            "--latency", action="store_true", help="Measure latency: few calls at once, and no other run beside them."
        )
        parser.add_argument(
            "--stop-early",
            action="store_true",
            help="With several endpoints: ask nothing more once the difference is decided.",
        )
        parser.add_argument(
            "--indifference",
            type=float,
            metavar="POINTS",
            help="With --stop-early: differences below so many points do not matter.",
        )
        parser.add_argument("--no-wait", action="store_true", help="Queue the runs and return.")
        parser.add_argument("--here", action="store_true", help="Make the calls in this process, without a worker.")
        parser.add_argument(
            "--accept-unknown-cost",
            action="store_true",
            help="Run endpoints whose price is not known; no budget holds.",
        )

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            runs = self._start(options)
        except EvalError as error:
            raise CommandError(str(error)) from error
        if options["no_wait"]:
            for run in runs:
                self.stdout.write(f"Queued {run.pk}: {run.suite} on {run.endpoint}. {address(run)}")
            return
        if not options["here"] and not worker_is_alive():
            names = " ".join(options["endpoints"])
            self.stderr.write(
                "No worker answers, so the runs are queued and wait. Start one with `python manage.py up`, or make the "
                f"calls in this process: python manage.py evaluate {options['suite']} {names} --here"
            )
        self._wait(runs, here=options["here"])
        self.stdout.write(table(runs))
        for line in differences(runs):
            self.stdout.write(line)
        for line in addresses(runs):
            self.stdout.write(line)
        if any(run.state not in ENDED_WELL for run in runs):
            raise CommandError(
                "\n".join(
                    f"{run.endpoint.slug}: {run.get_state_display()}. {run.stop_reason}"
                    for run in runs
                    if run.state not in ENDED_WELL
                )
            )

    def _start(self, options: dict[str, Any]) -> list[Run]:
        install_suites()
        suite = suite_by_slug(options["suite"])
        endpoints = [endpoint_by_slug(slug) for slug in dict.fromkeys(options["endpoints"])]
        common = {
            "suite": suite,
            "limit": options["limit"],
            "repeats": options["repeats"],
            "budget_usd": _money(options["budget"]),
            "accept_unknown_cost": options["accept_unknown_cost"],
            "requested_by": "command line",
            "lane": Run.Lane.LATENCY if options["latency"] else Run.Lane.NORMAL,
        }
        if len(endpoints) == 1:
            if options["stop_early"]:
                raise InvalidSetting("There is nothing to decide with one endpoint. Name a second one to stop early.")
            return [start_run(endpoint=endpoints[0], **common)]
        comparison = start_comparison(
            endpoints=endpoints,
            stop_early=options["stop_early"],
            indifference_points=options["indifference"],
            **common,
        )
        return list(comparison.runs.select_related("suite", "endpoint").order_by("created_at", "pk"))

    def _wait(self, runs: list[Run], *, here: bool) -> None:
        """Follow the runs to their end, or until each of them is over or paused."""
        planned = sum(run.samples.count() for run in runs)
        with tqdm(total=planned, unit="sample", disable=None, file=self.stderr) as bar:
            while True:
                if here:
                    for endpoint_id in {run.endpoint_id for run in runs}:
                        run_slice(endpoint_id, seconds=POLL_S * 4)
                for run in runs:
                    run.refresh_from_db()
                done = sum(run.samples.exclude(state__in=("pending", "claimed")).count() for run in runs)
                bar.update(done - bar.n)
                if all(run.state not in (Run.State.QUEUED, Run.State.RUNNING) for run in runs):
                    return
                time.sleep(POLL_S if not here else 0.0)


def address(run: Run) -> str:
    """The page of a run on this site."""
    return f"{settings.APP_URL}/evals/runs/{run.pk}/"


def addresses(runs: list[Run]) -> list[str]:
    """Where to read on: a line for each run, and one for them together."""
    lines = [f"{run.endpoint.slug}: {address(run)}" for run in runs]
    if len(runs) > 1 and runs[0].comparison_id:
        lines.append(f"compared: {settings.APP_URL}/evals/compare/?comparison={runs[0].comparison_id}")
    return lines


def differences(runs: list[Run]) -> list[str]:
    """A line for each pair: who was right where the other was wrong."""
    comparison = runs[0].comparison
    looked = {}
    if comparison is not None and comparison.stop_early:
        looked = evidence_of(runs, alpha=float(comparison.alpha), indifference_points=comparison.indifference_points)
    lines = []
    for pair in pairs_of(runs):
        evidence = looked.get((pair.first.pk, pair.second.pk))
        between = evidence.interval if evidence else pair.difference.interval
        span = "no interval" if between is None else f"{100 * between.low:+.1f} to {100 * between.high:+.1f}"
        how = f"e-value {evidence.evalue:.3g}, {evidence.verdict}" if evidence else f"p after Holm {_p(pair.p_value)}"
        lines.append(
            f"{pair.first.endpoint.slug} minus {pair.second.endpoint.slug}: "
            f"{100 * (pair.difference.difference or 0):+.1f} points ({span}) on {pair.difference.n} items, "
            f"{pair.only_first} and {pair.only_second} right alone, {how}."
        )
    return lines


def _p(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3g}"


def table(runs: list[Run]) -> str:
    """Runs as lines of text, one endpoint each."""
    head = ("endpoint", "state", "scored", "pass rate", "95% interval", "tokens", "cost", "$ per correct answer")
    found_of = [(run, run_summary(run)) for run in runs]
    lines = [head, *(_row(run, found) for run, found in found_of)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    text = "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)
    notes = [f"{run.endpoint.slug}: {found.latency_note}" for run, found in found_of if found.latency_note]
    notes += [f"{run.endpoint.slug}: {found.price_note}" for run, found in found_of]
    return "\n".join([text, "", *notes])


def _row(run: Run, summary: RunSummary) -> tuple[str, ...]:
    interval = summary.pass_rate_interval
    tokens = (summary.input_tokens or 0) + (summary.output_tokens or 0)
    return (
        run.endpoint.slug,
        run.get_state_display(),
        f"{summary.n_scored} of {summary.n_planned}",
        "unknown" if summary.pass_rate is None else f"{summary.pass_rate:.1%}",
        "" if interval is None else f"{interval.low:.1%} to {interval.high:.1%}",
        f"{tokens:,}" if tokens else "unknown",
        _usd(summary.cost_usd, at_least=summary.cost_is_lower_bound),
        _cost_of_pass(summary),
    )


def _cost_of_pass(summary: RunSummary) -> str:
    found = summary.cost_of_pass
    if found is None or (found.value is None and found.lower_bound is None):
        return "unknown"
    if found.value is None or math.isinf(found.value):
        return f"at least {_usd(found.lower_bound)}" if found.lower_bound is not None else "infinite"
    if found.interval is None:
        return _usd(found.value)
    high = "no upper limit" if math.isinf(found.interval.high) else _usd(found.interval.high)
    return f"{_usd(found.value)} ({_usd(found.interval.low)} to {high})"


def _usd(amount: Decimal | float | None, *, at_least: bool = False) -> str:
    if amount is None:
        return "unknown"
    return f"{'at least ' if at_least else ''}{usd(amount)}"


def _money(text: str | None) -> Decimal | None:
    if text is None:
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        raise InvalidSetting(f"The budget is {text!r}; write an amount in USD such as 0.50.") from None
