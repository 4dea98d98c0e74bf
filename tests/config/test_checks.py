from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config import checks

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings


def ids(messages: object) -> list[str | None]:
    return [message.id for message in messages]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("url", "hosts", "found"),
    [
        ("http://127.0.0.1:8000", ["127.0.0.1"], []),
        ("https://cpd.example.org", [".example.org"], []),
        ("https://cpd.example.org", ["other.example.org"], ["config.E003"]),
        ("https://cpd.example.org", ["*"], ["config.W002"]),
        ("cpd.example.org", ["cpd.example.org"], ["config.E001"]),
    ],
)
def test_address_and_hosts_must_agree(settings: "Settings", url: str, hosts: list[str], found: list[str]) -> None:
    settings.APP_URL = url
    settings.ALLOWED_HOSTS = hosts
    assert ids(checks.check_address()) == found


def test_https_without_a_proxy_is_warned_of(settings: "Settings") -> None:
    settings.IS_HTTPS, settings.BEHIND_PROXY = True, False
    assert ids(checks.check_proxy()) == ["config.W004"]
    settings.BEHIND_PROXY = True
    assert ids(checks.check_proxy()) == []


def test_readable_data_folder_is_warned_of(settings: "Settings", tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    tmp_path.chmod(0o750)
    assert ids(checks.check_data_folder()) == ["config.W005"]
    tmp_path.chmod(0o700)
    assert ids(checks.check_data_folder()) == []


def test_sqlite_on_a_network_disk_is_refused(settings: "Settings", monkeypatch: pytest.MonkeyPatch) -> None:
    shared = {"ENGINE": "django.db.backends.sqlite3", "NAME": "/mnt/share/db.sqlite3"}
    monkeypatch.setitem(settings.DATABASES, "default", shared)
    monkeypatch.setattr(checks, "file_system_of", lambda path: "nfs4")
    messages = list(checks.check_sqlite_disk())
    assert ids(messages) == ["config.E006"]
    assert (
        messages[0].msg == "The SQLite database /mnt/share/db.sqlite3 is on a network disk (nfs4); it would be damaged."
    )


def test_file_system_is_that_of_the_nearest_mount(tmp_path: Path) -> None:
    mounts = tmp_path / "mounts"
    mounts.write_text("a / ext4 rw 0 0\nb /mnt/my\\040share nfs4 rw 0 0\nc /mnt ext4 rw 0 0\n", encoding="utf-8")
    assert checks.file_system_of(Path("/mnt/my share/x/db"), mounts) == "nfs4"
    assert checks.file_system_of(Path("/mnt/other/db"), mounts) == "ext4"
    assert checks.file_system_of(Path("/mnt/other/db"), tmp_path / "absent") == ""
