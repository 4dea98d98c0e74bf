"""The frontier chart as SVG inside the page: there before any script, in print, and where scripts are off."""

import math
from collections.abc import Collection
from itertools import pairwise

from django.urls import reverse
from django.utils.safestring import SafeString

from dashboard import formats
from dashboard.charts import labels, theme, ticks
from dashboard.charts.frontier import FrontierView, level, level_ends, level_words, usd, usd_ends, view
from dashboard.charts.svg import element
from dashboard.charts.text import clean_text
from dashboard.frontier import Frontier
from dashboard.frontier_row import FrontierRow

TOP, RIGHT, BOTTOM = 10.0, 14.0, 46.0


def frontier_svg(
    frontier: Frontier,
    *,
    pinned: Collection[str] = (),
    width: float = 860,
    height: float = 500,
    narrow: bool = False,
) -> SafeString:
    """The drawing. ``narrow`` leaves out the side title and names frontier models only."""
    found = view(frontier, pinned)
    if found is None:
        return element("svg", viewBox=f"0 0 {width:g} {height:g}", class_="plot", aria_hidden="true")
    return _Drawing(frontier, found, width, height, narrow=narrow).svg()


class _Drawing:
    """One chart at one size; methods turn data into pixels."""

    def __init__(self, frontier: Frontier, found: FrontierView, width: float, height: float, *, narrow: bool) -> None:
        self.frontier, self.view, self.narrow = frontier, found, narrow
        self.width, self.height = width, height
        self.left = 40.0 if narrow else 52.0
        self.plot_width = width - self.left - RIGHT
        self.plot_height = height - TOP - BOTTOM

    def x(self, price: float) -> float:
        span = math.log10(self.view.high_usd / self.view.low_usd)
        return self.left + math.log10(price / self.view.low_usd) / span * self.plot_width

    def y(self, value: float) -> float:
        return TOP + (self.view.high - value) / (self.view.high - self.view.low) * self.plot_height

    def svg(self) -> SafeString:
        return element(
            "svg",
            *self._grid(),
            *self._band(),
            *self._stairs(),
            *self._joins(),
            *self._intervals(),
            *(self._mark(row) for row in self.view.points if not self.view.is_big(row)),
            *(self._mark(row) for row in self.view.points if self.view.is_big(row)),
            *self._labels(),
            element("text", text="↖ more for less", x=self.left + 8, y=TOP + 15, class_="hint"),
            viewBox=f"0 0 {self.width:g} {self.height:g}",
            class_="plot narrow" if self.narrow else "plot wide",
            aria_hidden="true",
            focusable="false",
        )

    def _grid(self) -> list[SafeString]:
        bottom, right = self.height - BOTTOM, self.width - RIGHT
        drawn = []
        for price in self.view.price_ticks:
            x = self.x(price)
            drawn.append(element("line", x1=x, x2=x, y1=TOP, y2=bottom, class_="grid"))
            if not self.narrow or f"{price:e}"[0] == "1":
                text = ticks.usd_tick(price)
                drawn.append(element("text", text=text, x=x, y=bottom + 17, text_anchor="middle", class_="tick"))
        for value in self.view.level_ticks:
            y = self.y(value)
            text = f"{value:g}{'%' if self.frontier.axis.is_share else ''}"
            drawn.append(element("line", x1=self.left, x2=right, y1=y, y2=y, class_="grid"))
            drawn.append(element("text", text=text, x=self.left - 7, y=y + 4, text_anchor="end", class_="tick"))
        middle = self.left + self.plot_width / 2
        drawn.append(
            element(
                "text",
                text=f"{clean_text(self.frontier.cost.title)} → dearer",
                x=middle,
                y=self.height - 8,
                text_anchor="middle",
                class_="tick",
            )
        )
        if not self.narrow:
            y = TOP + self.plot_height / 2
            drawn.append(
                element(
                    "text",
                    text=f"{clean_text(self.frontier.axis.title)} → more capable",
                    transform=f"translate(13 {y:.0f}) rotate(-90)",
                    text_anchor="middle",
                    class_="tick",
                )
            )
        return drawn

    def _stairs(self) -> list[SafeString]:
        bottom = self.height - BOTTOM
        first = self.view.stairs[0]
        path = f"M{self.x(first[0]):.1f} {bottom:.1f}V{self.y(first[1]):.1f}"
        for price, value in self.view.stairs[1:]:
            path += f"H{self.x(price):.1f}V{self.y(value):.1f}"
        drawn = [
            element("path", d=f"{path}V{bottom:.1f}Z", class_="under"),
            element("path", d=path, class_="stairs"),
        ]
        if box := self._hint_box():
            x, y = box[2] + self.left - 2, box[3] + TOP - 4
            drawn.append(element("text", text="frontier", x=x, y=y, text_anchor="end", class_="hint"))
        return drawn

    def _hint_box(self) -> labels.Box | None:
        """Where the line is called by its name, under its end or over it; None where marks leave no room."""
        right, top = self.plot_width, self.y(self.view.stairs[-1][1]) - TOP
        if self.narrow or self.x(self.view.stairs[-2][0]) - self.left > right - 90:
            return None
        places = ((right - 58, top + 3, right - 2, top + 20), (right - 58, max(2, top - 20), right - 2, top - 3))
        return next((box for box in places if box[3] - box[1] > 14 and labels.is_clear(box, self._points())), None)

    def _band(self) -> list[SafeString]:
        """Where the frontier lies in 90 % of the draws."""
        if not self.view.band:
            return []
        corners = [(f"{self.x(price):.1f}", self.y(under), self.y(over)) for price, under, over in self.view.band]
        upper = f"M{corners[0][0]} {corners[0][2]:.1f}" + "".join(f"H{x}V{over:.1f}" for x, _, over in corners[1:])
        # The lower edge runs back from the right: each step down lies at the dearer end of its level.
        lower = f"V{corners[-1][1]:.1f}" + "".join(
            f"H{dearer[0]}V{cheaper[1]:.1f}" for dearer, cheaper in pairwise(reversed(corners))
        )
        return [element("path", d=f"{upper}{lower}H{corners[0][0]}Z", class_="band")]

    def _joins(self) -> list[SafeString]:
        """A thin line through the settings of each model."""
        return [
            element(
                "polyline",
                points=" ".join(f"{self.x(usd(row)):.1f},{self.y(level(self.frontier, row)):.1f}" for row in rows),
                class_="join",
            )
            for rows in self.view.siblings
        ]

    def _intervals(self) -> list[SafeString]:
        if self.frontier.query.intervals == "hide":
            return []
        drawn = []
        for row in self.view.points:
            x, y = self.x(usd(row)), self.y(level(self.frontier, row))
            if ends := level_ends(self.frontier, row):
                drawn.append(element("line", x1=x, x2=x, y1=self.y(ends[0]), y2=self.y(ends[1]), class_="whisker"))
            if ends := usd_ends(self.frontier, row, self.view.high_usd):
                low, high = (self.x(min(max(end, self.view.low_usd), self.view.high_usd)) for end in ends)
                drawn.append(element("line", x1=low, x2=high, y1=y, y2=y, class_="whisker"))
        return drawn

    def _mark(self, row: FrontierRow) -> SafeString:
        x, y = self.x(usd(row)), self.y(level(self.frontier, row))
        r = 6.5 if self.view.is_big(row) else 5.0
        classes = f"mark c-{theme.colour_name(row.version.model.developer.slug)}"
        if row.is_provisional:
            classes += " hollow"
        if self.view.is_pinned(row):
            classes += " pinned"
        if row.is_past:
            classes += " past"
        if row.version.open_weights:
            d = r * 1.3
            path = f"M{x:.1f} {y - d:.1f}L{x + d:.1f} {y:.1f}L{x:.1f} {y + d:.1f}L{x - d:.1f} {y:.1f}Z"
            shape = element("path", d=path, class_=classes)
        elif row.version.open_weights is None:
            shape = element("rect", x=x - r, y=y - r, width=2 * r, height=2 * r, class_=classes)
        else:
            shape = element("circle", cx=x, cy=y, r=r, class_=classes)
        if row.standing == "possible":
            ring = element("circle", cx=x, cy=y, r=10.0, class_="ring")
            shape = element("g", ring, shape)
        past = f", {row.past_words}" if row.is_past else ""
        cost = f"{formats.usd(row.cost)} {self.frontier.cost.per}"
        title = f"{clean_text(row.name)}: {level_words(self.frontier, row)}, {cost}{past}"
        return element(
            "a",
            element("title", text=title),
            shape,
            href=reverse("dashboard:model", args=[row.slug]),
            tabindex="-1",
        )

    def _points(self) -> list[labels.Labelled]:
        all_names = self.view.all_names and not self.narrow
        return [
            labels.Labelled(
                x=self.x(usd(row)) - self.left,
                y=self.y(level(self.frontier, row)) - TOP,
                name=clean_text(row.name, 34),
                weight=self.view.weight(row),
                is_big=self.view.is_big(row),
                on_frontier=bool(row.on_frontier),
                is_pinned=self.view.is_pinned(row),
                is_wanted=all_names or self.view.is_named(row),
                reach=self.view.reach(row),
            )
            for row in self.view.points
        ]

    def _labels(self) -> list[SafeString]:
        size = 11.5 if self.narrow else 12.5
        placed = labels.place(
            self._points(), width=self.plot_width, height=self.plot_height, size=size, lines=self._stair_boxes()
        )
        leaders = (label.leader for label in placed if label.leader)
        return [
            *(
                element("line", x1=x1 + self.left, y1=y1 + TOP, x2=x2 + self.left, y2=y2 + TOP, class_="leader")
                for x1, y1, x2, y2 in leaders
            ),
            *(
                element(
                    "text",
                    text=label.name,
                    x=label.x + self.left,
                    y=label.y + TOP,
                    class_="label on" if label.is_big else "label",
                )
                for label in placed
            ),
        ]

    def _stair_boxes(self) -> list[labels.Box]:
        """The frontier line as thin boxes, so that no name is written across it. Both hints take their corners too."""
        corners = [(self.x(price) - self.left, self.y(value) - TOP) for price, value in self.view.stairs]
        boxes: list[labels.Box] = [(0, 0, 118, 22)]
        if hint := self._hint_box():
            boxes.append(hint)
        for (x, y), (next_x, next_y) in pairwise(corners):
            boxes.append((x, y - 2, next_x, y + 2))
            boxes.append((next_x - 2, min(y, next_y), next_x + 2, max(y, next_y)))
        return boxes
