"""Spoiled files of every feed: nothing of them reaches the catalog, and the message says why."""

import gzip
import subprocess
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.models import Claim, Hardware, HardwarePrice, Price, Score
from ingest.adapters import ADAPTERS
from ingest.adapters.base import Parsed, ParseError, payload_hash
from ingest.models import FeedRun, HeldChange
from ingest.services import read_feed
from tests.factories import at, make_version
from tests.ingest.samples import PRICED, SHAPES, sample

ROOT = Path(__file__).parents[2]
MODELS = (Price, Score, Claim, HardwarePrice, Hardware)
KEEPS_NO_LIST = {"hf-hub"}  # it answers about the repositories it was asked about


def catalog_rows() -> list[list[dict[str, object]]]:
    managers: list[Any] = [model._default_manager for model in MODELS]
    return [list(manager.order_by("pk").values()) for manager in managers]


@pytest.fixture
def known(request: pytest.FixtureRequest) -> str:
    """A feed whose good file has been read, every name of it resolved."""
    from catalog.models import Alias

    slug: str = request.param
    body = sample(slug)
    parsed = ADAPTERS[slug].parse(body)
    assert len(parsed.records) == 60
    assert not parsed.rejected
    version = make_version("A model", released=None)
    names = {(record.namespace(slug), record.raw_name) for record in parsed.records}
    Alias.objects.bulk_create(Alias(namespace=space, raw_name=name, version=version) for space, name in names)
    # Many names of one version would contradict each other in price, so each gets its own offering by its name.
    run = read_feed(slug, body=body, observed_at=at("2026-01-01"))
    assert run.state == FeedRun.State.APPLIED, run.message
    return slug


SPOILED = {
    "empty": b"",
    "blank": b" \n",
    "page": b"<!doctype html><html><body>503 Service Unavailable</body></html>",
    "nested": b"[" * 200_000 + b"]" * 200_000,
    "nested objects": b'{"a":' * 200_000 + b"1" + b"}" * 200_000,
    "noise": b"\x00\xff\xfe" * 1000,
    "other json": b'{"error": "rate limited"}',
    "text": b"Too many requests, try again later.",
}


@pytest.mark.django_db
@pytest.mark.parametrize("known", SHAPES, indirect=True)
@pytest.mark.parametrize("spoiled", SPOILED)
def test_file_of_no_use_changes_nothing(known: str, spoiled: str) -> None:
    refused(known, SPOILED[spoiled])


@pytest.mark.django_db
@pytest.mark.parametrize("known", SHAPES, indirect=True)
@pytest.mark.parametrize("value", ["NaN", "1e400", "-1", "Infinity", "Aixin Liu"])
def test_file_whose_values_are_no_numbers_changes_nothing(known: str, value: str) -> None:
    refused(known, sample(known, value=value))


@pytest.mark.django_db
@pytest.mark.parametrize("known", [slug for slug in SHAPES if slug not in KEEPS_NO_LIST], indirect=True)
@pytest.mark.parametrize("part", ["half of the rows", "half of the bytes"])
def test_half_of_a_file_changes_nothing(known: str, part: str) -> None:
    body = sample(known)
    refused(known, sample(known, count=30) if part == "half of the rows" else body[: len(body) // 2])


@pytest.mark.django_db
@pytest.mark.parametrize("known", PRICED, indirect=True)
@pytest.mark.parametrize("factor", ["e6", "e5", "e-6"])
def test_file_in_another_unit_changes_nothing(known: str, factor: str) -> None:
    good = SHAPES[known][1]
    assert "another unit" in refused(known, sample(known, value=f"{good}{factor}"))


def refused(slug: str, body: bytes) -> str:
    before = catalog_rows()
    run = read_feed(slug, body=body, observed_at=at("2026-02-01"))
    assert catalog_rows() == before
    assert run.state == FeedRun.State.REJECTED, (run.state, run.message)
    assert len(run.message) > 30
    assert not HeldChange.objects.exists()
    return run.message


@pytest.mark.parametrize("slug", SHAPES)
def test_every_feed_has_a_sample_here(slug: str) -> None:
    assert set(SHAPES) == set(ADAPTERS)
    assert len(ADAPTERS[slug].parse(sample(slug, count=3)).records) == 3


def parsed_or_refused(slug: str, body: bytes) -> Parsed | str:
    try:
        return ADAPTERS[slug].parse(body)
    except ParseError as error:
        return str(error)


@pytest.mark.parametrize("slug", SHAPES)
@settings(deadline=None)  # a machine under load is not a slow parser
@given(data=st.data())
def test_parsing_anything_raises_only_parse_errors(slug: str, data: st.DataObject) -> None:
    body = data.draw(st.one_of(st.binary(max_size=200), _mutated(sample(slug, count=3))))
    parsed = parsed_or_refused(slug, body)
    if isinstance(parsed, str):
        assert parsed
        return
    assert all(item.reason for item in parsed.rejected)
    for record in parsed.records:
        payload_hash({"name": record.raw_name})
        assert 0 < len(record.external_key) <= 400


@st.composite
def _mutated(draw: st.DrawFn, good: bytes) -> bytes:
    """A good file with a piece cut out, doubled, or replaced by another token."""
    start = draw(st.integers(0, len(good)))
    end = draw(st.integers(start, min(len(good), start + 40)))
    tokens = (b"", b"null", b"true", b'""', b"[]", b"{}", b"-1", b"1e999", b"NaN", b'"\\ud800"', b",", b"\n", b"\xff")
    piece = draw(st.one_of(st.sampled_from((*tokens, good[start:end] * 2)), st.binary(max_size=20)))
    return good[:start] + piece + good[end:]


MEASURE = """
import gc, resource, sys
sys.path.insert(0, {root!r})
from ingest.adapters import ADAPTERS
from ingest.adapters.base import ParseError
from tests.ingest.samples import sample
for slug in ADAPTERS:
    ADAPTERS[slug].parse(sample(slug))
bodies = [b"[" * 200_000 + b"]" * 200_000, b'{{"a":' * 200_000 + b"1" + b"}}" * 200_000, b"- " * 100_000 + b"1"]
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for slug in ADAPTERS:
    for body in bodies:
        try:
            ADAPTERS[slug].parse(body)
        except ParseError:
            pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_nested_files_cost_little_memory() -> None:
    assert measured(MEASURE.format(root=str(ROOT))) < 50


BOMB = """
import gzip, resource, sys
sys.path.insert(0, {root!r})
import httpx2
from ingest.errors import FetchFailed
from ingest.fetch import fetch
packed = open({path!r}, "rb").read()
answer = lambda _: httpx2.Response(200, headers={{"content-encoding": "gzip"}}, stream=httpx2.ByteStream(packed))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    fetch("https://feed.example/x.json", transport=httpx2.MockTransport(answer))
except FetchFailed as error:
    assert "unpack to over 100 times" in str(error)
else:
    raise SystemExit("the bomb was read")
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


def test_gzip_of_half_a_gigabyte_costs_little_memory(tmp_path: Path) -> None:
    packer = zlib.compressobj(9, wbits=31)
    path = tmp_path / "bomb.gz"
    path.write_bytes(b"".join(packer.compress(bytes(1 << 20)) for _ in range(500)) + packer.flush())
    assert 480_000 < path.stat().st_size < 560_000
    with gzip.open(path) as stream:
        assert stream.read(3) == bytes(3)
    assert measured(BOMB.format(root=str(ROOT), path=str(path))) < 50


def measured(program: str) -> int:
    """The growth of a fresh process in MB, as the program prints it."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=ROOT)
    return int(done.stdout)
