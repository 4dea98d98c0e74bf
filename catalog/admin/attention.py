"""What waits for somebody. Each app registers its queues; the first page of the admin shows those with something in."""

from collections.abc import Callable
from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True, slots=True)
class Queue:
    """Something that people have to look at: how many, where, and who may see it."""

    title: str
    count: Callable[[], int]
    url: Callable[[], str]
    permission: str
    help: str = ""
    position: int = 50


@dataclass(frozen=True, slots=True)
class Waiting:
    """A queue with what is in it now."""

    title: str
    count: int
    url: str
    help: str


_queues: dict[str, Queue] = {}


def register(queue: Queue) -> None:
    """Show this queue on the first page of the admin; the same title twice is one queue."""
    _queues[queue.title] = queue


def waiting(request: HttpRequest) -> list[Waiting]:
    """The queues that this user may see, in order, the empty ones too."""
    shown = [queue for queue in _queues.values() if request.user.has_perm(queue.permission)]
    return [
        Waiting(queue.title, queue.count(), queue.url(), queue.help)
        for queue in sorted(shown, key=lambda queue: (queue.position, queue.title))
    ]
