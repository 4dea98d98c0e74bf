"""The suites that come with the project, one generator per file."""

from collections.abc import Callable

from evals.suites import (
    arithmetic,
    code_reading,
    everyday,
    instructions,
    languages,
    logic,
    needle,
    records,
    stories,
)
from evals.suites.base import BuiltSuite, Item, content_hash

BUILDERS: dict[str, Callable[[], BuiltSuite]] = {
    "everyday-v1": everyday.build,
    "arithmetic-v1": arithmetic.build,
    "stories-v1": stories.build,
    "logic-v1": logic.build,
    "instructions-v1": instructions.build,
    "records-v1": records.build,
    "needle-v1": needle.build,
    "code-reading-v1": code_reading.build,
    "languages-v1": languages.build,
}

__all__ = ["BUILDERS", "BuiltSuite", "Item", "content_hash"]
