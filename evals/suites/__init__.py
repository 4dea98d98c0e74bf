"""The suites that come with the project, one generator per file."""

from collections.abc import Callable

from evals.suites import everyday
from evals.suites.base import BuiltSuite, Item, content_hash

BUILDERS: dict[str, Callable[[], BuiltSuite]] = {"everyday-v1": everyday.build}

__all__ = ["BUILDERS", "BuiltSuite", "Item", "content_hash"]
