from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evals.errors import EvalError, UnknownName
from evals.services import install_suite
from evals.suites import BUILDERS


class Command(BaseCommand):
    help = "Write suites that come with the project into the database; without names, all of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("suites", nargs="*", metavar="suite", help=f"One of {', '.join(BUILDERS)}.")

    def handle(self, *_: Any, **options: Any) -> None:
        try:
            for slug in options["suites"] or BUILDERS:
                if slug not in BUILDERS:
                    raise UnknownName("built-in suite", slug, BUILDERS)
                suite = install_suite(BUILDERS[slug]())
                self.stdout.write(f"{suite.slug}: {suite.samples.count()} samples.")
        except EvalError as error:
            raise CommandError(str(error)) from error
