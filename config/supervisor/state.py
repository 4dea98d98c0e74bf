"""What the supervisor remembers between starts, in the data folder."""

import hashlib
import json
from pathlib import Path
from urllib.parse import urlsplit

from config import settings

PREPARED = settings.DATA_DIR / "prepared.json"
ADMIN_LINK = settings.DATA_DIR / "admin_link"
FOLDERS = ("config", "economics", "catalog", "ingest", "evals", "dashboard")


def is_prepared() -> bool:
    """Whether this very code has already prepared this very database; then a start has nothing to wait for."""
    try:
        return bool(json.loads(PREPARED.read_text(encoding="utf-8")) == {"fingerprint": fingerprint()})
    except (OSError, ValueError):
        return False


def mark_prepared() -> None:
    PREPARED.write_text(json.dumps({"fingerprint": fingerprint()}), encoding="utf-8")


def fingerprint() -> str:
    """Changes when the code, the installed packages or the database is another one."""
    parts = [settings.DATABASE_URL, database_file()]
    installed = settings.BASE_DIR / ".venv" / "installed.json"
    for path in [installed, *(file for name in FOLDERS for file in sorted((settings.BASE_DIR / name).rglob("*")))]:
        if path.is_file() and path.suffix != ".pyc":
            status = path.stat()
            parts.append(f"{path.relative_to(settings.BASE_DIR)} {status.st_size} {status.st_mtime_ns}")
    return hashlib.sha256("\n".join(parts).encode("utf-8", "surrogateescape")).hexdigest()


def database_file() -> str:
    """Tells a SQLite file from the one that replaced it."""
    url = urlsplit(settings.DATABASE_URL)
    if url.scheme != "sqlite":
        return ""
    try:
        return str(Path(settings.DATABASES["default"]["NAME"]).stat().st_ino)
    except OSError:
        return "missing"


def leave_admin_link(path: str) -> None:
    """For the supervisor to print with READY, once."""
    ADMIN_LINK.write_text(path, encoding="utf-8")
    ADMIN_LINK.chmod(0o600)


def take_admin_link() -> str:
    try:
        link = ADMIN_LINK.read_text(encoding="utf-8")
    except OSError:
        return ""
    ADMIN_LINK.unlink()
    return link
