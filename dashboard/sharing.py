"""What a page shows under one address, and the forms in which others take it away.

A page hands over an :class:`Exhibit`; its link, files, pictures, frame and citation come from that one thing, so that
they say what the page says. Addresses are the page's own with another ending: ``/trends/`` has ``/trends.csv``,
``/trends.json``, ``/trends.svg``, ``/trends.png`` and ``/embed/trends/``, all with the page's parameters.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString

from catalog.models import Source
from dashboard import formats
from dashboard.charts.figure_svg import figure_svg
from dashboard.charts.key import KeyEntry, key
from dashboard.charts.picture import Drawing
from dashboard.charts.svg import element
from dashboard.charts.text import clean_text
from dashboard.charts.theme import Figure
from dashboard.tables.table import Table, source_cells

SITE = "Capability per dollar"
LONGEST_NAME = 120
FRAME_WIDTH, FRAME_EXTRA = 880, 270

Parameters = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Exhibit:
    """One page under one set of assumptions.

    ``name``, ``args``  its address, as ``reverse`` takes it          ``sentence``  the result in one sentence
    ``chart``           what the chart is called; empty: none         ``note``      what it rests on, in one line
    ``parameters``      the query string with its day written down    ``day``       None: as it is today
    ``tables``          by name; a file without a name is the first   ``charted``   the one that the chart draws
    ``figure``          without data: nothing to draw now. ``draw`` replaces the usual drawing of it
    ``keyed``           what its colours, shapes and lines mean, where the figure does not say it
    ``points``          the marks as the browser knows them, and ``labels`` which of them it names
    ``box``             the class of the chart's box, which has that height
    ``json_url``        the same data in the API, where it has them
    """

    name: str
    sentence: str
    tables: Mapping[str, Callable[[], Table]]
    args: tuple[object, ...] = ()
    chart: str = ""
    note: str = ""
    parameters: Parameters = ()
    day: date | None = None
    charted: str = ""
    figure: Figure | None = None
    height: int = 380
    box: str = "steps"
    draw: Callable[[int, int, bool], SafeString] | None = None
    keyed: Sequence[KeyEntry] = ()
    points: list[dict[str, Any]] = field(default_factory=list)
    labels: str = ""
    sources: Sequence[Source] = ()
    json_url: str = ""

    @property
    def has_chart(self) -> bool:
        return bool(self.figure and self.figure["data"])

    @property
    def as_of(self) -> date:
        return self.day or timezone.now().date()

    @property
    def string(self) -> str:
        return query_string(self.parameters)

    @property
    def table_name(self) -> str:
        """The table that stands for the chart, else for the page."""
        return self.charted or next(iter(self.tables))

    @property
    def drawings(self) -> SafeString:
        """For wide and for narrow screens; the stylesheet shows the one that fits. Empty without a chart."""
        if not self.has_chart:
            return SafeString("")
        return self.drawing(1180, self.height) + self.drawing(380, self.height, narrow=True)

    def drawing(self, width: int, height: int, *, narrow: bool = False) -> SafeString:
        """The chart at one size; an empty box where there is nothing to draw."""
        if self.draw:
            return self.draw(width, height, narrow)
        if self.figure is None or not self.has_chart:
            return element("svg", viewBox=f"0 0 {width} {height}", class_="plot")
        return figure_svg(self.figure, width=width, height=height, extra_class="narrow" if narrow else "wide")

    def picture(self, width: int, height: int) -> Drawing:
        """The chart for a picture of that size with the key in it."""
        rows = Drawing("", width, 0, self.key).key_height
        return Drawing(self.drawing(width, height - rows), width, height - rows, self.key)

    @property
    def key(self) -> list[KeyEntry]:
        """What the chart's colours, shapes and lines mean."""
        if self.keyed or self.draw or not self.figure:
            return list(self.keyed)
        return key(self.figure)

    @property
    def licences(self) -> str:
        return source_cells(self.sources)[1]

    @property
    def source_words(self) -> str:
        """ "Sources: OpenAI, DeepSeek, Meta and 4 more", or nothing."""
        names = list(dict.fromkeys(clean_text(source.publisher, 40) for source in self.sources))
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        return f"Sources: {', '.join(names[:3])}{more}" if names else ""

    @property
    def about(self) -> str:
        """What a file says of itself: day, choices, sources and their licences."""
        choices = ", ".join(f"{name} = {value}" for name, value in self.parameters if name != "as_of")
        parts = [
            f"{SITE}. As of {self.as_of.isoformat()}.",
            f"Chosen: {choices}." if choices else "",
            f"{self.source_words}." if self.sources else "",
            f"Licences of the sources: {self.licences}." if self.licences else "",
        ]
        return clean_text(" ".join(filter(None, parts)), None)

    def file_name(self, table: str = "") -> str:
        """``trends-2025-02-08-level-130``: the page, the day, every choice that is not the default, and the table."""
        parts = [self.name, *map(str, self.args), table, self.as_of.isoformat()]
        parts += [part for name, value in self.parameters if name not in ("as_of", "unknown") for part in (name, value)]
        name = re.sub(r"[^a-z0-9]+", "-", "-".join(filter(None, parts)).lower()).strip("-")
        return name[:LONGEST_NAME].rstrip("-")


def query_string(parameters: Parameters) -> str:
    return f"?{urlencode(parameters, safe=':,')}" if parameters else ""


@dataclass(frozen=True, slots=True)
class TableFiles:
    """Addresses of one table."""

    csv: str
    json: str


@dataclass(frozen=True, slots=True)
class Share:
    """The addresses and texts beside a chart or a table. Relative for this site, absolute for others."""

    exhibit: Exhibit
    link: str
    csv: str
    json: str
    api: str
    svg: str
    png: str
    page: str
    embed: str
    preview: str
    oembed: str
    file_name: str
    table_files: dict[str, TableFiles]

    @property
    def height(self) -> int:
        """Of a frame, in pixels, before it tells its own."""
        return self.exhibit.height + FRAME_EXTRA

    @property
    def citation(self) -> str:
        sentence = clean_text(self.exhibit.sentence, None)
        as_of, read_on = formats.day(self.exhibit.as_of), formats.day(self.read_on)
        return f"{SITE}, “{sentence}”, as of {as_of}, {self.page}, read on {read_on}"

    @property
    def read_on(self) -> date:
        """Today in UTC: a page says later what was found out later, also about an earlier day."""
        return timezone.now().date()

    @property
    def bibtex(self) -> str:
        """Braces and backslashes would be commands, so names lose them."""
        title = re.sub(r"[\\{}]", "", clean_text(self.exhibit.sentence, None)).rstrip(".")
        title = re.sub(r"([%&#$_])", r"\\\1", title)
        key = re.sub(r"[^a-z0-9]+", "-", f"capability-per-dollar-{self.exhibit.name}-{self.exhibit.as_of}")
        fields = {
            "title": title,
            "author": f"{{{SITE}}}",
            "year": str(self.read_on.year),
            "note": f"As of {self.exhibit.as_of.isoformat()}",
            "url": self.page,
            "urldate": self.read_on.isoformat(),
        }
        lines = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items())
        return f"@misc{{{key},\n{lines}\n}}"


def share(request: HttpRequest, shown: Exhibit) -> Share:
    """Where the forms of an exhibit are."""

    def address(form: str, *more: tuple[str, str]) -> str:
        path = reverse(f"dashboard:{shown.name}{form}", args=shown.args)
        return f"{path}{query_string([*shown.parameters, *more])}"

    def table(name: str) -> tuple[tuple[str, str], ...]:
        return () if name == next(iter(shown.tables)) else (("table", name),)

    page = request.build_absolute_uri(address(""))
    files = {name: TableFiles(address("_csv", *table(name)), address("_json", *table(name))) for name in shown.tables}
    charted = files[shown.table_name]
    return Share(
        exhibit=shown,
        link=address(""),
        csv=charted.csv,
        json=charted.json,
        api=shown.json_url,
        svg=address("_svg") if shown.chart else "",
        png=address("_png", ("size", "full")) if shown.chart else "",
        page=page,
        embed=request.build_absolute_uri(address("_embed")) if shown.chart else "",
        preview=request.build_absolute_uri(address("_png")),
        oembed=request.build_absolute_uri(f"{reverse('dashboard:oembed')}?{urlencode({'url': page})}")
        if shown.chart
        else "",
        file_name=shown.file_name(),
        table_files=files,
    )
