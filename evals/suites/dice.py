"""A seeded source of chance whose numbers are the same on every Python, for ever.

Python promises only ``random()`` itself to stay the same between versions, not ``randint``, ``sample`` or ``shuffle``.
A suite's content hash has to outlive the Python that made it, so these are spelled out here.
"""

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")
_MASK = (1 << 64) - 1


class Dice:
    """SplitMix64 (Steele, Lea and Flood 2014), seeded with the sha256 of a text.

    A generator of items makes one for each item, from the seed and the item's key: then an item does not change when
    another is added before it.
    """

    def __init__(self, *seed: object) -> None:
        written = "/".join(str(part) for part in seed)
        self._state = int.from_bytes(hashlib.sha256(written.encode()).digest()[:8], "big")

    def _next(self) -> int:
        self._state = (self._state + 0x9E3779B97F4A7C15) & _MASK
        mixed = self._state
        mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
        return mixed ^ (mixed >> 31)

    def below(self, n: int) -> int:
        """A whole number from 0 to n - 1, each equally likely."""
        limit = (1 << 64) - (1 << 64) % n
        while (drawn := self._next()) >= limit:
            pass
        return drawn % n

    def between(self, low: int, high: int) -> int:
        """A whole number from ``low`` to ``high``, both included."""
        return low + self.below(high - low + 1)

    def pick(self, choices: Sequence[T]) -> T:
        """One of several."""
        return choices[self.below(len(choices))]

    def shuffled(self, items: Sequence[T]) -> list[T]:
        """All of them in a random order (Fisher-Yates)."""
        mixed = list(items)
        for last in range(len(mixed) - 1, 0, -1):
            other = self.below(last + 1)
            mixed[last], mixed[other] = mixed[other], mixed[last]
        return mixed

    def some(self, items: Sequence[T], n: int) -> list[T]:
        """``n`` different ones in a random order."""
        return self.shuffled(items)[:n]
