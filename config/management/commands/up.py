from argparse import Namespace
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.supervisor import options, up


class Command(BaseCommand):
    """``manage.py`` itself takes the shorter way to the same function, without loading every app first."""

    help = "Start everything on this machine (Redis, web, worker, beat, local model) and print READY."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        options.add_options(parser)

    def handle(self, *_args: Any, **values: Any) -> None:
        code = up.run(Namespace(**values))
        if code:
            raise SystemExit(code)
