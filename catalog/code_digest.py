"""A short name for the code of a release, so that what it made can say by which code."""

import hashlib
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


@lru_cache
def code_digest(folders: tuple[str, ...], endings: tuple[str, ...] = ("*.py",)) -> str:
    """Twelve hexadecimal digits of what is in these folders, alike in all processes of one release."""
    digest = hashlib.sha256()
    for path in sorted(path for folder in folders for ending in endings for path in (ROOT / folder).rglob(ending)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
