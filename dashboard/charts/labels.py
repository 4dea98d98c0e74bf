"""Where names go on a scatter chart: greedily, the heaviest first; a name that fits nowhere is left out, never shrunk.

A name stands clearly nearer to its own mark than to any other. A big mark whose name finds no such place has it further
away, with a thin line that leads to the mark. A pinned mark is always named.

``static/dashboard/labels.js`` does the same in the browser after a zoom, with the real widths.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from math import cos, hypot, radians, sin

from dashboard.charts.text import text_width

# With more names than this a chart reads no better, and takes seconds to lay out.
MOST_LABELS = 60
REACH = 7.0
# How much nearer a name is to its own mark than to the next. A mark in line with the words draws them to itself, so
# what lies beside them counts as nearer than what lies above.
LEAD, ASIDE = 5.0, 0.6
# Degrees, 0 to the right and 90 down: above and left of the frontier there are no marks.
TURNS = (-135, -90, -112, -158, -45, 180, 45, 135, 20, 90, -20, 160)
# Lengths of leaders in pixels; those beyond the longest are for pinned names alone.
LEADERS, LONGEST = (16, 26, 38, 52, 70, 90, 115, 140), 71

Box = tuple[float, float, float, float]
Line = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Labelled:
    """A mark in pixels with its name; ``weight`` orders the names, the heaviest first.

    ``reach``  how far the mark goes from its middle      ``is_wanted``  false: the mark is in the way, without a name
    """

    x: float
    y: float
    name: str
    weight: float
    is_big: bool
    on_frontier: bool
    is_pinned: bool = False
    is_wanted: bool = True
    reach: float = REACH

    @property
    def box(self) -> Box:
        return self.x - self.reach, self.y - self.reach, self.x + self.reach, self.y + self.reach


@dataclass(frozen=True, slots=True)
class Label:
    """The baseline starts at (x, y); ``leader`` goes from the edge of the mark to the name."""

    x: float
    y: float
    name: str
    is_big: bool
    leader: Line | None = None


def place(points: Sequence[Labelled], *, width: float, height: float, size: float, lines: Sequence[Box]) -> list[Label]:
    """No label touches another, a mark or one of ``lines``; no leader touches a label or another mark.

    Only a pinned name for which there is no such place lies over a line, or even over marks.
    """
    crowd = _Crowd(points, lines, width, height)
    placed = []
    wanted = sorted((point for point in points if point.is_wanted), key=lambda point: -point.weight)
    for point in wanted[:MOST_LABELS]:
        w, h = text_width(point.name, size, bold=point.is_big) + 4, size + 4
        if found := crowd.place_for(point, w, h):
            box, leader = found
            crowd.names.append((box[0] - 2, box[1] - 1, box[2] + 2, box[3] + 1))
            crowd.leaders += [leader] if leader else []
            placed.append(Label(box[0] + 2, box[1] + size, point.name, point.is_big, leader))
    return placed


@dataclass(slots=True)
class _Crowd:
    """What is on the chart already."""

    points: Sequence[Labelled]
    lines: Sequence[Box]
    width: float
    height: float
    names: list[Box] = field(default_factory=list)
    leaders: list[Line] = field(default_factory=list)

    def place_for(self, point: Labelled, w: float, h: float) -> tuple[Box, Line | None] | None:
        """The best place that is left, with its leader where it has one."""
        for box in _beside(point, w, h):
            if (
                self._is_free(box)
                and is_clear(box, self.points)
                and self._is_own(box, point)
                and self._is_off_lines(box)
            ):
                return box, None
        if not point.is_big:
            return None
        apart = [each for each in _apart(point, w, h) if self._is_free(each[0]) and self._is_led(each[1])]
        short = [each for each in apart if point.is_pinned or _length(each[1]) <= LONGEST]
        clear = [each for each in short if is_clear(each[0], self.points) and self._is_alone(each[1], point)]
        off_lines = (each for each in clear if self._is_off_lines(each[0]))
        if not point.is_pinned:
            return next(off_lines, None)
        return next(chain(off_lines, clear, apart), None)

    def _is_free(self, box: Box) -> bool:
        """Inside, and over no name and no leader."""
        inside = box[0] >= 2 and box[1] >= 2 and box[2] <= self.width - 2 and box[3] <= self.height - 2
        return (
            inside
            and not any(_overlap(box, other) for other in self.names)
            and not any(_crosses(leader, box) for leader in self.leaders)
        )

    def _is_off_lines(self, box: Box) -> bool:
        return not any(_overlap(box, other) for other in self.lines)

    def _is_led(self, leader: Line) -> bool:
        return not any(_crosses(leader, name) for name in self.names) and not any(
            _meet(leader, other) for other in self.leaders
        )

    def _is_alone(self, leader: Line, point: Labelled) -> bool:
        return not any(other is not point and _crosses(leader, other.box) for other in self.points)

    def _is_own(self, box: Box, point: Labelled) -> bool:
        least = _nearness(box, point) + LEAD
        return all(other is point or _nearness(box, other) >= least for other in self.points)


def is_clear(box: Box, points: Sequence[Labelled]) -> bool:
    """Whether no mark lies under a box."""
    return not any(_overlap(box, point.box) for point in points)


def _beside(point: Labelled, w: float, h: float) -> Iterator[Box]:
    """Places that touch the mark, the best first."""
    r = point.reach
    if point.on_frontier:
        above, below = -h - r - 2, r + 3
        corners = [(-w / 2, above), (-w - r - 3, -h - 3), (r + 3, -h - 4), (-w - r - 5, -h / 2), (r + 5, 6)]
        corners.append((-w / 2, below))
    else:
        corners = [(r + 5, -h / 2), (-w - r - 5, -h / 2), (-w / 2, r + 3), (-w / 2, -h - r - 3)]
        corners += [(r + 2, r - 1), (r + 2, -h - r + 1), (-w - r - 2, r - 1), (-w - r - 2, -h - r + 1)]
    for dx, dy in corners:
        yield point.x + dx, point.y + dy, point.x + dx + w, point.y + dy + h


def _apart(point: Labelled, w: float, h: float) -> Iterator[tuple[Box, Line]]:
    """Places away from the mark, each with the line that leads there, the shortest first."""
    for length in LEADERS:
        for turn in TURNS:
            right, down = cos(radians(turn)), sin(radians(turn))
            start = point.reach + 1
            x, y = point.x + (start + length) * right, point.y + (start + length) * down
            left = x if right > 0.3 else x - w if right < -0.3 else x - w / 2
            top = y if down > 0.5 else y - h if down < -0.5 else y - h / 2
            yield (left, top, left + w, top + h), (point.x + start * right, point.y + start * down, x, y)


def _nearness(box: Box, point: Labelled) -> float:
    aside = max(box[0] - point.x, point.x - box[2], 0)
    above = max(box[1] - point.y, point.y - box[3], 0)
    return hypot(ASIDE * aside, above)


def _length(line: Line) -> float:
    return hypot(line[2] - line[0], line[3] - line[1])


def _overlap(a: Box, b: Box) -> bool:
    return a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1]


def _crosses(line: Line, box: Box) -> bool:
    """Whether a line goes through a box: what is left of it between the box's sides."""
    x1, y1, x2, y2 = line
    if max(x1, x2) <= box[0] or min(x1, x2) >= box[2] or max(y1, y2) <= box[1] or min(y1, y2) >= box[3]:
        return False
    first, last = 0.0, 1.0
    for start, way, low, high in ((x1, x2 - x1, box[0], box[2]), (y1, y2 - y1, box[1], box[3])):
        if abs(way) < 1e-9:
            continue  # it lies between these sides, as was seen above
        ends = sorted(((low - start) / way, (high - start) / way))
        first, last = max(first, ends[0]), min(last, ends[1])
    return first < last


def _meet(a: Line, b: Line) -> bool:
    """Whether two lines cross."""

    def side(line: Line, x: float, y: float) -> float:
        return (line[2] - line[0]) * (y - line[1]) - (line[3] - line[1]) * (x - line[0])

    return side(a, *b[:2]) * side(a, *b[2:]) < 0 and side(b, *a[:2]) * side(b, *a[2:]) < 0
