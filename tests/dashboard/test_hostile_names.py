"""Names come from feeds and forms. Whatever they hold is text on every page, in every figure and in every file."""

import csv
import html
import io
import json
import re
import zlib
from collections.abc import Callable
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from catalog.models import Model, ModelVersion, Organization
from dashboard.charts import frontier as chart
from dashboard.charts.text import clean_text, plot_text
from dashboard.exports import safe_cell
from dashboard.frontier import frontier
from dashboard.query import FrontierQuery
from tests import factories as make
from tests.support.reading import elements
from tests.support.routes import Address, addresses, admin_addresses
from tests.support.world import make_world

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


def _blank(plain: str) -> str:
    """Nothing to be seen, and yet each name another one."""
    return "\u3000\u200b" + "\u200b\ufeff" * (zlib.crc32(plain.encode()) % 40) + " "


# What a name becomes. Each keeps names apart, since some must be.
HOSTILE: dict[str, Callable[[str], str]] = {
    "markup": lambda plain: f"<x-evil onclick=alert(1)>{plain}</x-evil>\"'><img src=x-evil onerror=alert(1)>",
    "script": lambda plain: f"</script></title></textarea><script>x_evil(1)</script>{plain}",
    "template": lambda plain: f"{{{{ 7|add:7 }}}}{{% debug %}} $\\href{{javascript:x_evil(1)}}{{x}}$ {plain}",
    "turned round": lambda plain: f"\u202e{plain}\u2067gnp.\u200f",
    "formula": lambda plain: f"=cmd|' /C calc'!A0 {plain}",
    "other formula": lambda plain: f"\t@SUM(1+1)*{plain}",
    "control": lambda plain: f"{plain}\x07\x1b[31m\x0b\ufffe",
    "long": lambda plain: f"{plain} {'W' * 400}",
    "long in words": lambda plain: f"{plain} {'and more ' * 60}",
    "blank": _blank,
}


# Databases differ in which characters they store and in how many; what becomes of the others is decided after them.
OF_THE_DATABASE = {"control", "long", "blank"}


@pytest.mark.parametrize(
    "hostile",
    [
        pytest.param(name, id=kind, marks=() if kind in OF_THE_DATABASE else pytest.mark.one_database)
        for kind, name in HOSTILE.items()
    ],
)
def test_hostile_names_are_text_on_every_route(client: Client, db: None, hostile: Callable[[str], str]) -> None:
    world = make_world(hostile)
    found = [*addresses("dashboard"), *addresses("api")]

    client.force_login(world.user)

    problems = [problem for address in [*found, *admin_addresses()] for problem in harm(client, address)]

    assert "\n".join(problems) == ""


def harm(client: Client, address: Address) -> list[str]:
    """What names did to an answer, with the address before it."""
    client.raise_request_exception = False
    response = client.get(address.path)
    if response.status_code not in (200, 302, 404):
        return [f"{address.path} answers {response.status_code}"]
    kind = response["Content-Type"].partition(";")[0]
    content = response.getvalue()
    problems = READERS[kind](content)
    if kind == "text/html" and not address.name.startswith("admin:"):
        problems += turned_round(content.decode()) + unnamed(content.decode())
    if response["X-Content-Type-Options"] != "nosniff":
        problems.append("may be taken for something else")
    return [f"{address.path} {problem}" for problem in problems]


def harm_in_html(content: bytes) -> list[str]:
    """Elements, attributes and data that no page of ours has."""
    problems = []
    for element in elements(content.decode()):
        written = f"<{element.tag} {element.attributes}>"[:200]
        inline = element.tag == "script" and "src" not in element.attributes
        if inline and element.attributes.get("type") != "application/json":
            problems.append(f"has a script: {element.text[:80]}")
        elif inline:
            json.loads(element.text)
        if element.tag == "x-evil" or "x-evil" in element.attributes.get("src", ""):
            problems.append(f"has {written}")
        if any(name.startswith("on") for name in element.attributes):
            problems.append(f"has a handler: {written}")
        addresses_in = (element.attributes.get(name, "") for name in ("href", "src", "action", "formaction"))
        if any(each.strip().lower().startswith(("javascript:", "data:text")) for each in addresses_in):
            problems.append(f"leads to a script: {written}")
    return problems


def unnamed(html: str) -> list[str]:
    """Links, buttons and headings in which nothing is to be read."""
    return [
        f"has nothing to read in <{each.tag} {each.attributes}>"[:200]
        for each in elements(html)
        if each.tag in ("a", "button", "h1", "h2", "summary", "title")
        and not clean_text(each.text + each.attributes.get("aria-label", ""))
    ]


def turned_round(html: str) -> list[str]:
    """Outside of what a model said, which stands as it came in a box of its own, and of values that are sent back."""
    html = re.sub(r"<(pre|textarea)\b.*?</\1>|value=\"[^\"]*\"", "", html, flags=re.DOTALL)
    return [f"holds {hex(ord(char))}" for char in BIDI if char in html]


def harm_in_csv(content: bytes) -> list[str]:
    cells = [cell for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in row]
    return [
        f"runs {cell[:60]!r}" for cell in cells if cell.lstrip(" ").startswith(FORMULA) and not NUMBER.fullmatch(cell)
    ]


def harm_in_xml(content: bytes) -> list[str]:
    """It must be well formed: a control character alone would break a reader."""
    tags = {element.tag.rpartition("}")[2] for element in ET.fromstring(content).iter()}
    return [f"has <{tag}>" for tag in tags & {"script", "x-evil", "img", "foreignObject"}] + turned_round(
        content.decode()
    )


def harm_in_json(content: bytes) -> list[str]:
    for line in content.splitlines() if content.startswith(b"{") and b"}\n{" in content else [content]:
        json.loads(line)
    return []


NUMBER = re.compile(r"-?[\d.]+(e-?\d+)?")
READERS: dict[str, Callable[[bytes], list[str]]] = {
    "text/html": harm_in_html,
    "text/csv": harm_in_csv,
    "application/atom+xml": harm_in_xml,
    "image/svg+xml": harm_in_xml,
    "text/plain": lambda _: [],
    "application/json": harm_in_json,
    "application/problem+json": harm_in_json,
    "application/x-ndjson": harm_in_json,
    "application/jsonl": harm_in_json,
    "image/png": lambda content: [] if content.startswith(b"\x89PNG") else ["is no picture"],
}


@pytest.fixture(params=list(HOSTILE.values()), ids=list(HOSTILE))
def hostile(db: None, request: pytest.FixtureRequest) -> str:
    """A model with a price, a level and that name."""
    name = str(request.param("Only"))[:200]
    model = Model.objects.create(
        slug="hostile", name=name, developer=Organization.objects.create(slug="bad", name=name)
    )
    version = ModelVersion.objects.create(model=model, slug="hostile", name=name)
    offering = make.make_offering(version, model_id=name)
    for component in ("input", "output"):
        make.make_price(offering, component, "1", since="2025-01-01")
    make.make_index({version: [130.0, 131.0]})
    return name


def test_hostile_name_cannot_end_a_data_block(client: Client, hostile: str) -> None:
    for block in re.findall(r'type="application/json">(.*?)</script>', client.get("/").content.decode(), re.DOTALL):
        json.loads(block)
        assert "<" not in block


def test_hostile_name_is_escaped_in_every_string_of_a_figure(hostile: str) -> None:
    trace = chart.figure(frontier(FrontierQuery()))["data"][1]

    for string in [*trace["text"], *trace["customdata"][0]]:
        assert not re.search(r"[<>]", string)
        assert len(string) <= 400


def test_hostile_name_stays_in_its_field_of_a_citation_and_a_frame(client: Client, hostile: str) -> None:
    page = client.get("/models/hostile/").content.decode()
    bibtex = html.unescape(page.partition('id="bibtex-code">')[2].partition("</code>")[0])
    frame = client.get("/oembed", {"url": "http://testserver/models/hostile/"}).json()["html"]

    assert bibtex.count("{") == bibtex.count("}") == 8
    assert "\\href" not in bibtex
    assert re.fullmatch(
        r'<iframe src="[^"<>]*" width="\d+" height="\d+" title="[^"<>]*" loading="lazy"></iframe>', frame
    )


def test_hostile_name_is_unchanged_in_the_api(client: Client, hostile: str) -> None:
    response = client.get("/api/v1/frontier")

    assert response.json()["items"][0]["name"] == hostile
    assert response["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        ("=1+1", "'=1+1"),
        (" =1", "' =1"),
        ("\r=1", "'\r=1"),
        ("＝1+1", "'＝1+1"),
        ("-0.5", "-0.5"),
        ("-x", "'-x"),
        ("DeepSeek-V3", "DeepSeek-V3"),
        (None, ""),
        (True, "true"),
        (float("inf"), "infinite"),
        (-0.5, "-0.5"),
    ],
)
def test_safe_cell_quotes_formulas_and_leaves_numbers(value: object, cell: str) -> None:
    assert safe_cell(value) == cell  # type: ignore[arg-type]


def test_plot_text_escapes_markup_and_drops_controls() -> None:
    assert plot_text("a<b>&\u202e\u0007c\nd") == "a&lt;b&gt;&amp;c d"
    assert clean_text("x" * 100) == "x" * 59 + "…"
