"""What each metric says of itself is short, and leads to its formula."""

import re
from pathlib import Path

import pytest
from django.test import Client

from dashboard.metrics_help import METRICS, MOST_WORDS

TEMPLATES = Path(__file__).parents[2] / "dashboard" / "templates"


@pytest.mark.parametrize("metric", sorted(METRICS))
def test_text_is_short_and_names_range_source_and_weakness(metric: str) -> None:
    text = METRICS[metric].text

    assert len(text.split()) <= MOST_WORDS
    for part in ("Range: ", "Source: ", "Weakness: "):
        assert text.count(part) == 1


@pytest.mark.django_db
def test_every_text_leads_to_a_section_of_the_method_page(client: Client) -> None:
    anchors = set(re.findall(r'<h\d id="([^"]+)"', client.get("/method/").content.decode()))

    assert {each.anchor for each in METRICS.values()} <= anchors


def test_templates_explain_every_metric_somewhere_and_no_other() -> None:
    used = {
        name
        for path in TEMPLATES.rglob("*.html")
        for name in re.findall(r'{% about "(\w+)"', path.read_text(encoding="utf-8"))
    }

    assert used == METRICS.keys()


@pytest.mark.django_db
def test_button_opens_its_text_without_script(client: Client) -> None:
    page = client.get("/evals/").content.decode()

    assert page.count('popovertarget="about-pass_rate"') == 1
    assert page.count('id="about-pass_rate"') == 1
    assert 'href="/method/#rate"' in page
