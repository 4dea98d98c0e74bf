"""Reading CSV files and archives of them, within limits."""

import csv
import io
import zipfile
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from catalog.printed_scores import in_unit, printed_number
from ingest.adapters.base import ParseError, RecordError

MAX_FILES = 300
MAX_BYTES = 64 * 1024 * 1024
_EPOCH = (1980, 1, 1, 0, 0, 0)


def read_csv(body: bytes, *, needs: Iterable[str], what: str) -> list[dict[str, str]]:
    """The rows of a CSV file with a header; raises ParseError that names the columns it lacks."""
    if not body.strip():
        raise ParseError(f"{what} is empty.")
    if body.lstrip()[:1] == b"<":
        raise ParseError(f"{what} is a web page or XML, not CSV.")
    try:
        reader = csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True)
        columns = reader.fieldnames or []
        if missing := [name for name in needs if name not in columns]:
            raise ParseError(f"{what} has no column {missing[0]!r}; it has {', '.join(columns[:8])}.")
        rows = [{key: value or "" for key, value in row.items() if key is not None} for row in reader]
    except UnicodeDecodeError as error:
        raise ParseError(f"{what} is not UTF-8 text (byte {error.start}).") from None
    except csv.Error as error:
        raise ParseError(f"{what} is not a CSV file: {error}.") from None
    return rows


def is_archive(body: bytes) -> bool:
    return body[:4] == b"PK\x03\x04"


def read_archive(body: bytes) -> dict[str, bytes]:
    """The files of a zip by their name without folders; raises ParseError for one that is broken or too large."""
    if not body.strip():
        raise ParseError("The file is empty.")
    if not is_archive(body):
        raise ParseError("The file is not a zip archive.")
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            entries = [entry for entry in archive.infolist() if not entry.is_dir()]
            if len(entries) > MAX_FILES or sum(entry.file_size for entry in entries) > MAX_BYTES:
                raise ParseError(f"The archive unpacks to more than {MAX_BYTES >> 20} MB or {MAX_FILES} files.")
            files: dict[str, bytes] = {}
            left = MAX_BYTES
            for entry in entries:
                with archive.open(entry) as stream:
                    content = stream.read(left + 1)  # the size in the header may be a lie
                left -= len(content)
                if left < 0:
                    raise ParseError(f"The archive unpacks to more than {MAX_BYTES >> 20} MB.")
                files[entry.filename.rsplit("/", 1)[-1]] = content
            return files
    except ParseError:
        raise
    # A crafted archive makes zipfile stumble in ways of its own: over a name of no length, a place before the start.
    except Exception as error:
        raise ParseError(f"The archive is damaged: {error}.") from None


def pack(files: Mapping[str, bytes]) -> bytes:
    """A zip of these files; the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in sorted(files):
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), files[name], zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def fraction(value: object, *, of: float = 1.0) -> float:
    """A score as a share of 1; ``of`` is 100 for a percentage. Raises RecordError outside 0 to 1."""
    number = printed_number(str(value))
    if number is None:
        raise RecordError(f"{value!r} is not a number.")
    share = in_unit(number, Decimal(str(of)))
    if not 0 <= share <= 1:
        raise RecordError(f"The score {value} is outside 0 to {of:g}.")
    return share


def day(value: object) -> date | None:
    """The day a text begins with, or None for an empty one."""
    text = str(value or "").strip()
    if not text:
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise RecordError(f"{text[:40]!r} does not begin with a day such as 2025-02-08.") from None
