from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.errors import TooFewScores
from catalog.models import IndexEstimate, IndexFit
from catalog.selectors.index_changes import IndexChanges
from catalog.selectors.scores import POLICIES
from catalog.services import fit_index


class Command(BaseCommand):
    help = "Fit the capability index to the scores of the catalog. Unchanged scores keep their fit."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--policy", choices=POLICIES, default="independent", help="which score where several exist")
        parser.add_argument("--resamples", type=int, default=500)
        parser.add_argument("--seed", type=int, default=0)

    def handle(self, *_args: Any, **options: Any) -> None:
        try:
            fit = fit_index(policy=options["policy"], resamples=options["resamples"], seed=options["seed"])
        except TooFewScores as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{fit} from {fit.anchor_benchmark.slug} on, {fit.resamples} resamples, policy {fit.policy}")
        for estimate in fit.estimates.select_related("version").order_by("-capability", "version__slug"):
            if estimate.status == IndexEstimate.Status.NOT_SCORED or estimate.capability is None:
                continue
            interval = "" if estimate.low is None else f"{estimate.low:7.1f} to {estimate.high:.1f}"
            self.stdout.write(
                f"{estimate.capability:7.1f}  {estimate.version.slug:<32}{interval:<20}"
                f"{estimate.benchmarks:>3} benchmarks  {estimate.status}"
            )
        self._changes(fit)
        left = fit.estimates.filter(status=IndexEstimate.Status.NOT_SCORED).count()
        self.stdout.write(f"{left} versions are not scored: a single benchmark, or none in common with the others.")

    def _changes(self, fit: IndexFit) -> None:
        if fit.changes is None:
            self.stdout.write("There is no earlier fit by the same rules to compare with.")
            return
        changes = IndexChanges.from_json(fit.changes)
        self.stdout.write(
            f"Against the fit before: {len(changes.moved)} moved beyond their interval, "
            f"{len(changes.entered)} entered, {len(changes.left)} left; {len(changes.scores)} scores differ."
        )
        for each in changes.moved:
            why = "; ".join(score.words for score in each.scores) or "through scores of others"
            self.stdout.write(f"  {each.version} {each.before:.1f} to {each.after:.1f}: {why}")
        for verb, slugs in (("entered", changes.entered), ("left", changes.left)):
            if slugs:
                self.stdout.write(f"  {verb}: {', '.join(slugs)}")
