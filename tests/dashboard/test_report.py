"""Readers report wrong numbers without a login; nothing changes by itself."""

import pytest
from django.test import Client

from catalog.errors import BadFact
from catalog.models import Report
from catalog.services import record_report
from dashboard.views.report import PER_HOUR

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


def test_pages_link_to_the_form(client: Client) -> None:
    assert 'href="/report/?page=%2Fsources%2F"' in client.get("/sources/").content.decode()
