"""System checks: a wrong setting is found at start, with an id, a sentence and what to do."""

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register  # noqa: A004

NETWORK_FILE_SYSTEMS = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "fuse.sshfs",
    "afs",
    "ceph",
    "glusterfs",
    "lustre",
}


@register(Tags.security)
def check_address(**_: Any) -> Iterable[CheckMessage]:
    """``APP_URL`` and what depends on it."""
    url = urlsplit(settings.APP_URL)
    if url.scheme not in {"http", "https"} or not url.hostname:
        yield Error(
            f"APP_URL is {settings.APP_URL!r}, which is not an address.",
            hint="Write scheme and host, such as https://capability.example.org.",
            id="config.E001",
        )
        return
    allowed = settings.ALLOWED_HOSTS
    if "*" in allowed:
        yield Warning(
            "ALLOWED_HOSTS has *, so a forged Host header is believed.",
            hint=f"Write ALLOWED_HOSTS={url.hostname}.",
            id="config.W002",
        )
    elif not any(url.hostname == host or (host[0] == "." and f".{url.hostname}".endswith(host)) for host in allowed):
        yield Error(
            f"APP_URL's host {url.hostname} is not in ALLOWED_HOSTS, so every page would be refused.",
            hint=f"Write ALLOWED_HOSTS={url.hostname}.",
            id="config.E003",
        )


@register(Tags.security, deploy=True)
def check_proxy(**_: Any) -> Iterable[CheckMessage]:
    """Pages by https come through a proxy; without knowing it, every request would be redirected for ever."""
    if settings.IS_HTTPS and not settings.BEHIND_PROXY:
        yield Warning(
            "APP_URL is https, but nothing says that a proxy in front of this site ends the encryption.",
            hint="Write BEHIND_PROXY=true and let the proxy set X-Forwarded-Proto.",
            id="config.W004",
        )


@register(Tags.files)
def check_data_folder(**_: Any) -> Iterable[CheckMessage]:
    """Keys and the database lie in the data folder."""
    folder = settings.DATA_DIR
    if folder.exists() and folder.stat().st_mode & 0o077 and sys.platform != "win32":
        yield Warning(
            f"Others on this machine may read the data folder {folder}, which holds the keys.",
            hint=f"chmod 700 {folder}",
            id="config.W005",
        )


@register(Tags.database)
def check_sqlite_disk(**_: Any) -> Iterable[CheckMessage]:
    """SQLite's write-ahead log needs shared memory, which no network disk has."""
    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        return
    kind = file_system_of(Path(str(database["NAME"])))
    if kind in NETWORK_FILE_SYSTEMS:
        yield Error(
            f"The SQLite database {database['NAME']} is on a network disk ({kind}); it would be damaged.",
            hint="Set DATA_DIR to a local disk, or DATABASE_URL to a PostgreSQL.",
            id="config.E006",
        )


def file_system_of(path: Path, mounts: Path = Path("/proc/mounts")) -> str:
    """The kind of file system that holds the path; an empty string where the system does not tell."""
    try:
        lines = mounts.read_text(encoding="utf-8").splitlines()
    except OSError:
        return ""
    kinds = {}
    for line in lines:
        _device, folder, kind, *_ = line.split(" ")
        kinds[Path(folder.replace("\\040", " "))] = kind
    return next((kinds[folder] for folder in (path, *path.parents) if folder in kinds), "")
