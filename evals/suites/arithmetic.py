"""``arithmetic-v1``: from one digit to six, with decimals, percentages and order of operations."""

import random
from collections.abc import Iterator
from decimal import Decimal

from evals.suites.base import BuiltSuite, Item, items_of

SEED = 20261102
ENDING = "Answer with the number only."


def build() -> BuiltSuite:
    """The suite, the same every time."""
    rng = random.Random(SEED)
    return BuiltSuite(
        slug="arithmetic-v1",
        name="Arithmetic, version 1",
        description="Sums, differences, products, quotients, percentages and mixed terms, graded in difficulty.",
        max_output_tokens=256,
        items=items_of(_sums(rng), _products(rng), _decimals(rng), _terms(rng)),
    )


def _item(key: str, term: str, value: object) -> Item:
    return Item(
        key=key, category=key.partition("-")[0], prompt=f"What is {term}? {ENDING}", target=str(value), scorer="numeric"
    )


def _sums(rng: random.Random) -> Iterator[Item]:
    for digits, count in ((1, 12), (2, 12), (3, 8), (6, 8)):
        for n in range(count):
            a, b = (rng.randint(10 ** (digits - 1), 10**digits - 1) for _ in range(2))
            if n % 2:
                yield _item(f"difference-{digits}-{n}", f"{max(a, b)} - {min(a, b)}", max(a, b) - min(a, b))
            else:
                yield _item(f"sum-{digits}-{n}", f"{a} + {b}", a + b)


def _products(rng: random.Random) -> Iterator[Item]:
    for n in range(24):
        low, high = ((2, 9), (12, 99), (101, 999))[n % 3]
        a, b = rng.randint(low, high), rng.randint(2, max(9, high // 2))
        if n % 2:
            yield _item(f"quotient-{n}", f"{a * b} ÷ {b}", a)
        else:
            yield _item(f"product-{n}", f"{a} × {b}", a * b)


def _decimals(rng: random.Random) -> Iterator[Item]:
    for n in range(18):
        a, b = Decimal(rng.randint(11, 9999)) / 100, Decimal(rng.randint(11, 999)) / 10
        if n % 3 == 0:
            yield _item(f"decimal-{n}", f"{a} + {b}", a + b)
        elif n % 3 == 1:
            yield _item(f"decimal-{n}", f"{a} - {b}", a - b)
        else:
            share, whole = rng.choice((5, 12, 15, 20, 35, 60)), rng.randint(2, 90) * 20
            yield _item(f"percent-{n}", f"{share}% of {whole}", Decimal(share * whole) / 100)


def _terms(rng: random.Random) -> Iterator[Item]:
    for n in range(18):
        a, b, c, d = (rng.randint(2, 19) for _ in range(4))
        term, value = (
            (f"{a} + {b} × {c}", a + b * c),
            (f"({a} + {b}) × {c} - {d}", (a + b) * c - d),
            (f"({a} × {b} - {c}) × ({d} + 3)", (a * b - c) * (d + 3)),
        )[n % 3]
        yield _item(f"term-{n}", term, value)
