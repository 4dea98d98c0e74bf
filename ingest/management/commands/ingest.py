import re
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.urls import reverse
from django.utils.dateparse import parse_date, parse_datetime
from tqdm import tqdm

from ingest.adapters import ADAPTERS
from ingest.adapters.mapped_csv import MappingError, read_mapping
from ingest.errors import UnknownFeed
from ingest.feeds import adapter_of, save_mapped_feed
from ingest.models import FeedRun
from ingest.naming import propose_names
from ingest.recognition import body_of, recognise, why_not
from ingest.services import read_feed, replay_feed


def admin_page(model: str, app: str = "ingest") -> str:
    """The path of a list in the admin."""
    return reverse(f"admin:{app}_{model}_changelist")


def is_known(slug: str) -> bool:
    """Whether a feed of this name can be read."""
    try:
        adapter_of(slug)
    except UnknownFeed:
        return False
    return True


COUNTS = ("created", "changed", "unchanged", "held", "rejected", "unresolved", "absent", "written")


class Command(BaseCommand):
    help = "Read feeds into the catalog. Without names, every feed that needs no file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("feeds", nargs="*", metavar="FEED", help=f"One or more of: {', '.join(ADAPTERS)}.")
        parser.add_argument("--from", dest="path", type=Path, help="Read this file, or folder of files, instead.")
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE",
            help="What the columns of any CSV file mean, as TOML or JSON: ingest csv --from PATH --mapping FILE.",
        )
        parser.add_argument(
            "--observed-at",
            metavar="DATE",
            help="The moment the file is about. Without it: the date in its name, else the date of the file.",
        )
        parser.add_argument("--live", action="store_true", help="Fetch also what an installed package carries.")
        parser.add_argument(
            "--replay", action="store_true", help="Read all kept snapshots of FEED again, with the adapter of today."
        )
        parser.add_argument("--dry-run", action="store_true", help="Do everything, then take it back.")
        parser.add_argument(
            "--partial", action="store_true", help="The file is a part of the feed; nothing is missing."
        )
        parser.add_argument(
            "--accept-shrunken",
            action="store_true",
            help="Take a file that lost over a tenth of the records.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path | None = options["path"]
        if "csv" in options["feeds"] or options["mapping"]:
            options["feeds"] = [self._mapped_feed(options)]
        slugs: list[str] = options["feeds"] or [slug for slug, adapter in ADAPTERS.items() if adapter.bundled]
        if path and len(options["feeds"]) != 1:
            raise CommandError(self._which_feed(path))
        if options["replay"]:
            self._replay(options["feeds"])
            return
        body, observed_at = self._file(path, slugs[0]) if path else (None, None)
        if options["observed_at"]:
            observed_at = self._moment(options["observed_at"])
        if unknown := next((slug for slug in slugs if not is_known(slug)), None):
            raise CommandError(str(UnknownFeed(unknown, sorted(ADAPTERS))))
        failed = [slug for slug in slugs if not self._read(slug, body, observed_at, options)]
        if failed:
            raise CommandError(f"{len(failed)} of {len(slugs)} feeds did not get through: {', '.join(failed)}.")

    def _read(self, slug: str, body: bytes | None, observed_at: datetime | None, options: dict[str, Any]) -> bool:
        """Whether the feed got through."""
        with tqdm(desc=slug, unit="offering", leave=False, disable=not sys.stderr.isatty()) as bar:

            def progress(done: int, total: int, bar: "tqdm[Any]" = bar) -> None:
                bar.total = total
                bar.update(done - bar.n)

            run = read_feed(
                slug,
                body=body,
                observed_at=observed_at,
                dry_run=options["dry_run"],
                accept_shrunken=options["accept_shrunken"],
                partial=options["partial"],
                live=options["live"],
                progress=progress,
            )
        self._report(slug, run, dry_run=options["dry_run"])
        if run.state != FeedRun.State.APPLIED and options["path"]:
            self._hint(slug, options["path"])
        if (
            run.state == FeedRun.State.APPLIED
            and not options["dry_run"]
            and (proposed := propose_names(slug, run=run).proposed)
        ):
            self.stdout.write(f"  {proposed} new names wait for review: {admin_page('proposal')}")
        return run.state == FeedRun.State.APPLIED

    def _replay(self, slugs: list[str]) -> None:
        if not slugs:
            raise CommandError("Name the feeds whose kept snapshots to read again: ingest FEED --replay.")
        for slug in slugs:
            runs = replay_feed(slug, everything=True)
            if not runs:
                self.stdout.write(f"{slug}: no snapshot of it is kept that was applied; read it first.")
            for run in runs:
                self._report(slug, run, dry_run=False)

    def _report(self, slug: str, run: FeedRun, *, dry_run: bool) -> None:
        counts = "  ".join(f"{name} {getattr(run, name)}" for name in COUNTS)
        state = f"{run.get_state_display()}{' (dry run, nothing kept)' if dry_run else ''}"
        about = f" as of {run.observed_at:%Y-%m-%d %H:%M}" if run.observed_at else ""
        style = self.style.SUCCESS if run.state == FeedRun.State.APPLIED else self.style.ERROR
        self.stdout.write(style(f"{slug}: {state}{about}: {counts}"))
        for line in run.message.splitlines():
            self.stdout.write(f"  {line}")
        if run.held:
            self.stdout.write(
                f"  held: {run.held} doubtful changes wait while the old values stay: {admin_page('heldchange')}"
            )
        if run.unresolved:
            self.stdout.write(
                f"  unresolved: {run.unresolved} names are not known to mean a model; their records are kept and count "
                f"once an alias explains them: {admin_page('alias', 'catalog')}"
            )

    def _mapped_feed(self, options: dict[str, Any]) -> str:
        """The feed that the mapping describes, made if new; its name."""
        if options["feeds"] not in (["csv"], []) or not options["mapping"] or not options["path"]:
            raise CommandError(
                "A CSV file needs its mapping: ingest csv --from PATH --mapping FILE (see docs/feeds.md)."
            )
        try:
            return save_mapped_feed(read_mapping(options["mapping"].read_bytes())).slug
        except OSError as error:
            raise CommandError(f"{options['mapping']} cannot be read: {error.strerror}.") from None
        except MappingError as error:
            raise CommandError(f"{options['mapping']}: {error}") from None

    @staticmethod
    def _which_feed(path: Path) -> str:
        """What to type for a file whose feed was not named."""
        ask = "Name the one feed that the file is from: ingest FEED --from PATH."
        if found := recognise(path):
            return f"{ask} It looks like {found[0]}: ingest {found[0]} --from {path}"
        if not path.exists():
            return ask
        return f"{ask} {why_not(path) or 'It looks like none of them; any CSV file can be read with --mapping.'}"

    def _hint(self, slug: str, path: Path) -> None:
        """What to type instead, for a file that is not this feed's."""
        other = [name for name in recognise(path) if name != slug]
        if other:
            self.stdout.write(f"  It looks like a file of another feed: ingest {other[0]} --from {path}")
        elif why := why_not(path):
            self.stdout.write(f"  {why}")

    @staticmethod
    def _file(path: Path, slug: str) -> tuple[bytes, datetime]:
        """The bytes, and the moment they are about: 2024-12 or 2024-12-26 in the name, else the file's own date.

        A feed of several named files may be a folder or one of the files; they become one archive.
        """
        try:
            body = body_of(path, ADAPTERS.get(slug))
            changed_at = datetime.fromtimestamp(path.stat().st_mtime, UTC)
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror}.") from None
        if named := re.search(r"(20\d\d)[-_](0[1-9]|1[0-2])(?:[-_](0[1-9]|[12]\d|3[01]))?(?!\d)", path.name):
            year, month, day = (int(part or 1) for part in named.groups())
            return body, datetime(year, month, day, tzinfo=UTC)
        return body, changed_at

    @staticmethod
    def _moment(text: str) -> datetime:
        try:
            if day := parse_date(text):
                return datetime(day.year, day.month, day.day, tzinfo=UTC)
            if moment := parse_datetime(text):
                return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        except ValueError:
            pass
        raise CommandError(f"{text!r} is not a date such as 2024-12-26 or 2024-12-26T10:00Z.")
