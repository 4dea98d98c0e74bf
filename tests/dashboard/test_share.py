"""Pictures, frames and previews of the frontier, for other places."""

import json
import re
import struct
from html import unescape
from xml.etree import ElementTree as ET

import pytest
import time_machine
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.urls import resolve

from catalog.models import ModelVersion, TrainingRun
from dashboard.assumption_words import assumption_words
from dashboard.charts import picture
from dashboard.charts.picture import ATTRIBUTES, cut, fitted, standalone, wrapped
from dashboard.charts.theme import tokens
from dashboard.views.share import exhibit, note
from tests import factories as make

# Page and its address in the forms that leave it.
CHARTS = {
    "/": "/frontier",
    "/models/deepseek-v3/": "/models/deepseek-v3",
    "/compare/deepseek-v3/llama-3-1-405b/": "/compare/deepseek-v3/llama-3-1-405b",
    "/prices/": "/prices",
    "/trends/": "/trends",
    "/training/": "/training",
    "/routing/": "/routing",
    "/whole-life/": "/whole-life",
}
WORDS_ONLY = ("/models/", "/sources/", "/conflicts/", "/changes/")


@pytest.fixture
def everything(two_runs: list[TrainingRun], three_models: dict[str, ModelVersion]) -> None:
    """The three models with scores, so that every page has something to draw."""
    benchmark = make.make_benchmark()
    for n, version in enumerate(three_models.values()):
        make.make_score(version, benchmark, 0.5 + n / 20)


@pytest.mark.parametrize("address", CHARTS.values())
def test_every_chart_is_a_picture_that_stands_alone(client: Client, everything: None, address: str) -> None:
    response = client.get(f"{address}.svg")
    text = response.content.decode()
    picture = ET.fromstring(text)

    assert response["Content-Type"] == "image/svg+xml"
    assert "class=" not in text
    assert "var(" not in text
    assert picture.findtext("{http://www.w3.org/2000/svg}title")
    assert len(re.findall(r"<(?:circle|path|rect) ", text)) >= 3
    assert "testserver" in text


@pytest.mark.parametrize("page", CHARTS)
def test_picture_and_frame_of_every_chart_say_question_answer_key_sources_and_site(
    client: Client, everything: None, page: str
) -> None:
    found = resolve(page)
    shown = exhibit(str(found.url_name), QueryDict("as_of=2025-02-08"), found.kwargs)
    request = RequestFactory().get("/")
    preview = picture.preview(
        shown.picture(*picture.PREVIEW_CHART),
        heading=shown.chart,
        title=shown.sentence,
        note=note(shown, request),
        sources=shown.source_words,
    )
    file = client.get(f"{CHARTS[page]}.svg?as_of=2025-02-08").content.decode()
    frame = unescape(client.get(f"/embed{CHARTS[page]}/?as_of=2025-02-08").content.decode())

    for drawn in (file, preview):
        words = re.sub(r"\s+", " ", " ".join(ET.fromstring(drawn).itertext()))
        for said in (shown.chart, shown.sentence, shown.source_words, "testserver", *(each.name for each in shown.key)):
            assert said in words
    assert f'<p class="sub">{shown.chart}</p><h1>{shown.sentence}</h1>' in frame
    assert frame.count('class="sample plot"') == len(shown.key)
    assert "testserver" in frame


def test_key_of_the_main_chart_says_what_is_drawn(client: Client, everything: None) -> None:
    shown = exhibit("frontier", QueryDict("as_of=2025-02-08"), {})

    assert [(entry.name, entry.mark) for entry in shown.key] == [
        ("frontier", "line"),
        ("Anthropic", "circle"),
        ("DeepSeek", "circle"),
        ("Meta", "circle"),
        ("open weights", "diamond"),
        ("closed weights", "circle"),
        ("compared", "circle"),
        ("may be on the frontier", "ring"),
        ("90% interval of the frontier", "band"),
    ]


def test_key_of_the_trend_says_which_model_each_number_is(client: Client, everything: None) -> None:
    shown = exhibit("trends", QueryDict("as_of=2025-02-08&level=120"), {})

    assert [(entry.name, entry.mark) for entry in shown.key[1:]] == [
        ("1 Llama 3.1 405B", "circle"),
        ("2 DeepSeek-V3", "circle"),
    ]
    assert shown.key[0].mark == "line"


def test_main_picture_names_the_pair_of_its_headline(client: Client, everything: None) -> None:
    shown = exhibit("frontier", QueryDict("as_of=2025-02-08"), {})

    for drawn in (shown.picture(*picture.PREVIEW_CHART).svg, client.get("/frontier.svg?as_of=2025-02-08").text):
        assert ">DeepSeek-V3</text>" in drawn
        assert ">Claude 3.5 Sonnet</text>" in drawn


@pytest.mark.parametrize("page", CHARTS)
def test_png_beside_a_chart_is_the_whole_picture(client: Client, everything: None, page: str) -> None:
    text = client.get(page).content.decode()
    link = re.search(r'href="([^"]+)" download="([^"]+)">PNG</a>', text)

    assert link is not None
    response = client.get(unescape(link.group(1)))
    assert struct.unpack(">I", response.content[16:20]) == (1760,)
    assert response["Content-Disposition"] == f'inline; filename="{link.group(2)}"'
    assert client.get(f"{CHARTS[page]}.png?size=huge").status_code == 400


@pytest.mark.parametrize("address", [*CHARTS.values(), *(page.rstrip("/") for page in WORDS_ONLY)])
def test_every_preview_has_the_size_that_links_show(client: Client, everything: None, address: str) -> None:
    content = client.get(f"{address}.png").content

    assert content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", content[16:24]) == (1200, 630)
    assert len(content) <= 150_000


@pytest.mark.parametrize("page", [*CHARTS, *WORDS_ONLY])
def test_page_says_its_result_where_links_are_shown(client: Client, everything: None, page: str) -> None:
    text = client.get(page).content.decode()
    tags = dict(re.findall(r'<meta property="og:(\w+)" content="([^"]*)">', text))

    assert len(tags["title"]) > 8
    assert client.get(tags["image"].replace("&amp;", "&")).headers["Content-Type"] == "image/png"
    assert client.get(tags["url"].replace("&amp;", "&")).status_code == 200


def test_titles_state_what_the_page_found(client: Client, everything: None) -> None:
    def title(page: str) -> str:
        return str(re.findall(r'<meta property="og:title" content="([^"]*)">', client.get(page).content.decode())[0])

    assert title("/compare/deepseek-v3/llama-3-1-405b/") == (
        "DeepSeek-V3 leads Llama 3.1 405B by 6.0 index points and costs 86% less at 3 input : 1 output."
    )
    assert title("/trends/?as_of=2025-02-08") == (
        "An index of 133.0 cost $6.00 per million tokens on 22 Oct 2024 and costs $0.48 on 8 Feb 2025 (lowest: $0.175)."
    )
    assert title("/models/?q=llama") == "1 model with “llama”."
    assert title("/changes/?kind=price") == "1 change, the latest on 8 Feb 2025: DeepSeek-V3 by DeepSeek: dearer."


@pytest.mark.parametrize("page", CHARTS)
def test_frame_of_every_chart_is_found_by_its_address(client: Client, everything: None, page: str) -> None:
    answer = client.get("/oembed", {"url": f"http://testserver{page}?as_of=2025-02-08"}).json()
    address = str(re.findall(r'src="([^"]*)"', answer["html"])[0]).replace("&amp;", "&")
    framed, plain = client.get(address), client.get(page)
    text = framed.content.decode()

    assert address.startswith(f"http://testserver/embed{CHARTS[page]}/")
    assert framed.status_code == 200
    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "frame-ancestors 'none'" in plain["Content-Security-Policy"]
    assert plain["X-Frame-Options"] == "DENY"
    assert 'data-chart="figure"' in text
    assert "Sources: " in text
    assert 'target="_blank" rel="noopener">Data, sources and method</a>' in text
    assert client.get(answer["thumbnail_url"]).status_code == 200


def test_frame_keeps_the_choices_of_the_page(client: Client, everything: None) -> None:
    answer = client.get("/oembed", {"url": "http://testserver/trends/?mix=1:0:1&level=120&as_of=2025-02-08"}).json()

    assert "/embed/trends/?mix=1:0:1&amp;as_of=2025-02-08&amp;level=120" in answer["html"]
    assert answer["title"].startswith("An index of 120.0 cost $3.50 per million tokens")


def test_frame_with_a_bad_parameter_says_which(client: Client, everything: None) -> None:
    response = client.get("/embed/trends/?level=many")

    assert response.status_code == 400
    assert "level is &#x27;many&#x27;" in response.content.decode()


def test_citation_names_the_day_and_the_frozen_address(client: Client, everything: None) -> None:
    text = client.get("/training/?usd_per_gpu_hour=3").content.decode()

    assert "@misc{capability-per-dollar-training-" in text
    assert "url = {http://testserver/training/?usd_per_gpu_hour=3}" in text
    text = client.get("/trends/?as_of=2025-02-08").content.decode()
    assert "note = {As of 2025-02-08}" in text
    assert "as of 8 Feb 2025, http://testserver/trends/?as_of=2025-02-08&amp;level=133" in text


def test_citation_is_of_the_day_on_which_it_is_read(client: Client, everything: None) -> None:
    with time_machine.travel("2027-03-04T12:00:00Z", tick=False):
        text = client.get("/trends/?as_of=2025-02-08").content.decode()

    assert "year = {2027}" in text
    assert "urldate = {2027-03-04}" in text
    assert "note = {As of 2025-02-08}" in text
    assert "level=133, read on 4 Mar 2027</code>" in text


def test_every_class_that_charts_draw_has_its_attributes(client: Client, everything: None) -> None:
    """A class without attributes would be black in a picture."""
    drawn: set[str] = set()
    for page in CHARTS:
        for drawing in re.findall(
            r'<svg [^>]*class="plot[^>]*>.*?</svg>', client.get(page).content.decode(), re.DOTALL
        ):
            drawn |= {name for classes in re.findall(r'class="([^"]*)"', drawing) for name in classes.split()}

    structure = {"plot", "wide", "narrow", "sample", "hollow"}
    assert {name for name in drawn - structure if not name.startswith("c-")} <= set(ATTRIBUTES)


def test_picture_and_frame_say_every_choice_in_words(client: Client, everything: None) -> None:
    query = "as_of=2025-02-08&mix=1:0:1&access=open&price_policy=cheapest&policy=worst&hide=meta"
    query += "&capability=benchmark:gpqa-diamond"
    words = ["open weights only", "without meta", "price of the cheapest provider", "scores: worst of sources"]
    seen = [*ET.fromstring(client.get(f"/frontier.svg?{query}").content).itertext()]
    drawn = " ".join(seen[-12:])  # below the chart; the description, which nobody sees, stands first
    frame = re.sub(r"\s+", " ", client.get(f"/embed/frontier/?{query}").content.decode())
    request = RequestFactory().get("/")
    shown = exhibit("frontier", QueryDict(query), {})
    preview = picture.preview(None, title="T", note=note(shown, request), sources=shown.source_words)

    for text in (drawn, frame, " ".join(ET.fromstring(preview).itertext())):
        for each in (*words, "1 input : 1 output"):
            assert each in text
    assert "Sources: " in preview
    assert "open weights only" not in client.get("/embed/frontier/?as_of=2025-02-08").content.decode()


@pytest.mark.parametrize("page", [*CHARTS, *WORDS_ONLY])
def test_caption_of_no_preview_is_cut(client: Client, everything: None, page: str) -> None:
    found = resolve(page)
    shown = exhibit(str(found.url_name), QueryDict("as_of=2025-02-08"), found.kwargs)
    said = note(shown, RequestFactory().get("/"))
    drawing = shown.picture(*picture.PREVIEW_CHART) if shown.has_chart else None
    text = " ".join(ET.fromstring(picture.preview(drawing, title="T", note=said, sources="")).itertext())

    assert text.endswith(said)
    assert "…" not in said


def test_assumption_is_said_once() -> None:
    chosen = [("mix", "1:0:1"), ("capability", "benchmark:gpqa-diamond"), ("level", "120"), ("labels", "frontier")]
    assert assumption_words(chosen, "GPQA Diamond against the list price (1 input : 1 output)") == ["level 120"]
    assert assumption_words([("model", "a"), ("model", "b"), ("usd_per_gpu_hour", "3")], "") == [
        "model a, b",
        "$3 per GPU-hour",
    ]


def test_fitted_takes_the_largest_size_and_never_cuts_in_silence() -> None:
    long = "The final run of DeepSeek-V3 cost $5.58M at $2.00 per GPU-hour; Llama 3.1 405B took 11× the GPU-hours."

    assert fitted("Short.", width=1080, most=2) == (44, ["Short."])
    assert fitted(long, width=1080, most=2)[0] == 33
    assert fitted(long * 4, width=1080, most=2)[1][1].endswith(" …")


def test_cut_leaves_what_fits() -> None:
    assert cut("Prices as of 8 Feb 2025", size=12, width=400) == "Prices as of 8 Feb 2025"
    assert cut("word " * 100, size=12, width=100).endswith("…")


def test_svg_file_stands_alone(client: Client, three_models: dict[str, ModelVersion]) -> None:
    response = client.get("/frontier.svg?as_of=2025-02-08")
    text = response.content.decode()

    ET.fromstring(text)
    assert response["Content-Type"] == "image/svg+xml"
    assert response["Content-Disposition"] == 'inline; filename="frontier-2025-02-08.svg"'
    assert "class=" not in text
    assert "var(" not in text
    assert "within the uncertainty, and costs 92% less." in text
    assert "prices as of 8 Feb 2025 · testserver" in text


def test_every_colour_of_a_picture_is_a_token() -> None:
    plain = {"none", "600", "0.45", "1", "1.25", "1.75", "2.25", "2.5"}
    used = {value for attributes in ATTRIBUTES.values() for value in attributes.values()} - plain

    assert used <= set(tokens())


def test_standalone_gives_each_class_its_attributes() -> None:
    assert standalone('<circle class="mark c-meta hollow" r="5"/>') == (
        '<circle fill="#ffffff" stroke="#3e336c" stroke-width="2" r="5"/>'
    )


def test_preview_is_a_png_of_the_size_that_links_show(client: Client, three_models: dict[str, ModelVersion]) -> None:
    response = client.get("/preview.png?as_of=2025-02-08")

    assert response["Content-Type"] == "image/png"
    assert response.content[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", response.content[16:24]) == (1200, 630)
    assert len(response.content) <= 150_000


def test_wrapped_breaks_between_words_only() -> None:
    lines = wrapped("DeepSeek-V3 leads Claude 3.5 Sonnet by 6.0 index points and costs 85% less.", size=44, width=1080)

    assert len(lines) == 2
    assert " ".join(lines) == "DeepSeek-V3 leads Claude 3.5 Sonnet by 6.0 index points and costs 85% less."


def test_embed_page_alone_may_be_framed_by_others(client: Client, three_models: dict[str, ModelVersion]) -> None:
    framed, page = client.get("/embed/frontier/"), client.get("/")

    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed
    assert "script-src 'self'" in framed["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in page["Content-Security-Policy"]
    assert page["X-Frame-Options"] == "DENY"
    assert 'target="_blank"' in framed.content.decode()


def test_oembed_describes_the_frame_of_a_view(client: Client, three_models: dict[str, ModelVersion]) -> None:
    answer = client.get("/oembed", {"url": "http://testserver/?as_of=2025-02-08&access=open", "maxwidth": "600"}).json()

    assert answer["type"] == "rich"
    assert (answer["width"], answer["height"]) == (600, 700)
    assert 'src="http://testserver/embed/frontier/?as_of=2025-02-08&amp;access=open"' in answer["html"]
    assert answer["thumbnail_url"] == "http://testserver/frontier.png?as_of=2025-02-08&access=open"


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"url": "https://evil.example/"}, 404),
        ({"url": "http://testserver/models/"}, 404),
        ({"url": "http://["}, 404),
        ({}, 404),
        ({"url": "http://testserver/", "format": "xml"}, 501),
    ],
)
def test_oembed_refuses_other_addresses(client: Client, db: None, values: dict[str, str], status: int) -> None:
    assert client.get("/oembed", values).status_code == status


@pytest.mark.parametrize("address", ["/frontier.svg?mix=1", "/preview.png?mix=1"])
def test_picture_with_a_bad_parameter_says_which(client: Client, db: None, address: str) -> None:
    response = client.get(address)

    assert response.status_code == 400
    assert response.content.decode().startswith("mix is '1'")


def test_first_page_names_its_preview_and_frame(client: Client, three_models: dict[str, ModelVersion]) -> None:
    text = client.get("/?as_of=2025-02-08").content.decode()

    assert '<meta property="og:image" content="http://testserver/frontier.png?as_of=2025-02-08">' in text
    assert 'type="application/json+oembed"' in text
    assert json.dumps("http://testserver/embed/frontier/?as_of=2025-02-08")[1:-1] in text


@pytest.mark.parametrize(("page", "api"), [("/", "/api/v1/frontier"), ("/models/", "/api/v1/models")])
def test_json_beside_a_table_is_that_table_and_the_api_is_named(
    client: Client, three_models: dict[str, ModelVersion], page: str, api: str
) -> None:
    text = client.get(page).content.decode()

    address = re.search(r'href="([^"]+)">JSON</a>', text)
    assert address is not None
    rows = client.get(unescape(address.group(1))).json()
    assert (rows["columns"][0], rows["count"]) == ("model", 3)
    assert re.search(rf'href="{api}[^"]*" title="The same from the API"', text)
