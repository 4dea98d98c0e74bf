"""Readers report wrong numbers without a login; nothing changes by itself."""

import re
from html import unescape
from urllib.parse import parse_qs

import pytest
from django.test import Client

from catalog.errors import BadFact
from catalog.models import ModelVersion, Report
from catalog.services import record_report
from dashboard.views.report import PER_HOUR
from tests import factories as make

pytestmark = pytest.mark.django_db
SAID = {"page": "/models/deepseek-v3/", "about": "input price", "shown": "$0.27", "right_value": "$0.14", "website": ""}


def test_form_is_prefilled_from_the_value(client: Client) -> None:
    page = client.get("/report/", {"page": "/prices/?x=1", "about": "<b>input</b>", "shown": "$0.27"})
    text = page.content.decode()
    assert 'value="/prices/?x=1"' in text
    assert 'value="&lt;b&gt;input&lt;/b&gt;"' in text
    assert 'value="$0.27"' in text


def test_report_is_kept_once(client: Client) -> None:
    for _ in range(2):
        assert "Thank you" in client.post("/report/", SAID).content.decode()

    report = Report.objects.get()
    assert (report.page, report.about, report.right_value) == ("/models/deepseek-v3/", "input price", "$0.14")
    assert (report.state, report.contact) == ("open", "")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"right_value": ""}, "Say what is wrong: the right value, where it can be read, or a sentence."),
        ({"evidence_url": "javascript:alert(1)"}, "Enter a valid URL."),
    ],
)
def test_report_that_says_nothing_is_refused_in_words(client: Client, wrong: dict[str, str], sentence: str) -> None:
    answer = client.post("/report/", SAID | wrong)

    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not Report.objects.exists()


@pytest.mark.parametrize("page", ["https://elsewhere.example/", "//elsewhere.example/", "//[", "javascript:alert(1)"])
def test_address_elsewhere_is_left_out(client: Client, page: str) -> None:
    client.post("/report/", SAID | {"page": page})
    assert Report.objects.get().page == ""


def test_reports_of_one_address_are_limited(client: Client) -> None:
    for number in range(PER_HOUR):
        assert client.post("/report/", SAID | {"text": str(number)}).status_code == 200

    refused = client.post("/report/", SAID | {"text": "more"})

    assert refused.status_code == 429
    assert Report.objects.count() == PER_HOUR


def test_visitors_behind_a_proxy_are_counted_by_what_the_proxy_says_like_readers_of_the_api(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ninja.conf.settings.NUM_PROXIES", 1)  # as with BEHIND_PROXY
    monkeypatch.setattr("dashboard.views.report.PER_HOUR", 1)

    def report(said: str) -> int:
        return client.post("/report/", SAID | {"text": said}, headers={"X-Forwarded-For": said}).status_code

    assert [report(f"198.51.100.{n}, 203.0.113.7") for n in range(2)] == [200, 429]
    assert report("203.0.113.8") == 200


def test_form_of_another_site_is_refused() -> None:
    assert Client(enforce_csrf_checks=True).post("/report/", SAID).status_code == 403
    assert not Report.objects.exists()


def test_programs_that_fill_in_everything_leave_nothing(client: Client) -> None:
    assert client.post("/report/", SAID | {"website": "x"}).status_code == 200
    assert not Report.objects.exists()


def test_queue_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("catalog.services.reports.MOST_OPEN", 1)
    record_report(page="/", text="one")
    with pytest.raises(BadFact, match="1 reports are waiting already"):
        record_report(page="/", text="two")


def test_reports_name_the_model_the_number_and_its_unit(client: Client, three_models: dict[str, ModelVersion]) -> None:
    version = three_models["deepseek"]
    version.name = "DeepSeek-V3 (December 2024)"
    version.save()
    score = make.make_score(version, make.make_benchmark("MMLU"), 0.594)
    score.original_value, score.original_unit = "59.4", "percent"
    score.save()
    claim = make.make_claim(version, "context_tokens", "128000")
    text = client.get("/models/deepseek-v3/").content.decode()
    links = [parse_qs(unescape(query)) for query in re.findall(r'class="report" href="/report/\?([^"]*)"', text)]
    said = {each["about"][0]: each["shown"][0] for each in links}

    assert said[f"MMLU of DeepSeek-V3 (December 2024) (score {score.pk})"] == "59.4 %"
    assert said[f"context window of DeepSeek-V3 (December 2024) (claim {claim.pk})"] == "128000"
    prices = [(about, shown) for about, shown in said.items() if " price by " in about]
    assert all(" of DeepSeek-V3 (December 2024) (price " in about for about, _ in prices)
    assert {shown for _, shown in prices} >= {"$0.27 per 1M tokens", "$1.10 per 1M tokens"}


def test_pages_link_to_the_form(client: Client) -> None:
    assert 'href="/report/?page=%2Fsources%2F"' in client.get("/sources/").content.decode()
