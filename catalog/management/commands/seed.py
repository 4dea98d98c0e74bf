from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.errors import SeedError
from catalog.seeding.writing import Counts
from catalog.services import seed, seed_is_current
from catalog.services.seed_files import SEED_DIR


class Command(BaseCommand):
    help = "Load the starting facts. Safe to repeat: what is there stays, and edited values are kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--from", dest="folder", type=Path, default=SEED_DIR, help="another folder of seed files")
        parser.add_argument("--if-changed", action="store_true", help="do nothing when these files were loaded before")

    def handle(self, *_args: Any, folder: Path, if_changed: bool, **_options: Any) -> None:
        if if_changed and seed_is_current(folder=folder):
            self.stdout.write("The seed files have not changed.")
            return
        try:
            seed(self.report, folder=folder)
        except SeedError as error:
            raise CommandError(str(error)) from error
        except FileNotFoundError as error:
            raise CommandError(f"{error.filename} is missing. Give a folder with all seed files.") from error

    def report(self, file: str, counts: Counts) -> None:
        self.stdout.write(f"{file:<22}{counts}")
