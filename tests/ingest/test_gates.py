"""Doctored files: nothing of them is published, and the message says why."""

from typing import Any

import pytest

from catalog.models import Price
from ingest.models import FeedRun, HeldChange, RawRecord
from ingest.services import read_feed
from tests.factories import at
from tests.ingest.support import FEED, counts, flat, history, name, read, table

pytestmark = pytest.mark.django_db
NAMES = [f"m{number}" for number in range(30)]


def market(factor: float = 1, names: list[str] = NAMES) -> bytes:
    return table(**{key: flat(0.5 * factor, 2 * factor) for key in names})


@pytest.fixture
def _known_market() -> None:
    for key in NAMES:
        name(key)
    read(market(), "2026-01-01")


def refused(body: bytes, on: str = "2026-02-01", **options: Any) -> str:
    before = (list(Price.objects.values()), list(RawRecord.objects.values()))
    run = read_feed(FEED, body=body, observed_at=at(on), **options)
    assert run.state == FeedRun.State.REJECTED
    assert (list(Price.objects.values()), list(RawRecord.objects.values())) == before
    return run.message


@pytest.mark.usefixtures("_known_market")
@pytest.mark.parametrize("factor", [1e-6, 1e5, 1e6])
def test_file_in_another_unit_is_refused(factor: float) -> None:
    assert "so the file seems to use another unit than this feed did. Nothing was taken." in refused(market(factor))


def test_first_file_in_another_unit_is_refused() -> None:
    assert "so the file seems to use another unit" in refused(market(1e5))


@pytest.mark.usefixtures("_known_market")
def test_file_in_which_everything_jumps_is_refused() -> None:
    assert refused(market(10)) == (
        "60 of 60 known prices would change more than 3-fold at once. The unit of the feed may have changed; "
        "nothing was taken."
    )


@pytest.mark.usefixtures("_known_market")
@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"", "The file is empty. Nothing was taken."),
        (
            b"<html><body>Service unavailable</body></html>",
            "The file is a web page or XML, not JSON. Nothing was taken.",
        ),
        (b"[]", "The file holds 0 readable records; at least 1 are expected."),
        (b"[" * 200_000 + b"]" * 200_000, "The file is not valid JSON"),
        (market()[:-20], "The file is not valid JSON"),
        (market().replace(b"0.5", b"NaN"), "The file is not valid JSON"),
        (market().replace(b"0.5", b"1e400"), "The file is not valid JSON"),
        (market().replace(b"0.5", b"-0.5"), "The file holds 0 readable records; at least 1 are expected."),
        (
            market().replace(b'"m', b'"\\u0000m').replace(b"\\u0000models", b"models"),
            "The file holds 0 readable records; at least 1 are expected.",
        ),
        (market().replace(b'"m', b'"\\ud800'), "The file is not valid JSON"),
    ],
)
def test_malformed_file_is_refused(body: bytes, message: str) -> None:
    assert refused(body).startswith(message)


@pytest.mark.usefixtures("_known_market")
def test_file_with_half_the_rows_is_refused_unless_a_person_takes_it() -> None:
    half = market(names=NAMES[:15])
    assert refused(half) == (
        "15 of 30 known records are missing (m15, m16, m17, …), more than a tenth. The old values stay. "
        "If the feed really dropped them, read it again with --accept-shrunken; if the file is a part of the feed, "
        "with --partial."
    ).replace("m15, m16, m17", "openai/m15, openai/m16, openai/m17")
    assert counts(read(half, "2026-02-01", accept_shrunken=True)) == {"unchanged": 15, "absent": 15}


@pytest.mark.usefixtures("_known_market")
def test_file_with_a_fifth_of_its_records_broken_is_refused() -> None:
    rows = {key: flat(0.5, 2) for key in NAMES}
    rows |= {key: flat(-0.5, 2) for key in NAMES[:6]}
    assert refused(table(**rows)).startswith("6 of 30 records cannot be read, the first because: The price -0.5 is")


@pytest.mark.parametrize(
    ("usd_input", "usd_output", "reason"),
    [
        (301, 900, "301 USD per million tokens is over 300; the unit may be wrong."),
        (0.0001, 2, "0.0001 USD per million tokens is under 0.0005; the unit may be wrong."),
        (5, 0.15, "Input would be dearer than output; the two may be swapped."),
    ],
)
def test_first_price_that_is_doubtful_is_held(usd_input: float, usd_output: float, reason: str) -> None:
    name("m")
    read(table(m=flat(usd_input, usd_output)), "2026-01-01")
    assert HeldChange.objects.get(field="input, standard").reason == reason
    assert history() == []


@pytest.mark.parametrize(("old", "new"), [(2, 6.1), (2, 0.66), (2, 0), (0, 2)])
def test_price_that_jumps_is_held(old: float, new: float) -> None:
    name("m")
    read(table(m=flat(old)), "2026-01-01")
    assert read(table(m=flat(new)), "2026-02-01").held == 1
    assert [value for value, *_ in history()] == [str(old)]


@pytest.mark.parametrize(("old", "new"), [(2, 6), (2, 0.67), (0, 0)])
def test_price_that_moves_within_reason_is_taken(old: float, new: float) -> None:
    name("m")
    read(table(m=flat(old)), "2026-01-01")
    assert read(table(m=flat(new)), "2026-02-01").held == 0
    assert history()[-1][0] == str(new)


def test_record_with_a_nul_in_its_text_is_refused_alone() -> None:
    body = table(good=flat(1), bad={"input_mtok": 1}).replace(b'"id":"bad"', b'"id":"bad","name":"\\u0000"')
    run = read(body, "2026-01-01")
    assert counts(run) == {"created": 1, "rejected": 1, "unresolved": 1}
    assert "openai/bad: The record contains the character U+0000." in run.message


def test_free_output_does_not_make_its_input_doubtful() -> None:
    name("m")
    assert read(table(m=flat(0.1, 0)), "2026-01-01").held == 0
