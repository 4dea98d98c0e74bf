"""Pictures that stand alone: the charts' SVG with its colours written in, and as PNG for link previews."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import resvg_py
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dashboard.charts.key import KeyEntry
from dashboard.charts.svg import element
from dashboard.charts.text import clean_text, text_width
from dashboard.charts.theme import tokens

FONT = "Inter, DejaVu Sans, Liberation Sans, Arial, sans-serif"
PREVIEW = (1200, 630)
# Drawn small and scaled up, since a preview is looked at small.
PREVIEW_CHART = (794, 288)
PREVIEW_SCALE = 1.4
# The letters of a machine without Inter are wider than ours.
ROOM = 0.9
KEY_LINE = 20
HEADING = 18
CLASS = re.compile(r' class="([a-z0-9 -]+)"')

# What chart.css says, as attributes: a style sheet inside a picture is not allowed everywhere a picture goes.
ATTRIBUTES = {
    "grid": {"stroke": "grid"},
    "tick": {"fill": "ink-3"},
    "hint": {"fill": "ink-3"},
    "label": {"fill": "ink-2"},
    "on": {"fill": "ink", "font-weight": "600"},
    "stairs": {"fill": "none", "stroke": "frontier", "stroke-width": "1.75"},
    "under": {"fill": "frontier-fill"},
    "mark": {"fill": "c-other", "stroke": "surface", "stroke-width": "1.25"},
    "bar-mark": {"fill": "c-other"},
    "step": {"fill": "none", "stroke": "c-other", "stroke-width": "2.25"},
    "ink": {"fill": "ink"},
    "frontier": {"stroke": "frontier", "fill": "none", "stroke-width": "1.75"},
    "pinned": {"stroke": "ink", "stroke-width": "2.5"},
    "past": {"opacity": "0.45"},
    "join": {"fill": "none", "stroke": "ink-3", "stroke-width": "1"},
    "whisker": {"stroke": "ink-3", "stroke-width": "1"},
    "leader": {"stroke": "ink-3", "stroke-width": "1"},
    "hatch": {"fill": "none", "stroke": "c-other", "stroke-width": "1.75"},
    "spread": {"fill": "none", "stroke": "c-other", "stroke-width": "1.75"},
    "band": {"fill": "frontier-band"},
    "ring": {"fill": "none", "stroke": "ink-3", "stroke-width": "1.25"},
}


def standalone(drawing: str) -> SafeString:
    """The drawing with every class replaced by the attributes it stands for, in the light theme."""
    return mark_safe(CLASS.sub(lambda found: _attributes(found.group(1).split()), drawing))  # noqa: S308


def _attributes(classes: Sequence[str]) -> str:
    values = tokens()
    written: dict[str, str] = {}
    for name in classes:
        for key, value in ATTRIBUTES.get(name, {}).items():
            written[key] = values.get(value, value)
        if name.startswith("c-"):
            written["stroke" if written.get("fill") == "none" else "fill"] = values[name]
    if "hollow" in classes:
        written |= {"stroke": written.get("fill", values["c-other"]), "fill": values["surface"], "stroke-width": "2"}
    return "".join(f' {key}="{escape(value)}"' for key, value in written.items())


@dataclass(frozen=True, slots=True)
class Drawing:
    """A chart with what a picture of it must say: ``key`` names its lines, colours and shapes."""

    svg: str
    width: int
    height: int
    key: Sequence[KeyEntry] = ()

    def placed(self, *, x: int, y: int, scale: float = 1.0) -> SafeString:
        """Inside another picture, with the key below."""
        size = f'<svg x="{x}" y="{y}" width="{self.width * scale:g}" height="{self.height * scale:g}" '
        drawn = standalone(self.svg).replace("<svg ", size, 1)
        lines = key_lines(self.key, width=self.width, y=self.height + 12)
        scaled = element("g", *lines, transform=f"translate({x} {y}) scale({scale:g})")
        return mark_safe(drawn) + scaled  # noqa: S308  made of escaped elements

    @property
    def key_height(self) -> int:
        rows = {y for *_, y in _key_places(self.key, self.width)}
        return KEY_LINE * len(rows)


def _key_places(entries: Sequence[KeyEntry], width: int) -> list[tuple[KeyEntry, str, float, int]]:
    """Each entry with its text and place: one beside the other, in as many rows as it takes."""
    placed, x, y = [], 40.0, 0
    for entry in entries:
        text = clean_text(entry.name, 60)
        wide = text_width(text, 12) / ROOM + entry.width + 24
        if x + wide > width and x > 40:
            x, y = 40.0, y + KEY_LINE
        placed.append((entry, text, x, y))
        x += wide
    return placed


def key_lines(entries: Sequence[KeyEntry], *, width: int, y: int) -> list[SafeString]:
    drawn = []
    for entry, text, x, row in _key_places(entries, width):
        drawn.append(SafeString(standalone(entry.drawn(round(x), y + row))))
        drawn.append(element("text", text=text, x=x + entry.width + 6, y=y + row + 4, fill=tokens()["ink-2"]))
    return drawn


def framed(drawing: Drawing, *, heading: str, title: str, note: str, sources: str, about: str) -> SafeString:
    """A picture file: what is drawn and what it shows above, below it the key and what it rests on.

    ``about`` is its description.
    """
    values = tokens()
    width = drawing.width
    _, lines = fitted(title, width=width - 20, most=2, sizes=(17,))
    first = 30 + HEADING
    top = first - 8 + 22 * len(lines)
    foot = top + drawing.height + drawing.key_height
    below = [*fitted(note, width=width - 20, most=4, sizes=(11,))[1], cut(sources, size=11, width=width - 20)]
    height = foot + 14 + 17 * len(below)
    return element(
        "svg",
        element("title", text=clean_text(title, None)),
        element("desc", text=about),
        element("rect", width=width + 20, height=height, fill=values["surface"]),
        element("text", text=cut(heading, size=12, width=width - 20), x=20, y=26, font_size=12, fill=values["ink-3"]),
        *(
            element("text", text=line, x=20, y=first + 22 * i, font_size=17, font_weight="600", fill=values["ink"])
            for i, line in enumerate(lines)
        ),
        drawing.placed(x=10, y=top),
        *(
            element("text", text=line, x=20, y=foot + 18 + 17 * i, font_size=11, fill=values["ink-3"])
            for i, line in enumerate(below)
        ),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width + 20} {height}",
        width=width + 20,
        height=height,
        font_family=FONT,
        font_size=12,
    )


def preview(drawing: Drawing | None, *, title: str, note: str, sources: str, heading: str = "") -> SafeString:
    """A link preview, 1200 by 630: the answer in large letters over the chart, or alone where there is none.

    ``heading`` says in small letters what is drawn.
    """
    values = tokens()
    width, height = PREVIEW
    size, lines = fitted(title, width=width - 120, most=2 if drawing else 6)
    small, below = fitted(note, width=width - 120, most=2, sizes=(17, 15, 13))
    below += [cut(sources, size=small, width=width - 120)] if sources else []
    first = 618 - 20 * (len(below) - 1)
    return element(
        "svg",
        element("rect", width=width, height=height, fill=values["surface"]),
        element("text", text=clean_text(heading, 90), x=60, y=36, font_size=18, fill=values["ink-3"]),
        *(
            element(
                "text",
                text=line,
                x=60,
                y=84 + round(1.2 * size) * i,
                font_size=size,
                font_weight="700",
                fill=values["ink"],
            )
            for i, line in enumerate(lines)
        ),
        drawing.placed(x=44, y=150, scale=PREVIEW_SCALE) if drawing else "",
        *(
            element("text", text=line, x=60, y=first + 20 * i, font_size=small, fill=values["ink-3"])
            for i, line in enumerate(below)
        ),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        font_family=FONT,
        font_size=12,
    )


def fitted(text: str, *, width: float, most: int, sizes: Sequence[int] = (44, 38, 33, 29, 25)) -> tuple[int, list[str]]:
    """The largest of the sizes at which the text needs at most so many lines; what is too long ends in an ellipsis."""
    for size in sizes:
        lines = wrapped(text, size=size, width=width)
        if len(lines) <= most:
            return size, lines
    return sizes[-1], [*lines[: most - 1], f"{lines[most - 1].rstrip(' .,;:')} …"]


def wrapped(text: str, *, size: float, width: float) -> list[str]:
    """Lines that fit; a word that is longer than a line is cut."""
    lines: list[str] = []
    for word in clean_text(text, 600).split():
        if lines and text_width(f"{lines[-1]} {word}", size, bold=True) <= width * ROOM:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def cut(text: str, *, size: float, width: float) -> str:
    """One line that fits."""
    line = clean_text(text, 400)
    longest = len(line)
    while text_width(clean_text(line, longest), size) > width * ROOM:
        longest -= 1
    return clean_text(line, longest)


def png(picture: str, *, width: int | None = None) -> bytes:
    """The picture as PNG, by resvg, scaled to a width in pixels; needs one font on the machine for its letters."""
    return bytes(
        resvg_py.svg_to_bytes(svg_string=picture, width=width, font_family="Inter", sans_serif_family="DejaVu Sans")
    )
