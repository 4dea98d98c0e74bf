"""API keys: by reference to the environment, read at the moment of the call, never stored or logged."""

import os
from pathlib import Path


def read_key(variable: str) -> str:
    """The key in ``variable``, or in the file that ``variable_FILE`` points to; empty when there is none."""
    path = os.environ.get(f"{variable}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError:
            return ""
    return os.environ.get(variable, "").strip()
