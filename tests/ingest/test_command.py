import re
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from ingest.models import FeedRun
from tests.factories import at
from tests.ingest.support import FEED, flat, name, table

pytestmark = pytest.mark.django_db


def ingest(*words: str | Path) -> str:
    out = StringIO()
    call_command("ingest", *map(str, words), stdout=out)
    return out.getvalue()


def test_ingest_without_names_reads_the_bundled_table() -> None:
    said = ingest()
    match = re.search(
        r"^genai-prices: Applied as of \d{4}-\d\d-\d\d 00:00: created (\d+) {2}changed 0 {2}unchanged 0", said
    )
    assert match
    assert int(match[1]) > 1000


def test_ingest_from_a_file_takes_the_date_in_its_name(tmp_path: Path) -> None:
    name("gpt-4o")
    path = tmp_path / "data.2026-08-21.json"
    path.write_bytes(table(**{"gpt-4o": flat(2.5, 10)}))
    assert ingest(FEED, "--from", path) == (
        "genai-prices: Applied as of 2026-08-21 00:00: created 1  changed 0  unchanged 0  held 0  rejected 0  "
        "unresolved 0  absent 0  written 2\n"
    )
    assert "written 0" in ingest(FEED, "--from", path)


def test_ingest_as_of_a_given_moment(tmp_path: Path) -> None:
    path = tmp_path / "data.2026-08-21.json"
    path.write_bytes(table(m=flat(1)))
    ingest(FEED, "--from", path, "--observed-at", "2026-02-03T04:05Z")
    run = FeedRun.objects.get()
    assert run.observed_at == at("2026-02-03").replace(hour=4, minute=5)


def test_ingest_dry_run_says_so(tmp_path: Path) -> None:
    path = tmp_path / "data.2026-08-21.json"
    path.write_bytes(table(m=flat(1)))
    assert "Applied (dry run, nothing kept)" in ingest(FEED, "--from", path, "--dry-run")
    assert not FeedRun.objects.exists()


def test_ingest_of_a_refused_file_fails_and_says_why(tmp_path: Path) -> None:
    path = tmp_path / "page.json"
    path.write_bytes(b"<html>504</html>")
    with pytest.raises(CommandError, match=r"^1 of 1 feeds did not get through: genai-prices\.$"):
        ingest(FEED, "--from", path)
    run = FeedRun.objects.get()
    assert (run.state, run.message) == ("rejected", "The file is a web page or XML, not JSON. Nothing was taken.")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["litelm"], "There is no feed named 'litelm'."),
        (["--from", "x.json"], "Name the one feed that the file is from: ingest FEED --from PATH."),
        ([FEED, "--from", "missing.json"], "missing.json cannot be read: No such file or directory."),
        ([FEED, "--observed-at", "yesterday"], "'yesterday' is not a date such as 2024-12-26 or 2024-12-26T10:00Z."),
        ([FEED, "--observed-at", "2024-13-01"], "'2024-13-01' is not a date such as"),
    ],
)
def test_ingest_with_wrong_words_says_what_to_type(words: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=re.escape(message)):
        ingest(*words)
