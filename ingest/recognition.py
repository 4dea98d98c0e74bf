"""Reading files that a person names: their bytes, the feed they are from, and what to say of one that is from none."""

from collections.abc import Iterator
from pathlib import Path

from ingest.adapters import ADAPTERS, epoch_benchmarks
from ingest.adapters.base import Adapter, Parsed, ParseError
from ingest.adapters.tables import is_archive, pack

# What a file begins with, blanks aside, and why it is not read.
NOT_READ: tuple[tuple[bytes, str], ...] = (
    (
        b"provider,provider_model_id,base_model",
        "It links names to names and holds no prices; names are decided in the admin.",
    ),
    (
        b"provider,model,commit_date,commit,kind",
        "It is a history that somebody derived; read it with a mapping: ingest csv --from PATH --mapping FILE.",
    ),
    (b"Year,A100low", "It holds purchase prices of chips, which the catalog does not keep; enter a rent in the admin."),
    (
        b"Hardwarename,Manufacturer,Type,Releasedate",
        "It is an older table of accelerators; read ml_hardware.csv of Epoch AI: ingest epoch-hardware.",
    ),
    (b"observation_date,", "It is a price index, not a price of anything in the catalog."),
    (b"[]", "The list in it is empty; there is nothing to read."),
    (b'{"$defs"', "It is the schema of a feed, not its data."),
    (b'{"data":[{"name":', "It lists sellers without prices; read OpenRouter's list of models: ingest openrouter."),
    (b"model_id,benchmark_id,performance", "Its scores are rescaled inputs of a fit, not results."),
    (b"benchmark_name,is_anchor", "It rates benchmarks, not models."),
    (b"a,b,scaling_anchor", "It holds the scale of an index, no results."),
    (b"#", "It is a text about files, not a file of data."),
)


def body_of(path: Path, adapter: Adapter | None) -> bytes:
    """The bytes to parse. A feed of several named files may be a folder or one of the files, which become one archive.

    Raises OSError for what cannot be read.
    """
    if adapter is None or not adapter.is_archive:
        return path.read_bytes()
    if path.is_dir():
        return pack({file.name: file.read_bytes() for file in path.iterdir() if file.is_file()})
    body = path.read_bytes()
    if is_archive(body):
        return body
    files = {path.name: body}
    companion = adapter.companion(path.name) if adapter.companion else ""
    if companion and path.with_name(companion).is_file():
        files[companion] = path.with_name(companion).read_bytes()
    return pack(files)


def recognise(path: Path) -> list[str]:
    """The feeds that could have sent this file, first the one that can read most of it."""
    return [slug for _, slug in sorted(_readers(path))]


def _readers(path: Path) -> Iterator[tuple[int, str]]:
    for slug, adapter in ADAPTERS.items():
        try:
            parsed: Parsed = adapter.parse(body_of(path, adapter))
        except (ParseError, OSError):
            continue
        if len(parsed.records) > len(parsed.rejected):
            yield -len(parsed.records), slug


def why_not(path: Path) -> str:
    """What to say of a file that no feed sends, or an empty text."""
    stem = path.name.split(".")[0]
    if stem in epoch_benchmarks.OTHERS:
        return f"It is not read, because {epoch_benchmarks.OTHERS[stem]}."
    if stem.startswith("categories_"):
        return "It is the categories of a LiveBench release; read the table beside it: ingest livebench --from PATH."
    if stem.startswith("table_"):
        return "It is a LiveBench table whose categories_*.json does not lie beside it; put it there."
    try:
        start = b"".join(path.read_bytes()[:4096].removeprefix(b"\xef\xbb\xbf").split())
    except OSError:
        return ""
    return next((reason for marker, reason in NOT_READ if start.startswith(marker)), "")
