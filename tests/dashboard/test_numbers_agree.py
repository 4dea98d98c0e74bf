"""Table, drawing, figure, CSV and API say the same number, and it is the one that paper and pencil give.

The hand computation knows nothing of the site: it goes over the plain rows from which the catalog is made.
"""

import csv
import io
import json
import random
import re
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from html import unescape
from statistics import median

import pytest
from django.core.management import call_command
from django.test import Client

from catalog.models import Price
from tests import factories as make

MODELS, PICKED = 60, 20
CHANGED = date(2025, 6, 1)
SELLERS = ("", "Cheap cloud", "Dear cloud")  # the first is the developer


@dataclass(frozen=True, slots=True)
class Row:
    """A model as it is written down before anything is computed. ``prices``: seller to component to two prices."""

    slug: str
    prices: dict[str, dict[str, tuple[Decimal, Decimal]]]
    level: float
    scores: list[float]

    def blended(self, mix: tuple[int, int, int], day: date, seller: str) -> Decimal:
        """Cached input without a price costs what input costs."""
        at = {name: two[day >= CHANGED] for name, two in self.prices[seller].items()}
        parts = (at["input"], at.get("cached_input", at["input"]), at["output"])
        return sum((share * usd for share, usd in zip(mix, parts, strict=True)), Decimal()) / sum(mix)


@pytest.fixture
def rows(db: None) -> list[Row]:
    """Sixty models of three sellers each, whose prices changed once, with an index and three scores."""
    chance = random.Random(6)
    written = [_row(chance, n) for n in range(MODELS)]
    sources = [make.make_source(f"https://example.org/{n}", publisher=f"Source {n}", rank=20 + n) for n in range(3)]
    levels = {}
    for row in written:
        version = make.make_version(row.slug, developer=f"Developer of {row.slug}", released="2024-01-01")
        for seller, components in row.prices.items():
            offering = make.make_offering(version, provider=seller or None)
            for component, (before, after) in components.items():
                make.make_price(offering, component, str(before), since="2024-02-01", until=CHANGED.isoformat())
                make.make_price(offering, component, str(after), since=CHANGED.isoformat())
        for value, source in zip(row.scores, sources, strict=True):
            make.make_score(version, make.make_benchmark(), value, source=source)
        levels[version] = row.level
    make.make_index(levels)
    return written


def _row(chance: random.Random, n: int) -> Row:
    def two() -> tuple[Decimal, Decimal]:
        return Decimal(chance.randrange(100, 2000)) / 100, Decimal(chance.randrange(100, 2000)) / 100

    names = ("input", "output") if n % 4 == 0 else ("input", "cached_input", "output")
    return Row(
        slug=f"model-{n}",
        prices={seller: {name: two() for name in names} for seller in SELLERS},
        level=round(chance.gauss(120, 12), 3),
        scores=[round(chance.uniform(0.2, 0.95), 3) for _ in range(3)],
    )


@dataclass(frozen=True, slots=True)
class Question:
    query: str
    mix: tuple[int, int, int] = (3, 0, 1)
    day: date = date(2026, 1, 1)
    median_score: bool = False
    cheapest: bool = False

    def price(self, row: Row) -> Decimal:
        return min(row.blended(self.mix, self.day, seller) for seller in (SELLERS if self.cheapest else SELLERS[:1]))

    def level(self, row: Row) -> float:
        return float(median(row.scores)) if self.median_score else row.level


QUESTIONS = {
    "default": Question(""),
    "another mix on a past day": Question("mix=1:2:1&as_of=2025-03-01", mix=(1, 2, 1), day=date(2025, 3, 1)),
    "median score at the cheapest": Question(
        "capability=benchmark:gpqa-diamond&policy=median&price_policy=cheapest", median_score=True, cheapest=True
    ),
}


@pytest.mark.parametrize("question", list(QUESTIONS.values()), ids=list(QUESTIONS))
def test_page_figure_files_and_api_agree_with_a_hand_computation(
    client: Client, rows: list[Row], question: Question
) -> None:
    page = client.get(f"/?{question.query}").content.decode()
    table, drawn, figure = table_of(page), titles_of(page), figure_of(page)
    file = {line["model"]: line for line in csv_of(client, f"/frontier.csv?{question.query}")}
    items = {item["model"]: item for item in client.get(f"/api/v1/frontier?{question.query}&limit=100").json()["items"]}
    assert [len(each) for each in (table, figure, file, items)] == [MODELS] * 4

    for row in random.Random(7).sample(rows, PICKED):
        price, level = question.price(row), question.level(row)
        rivals = [question.price(other) for other in rows if question.level(other) >= level]
        premium = price / min(rivals)

        cells = table[row.slug]
        assert Decimal(cells[1].exact) == price
        assert cells[1].text == dollars(price)
        assert float(cells[0].exact) == pytest.approx(level, abs=1e-4)  # kept as four bytes
        assert cells[0].text == (percent(level) if question.median_score else f"{level:.1f}")
        assert float(cells[2].exact) == pytest.approx(float(premium), rel=1e-12)
        assert cells[2].text == ("frontier" if premium == 1 else times(premium))
        assert drawn[row.slug].endswith(f", {dollars(price)} per 1M")
        x, y = figure[row.slug]
        assert x == float(price)
        assert y == pytest.approx(level * (100 if question.median_score else 1), abs=1e-2)
        assert Decimal(file[row.slug]["price_usd_per_mtok"]) == price
        assert float(file[row.slug]["price_premium"]) == pytest.approx(float(premium), rel=1e-12)
        assert items[row.slug]["price_usd_per_mtok"] == float(price)
        assert items[row.slug]["price_premium"] == pytest.approx(float(premium), rel=1e-12)
        assert items[row.slug]["on_frontier"] == (premium == 1)


def test_cost_of_a_workload_agrees_with_a_hand_computation(client: Client, rows: list[Row]) -> None:
    for first, second in zip(rows[:PICKED:2], rows[1:PICKED:2], strict=True):
        page = client.get(
            f"/compare/{first.slug}/{second.slug}/?input_mtok=40&cached_mtok=15&output_mtok=7.5&as_of=2025-03-01"
        ).content.decode()
        shown = page.partition('id="workload"')[2].partition("</table>")[0]
        for row in (first, second):
            at = {name: before for name, (before, _) in row.prices[""].items()}
            cost = 40 * at["input"] + 15 * at.get("cached_input", at["input"]) + Decimal("7.5") * at["output"]
            line = re.search(rf'<tr>(?:(?!</tr>).)*data-v="{row.slug}"(?:(?!</tr>).)*</tr>', shown, re.DOTALL)
            assert line is not None, row.slug
            assert dollars(cost) in line.group()


def test_starting_facts_agree_with_a_hand_computation(client: Client, db: None) -> None:
    """The facts that come with the project: each price of the table is worked out again from the rows behind it."""
    call_command("seed", verbosity=0)
    query = "as_of=2025-02-08&capability=benchmark:gpqa-diamond"
    lines = [line for line in csv_of(client, f"/frontier.csv?{query}") if line["price_usd_per_mtok"]]
    items = {i["model"]: i for i in client.get(f"/api/v1/frontier?{query}&limit=1000").json()["items"]}
    table = table_of(client.get(f"/?{query}").content.decode())

    for line in random.Random(8).sample(lines, min(PICKED, len(lines))):
        at = {name: Decimal(line[f"{name}_usd_per_mtok"]) for name in ("input", "output")}
        by_hand = (3 * at["input"] + at["output"]) / 4
        known = Price.objects.filter(
            offering__version__slug=line["version"],
            offering__provider__name=line["provider"],
            component="input",
            usd_per_mtok=at["input"],
        )
        assert known.exists(), line["model"]
        assert Decimal(line["price_usd_per_mtok"]) == by_hand
        assert items[line["model"]]["price_usd_per_mtok"] == float(by_hand)
        if line["model"] in table:
            assert Decimal(table[line["model"]][1].exact) == by_hand


@dataclass(frozen=True, slots=True)
class Cell:
    exact: str
    text: str


def table_of(page: str) -> dict[str, list[Cell]]:
    """Slug to the cells right of the name."""
    body = page.partition('id="table"')[2].partition("<tbody>")[2].partition("</tbody>")[0]
    found = {}
    for line in body.split("<tr>")[1:]:
        slug = re.search(r'href="/models/([^/"]+)/"', line)
        assert slug is not None, line
        cells = re.findall(r'<td(?: class="[^"]*")? data-v="([^"]*)">(.*?)</td>', line, re.DOTALL)
        found[slug[1]] = [Cell(exact, _words(inner)) for exact, inner in cells]
    return found


def _words(html: str) -> str:
    return unescape(re.sub(r"<small.*?</small>|<[^>]+>", "", html, flags=re.DOTALL)).strip()


def titles_of(page: str) -> dict[str, str]:
    """What each mark of the drawing says when the pointer rests on it."""
    found = re.findall(r'<a href="/models/([^/"]+)/" tabindex="-1"><title>(.*?)</title>', page)
    return {slug: unescape(title) for slug, title in found}


def figure_of(page: str) -> dict[str, tuple[float, float]]:
    block = re.search(r'<script id="frontier-figure" type="application/json">(.*?)</script>', page, re.DOTALL)
    assert block is not None
    marks = next(trace for trace in json.loads(block[1])["data"] if trace.get("text"))
    return {name: (x, y) for name, x, y in zip(marks["text"], marks["x"], marks["y"], strict=True)}


def csv_of(client: Client, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(path).content.decode("utf-8-sig"))))


def dollars(usd: Decimal) -> str:
    """Two decimals from a dollar up, none from a thousand, halves up."""
    assert usd >= 1
    return f"${usd.quantize(Decimal(1) if usd >= 1000 else Decimal('0.01'), ROUND_HALF_UP):,}"


def percent(share: float) -> str:
    return f"{(Decimal(repr(share)) * 100).quantize(Decimal('0.1'), ROUND_HALF_UP)}%"


def times(value: Decimal) -> str:
    return f"{value:.0f}×" if value >= Decimal("9.95") else f"{value:.1f}×"
