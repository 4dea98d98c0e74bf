from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evals.errors import EvalError, InvalidSuite, UnknownName
from evals.services import install_suite
from evals.suites import BUILDERS, BuiltSuite, reasoning_gym_mix

MIX = "rg-mix"


class Command(BaseCommand):
    help = "Write suites that come with the project into the database; without names, all of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = ", ".join([*BUILDERS, MIX])
        parser.add_argument("suites", nargs="*", metavar="suite", help=f"One of {names}.")
        parser.add_argument("--seed", type=int, help=f"For {MIX}: the seed; default 1.")
        parser.add_argument("--per-family", type=int, help=f"For {MIX}: tasks of each family; default 10.")
        parser.add_argument("--family", action="append", help=f"For {MIX}: only this family; may be given again.")

    def handle(self, *_: Any, **options: Any) -> None:
        asked = options["suites"] or list(BUILDERS)
        try:
            if MIX not in asked and (options["seed"] is not None or options["per_family"] or options["family"]):
                raise InvalidSuite(
                    f"--seed, --per-family and --family are for {MIX} only. The seed of a built-in suite is part of it."
                )
            for slug in asked:
                suite = install_suite(built(slug, options))
                self.stdout.write(f"{suite.slug}: {suite.samples.count()} samples.")
        except EvalError as error:
            raise CommandError(str(error)) from error


def built(slug: str, options: dict[str, Any]) -> BuiltSuite:
    """One suite by its name, made now.

    :raises EvalError: when there is none of that name or the mix cannot be made.
    """
    if slug == MIX:
        return reasoning_gym_mix.build(
            seed=1 if options["seed"] is None else options["seed"],
            per_family=10 if options["per_family"] is None else options["per_family"],
            families=options["family"] or tuple(reasoning_gym_mix.FAMILIES),
            package=reasoning_gym_mix.load(),
        )
    if slug not in BUILDERS:
        raise UnknownName("built-in suite", slug, [*BUILDERS, MIX])
    return BUILDERS[slug]()
