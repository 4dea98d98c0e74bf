from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evals.errors import EvalError
from evals.importers import IMPORTERS
from evals.services.importing import SHOWN, import_suite


class Command(BaseCommand):
    help = "Write a suite from a file of questions. All of it is written, or nothing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, help="The file.")
        parser.add_argument("--format", default="own", help=f"One of {', '.join(IMPORTERS)}; default: own.")
        parser.add_argument("--slug", required=True, help='The name of the suite with its version, such as "gsm8k-v1".')
        parser.add_argument("--name", default="", help="A title for people; default: the slug.")
        parser.add_argument("--max-output-tokens", type=int, default=1_024, help="Room for each answer; default: 1024.")
        parser.add_argument("--dry-run", action="store_true", help="Read and check the file, and write nothing.")

    def handle(self, *_: Any, **options: Any) -> None:
        path, slug = options["path"], options["slug"]
        self.stderr.write(f"Reading {path} …")
        try:
            report = import_suite(
                path,
                format=options["format"],
                slug=slug,
                name=options["name"],
                max_output_tokens=options["max_output_tokens"],
                dry_run=options["dry_run"],
            )
        except EvalError as error:
            raise CommandError(str(error)) from error
        for sentence in report.left_out[:SHOWN]:
            self.stdout.write(sentence)
        if len(report.left_out) > SHOWN:
            self.stdout.write(f"and {len(report.left_out) - SHOWN} more left out.")
        would = "would be written (dry run, nothing was)" if options["dry_run"] else "written"
        self.stdout.write(f"{slug}: {report.items} samples {would}, {len(report.left_out)} left out.")
