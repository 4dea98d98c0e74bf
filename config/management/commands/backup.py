from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config.backups import BackupError, write_backup


class Command(BaseCommand):
    help = "Copy the whole database into one file, while the site runs. SQLite and PostgreSQL read each other's."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="a new file, such as backup-2026-11-24.zip")

    def handle(self, *_args: Any, file: Path, verbosity: int, **_options: Any) -> None:
        def report(table: str, rows: int) -> None:
            if verbosity > 1 or (verbosity and rows):
                self.stdout.write(f"{rows:>9,}  {table}")

        try:
            rows = write_backup(file, report=report)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{rows:>9,}  rows in {file}, {file.stat().st_size / 1e6:.1f} MB")
        self.stdout.write(
            "The keys of the data folder are not in it: keep a copy of them in another place. "
            "See docs/operations.md, Backup and restore."
        )
