from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date

from catalog.errors import BadFact
from catalog.selectors.name_labels import NameCounts, measure_names

LEAST_PRECISION = 0.995


class Command(BaseCommand):
    help = "Measure how rightly names of feeds are resolved, against a table labelled by hand."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("labels", type=Path, metavar="LABELS.csv", help="Columns feed,raw_name,canonical,notes.")
        parser.add_argument("--on", metavar="DATE", help="The day of the observation, for names that move.")

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path = options["labels"]
        try:
            text = path.read_text(encoding="utf-8-sig")
            day = parse_date(options["on"]) if options["on"] else None
            if options["on"] and day is None:
                raise CommandError(f"{options['on']!r} is not a day such as 2025-02-08.")
            on = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None
            measured = measure_names(text, on=on)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        except (BadFact, ValueError) as error:
            raise CommandError(f"{path}: {error}") from None
        self.stdout.write(
            f"{'feed':18}{'names':>7}{'written':>9}{'right':>7}{'wrong':>7}{'precision':>11}{'recall':>8}"
            f"{'proposed':>10}{'rightly':>9}"
        )
        for feed, counts in sorted(measured.by_feed.items()):
            self.stdout.write(_line(feed, counts))
        self.stdout.write(_line("all", measured.total))
        for sentence in measured.mistakes:
            self.stdout.write(self.style.ERROR(sentence))
        if labels := sorted(set(measured.unknown_labels)):
            self.stdout.write(f"{len(labels)} labels name versions that the catalog does not have: {', '.join(labels)}")
        precision = measured.total.precision
        if precision is not None and precision < LEAST_PRECISION:
            raise CommandError(
                f"Precision is {precision:.4f}, below {LEAST_PRECISION}. Correct the aliases or labels named above."
            )


def _line(feed: str, counts: NameCounts) -> str:
    precision, recall = (f"{x:.4f}" if x is not None else "-" for x in (counts.precision, counts.recall))
    return (
        f"{feed:18}{counts.names:7}{counts.right + counts.wrong:9}{counts.right:7}{counts.wrong:7}"
        f"{precision:>11}{recall:>8}{counts.proposed_right + counts.proposed_wrong:10}{counts.proposed_right:9}"
    )
