"""The three Atom feeds: what people wrote is text in every reader."""

import re
from datetime import date
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import ModelVersion
from dashboard.models import SavedView, ViewChange
from evals.models import Alert, AlertRule
from tests import factories as make

pytestmark = pytest.mark.django_db
MARKUP = "<img src=x onerror=alert(1)> & <b>"


def summaries(address: str) -> list[str]:
    """The HTML of each entry, as a reader of feeds shows it: taken out of the XML."""
    feed = Client().get(address)
    assert feed.status_code == 200
    return [
        unescape(found)
        for found in re.findall(r'<summary type="html">(.*?)</summary>', feed.content.decode(), re.DOTALL)
    ]


def test_names_in_changes_are_text(three_models: dict[str, ModelVersion]) -> None:
    benchmark = make.make_benchmark()
    benchmark.name = MARKUP
    benchmark.save()
    make.make_score(three_models["deepseek"], benchmark, 0.5, measured_on=date(2025, 1, 7))

    (found,) = summaries("/changes.atom?kind=score")

    assert found.startswith("&lt;img src=x onerror=alert(1)&gt; &amp; &lt;b&gt; ")


def test_words_of_alerts_are_text() -> None:
    rule = AlertRule.objects.create(name="Drift", kind="score")
    Alert.objects.create(
        rule=rule, subject="x", title="Fell", detail=MARKUP, recovery="<i>over", url="/evals/",
        opened_at=timezone.now(), recovered_at=timezone.now(),
    )  # fmt: skip

    assert sorted(summaries("/evals/alerts.atom")) == [
        "&lt;i&gt;over",
        "&lt;img src=x onerror=alert(1)&gt; &amp; &lt;b&gt;",
    ]


def test_lines_of_a_saved_view_are_text_each_on_a_line_of_its_own() -> None:
    view = SavedView.objects.create(user=User.objects.create_user("ada"), name=MARKUP, address="/?access=open")
    ViewChange.objects.create(view=view, at=timezone.now(), title=MARKUP, text=f"{MARKUP}: new\nB: gone, was 1.")

    assert summaries(f"/views/{view.feed_key}.atom") == [
        "&lt;img src=x onerror=alert(1)&gt; &amp; &lt;b&gt;: new<br>\nB: gone, was 1."
    ]
