"""Where names go on a scatter chart: greedily, best first; a name that fits nowhere is left out, never shrunk.

A name stands nearer to its own mark than to any other, one of the frontier at least than to others with names first.

``static/dashboard/labels.js`` does the same in the browser after a zoom, with the real widths.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import hypot

from dashboard.charts.text import text_width

# With more names than this a chart reads no better, and takes seconds to lay out.
MOST_LABELS = 60

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A point in pixels with the name it wants; ``weight`` orders them, the heaviest first."""

    x: float
    y: float
    name: str
    weight: float
    is_big: bool
    on_frontier: bool


@dataclass(frozen=True, slots=True)
class Label:
    x: float
    y: float
    name: str
    is_big: bool


def place(points: Sequence[Labelled], *, width: float, height: float, size: float, lines: Sequence[Box]) -> list[Label]:
    """Labels with the baseline start at (x, y). None touches another label, a mark or one of ``lines``."""
    taken: list[Box] = [(point.x - 7, point.y - 7, point.x + 7, point.y + 7) for point in points]
    placed = []
    for point in sorted(points, key=lambda point: -point.weight)[:MOST_LABELS]:
        w, h = text_width(point.name, size, bold=point.is_big) + 4, size + 4
        free = []
        for dx, dy in _offsets(w, h, on_frontier=point.on_frontier):
            box = (point.x + dx, point.y + dy, point.x + dx + w, point.y + dy + h)
            inside = box[0] >= 2 and box[1] >= 2 and box[2] <= width - 2 and box[3] <= height - 2
            if inside and not any(_overlap(box, other) for other in (*taken, *lines)):
                free.append(box)
        rivals = [[other for other in points if _distance(box, other) < _distance(box, point)] for box in free]
        own = [box for box, nearer in zip(free, rivals, strict=True) if not nearer]
        clear = [box for box, nearer in zip(free, rivals, strict=True) if not any(other.is_big for other in nearer)]
        for box in (own or (clear if point.is_big else []))[:1]:
            taken.append((box[0] - 2, box[1] - 1, box[2] + 2, box[3] + 1))
            placed.append(Label(box[0] + 2, box[1] + size, point.name, point.is_big))
    return placed


def _distance(box: Box, point: Labelled) -> float:
    aside = max(box[0] - point.x, point.x - box[2], 0)
    above = max(box[1] - point.y, point.y - box[3], 0)
    return hypot(aside, above)


def _offsets(w: float, h: float, *, on_frontier: bool) -> list[tuple[float, float]]:
    if on_frontier:
        return [(-w / 2, -h - 9), (-w - 10, -h - 3), (10, -h - 4), (-w - 12, -h / 2), (12, 6), (-w / 2, 10)]
    beside = [(12, -h / 2), (-w - 12, -h / 2), (-w / 2, 10), (-w / 2, -h - 10)]
    return [*beside, (9, 6), (9, -h - 6), (-w - 9, 6), (-w - 9, -h - 6)]


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]
