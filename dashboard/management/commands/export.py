from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from dashboard.data_package import write_package
from dashboard.errors import CannotExport


class Command(BaseCommand):
    help = "Write every fact of the catalog, with its source and licence, into a folder as CSV or Parquet files."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", type=Path, help="a new folder")
        parser.add_argument("--format", choices=["csv", "parquet"], default="csv")

    def handle(self, *_args: Any, folder: Path, **options: Any) -> None:
        try:
            counts = write_package(folder, file_format=options["format"])
        except CannotExport as error:
            raise CommandError(str(error)) from error
        for name, rows in counts.items():
            self.stdout.write(f"{rows:>9,}  {name}.{options['format']}")
        self.stdout.write(f"{folder / 'datapackage.json'} says what the columns are and whom to credit.")
