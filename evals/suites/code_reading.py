"""``code-reading-v1``: what a small Python function returns.

The right answers come from running our own functions here, when the suite is made; code that a model writes is never
run anywhere.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

from evals.suites.base import BuiltSuite, Item, items_of

SEED = 20261108

# Source as shown, and the same computation as we know it.
Function = tuple[str, str, Callable[..., Any]]


def _gcd(a: int, b: int) -> int:
    while b:
        a, b = b, a % b
    return a


def _orbit(n: int) -> int:
    seen: set[int] = set()
    while n not in seen:
        seen.add(n)
        n = (n * n + 1) % 11
    return len(seen)


FUNCTIONS: tuple[Function, ...] = (
    ("double", "def double(n):\n    return n * 2", lambda n: n * 2),
    (
        "shift",
        "def shift(n):\n    if n % 2 == 0:\n        return n // 2\n    return 3 * n + 1",
        lambda n: n // 2 if n % 2 == 0 else 3 * n + 1,
    ),
    (
        "digits",
        "def digits(n):\n    total = 0\n    while n:\n        total += n % 10\n        n //= 10\n    return total",
        lambda n: sum(map(int, str(n))),
    ),
    (
        "ladder",
        "def ladder(n):\n    total = 0\n    for i in range(1, n):\n        total += i\n    return total",
        lambda n: n * (n - 1) // 2,
    ),
    ("odd_sum", "def odd_sum(n):\n    return sum(i for i in range(n) if i % 2 == 1)", lambda n: sum(range(1, n, 2))),
    (
        "gcd",
        "def gcd(n):\n    a, b = n, 36\n    while b:\n        a, b = b, a % b\n    return a",
        lambda n: _gcd(n, 36),
    ),
    (
        "mix",
        "def mix(n):\n    x = n\n    for i in range(3):\n        x = x * 2 - i\n    return x",
        lambda n: ((n * 2 - 0) * 2 - 1) * 2 - 2,
    ),
    (
        "count",
        "def count(n):\n    seen = set()\n    while n not in seen:\n        seen.add(n)\n        n = (n * n + 1) % 11\n    return len(seen)",
        _orbit,
    ),
)
TEXT_FUNCTIONS: tuple[Function, ...] = (
    ("last", "def last(s):\n    return s[-1]", lambda s: s[-1]),
    ("flip", "def flip(s):\n    return s[::-1]", lambda s: s[::-1]),
    ("skip", "def skip(s):\n    return s[::2]", lambda s: s[::2]),
    (
        "swap",
        "def swap(s):\n    half = len(s) // 2\n    return s[half:] + s[:half]",
        lambda s: s[len(s) // 2 :] + s[: len(s) // 2],
    ),
    ("no_e", 'def no_e(s):\n    return "".join(c for c in s if c != "e")', lambda s: s.replace("e", "")),
    ("order", 'def order(s):\n    return "".join(sorted(set(s)))', lambda s: "".join(sorted(set(s)))),
)
WORDS = ("banana", "breeze", "cheese", "degree", "kernel", "letter", "needle", "pepper", "street", "summer", "tunnel")


def build() -> BuiltSuite:
    """The suite, the same every time."""
    rng = random.Random(SEED)
    return BuiltSuite(
        slug="code-reading-v1",
        name="Reading code, version 1",
        description="What small Python functions return for a given argument; no code of a model is ever run.",
        max_output_tokens=400,
        items=items_of(_numbers(rng), _texts(rng)),
    )


def _numbers(rng: random.Random) -> Iterator[Item]:
    for name, source, run in FUNCTIONS:
        for n in range(5):
            argument = rng.randint(3, 9) if n < 2 else rng.randint(12, 140)
            yield Item(
                key=f"{name}-{n}",
                category="numbers",
                prompt=(
                    f"```python\n{source}\n```\n\nWhat does {name}({argument}) return? Think if you like, and end with "
                    "a line of the form: Answer: <number>"
                ),
                target=str(run(argument)),
                scorer="numeric",
            )


def _texts(rng: random.Random) -> Iterator[Item]:
    for name, source, run in TEXT_FUNCTIONS:
        for n, word in enumerate(rng.sample(WORDS, 4)):
            yield Item(
                key=f"{name}-{n}",
                category="texts",
                prompt=(
                    f'```python\n{source}\n```\n\nWhat does {name}("{word}") return? Think if you like, and end with a line '
                    "of the form: Answer: <text without quotes>"
                ),
                target=run(word),
                scorer="exact",
                scorer_options={"ignore_case": False},
            )
