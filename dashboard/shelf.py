"""What this process answered last, ready to be given again without asking the cache."""

import threading
import time
from collections import OrderedDict
from typing import NamedTuple

from django.conf import settings

MOST_BYTES = 8 * 2**20
EACH_BYTES = 2000  # what an answer takes besides its body


class Kept(NamedTuple):
    """An answer at rest: ``question`` is its address, ``packed`` its body as brotli, ``headers`` what it says."""

    question: str
    edition: str
    packed: bytes
    headers: tuple[tuple[str, str], ...]
    built_at: float


class Shelf:
    """Holds at most ``MOST_BYTES``: what was not asked for longest goes first. Safe among threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: OrderedDict[str, Kept] = OrderedDict()
        self._bytes = 0

    def get(self, question: str) -> Kept | None:
        """None for what is not here or was built more than ``PAGE_CACHE_S`` ago."""
        with self._lock:
            found = self._answers.get(question)
            if found is None:
                return None
            if time.time() - found.built_at > settings.PAGE_CACHE_S:
                self._remove(question)
                return None
            self._answers.move_to_end(question)
            return found

    def put(self, answer: Kept) -> None:
        with self._lock:
            self._remove(answer.question)
            self._answers[answer.question] = answer
            self._bytes += _size(answer)
            while self._bytes > MOST_BYTES:
                self._remove(next(iter(self._answers)))

    def clear(self) -> None:
        with self._lock:
            self._answers.clear()
            self._bytes = 0

    def _remove(self, question: str) -> None:
        if (found := self._answers.pop(question, None)) is not None:
            self._bytes -= _size(found)


def _size(answer: Kept) -> int:
    return len(answer.packed) + len(answer.question) + EACH_BYTES


shelf = Shelf()
