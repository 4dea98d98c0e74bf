import json
import sys
from argparse import ArgumentParser
from collections.abc import Callable
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from evals.exports import csv_text, inspect_log, jsonl_lines
from evals.models import Run

WRITERS: dict[str, Callable[[Run], str]] = {
    "csv": csv_text,
    "jsonl": lambda run: "".join(f"{line}\n" for line in jsonl_lines(run)),
    "inspect": lambda run: json.dumps(inspect_log(run), indent=1, ensure_ascii=False, default=str),
}


class Command(BaseCommand):
    help = "Write a run's samples as CSV, as JSON lines with every call, or as a log that Inspect's tools read."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("run", help="The run's id, or as much of its beginning as tells it apart.")
        parser.add_argument("--format", choices=sorted(WRITERS), default="csv")
        parser.add_argument("--to", type=Path, help="File to write; without it, standard output.")

    def handle(self, *_: Any, **options: Any) -> None:
        text = WRITERS[options["format"]](_run(options["run"]))
        if options["to"] is None:
            sys.stdout.write(text)
            return
        try:
            options["to"].write_text(text, encoding="utf-8")
        except OSError as error:
            raise CommandError(f"{options['to']} cannot be written: {error.strerror}.") from error


def _run(beginning: str) -> Run:
    found = [
        run for run in Run.objects.select_related("suite", "endpoint") if str(run.pk).startswith(beginning.lower())
    ]
    if len(found) == 1:
        return found[0]
    how_many = f"{len(found)} runs begin with" if found else "There is no run"
    latest = ", ".join(f"{str(run.pk)[:8]} ({run.suite.slug} on {run.endpoint.slug})" for run in Run.objects.all()[:5])
    raise CommandError(f"{how_many} {beginning!r}. The latest: {latest or 'none yet'}.")
