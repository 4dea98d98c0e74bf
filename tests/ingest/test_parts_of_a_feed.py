"""Files that are a part of their feed, files whose records went, and what a person is asked about them."""

import re
from io import StringIO
from pathlib import Path

import orjson
import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.test import Client

from catalog.models import Benchmark, Hardware, Price, Score
from ingest import services
from ingest.feeds import ensure_feed
from ingest.models import Feed, FeedRun, HeldChange, RawRecord, Snapshot
from ingest.recognition import recognise
from ingest.services import decide_held_changes, read_feed, replay_feed
from tests.factories import at, make_hardware, make_version
from tests.ingest.feeds.test_mapped_csv import HEAD, TOML
from tests.ingest.samples import SHAPES, sample
from tests.ingest.support import FEED, counts, flat, history, name, read, table

pytestmark = pytest.mark.django_db
OLD = {f"old{number}": flat(1) for number in range(20)}
NEW = {f"new{number}": flat(1) for number in range(20)}


def ingest(*words: str | Path) -> str:
    out = StringIO()
    call_command("ingest", *map(str, words), stdout=out)
    return out.getvalue()


@pytest.fixture
def _moved_market() -> None:
    """Ten of twenty records gone while twenty others came; the price of each was known."""
    for key in OLD:
        name(key)
    read(table(**OLD), "2026-01-01")
    kept = {key: OLD[key] for key in list(OLD)[:10]}
    run = read(table(**kept, **NEW), "2026-02-01")
    assert counts(run) == {"created": 20, "unchanged": 10, "held": 10, "unresolved": 20}


@pytest.mark.usefixtures("_moved_market")
def test_records_that_went_while_others_came_wait_for_a_person() -> None:
    assert not RawRecord.objects.exclude(absent_since=None).exists()
    assert not Price.objects.exclude(absent_since=None).exists()
    change = HeldChange.objects.get(record__external_key="openai/old10")
    assert (change.field, change.new_value) == ("listing", "gone")
    assert change.reason == "10 records are missing from the feed at once; is this one really gone?"
    run = read(table(**{key: OLD[key] for key in list(OLD)[:10]}, **NEW), "2026-02-01")
    assert (run.held, HeldChange.objects.count()) == (10, 10)


@pytest.mark.usefixtures("_moved_market")
def test_records_are_gone_once_a_person_agrees_and_stay_where_one_does_not() -> None:
    waiting = list(HeldChange.objects.order_by("record__external_key"))
    assert decide_held_changes(waiting[:1], accept=False, decided_by="ada") == 1
    assert decide_held_changes(waiting[1:], accept=True, decided_by="ada") == 9
    gone = RawRecord.objects.exclude(absent_since=None)
    assert sorted(gone.values_list("external_key", flat=True)) == [row.record.external_key for row in waiting[1:]]


@pytest.mark.usefixtures("_moved_market")
def test_partial_file_takes_nothing_away() -> None:
    body = table(old0=flat(2))
    run = read(body, "2026-03-01", partial=True)
    assert counts(run) == {"changed": 1, "written": 1}
    assert RawRecord.objects.filter(absent_since=None).count() == 40
    assert run.covers == []
    current = Price.objects.filter(offering__provider_model_id="old1", absent_since=None)
    assert [f"{row.last_seen:%Y-%m-%d}" for row in current] == ["2026-02-01"]
    read(table(old0=flat(9)), "2026-02-15", partial=True)  # an older cut
    newest = Price.objects.filter(offering__provider_model_id="old0").latest("observed_from")
    assert newest.usd_per_mtok == 2


def test_one_cloud_says_nothing_about_another(tmp_path: Path) -> None:
    head = "InstanceType,AcceleratorName,AcceleratorCount,Region,Price\n"
    for cloud in ("nebius", "verda"):
        rows = "".join(f"{cloud}-{number},B200,8,eu,20\n" for number in range(8))
        (tmp_path / f"{cloud}.csv").write_text(head + rows)
        assert "created 8  changed 0  unchanged 0" in ingest("skypilot", "--from", tmp_path / f"{cloud}.csv")
    assert not RawRecord.objects.exclude(absent_since=None).exists()
    (tmp_path / "nebius.csv").write_text(head + "nebius-1,B200,8,eu,20\n")
    with pytest.raises(CommandError):
        ingest("skypilot", "--from", tmp_path / "nebius.csv")
    assert FeedRun.objects.latest("pk").message.startswith("7 of 8 known records are missing")


def test_three_dates_of_a_feed_in_order_give_observed_intervals_and_keep_what_vanished() -> None:
    """The LiteLLM way: 6, then 49 keys disappear between dated copies, and a price changes on the third."""
    for key in ("kept", "first", "second"):
        name(key)
    first = {"kept": flat(1), "first": flat(2), "second": flat(3)} | {f"x{number}": flat(1) for number in range(500)}
    second = {key: price for key, price in first.items() if key not in {"first", *(f"x{n}" for n in range(5))}}
    gone = {"second", *(f"x{number}" for number in range(5, 53))}
    third = {key: price for key, price in second.items() if key not in gone} | {"kept": flat(0.5)}
    assert [read(table(**rows), on).absent for rows, on in ((first, "2024-12-01"), (second, "2025-04-01"))] == [0, 6]
    assert read(table(**third), "2025-11-01").absent == 49
    assert history() == [
        ("1", "2024-12-01", "2025-04-01", "2025-11-01"),
        ("2", "2024-12-01", "2024-12-01", "2025-04-01"),
        ("3", "2024-12-01", "2025-04-01", "2025-11-01"),
        ("0.5", "2025-11-01", "2025-11-01", None),
    ]
    assert RawRecord.objects.count() == 503
    assert RawRecord.objects.exclude(absent_since=None).count() == 55


def test_replay_reads_old_snapshots_in_order_with_the_adapter_of_today() -> None:
    read(table(m=flat(1)), "2026-01-01")
    read(table(m=flat(2)), "2026-02-01")
    assert history() == []  # nobody knew the name
    name("m")
    assert [counts(run) for run in replay_feed(FEED, everything=True)] == [
        {"unchanged": 1, "written": 1},
        {"unchanged": 1, "written": 1},
    ]
    expected = [("1", "2026-01-01", "2026-01-01", "2026-02-01"), ("2", "2026-02-01", "2026-02-01", None)]
    assert history() == expected
    said = ingest(FEED, "--replay")
    assert said.count("written 0") == 2
    assert history() == expected
    assert Snapshot.objects.count() == 2


def test_replay_without_a_name_or_a_snapshot_says_so() -> None:
    with pytest.raises(
        CommandError, match=r"Name the feeds whose kept snapshots to read again: ingest FEED --replay\."
    ):
        ingest("--replay")
    assert ingest("litellm", "--replay") == "litellm: no snapshot of it is kept that was applied; read it first.\n"


@pytest.mark.parametrize("slug", SHAPES)
def test_file_is_recognised(slug: str, tmp_path: Path) -> None:
    body = sample(slug, count=3)
    path = tmp_path / ("copy.zip" if body[:2] == b"PK" else "copy")
    path.write_bytes(body)
    assert recognise(path)[0] == slug
    with pytest.raises(CommandError, match=re.escape(f"It looks like {slug}: ingest {slug} --from {path}")):
        ingest("--from", path)


def test_file_of_another_feed_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "prices.json"
    path.write_bytes(sample("openrouter", count=3))
    out = StringIO()
    with pytest.raises(CommandError):
        call_command("ingest", "litellm", "--from", str(path), stdout=out)
    assert f"It looks like a file of another feed: ingest openrouter --from {path}" in out.getvalue()


def test_livebench_table_finds_its_categories_beside_it(tmp_path: Path) -> None:
    table_file = tmp_path / "table_2025_01_02.csv"
    table_file.write_text("model,task\nm,50\n")
    with pytest.raises(CommandError, match="whose categories_"):
        ingest("--from", table_file)
    (tmp_path / "categories_2025_01_02.json").write_bytes(orjson.dumps({"Reasoning": ["task"]}))
    assert "created 1" in ingest("livebench", "--from", table_file)


def test_held_and_unresolved_say_where_to_go(tmp_path: Path) -> None:
    name("dear")
    path = tmp_path / "data.2026-01-01.json"
    path.write_bytes(table(dear=flat(400), nobody=flat(1)))
    said = ingest(FEED, "--from", path)
    assert "  held: 1 doubtful changes wait while the old values stay: /admin/ingest/heldchange/\n" in said
    assert "  unresolved: 1 names are not known to mean a model;" in said
    assert "/admin/catalog/alias/" in said


def test_csv_with_its_mapping_becomes_a_feed_that_can_be_read_again(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_bytes(TOML)
    path = tmp_path / "prices.2026-01-01.csv"
    path.write_text(HEAD + "m;Acme;08.02.2025;0,27;110;59,1;671\n")
    words = ("csv", "--from", path, "--mapping", tmp_path / "mapping.toml")
    assert "reseller: Applied as of 2026-01-01 00:00: created 1" in ingest(*words)
    version = make_version()
    from catalog.models import Alias

    Alias.objects.create(namespace="reseller/acme", raw_name="m", version=version)
    assert "unchanged 1" in ingest("reseller", "--from", path)
    assert {f"{row.usd_per_mtok:f}".rstrip("0") for row in Price.objects.all()} == {"0.27", "1.1"}
    assert Benchmark.objects.filter(slug="gpqa-diamond").exists()
    assert Score.objects.get().value == 0.591
    assert "written 0" in ingest("reseller", "--from", path)


def test_csv_without_or_with_a_wrong_mapping_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"A CSV file needs its mapping: ingest csv --from PATH --mapping FILE"):
        ingest("csv", "--from", "prices.csv")
    path = tmp_path / "mapping.toml"
    path.write_bytes(TOML.replace(b"usd_per_mtok", b"usd"))
    with pytest.raises(CommandError, match=r"mapping\.toml: The mapping is wrong at values\.0\.price\.unit"):
        ingest("csv", "--from", "prices.csv", "--mapping", path)
    path.write_bytes(TOML.replace(b'"reseller"', b'"litellm"'))
    with pytest.raises(CommandError, match="'litellm' is a feed with an adapter; choose another"):
        ingest("csv", "--from", "prices.csv", "--mapping", path)


def test_mapped_feed_is_added_in_the_admin(admin_client: Client) -> None:
    mapping = {
        "feed": "rents",
        "title": "Rents",
        "name": "Chip",
        "source": {"url": "https://example.org", "publisher": "Acme"},
        "values": [{"kind": "hardware_price", "column": "USD"}],
    }
    form = {"mapping": orjson.dumps(mapping).decode(), "fetch_url": "", "schedule": "", "enabled": "on"}
    assert admin_client.post("/admin/ingest/feed/add/", form).status_code == 302
    feed = Feed.objects.get()
    assert (feed.slug, feed.name, feed.source.publisher) == ("rents", "Rents", "Acme")
    hardware = make_hardware("NVIDIA B200")
    run = read_feed("rents", body=b"Chip,USD\nNVIDIA B200,2.5\n", observed_at=at("2026-01-01"))
    assert (run.state, run.written) == ("applied", 1)
    assert f"{hardware.prices.get().usd_per_gpu_hour:.2f}" == "2.50"
    wrong = admin_client.post("/admin/ingest/feed/add/", form | {"mapping": '{"feed": "rents"}'})
    assert "The mapping is wrong at title: Field required" in wrong.content.decode()
    again = admin_client.post("/admin/ingest/feed/add/", form)
    assert "There is a feed named &#x27;rents&#x27; already" in again.content.decode()


def test_feed_with_a_broken_mapping_is_refused_at_its_field() -> None:
    feed = ensure_feed(FEED)
    feed.mapping = {"feed": "x"}
    with pytest.raises(ValidationError, match="The mapping is wrong at title"):
        feed.clean()


def test_accelerator_is_filled_where_empty_and_held_where_it_differs() -> None:
    hardware = make_hardware("NVIDIA H200 SXM")
    head = (
        "Hardware name,Manufacturer,Release date,Tensor-FP16/BF16 performance (FLOP/s),FP8 performance (FLOP/s),"
        "Memory (bytes),TDP (W)\n"
    )
    row = "NVIDIA H200 SXM,NVIDIA,2024-11-18,9.895e14,{},141000000000,700\n"
    run = read_feed("epoch-hardware", body=(head + row.format("1.979e15")).encode(), observed_at=at("2026-01-01"))
    assert (run.written, run.held) == (1, 1)
    hardware.refresh_from_db()
    assert (hardware.peak_fp8_flop_per_s, hardware.memory_bytes) == (1.979e15, 141_000_000_000)
    assert hardware.peak_bf16_flop_per_s == 989.4e12
    change = HeldChange.objects.get()
    assert change.reason.startswith("The catalog has 989400000000000.0 for peak_bf16_flop_per_s of NVIDIA H200 SXM")
    decide_held_changes([change], accept=True, decided_by="ada")
    hardware.refresh_from_db()
    assert hardware.peak_bf16_flop_per_s == 9.895e14
    run = read_feed("epoch-hardware", body=(head + row.format("3.958e15")).encode(), observed_at=at("2026-02-01"))
    assert run.state == FeedRun.State.REJECTED
    assert Hardware.objects.get().peak_fp8_flop_per_s == 1.979e15


def test_dry_run_fetches_before_its_transaction(monkeypatch: pytest.MonkeyPatch) -> None:
    from django.db import connection

    from ingest.fetch import Fetched

    depth: list[int] = []
    outside = len(connection.savepoint_ids)

    def fetch(*_: object, **__: object) -> Fetched:
        depth.append(len(connection.savepoint_ids) - outside)
        return Fetched(table(m=flat(1)), "")

    monkeypatch.setattr(services, "fetch", fetch)
    run = read_feed(FEED, dry_run=True, live=True)
    assert (run.state, depth) == ("applied", [0])
    assert not FeedRun.objects.exists()


@pytest.mark.parametrize("count", [1, 3, 600])
def test_reading_needs_as_many_queries_whatever_it_brings(count: int) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    rows = {f"m{number}": flat(1) for number in range(count)}
    version = make_version("A model", released=None)
    for key in rows:
        name(key, version)
    with CaptureQueriesContext(connection) as first:
        read(table(**rows), "2026-01-01")
    with CaptureQueriesContext(connection) as again:
        read(table(**rows), "2026-02-01")
    batches = -(-count // 500)  # bulk_create takes 500 rows at a time
    assert len(first) <= 38 + 8 * batches  # SQLite takes 999 values a query, so 99 offerings
    assert len(again) <= 34 + 4 * batches
