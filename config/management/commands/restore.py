from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from config import health
from config.backups import BackupError, restore_backup
from config.tasks import WORKER_KEY


class Command(BaseCommand):
    help = "Fill an empty, migrated database from a file that `backup` wrote. All of it or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--replace", action="store_true", help="lose what the database holds now")

    def handle(self, *_args: Any, file: Path, replace: bool, verbosity: int, **_options: Any) -> None:
        if health.heartbeat_problem(WORKER_KEY) == "":
            raise CommandError("A worker is running on this database's broker. Stop the site, restore, start it again.")

        def report(table: str, rows: int) -> None:
            if verbosity > 1 or (verbosity and rows):
                self.stdout.write(f"{rows:>9,}  {table}")

        try:
            restored = restore_backup(file, replace=replace, report=report)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{restored.rows:>9,}  rows of {restored.made_at:%Y-%m-%d %H:%M} UTC restored")
        if restored.runs_stopped:
            self.stdout.write(
                f"{restored.runs_stopped} evaluations were under way then. They wait: resume them on their pages, "
                "knowing that calls paid after the backup may be paid again."
            )
        if restored.schedules_paused:
            self.stdout.write(
                f"{restored.schedules_paused} schedules are paused. Let them go on in the admin (Schedules, Go on)."
            )
        if restored.messages_held:
            self.stdout.write(
                f"{restored.messages_held} messages of alerts are held, as they may have been sent since the backup. "
                "Send them again in the admin (Deliveries) if not."
            )
