"""Secrets at rest: Fernet with keys that are not in the database.

The keys come from ``FIELD_KEYS`` (comma-separated, the newest first), else from a file in the data folder that is made
at the first use for its owner only. They are read at each use, so that a rotation needs no restart.
"""

import contextlib
import fcntl
import hashlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings

# What has been decrypted in this process, so that log lines can be kept free of it.
seen: set[str] = set()


class UnreadableSecret(ValueError):
    """The secret was encrypted with a key that is not there."""


class BadFieldKeys(ValueError):
    """FIELD_KEYS holds something that is no key."""


def encrypt(text: str) -> str:
    """``text`` under the newest key."""
    return MultiFernet(_fernets()).encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """The text again.

    :raises UnreadableSecret: when none of the keys fits, with what to do.
    """
    try:
        text = MultiFernet(_fernets()).decrypt(token.encode()).decode()
    except InvalidToken:
        raise UnreadableSecret(
            "The key that it was encrypted with is not here. Put the old one back (FIELD_KEYS, or field_key in the "
            "data folder), or enter the secret again."
        ) from None
    seen.add(text)
    return text


def is_newest(token: str) -> bool:
    """Whether the newest key alone reads ``token``: then there is nothing to rotate."""
    try:
        _fernets()[0].decrypt(token.encode())
    except InvalidToken:
        return False
    return True


def rotated(token: str) -> str:
    """The same text under the newest key.

    :raises UnreadableSecret: as ``decrypt``.
    """
    return encrypt(decrypt(token))


def fingerprint(text: str) -> str:
    """Eight characters that tell two keys apart and give neither away: a slow hash, so that guessing stays dear."""
    digest = hashlib.pbkdf2_hmac("sha256", text.encode(), b"capability-per-dollar/key", 100_000)
    return digest.hex()[:8]


def field_keys() -> list[str]:
    """The keys in force, the newest first."""
    if settings.FIELD_KEYS:
        return list(settings.FIELD_KEYS)
    path = key_file()
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        _write_new(path, [Fernet.generate_key().decode()])
    return path.read_text(encoding="ascii").split()


def key_file() -> Path:
    return Path(settings.DATA_DIR) / "field_key"


def prepend_key() -> None:
    """Put a new key before those in the file. The old ones stay until everything is rotated."""
    _replace(key_file(), [Fernet.generate_key().decode(), *field_keys()])


def drop_old_keys() -> None:
    """Keep only the newest key in the file."""
    _replace(key_file(), field_keys()[:1])


@contextlib.contextmanager
def one_rotation() -> Iterator[None]:
    """Only one rotation at a time on this machine; the next one waits. A killed one lets go."""
    key_file().parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with key_file().with_name("field_key.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _fernets() -> list[Fernet]:
    try:
        return [Fernet(key) for key in field_keys()]
    except ValueError:
        # The value is not repeated: it is, or was meant to be, a key.
        raise BadFieldKeys(
            "FIELD_KEYS (or field_key in the data folder) holds something that is no key. Each is 44 characters, made "
            "by manage.py rotate_keys --print-new-key."
        ) from None


def _temporary(path: Path, keys: list[str]) -> str:
    """A file beside ``path``, whole, on disk and for its owner only."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".field_key-")  # mode 0600
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write("\n".join(keys))
        file.flush()
        os.fsync(file.fileno())
    return name


def _write_new(path: Path, keys: list[str]) -> None:
    """Whoever comes first; the others read what it wrote."""
    name = _temporary(path, keys)
    try:
        os.link(name, path)
    except FileExistsError:
        pass
    finally:
        Path(name).unlink()


def _replace(path: Path, keys: list[str]) -> None:
    Path(_temporary(path, keys)).replace(path)
