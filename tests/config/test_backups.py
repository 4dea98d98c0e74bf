"""A copy holds everything, opens on either database, and a bad one changes nothing."""

import json
import stat
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.core.management import CommandError, call_command
from django.db import IntegrityError

from catalog.models import Model, Source
from config import health
from config.backups import BackupError, restore_backup, stored_models, write_backup
from dashboard.models import DataVersion
from evals.models import Channel, Delivery, Endpoint, Run, Sample, Schedule, ScheduleSlot, Suite
from evals.services import start_run
from evals.services.delivery import deliver
from evals.services.schedules import tick
from ingest.models import Feed, Snapshot
from tests.factories import make_offering, make_price, make_version

pytestmark = pytest.mark.django_db(transaction=True)


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All stored rows, but for the number under which pages are kept."""
    found = {}
    for model in stored_models():
        if model is not DataVersion:
            names = [field.attname for field in model._meta.concrete_fields]
            rows = model._base_manager.order_by("pk").values_list(*names)
            found[model._meta.label_lower] = [tuple(comparable(value) for value in row) for row in rows]
    return found


def comparable(value: object) -> object:
    if isinstance(value, memoryview):
        return bytes(value)
    return json.dumps(value, sort_keys=True) if isinstance(value, dict | list) else value


@pytest.fixture
def filled(db: None) -> dict[str, list[tuple[Any, ...]]]:
    offering = make_offering(make_version(name="Zoë 🜂", developer="Org"))
    make_price(offering, "input", "0.000000000001", since="2025-01-01")
    make_price(offering, "output", "0.02", since="2025-01-01")
    get_user_model().objects.create_user("zoe", password="long enough to be kept")
    feed = Feed.objects.create(slug="own", name="Own", source=Source.objects.get())
    Snapshot.objects.create(
        feed=feed,
        sha256="0" * 64,
        size_bytes=3,
        body_zlib=bytes(range(256)),
        observed_at=datetime(2026, 1, 1, tzinfo=UTC),
    )
    suite = Suite.objects.create(slug="one-v1", name="One", content_hash="1", max_output_tokens=5)
    Sample.objects.create(
        suite=suite, key="1", position=0, category="sums", prompt="1 + 1?", target="2", scorer="numeric"
    )
    endpoint = Endpoint.objects.create(
        slug="here", name="Here", base_url="http://127.0.0.1:9/v1", model_id="m", offering=offering
    )
    run = start_run(suite=suite, endpoint=endpoint, budget_usd=Decimal("0.5"))
    Run.objects.filter(pk=run.pk).update(
        state=Run.State.FINISHED,
        spent_usd=Decimal("0.000000000001"),
        created_at=datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
    )
    return everything()


def test_restore_brings_back_every_row_of_every_table(filled: dict[str, Any], tmp_path: Path) -> None:
    file = tmp_path / "copy.zip"
    written = write_backup(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    Model.objects.update(name="Lost")
    make_version(name="Later", developer="Org")
    before = DataVersion.objects.get().number

    restored = restore_backup(file, replace=True)

    assert everything() == filled
    assert restored.rows == written == sum(map(len, filled.values())) + 1
    assert restored.runs_stopped == 0
    assert DataVersion.objects.get().number > before

    again = restore_backup(file, replace=True)
    assert everything() == filled
    assert again.rows == written


def test_numbers_of_new_rows_follow_the_restored_ones(filled: dict[str, Any], tmp_path: Path) -> None:
    write_backup(tmp_path / "copy.zip")
    restore_backup(tmp_path / "copy.zip", replace=True)
    try:
        make_version(name="Next", developer="Another")
    except IntegrityError as error:
        pytest.fail(f"a new row took the number of a restored one: {error}")


def test_runs_under_way_wait_for_a_person(filled: dict[str, Any], tmp_path: Path) -> None:
    Run.objects.update(state=Run.State.RUNNING)
    write_backup(tmp_path / "copy.zip")
    assert restore_backup(tmp_path / "copy.zip", replace=True).runs_stopped == 1
    run = Run.objects.get()
    assert run.state == Run.State.FAILED
    assert "Resume the run to go on." in run.stop_reason


def test_nothing_fires_by_itself_after_a_restore(
    filled: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    long_ago = datetime(2026, 1, 1, tzinfo=UTC)
    schedule = Schedule.objects.create(
        slug="daily", name="Daily", suite=Suite.objects.get(), cron="0 6 * * *", next_due_at=long_ago, misfire="all"
    )
    schedule.endpoints.add(Endpoint.objects.get())
    slot = ScheduleSlot.objects.create(schedule=schedule, due_at=long_ago)
    channel = Channel.objects.create(name="Ops", kind=Channel.Kind.WEBHOOK, address="http://127.0.0.1:9/")
    for state in (Delivery.State.WAITING, Delivery.State.SENDING, Delivery.State.SENT):
        Delivery.objects.create(
            channel=channel, event=f"alert:{state}", kind="opened", title="t", text="t", state=state,
            happened_at=long_ago, next_attempt_at=long_ago,
        )  # fmt: skip
    write_backup(tmp_path / "copy.zip")
    runs = Run.objects.count()

    call_command("restore", tmp_path / "copy.zip", replace=True)

    said = capsys.readouterr().out
    assert "1 schedules are paused." in said
    assert "2 messages of alerts are held" in said
    assert (tick(), deliver()) == (0, 0)
    assert Run.objects.count() == runs
    schedule.refresh_from_db()
    slot.refresh_from_db()
    assert (schedule.is_paused, schedule.next_due_at, slot.state) == (True, None, ScheduleSlot.State.MISSED)
    assert list(Delivery.objects.order_by("pk").values_list("state", "attempts")) == [
        ("failed", 0), ("failed", 0), ("sent", 0),
    ]  # fmt: skip


def test_a_database_that_holds_something_is_not_overwritten(filled: dict[str, Any], tmp_path: Path) -> None:
    write_backup(tmp_path / "copy.zip")
    with pytest.raises(BackupError, match=r"not empty: .*auth\.user.* --replace"):
        restore_backup(tmp_path / "copy.zip")
    assert everything() == filled


def test_an_empty_database_is_filled(filled: dict[str, Any], tmp_path: Path) -> None:
    write_backup(tmp_path / "copy.zip")
    call_command("flush", interactive=False, verbosity=0)
    restore_backup(tmp_path / "copy.zip")
    assert everything() == filled


def rewritten(file: Path, change: Callable[[str, bytes], bytes | None]) -> Path:
    """The same archive with members changed; None leaves one out."""
    copy = file.with_name("changed.zip")
    with zipfile.ZipFile(file) as old, zipfile.ZipFile(copy, "w") as new:
        for name in old.namelist():
            if (body := change(name, old.read(name))) is not None:
                new.writestr(name, body)
    return copy


def with_migrations(change: Callable[[list[str]], list[str]]) -> Callable[[str, bytes], bytes]:
    def changed(name: str, body: bytes) -> bytes:
        if name != "manifest.json":
            return body
        manifest = json.loads(body)
        return json.dumps(manifest | {"migrations": change(manifest["migrations"])}).encode()

    return changed


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda name, body: body + b"[]\n" if "catalog.model.jsonl" in name else body,
            "catalog.model is not as written",
        ),
        (lambda name, body: None if "catalog.model.jsonl" in name else body, "catalog.model is missing"),
        (lambda name, body: None if name == "manifest.json" else body, "has no manifest"),
        (with_migrations(lambda names: [*names, "catalog.9999_later"]), "newer code .*catalog.9999_later"),
        (with_migrations(lambda names: [name for name in names if name != "catalog.0001_initial"]), "older code"),
    ],
    ids=["altered", "table missing", "no manifest", "newer", "older"],
)
def test_a_bad_copy_changes_nothing(
    filled: dict[str, Any], tmp_path: Path, change: Callable[[str, bytes], bytes | None], sentence: str
) -> None:
    write_backup(tmp_path / "copy.zip")
    with pytest.raises(BackupError, match=sentence):
        restore_backup(rewritten(tmp_path / "copy.zip", change), replace=True)
    assert everything() == filled


def test_files_that_are_no_copy_are_named(db: None, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("not a zip")
    with pytest.raises(CommandError, match=r"notes\.txt is damaged or not a backup"):
        call_command("restore", tmp_path / "notes.txt")
    with pytest.raises(CommandError, match=r"gone\.zip does not exist"):
        call_command("restore", tmp_path / "gone.zip")
    with pytest.raises(CommandError, match=r"notes\.txt exists already"):
        call_command("backup", tmp_path / "notes.txt")
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("backup", tmp_path / "no" / "such" / "folder.zip")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.txt"]


def test_restore_waits_for_the_site_to_stop(
    filled: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_backup(tmp_path / "copy.zip")
    monkeypatch.setattr(health, "heartbeat_problem", lambda _key: "")
    with pytest.raises(CommandError, match="Stop the site"):
        call_command("restore", tmp_path / "copy.zip", replace=True)
    assert everything() == filled


def test_commands_say_what_they_did(filled: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("backup", tmp_path / "copy.zip")
    assert "keys of the data folder are not in it" in capsys.readouterr().out
    call_command("restore", tmp_path / "copy.zip", replace=True)
    assert "rows of 20" in capsys.readouterr().out
