"""Pictures that stand alone: the charts' SVG with its colours written in, and as PNG for link previews."""

import re
from collections.abc import Sequence

import resvg_py
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from dashboard.charts.svg import element
from dashboard.charts.text import clean_text, text_width
from dashboard.charts.theme import tokens

FONT = "Inter, DejaVu Sans, Liberation Sans, Arial, sans-serif"
PREVIEW = (1200, 630)
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
    "pinned": {"stroke": "ink", "stroke-width": "2.5"},
    "past": {"opacity": "0.45"},
    "join": {"fill": "none", "stroke": "ink-3", "stroke-width": "1"},
    "whisker": {"stroke": "ink-3", "stroke-width": "1"},
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


def framed(drawing: str, *, title: str, note: str, width: int = 860, height: int = 500) -> SafeString:
    """A picture file: title above, the drawing, and below it what it rests on."""
    values = tokens()
    inner = standalone(drawing).replace("<svg ", f'<svg x="10" y="44" width="{width}" height="{height}" ', 1)
    return element(
        "svg",
        element("rect", width=width + 20, height=height + 76, fill=values["surface"]),
        element("text", text=clean_text(title, 110), x=20, y=30, font_size=17, font_weight="600", fill=values["ink"]),
        mark_safe(inner),  # noqa: S308  made of escaped elements above
        element("text", text=clean_text(note, 150), x=20, y=height + 62, font_size=11, fill=values["ink-3"]),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width + 20} {height + 76}",
        width=width + 20,
        height=height + 76,
        font_family=FONT,
        font_size=12,
    )


def preview(drawing: str, *, title: str, note: str) -> SafeString:
    """A link preview, 1200 by 630: the answer in large letters over the chart."""
    values = tokens()
    width, height = PREVIEW
    lines = wrapped(title, size=44, width=width - 120)[:2]
    inner = standalone(drawing).replace("<svg ", '<svg x="44" y="176" width="1112" height="400" ', 1)
    return element(
        "svg",
        element("rect", width=width, height=height, fill=values["surface"]),
        *(
            element("text", text=line, x=60, y=76 + 54 * i, font_size=44, font_weight="700", fill=values["ink"])
            for i, line in enumerate(lines)
        ),
        mark_safe(inner),  # noqa: S308
        element("text", text=clean_text(note, 120), x=60, y=608, font_size=19, fill=values["ink-3"]),
        xmlns="http://www.w3.org/2000/svg",
        viewBox=f"0 0 {width} {height}",
        font_family=FONT,
        font_size=12,
    )


def wrapped(text: str, *, size: float, width: float) -> list[str]:
    """Lines that fit; a last line that is full ends in an ellipsis only when the text is cut elsewhere."""
    lines: list[str] = []
    for word in clean_text(text, 160).split():
        if lines and text_width(f"{lines[-1]} {word}", size, bold=True) <= width:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def png(picture: str) -> bytes:
    """The picture as PNG, by resvg; needs one font on the machine for its letters."""
    return bytes(resvg_py.svg_to_bytes(svg_string=picture, font_family="Inter", sans_serif_family="DejaVu Sans"))
