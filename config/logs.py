"""Logs on standard error, one line each, with every secret that this process knows of struck out."""

import logging
import os
import re
from typing import Any

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
STRUCK = "***"
SHORTEST_SECRET = 8
SECRET_NAMES = re.compile(r"(KEYS?|TOKEN|SECRET|PASSWORD|CREDENTIALS)(_FILE)?$")
PATTERNS = re.compile(
    r"(?i)(?P<before>bearer\s+|(?:x-api-key|api-key|x-goog-api-key|authorization|password|token)['\"]?\s*[:=]\s*['\"]?"
    r"|[?&](?:key|api_key|access_token|token)=|://[^/\s:@]*:)(?P<secret>[^\s'\"&,@]{4,})"
    r"|\b(?P<known>sk-[A-Za-z0-9_-]{12,}|AIza[A-Za-z0-9_-]{20,}|gsk_[A-Za-z0-9]{20,}|hf_[A-Za-z0-9]{20,})"
)


def redact(text: str) -> str:
    """The text without values of secret environment variables and without what looks like a key."""
    for value in live_secrets():
        text = text.replace(value, STRUCK)
    return PATTERNS.sub(lambda match: (match["before"] or "") + STRUCK, text)


def live_secrets() -> list[str]:
    """Values of environment variables that are named like secrets and of keys decrypted here, the longest first."""
    from evals.secret_text import seen  # not at import: this file is read while the settings are

    values = {value.strip() for name, value in os.environ.items() if SECRET_NAMES.search(name)} | seen
    return sorted((value for value in values if len(value) >= SHORTEST_SECRET), key=len, reverse=True)


class RedactingFormatter(logging.Formatter):
    """Redacts the finished line, so that arguments and tracebacks are covered too."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def configuration(level: str) -> dict[str, Any]:
    """Django's ``LOGGING``. Raises ValueError for an unknown level."""
    if level not in LEVELS:
        raise ValueError(f"LOG_LEVEL is {level!r}; write one of {', '.join(LEVELS)}.")
    quiet = "DEBUG" if level == "DEBUG" else "WARNING"
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "line": {
                "()": "config.logs.RedactingFormatter",
                "format": "%(asctime)s %(levelname)s %(name)s: %(message)s",
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["stderr"], "propagate": False},
            # These log whole URLs, and a line for each call or task.
            **{name: {"level": quiet} for name in ("httpx", "httpx2", "httpcore2")},
            **{name: {"level": quiet} for name in ("celery.app.trace", "celery.worker.strategy", "celery.beat")},
        },
    }
