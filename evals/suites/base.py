"""A built-in suite: made by a seeded generator, so that it can be made again and has been on no web page."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item: a prompt, what is right, and the scorer that judges it."""

    key: str
    category: str
    prompt: str
    target: Any
    scorer: str
    scorer_options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltSuite:
    """A suite as its generator made it, before it is a row. ``slug`` carries the version."""

    slug: str
    name: str
    description: str
    max_output_tokens: int
    items: tuple[Item, ...]


def content_hash(items: Iterable[Item]) -> str:
    """sha256 over everything that decides a result: prompts, targets and how they are judged, in order."""
    digest = hashlib.sha256()
    for item in items:
        line = [item.key, item.category, item.prompt, item.target, item.scorer, item.scorer_options]
        digest.update(json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def items_of(*parts: Iterable[Item]) -> tuple[Item, ...]:
    """The items of all parts in order; of equal prompts, which small numbers can produce, only the first."""
    by_prompt: dict[str, Item] = {}
    for part in parts:
        for item in part:
            by_prompt.setdefault(item.prompt, item)
    return tuple(by_prompt.values())
