"""A built-in suite: made by a seeded generator, so that it can be made again and has been on no web page."""

import hashlib
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from evals.suites.dice import Dice


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """One item: a prompt, what is right, and the scorer that judges it.

    ``category`` is "kind" or "kind/level", with levels from 1, the easiest, to 5.
    """

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


Maker = Callable[[int, int, Dice], Item]  # level, number in the level, dice


def content_hash(items: Iterable[Item]) -> str:
    """sha256 over everything that decides a result: prompts, targets and how they are judged, in order."""
    digest = hashlib.sha256()
    for item in items:
        line = [item.key, item.category, item.prompt, item.target, item.scorer, item.scorer_options]
        digest.update(json.dumps(line, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode())
        digest.update(b"\n")
    return digest.hexdigest()


def draw(*, slug: str, seed: int, levels: Iterable[int], per_level: int, make: Maker) -> tuple[Item, ...]:
    """``per_level`` items of each level with prompts that all differ, each drawn with dice of its own.

    An item whose prompt is there already, which small numbers can produce, is drawn again.
    """
    by_prompt: dict[str, Item] = {}
    for level in levels:
        for n in range(per_level):
            item = make(level, n, Dice(slug, seed, level, n))
            attempt = 0
            while item.prompt in by_prompt:
                attempt += 1
                item = make(level, n, Dice(slug, seed, level, n, attempt))
            by_prompt[item.prompt] = item
    return tuple(by_prompt.values())
