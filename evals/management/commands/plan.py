from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from economics.dollars import usd
from evals.errors import EvalError
from evals.plans import EndpointForecast, plan_run
from evals.selectors import endpoint_by_slug, suite_by_slug
from evals.services import install_suites


class Command(BaseCommand):
    help = "Say how many questions a difference needs, and what a run would cost and take. Calls nobody."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("suite")
        parser.add_argument("endpoints", nargs="+", metavar="endpoint")
        parser.add_argument(
            "--detect", type=float, default=10.0, metavar="POINTS", help="Difference to be seen, in percentage points."
        )
        parser.add_argument("--limit", type=int)
        parser.add_argument("--repeats", type=int, default=1)

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            install_suites()
            plan = plan_run(
                suite=suite_by_slug(options["suite"]),
                endpoints=[endpoint_by_slug(slug) for slug in options["endpoints"]],
                detect_points=options["detect"],
                limit=options["limit"],
                repeats=options["repeats"],
            )
        except EvalError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{plan.suite.slug}: {plan.n_questions} questions. Pass rate {plan.pass_rate:.0%} ({plan.rate_basis})."
        )
        self.stdout.write(
            f"To tell two endpoints {plan.detect_points:g} points apart on the same questions takes "
            f"{plan.questions_needed}; with {plan.n_questions} the smallest difference to be seen is "
            f"{plan.detectable_points:.0f} points (5 % error, 80 % power)."
        )
        if not plan.is_enough:
            self.stdout.write("So this run cannot show that difference; a larger suite can, repeats of it cannot.")
        for forecast in plan.forecasts:
            self.stdout.write(_line(forecast))


def _line(forecast: EndpointForecast) -> str:
    cost = "cost not known before a first run" if forecast.usd is None else f"about {usd(forecast.usd)}"
    time = "time not known before a first run" if forecast.seconds is None else f"about {forecast.seconds:.0f} s"
    most = f", at most {usd(forecast.usd_at_most)}" if forecast.usd_at_most else ""
    return f"{forecast.endpoint.slug}: {cost}{most}, {time}. Rests on {forecast.basis}."
