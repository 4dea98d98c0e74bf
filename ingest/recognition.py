"""Which feed a file is from, when nobody has said so; and what to say of a file that is from none."""

from ingest.adapters import ADAPTERS
from ingest.adapters.base import Parsed, ParseError
from ingest.adapters.tables import pack

# What a file begins with, and why it is not read.
NOT_READ: tuple[tuple[bytes, str], ...] = (
    (
        b"provider,provider_model_id,base_model",
        "It links names to names and holds no prices; names are decided in the admin.",
    ),
    (
        b"provider,model,commit_date,commit,kind",
        "It is a history somebody derived; read it with a mapping: ingest csv --from PATH --mapping FILE.",
    ),
    (
        b"Year,A100 low",
        "It holds purchase prices of chips, which the catalog does not keep; enter a rent in the admin.",
    ),
    (
        b"Hardware name,Manufacturer,Type,Release date",
        "It is an older table of accelerators; read ml_hardware.csv of Epoch AI: ingest epoch-hardware.",
    ),
    (b"observation_date,", "It is a price index, not a price of anything in the catalog."),
    (b'{"$defs"', "It is the schema of a feed, not its data."),
    (b"# ", "It is a text about files, not a file of data."),
)


def recognise(name: str, body: bytes) -> list[str]:
    """The feeds that could have sent this file, in the order of how much of it they can read."""
    found: list[tuple[int, str]] = []
    for slug, adapter in ADAPTERS.items():
        content = pack({name: body}) if adapter.is_archive and body[:4] != b"PK\x03\x04" else body
        if parsed := _parsed(slug, content):
            found.append((-len(parsed.records), slug))
    return [slug for _, slug in sorted(found)]


def _parsed(slug: str, body: bytes) -> Parsed | None:
    try:
        parsed = ADAPTERS[slug].parse(body)
    except ParseError:
        return None
    return parsed if len(parsed.records) > len(parsed.rejected) else None


def why_not(body: bytes) -> str:
    """What to say of a file that no feed sends, or an empty text."""
    start = body.removeprefix(b"\xef\xbb\xbf").lstrip()
    return next((reason for marker, reason in NOT_READ if start.startswith(marker)), "")
