"""Writing a suite that comes out of a file: all of it, or nothing."""

import re
from dataclasses import dataclass
from pathlib import Path

from evals.errors import InvalidSuite, UnknownName
from evals.importers import IMPORTERS, Parsed
from evals.importers.base import MAX_FILE, MAX_ITEMS
from evals.models import Suite
from evals.services.suites import install_suite
from evals.suites import BUILDERS, BuiltSuite

SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    """What an import did, or would do. ``suite`` is None after a dry run."""

    items: int
    left_out: list[str]
    suite: Suite | None


def import_suite(
    path: Path,
    *,
    format: str,  # noqa: A002 - the word of the command line
    slug: str,
    name: str = "",
    max_output_tokens: int = 1_024,
    dry_run: bool = False,
) -> ImportReport:
    """Read ``path`` and write its items as the suite ``slug``. With anything wrong in the file nothing is written.

    :raises UnknownName: for an unknown format.
    :raises InvalidSuite: naming each line, column and remedy.
    :raises SuiteChanged: when a suite of that slug has other content and has been run.
    """
    if format not in IMPORTERS:
        raise UnknownName("format", format, IMPORTERS)
    check_slug(slug)
    if max_output_tokens < 1:
        raise InvalidSuite(
            f"The limit of {max_output_tokens} output tokens leaves no room for an answer. Give 1 or more."
        )
    parsed = read_file(path, format=format)
    report = ImportReport(items=len(parsed.items), left_out=parsed.left_out, suite=None)
    if dry_run:
        return report
    built = BuiltSuite(
        slug=slug,
        name=name or slug,
        description=f"Imported from {path.name} ({format}).",
        max_output_tokens=max_output_tokens,
        items=tuple(parsed.items),
    )
    return ImportReport(items=report.items, left_out=report.left_out, suite=install_suite(built))


def check_slug(slug: str) -> None:
    """Refuse a name that carries no version or belongs to a suite of our own.

    :raises InvalidSuite: saying what to write instead.
    """
    if not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", slug) or len(slug) > 80:
        raise InvalidSuite(
            f"The slug {slug!r} may hold small letters, digits and single dashes, at most 80. Try my-suite-v1."
        )
    if not re.search(r"-v[0-9]+$", slug):
        raise InvalidSuite(
            f"The slug {slug!r} carries no version. A suite never changes once run, so name it {slug}-v1."
        )
    if slug in BUILDERS:
        raise InvalidSuite(f"The slug {slug!r} belongs to a suite that comes with the project. Choose another.")


def read_file(path: Path, *, format: str) -> Parsed:  # noqa: A002
    """The items of a file.

    :raises InvalidSuite: when it cannot be read, is too large, holds no item, or has anything wrong in it.
    """
    try:
        if path.stat().st_size > MAX_FILE:
            raise InvalidSuite(f"{path} is larger than {MAX_FILE // 10**6} MB. Split it into several suites.")
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise InvalidSuite(f"{path} is not UTF-8 at byte {error.start}. Save it as UTF-8 and try again.") from None
    except OSError as error:
        raise InvalidSuite(f"{path} cannot be read: {error.strerror}. Check the path.") from None
    parsed = IMPORTERS[format](text)
    if parsed.problems:
        shown = "\n".join(str(problem) for problem in parsed.problems[:SHOWN])
        more = f"\nand {len(parsed.problems) - SHOWN} more." if len(parsed.problems) > SHOWN else ""
        raise InvalidSuite(f"{path.name} was not imported, and nothing was written.\n{shown}{more}")
    if not parsed.items:
        why = f" {parsed.left_out[0]}" if parsed.left_out else " Check that it has the format that you named."
        raise InvalidSuite(f"{path.name} holds no item that can be used.{why}")
    if len(parsed.items) > MAX_ITEMS:
        raise InvalidSuite(
            f"{path.name} holds {len(parsed.items):,} items; at most {MAX_ITEMS:,} make one suite. Split it."
        )
    return parsed
