"""Counts which real things the passed tests used, so that a green run cannot hide what was left out."""

import json
from collections import Counter
from pathlib import Path

import pytest

WHAT = ("SQLite", "PostgreSQL", "Redis", "browser", "local model")
FIXTURES = {
    "redis_server": "Redis",
    "broker": "Redis",
    "worker": "Redis",
    "browser": "browser",
    "local_model": "local model",
    "postgres_url": "PostgreSQL",
}
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "admin_client", "admin_user"}
KEY = "exercised"


def uses_database(item: pytest.Item) -> bool:
    """Whether the test reads or writes the configured test database."""
    if item.get_closest_marker("django_db"):
        return True
    if DATABASE_FIXTURES & set(getattr(item, "fixturenames", ())):
        return True
    from django.test import TransactionTestCase

    owner = getattr(item, "cls", None)
    return isinstance(owner, type) and issubclass(owner, TransactionTestCase)


def label(item: pytest.Item) -> None:
    """Note on the test what it uses. The note travels with its report, also between processes."""
    from django.conf import settings

    names = {FIXTURES[name] for name in getattr(item, "fixturenames", ()) if name in FIXTURES}
    if uses_database(item):
        names.add("SQLite" if "sqlite3" in settings.DATABASES["default"]["ENGINE"] else "PostgreSQL")
    item.user_properties.extend((KEY, name) for name in sorted(names))


class Tally:
    """Adds up the passed tests by what they used, and the outcomes of all."""

    def __init__(self) -> None:
        self.used: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()

    def add(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            self.outcomes[report.outcome] += 1
        if report.when == "call" and report.passed:
            self.used.update(str(value) for key, value in report.user_properties if key == KEY)

    def write(self, path: Path) -> None:
        path.write_text(json.dumps({"used": self.used, "outcomes": self.outcomes}), encoding="utf-8")

    def read(self, path: Path) -> None:
        """Add what another pytest process wrote."""
        if path.exists():
            content = json.loads(path.read_text(encoding="utf-8"))
            self.used.update(content["used"])
            self.outcomes.update(content["outcomes"])

    def sentence(self) -> str:
        parts = [f"{name} ({self.used[name]} tests)" for name in WHAT if self.used[name]]
        return f"Really exercised: {', '.join(parts) or 'nothing but Python'}."

    def missing(self) -> list[str]:
        return [name for name in WHAT if not self.used[name]]
