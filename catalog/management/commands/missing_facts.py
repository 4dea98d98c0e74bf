import csv
import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from catalog.selectors.gaps import ATTRIBUTES, Gaps, State, gaps

MARKS = {State.KNOWN: "yes", State.MISSING: "MISSING", State.NOT_PUBLISHED: "-"}


class Command(BaseCommand):
    help = (
        "List what is missing of the best-known models: those that the most feeds and sources name. "
        "'-' is what a developer of closed weights does not publish; only MISSING is a task."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--models", type=int, default=60, metavar="N", help="How many models (60).")
        parser.add_argument("--format", choices=["table", "csv", "json"], default="table")

    def handle(self, *_args: Any, **options: Any) -> None:
        if options["models"] < 1:
            raise CommandError("Ask for at least one model: --models 60.")
        rows = gaps(options["models"])
        {"table": self._table, "csv": self._csv, "json": self._json}[options["format"]](rows)

    def _table(self, rows: list[Gaps]) -> None:
        self.stdout.write(f"{'model':34}{'named by':>9}  " + "".join(f"{_short(name):>11}" for name in ATTRIBUTES))
        for row in rows:
            cells = [
                str(row.index_scores) if name == "scores" and row.index_scores else MARKS[row.states[name]]
                for name in ATTRIBUTES
            ]
            self.stdout.write(f"{row.model[:33]:34}{row.named_by:9}  " + "".join(f"{cell:>11}" for cell in cells))
        missing = sum(len(row.missing) for row in rows)
        complete = sum(not row.missing for row in rows)
        self.stdout.write(f"{len(rows)} models, {complete} complete, {missing} values to enter.")

    def _csv(self, rows: list[Gaps]) -> None:
        writer = csv.DictWriter(self.stdout, _columns(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(_flat(row) for row in rows)

    def _json(self, rows: list[Gaps]) -> None:
        self.stdout.write(json.dumps([_flat(row) for row in rows], indent=2, ensure_ascii=False))


def _columns() -> list[str]:
    return ["model", "name", "developer", "named_by", *ATTRIBUTES, "index_scores", "missing"]


def _flat(row: Gaps) -> dict[str, Any]:
    states = {name: row.states[name].value for name in ATTRIBUTES}
    head = {"model": row.model, "name": row.name, "developer": row.developer, "named_by": row.named_by}
    return {**head, **states, "index_scores": row.index_scores, "missing": len(row.missing)}


def _short(name: str) -> str:
    return {"parameters": "params", "active_parameters": "active", "training_tokens": "tokens"}.get(name, name)
