import re
import sys
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date, parse_datetime
from tqdm import tqdm

from ingest.adapters import ADAPTERS
from ingest.adapters.tables import pack
from ingest.errors import UnknownFeed
from ingest.feeds import adapter_of
from ingest.models import FeedRun
from ingest.naming import propose_names
from ingest.services import read_feed, replay_feed

COUNTS = ("created", "changed", "unchanged", "held", "rejected", "unresolved", "absent", "written")


class Command(BaseCommand):
    help = "Read feeds into the catalog. Without names, every feed that needs no file."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("feeds", nargs="*", metavar="FEED", help=f"One or more of: {', '.join(ADAPTERS)}.")
        parser.add_argument("--from", dest="path", type=Path, help="Read this file, or folder of files, instead.")
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
            "--accept-shrunken",
            action="store_true",
            help="Take a file that lost over a tenth of the records.",
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        path: Path | None = options["path"]
        slugs: list[str] = options["feeds"] or [slug for slug, adapter in ADAPTERS.items() if adapter.bundled]
        if path and len(options["feeds"]) != 1:
            raise CommandError("Name the one feed that the file is from: ingest FEED --from PATH.")
        if options["replay"]:
            for slug in options["feeds"]:
                for run in replay_feed(slug, everything=True):
                    self._report(slug, run, dry_run=False)
            return
        body, observed_at = self._file(path, slugs[0]) if path else (None, None)
        if options["observed_at"]:
            observed_at = self._moment(options["observed_at"])
        failed = []
        for slug in slugs:
            try:
                adapter_of(slug)
            except UnknownFeed as error:
                raise CommandError(str(error)) from None
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
                    live=options["live"],
                    progress=progress,
                )
            self._report(slug, run, dry_run=options["dry_run"])
            if run.state != FeedRun.State.APPLIED:
                failed.append(slug)
            elif not options["dry_run"] and (proposed := propose_names(slug, run=run).proposed):
                self.stdout.write(f"  {proposed} new names wait for review in the admin, under Proposals.")
        if failed:
            raise CommandError(f"{len(failed)} of {len(slugs)} feeds did not get through: {', '.join(failed)}.")

    def _report(self, slug: str, run: FeedRun, *, dry_run: bool) -> None:
        counts = "  ".join(f"{name} {getattr(run, name)}" for name in COUNTS)
        state = f"{run.get_state_display()}{' (dry run, nothing kept)' if dry_run else ''}"
        about = f" as of {run.observed_at:%Y-%m-%d %H:%M}" if run.observed_at else ""
        style = self.style.SUCCESS if run.state == FeedRun.State.APPLIED else self.style.ERROR
        self.stdout.write(style(f"{slug}: {state}{about}: {counts}"))
        for line in run.message.splitlines():
            self.stdout.write(f"  {line}")

    @staticmethod
    def _file(path: Path, slug: str) -> tuple[bytes, datetime]:
        """The bytes, and the moment they are about: 2024-12 or 2024-12-26 in the name, else the file's own date.

        A feed of several named files may be a folder or one of the files; they become one archive.
        """
        is_archive = slug in ADAPTERS and ADAPTERS[slug].is_archive
        try:
            if is_archive and path.is_dir():
                body = pack({file.name: file.read_bytes() for file in path.iterdir() if file.is_file()})
            elif is_archive and path.suffix != ".zip":
                body = pack({path.name: path.read_bytes()})
            else:
                body = path.read_bytes()
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
