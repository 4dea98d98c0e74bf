"""The suites that come with the project, one generator per file."""

from collections.abc import Callable

from evals.suites import (
    arithmetic,
    everyday,
    instructions,
    json_extraction,
    logic,
    multilingual,
    python_functions,
    reading,
    word_problems,
)
from evals.suites.base import BuiltSuite, Item, content_hash

BUILDERS: dict[str, Callable[[], BuiltSuite]] = {
    "everyday-v1": everyday.build,
    "arithmetic-v1": arithmetic.build,
    "word-problems-v1": word_problems.build,
    "logic-v1": logic.build,
    "instructions-v1": instructions.build,
    "json-extraction-v1": json_extraction.build,
    "reading-v1": reading.build,
    "python-functions-v1": python_functions.build,
    "multilingual-v1": multilingual.build,
}

__all__ = ["BUILDERS", "BuiltSuite", "Item", "content_hash"]
