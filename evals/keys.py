"""API keys: by reference to the environment, read at the moment of the call, never stored or logged."""

import os
import re
from pathlib import Path

# Only such names may be read, or an endpoint's form would be a way to send any secret of the worker anywhere.
KEY_VARIABLE = re.compile(r"[A-Z][A-Z0-9_]{0,90}_API_KEY")


def read_key(variable: str) -> str:
    """The key in ``variable``, or in the file that ``variable_FILE`` points to; empty where there is none."""
    if not KEY_VARIABLE.fullmatch(variable):
        return ""
    path = os.environ.get(f"{variable}_FILE")
    if path:
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except OSError:
            return ""
    return os.environ.get(variable, "").strip()
