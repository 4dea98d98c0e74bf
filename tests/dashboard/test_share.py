"""Pictures, frames and previews of the frontier, for other places."""

import json
import struct
from xml.etree import ElementTree as ET

import pytest
from django.test import Client

from catalog.models import ModelVersion
from dashboard.charts.picture import ATTRIBUTES, standalone, wrapped
from dashboard.charts.theme import tokens


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
        '<circle fill="#ffffff" stroke="#4b306e" stroke-width="2" r="5"/>'
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
    assert (answer["width"], answer["height"]) == (600, 620)
    assert 'src="http://testserver/embed/frontier/?as_of=2025-02-08&amp;access=open"' in answer["html"]
    assert answer["thumbnail_url"] == "http://testserver/preview.png?as_of=2025-02-08&access=open"


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"url": "https://evil.example/"}, 404),
        ({"url": "http://testserver/models/"}, 404),
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

    assert '<meta property="og:image" content="http://testserver/preview.png?as_of=2025-02-08">' in text
    assert 'type="application/json+oembed"' in text
    assert json.dumps("http://testserver/embed/frontier/?as_of=2025-02-08")[1:-1] in text
