"""What changed, as a page, an Atom feed and a collection of the API."""

import re
import xml.etree.ElementTree as ET
from datetime import date, datetime

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import ModelVersion
from dashboard.changes import Kind, changes
from evals.models import Endpoint, Run, Suite
from tests.dashboard.pages_support import HOSTILE, get, text_of
from tests.factories import (
    at,
    make_benchmark,
    make_index,
    make_offering,
    make_organization,
    make_price,
    make_score,
    make_version,
)

pytestmark = pytest.mark.django_db
ATOM = "{http://www.w3.org/2005/Atom}"


@pytest.fixture
def deepseek() -> ModelVersion:
    """Released on 26 December 2024, dearer from 8 February 2025."""
    version = make_version("DeepSeek-V3", released="2024-12-26")
    offering = make_offering(version)
    for component, old, new in (("input", "0.14", "0.27"), ("output", "0.28", "1.10")):
        make_price(offering, component, old, since="2024-12-26", until="2025-02-08")
        make_price(offering, component, new, since="2025-02-08")
    return version


def listed(kind: Kind | None = None) -> list[tuple[str, datetime, str, str]]:
    return [(each.kind, each.at, each.title, each.detail) for each in changes(now=timezone.now(), kind=kind)]


def test_components_that_change_together_are_one_event(deepseek: ModelVersion) -> None:
    assert listed() == [
        (
            "price",
            at("2025-02-08"),
            "DeepSeek-V3 by DeepSeek: dearer",
            "input $0.14 to $0.27 per 1M (+93%); output $0.28 to $1.10 per 1M (+293%)",
        ),
        ("model", at("2024-12-26"), "DeepSeek-V3 released by DeepSeek", "open weights"),
    ]


def test_scores_of_one_day_are_one_event(deepseek: ModelVersion) -> None:
    epoch = make_organization("Epoch AI")
    for name, value in (("GPQA Diamond", 0.591), ("MMLU", 0.885)):
        make_score(deepseek, make_benchmark(name), value, measured_by=epoch, measured_on=date(2025, 1, 7))
    assert listed(kind="score") == [
        (
            "score",
            at("2025-01-07"),
            "DeepSeek-V3: 2 scores measured by Epoch AI",
            "GPQA Diamond 59.1%; MMLU 88.5%",
        )
    ]


def test_finished_runs_are_events_and_open_ones_are_not(deepseek: ModelVersion) -> None:
    suite = Suite.objects.create(slug="everyday-v1", name="Everyday", content_hash="x")
    endpoint = Endpoint.objects.create(
        slug="local", name="Local", base_url="http://127.0.0.1:1", model_id="m", version=deepseek
    )
    shared = {"suite": suite, "endpoint": endpoint, "max_output_tokens": 9, "budget_usd": 1, "prices": {}}
    Run.objects.create(state="finished", finished_at=at("2025-03-01"), **shared)
    Run.objects.create(state="running", **shared)
    assert listed(kind="run") == [
        ("run", at("2025-03-01"), "Everyday on Local: Finished", "0 of 0 scored answers correct")
    ]


def test_the_future_is_not_a_change(deepseek: ModelVersion) -> None:
    make_version("Later", released="2999-01-01")
    make_price(make_offering(deepseek), "input", "9", since="2999-01-01")
    assert [title for _, _, title, _ in listed()] == [
        "DeepSeek-V3 by DeepSeek: dearer",
        "DeepSeek-V3 released by DeepSeek",
    ]


def test_page_filters_by_kind_and_model(client: Client, deepseek: ModelVersion) -> None:
    make_version("GPT-4o", developer="OpenAI", released="2024-05-13", open_weights=False)
    assert "3 events, by the day" in text_of(get(client, "/changes/"))
    text = text_of(get(client, "/changes/?kind=model&model=gpt-4o"))
    assert "What changed about gpt-4o 1 event" in text
    assert "GPT-4o released by OpenAI closed weights" in text
    assert "kind is 'x': choose one of price, model, score, run, index." in text_of(
        get(client, "/changes/?kind=x", 400)
    )


def test_atom_entries_keep_their_ids(client: Client, deepseek: ModelVersion) -> None:
    response = client.get("/changes.atom")
    assert response["Content-Type"] == "application/atom+xml; charset=utf-8"
    entries = ET.fromstring(response.content).findall(f"{ATOM}entry")
    assert [entry.findtext(f"{ATOM}id", "").rpartition(",2025:")[2] for entry in entries] == [
        f"price:{deepseek.offerings.get().pk}:20250208T0000",
        "model:deepseek-v3",
    ]
    assert entries[0].findtext(f"{ATOM}updated") == "2025-02-08T00:00:00+00:00"


def test_atom_entry_leads_to_its_line_on_the_page(client: Client, deepseek: ModelVersion) -> None:
    for entry in ET.fromstring(client.get("/changes.atom").content).findall(f"{ATOM}entry"):
        (link,) = entry.findall(f"{ATOM}link")
        address, _, anchor = str(link.get("href")).partition("#")
        page = get(client, address.removeprefix("http://testserver"))
        line = page[page.index(f'<li id="{anchor}">') :].partition("</li>")[0]
        assert entry.findtext(f"{ATOM}title", "") in text_of(line)


def test_atom_has_what_the_standard_asks_for(client: Client, deepseek: ModelVersion) -> None:
    """RFC 4287: ids, titles, updated as RFC 3339, an author, a self link; the same at each reading."""
    make_score(deepseek, make_benchmark(), 0.5, measured_on=date(2025, 1, 7))
    body = client.get("/changes.atom").content
    feed = ET.fromstring(body)
    entries = feed.findall(f"{ATOM}entry")

    assert client.get("/changes.atom").content == body
    assert {entry.findtext(f"{ATOM}id", "").split(":")[2] for entry in entries} == {"price", "model", "score"}
    assert len({entry.findtext(f"{ATOM}id") for entry in entries}) == len(entries) == 3
    assert feed.findtext(f"{ATOM}author/{ATOM}name") == "Capability per dollar"
    assert [link.get("href") for link in feed.findall(f"{ATOM}link") if link.get("rel") == "self"] == [
        "http://testserver/changes.atom"
    ]
    for element in (feed, *entries):
        assert element.findtext(f"{ATOM}id")
        assert element.findtext(f"{ATOM}title")
        updated = element.findtext(f"{ATOM}updated", "")
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", updated)
        assert datetime.fromisoformat(updated).tzinfo


def test_atom_summary_is_html_that_shows_names_as_text(client: Client, deepseek: ModelVersion) -> None:
    benchmark = make_benchmark("<b>Bold</b>")
    make_score(deepseek, benchmark, 0.5, measured_on=date(2025, 1, 7))
    (entry,) = ET.fromstring(client.get("/changes.atom?kind=score").content).findall(f"{ATOM}entry")
    summary = entry.find(f"{ATOM}summary")

    assert summary is not None
    assert summary.get("type") == "html"
    assert str(summary.text).startswith("&lt;b&gt;Bold&lt;/b&gt; 50.0%")


def test_hostile_names_are_text(client: Client, deepseek: ModelVersion) -> None:
    ModelVersion.objects.update(name=f"{HOSTILE}\x0b")
    assert "<script>alert(1)" not in get(client, "/changes/")
    (entry, _) = ET.fromstring(client.get("/changes.atom").content).findall(f"{ATOM}entry")
    assert entry.findtext(f"{ATOM}title", "").startswith("<script>alert(1)</script>")


def test_fit_that_moved_something_is_an_event_and_one_that_did_not_is_none() -> None:
    cause = {"version": "o3", "benchmark": "gpqa-diamond", "before": 0.7, "after": 0.8}
    moved = {"version": "o3", "before": 146.2, "after": 149.0, "scores": [cause]}
    for number, rows in enumerate(([moved], [])):
        fit = make_index({}, data_hash=f"{number}" * 64)
        fit.changes = {"moved": rows, "entered": ["gpt-5"] if rows else [], "left": [], "scores": [cause]}
        fit.save()
    assert [(kind, title, detail) for kind, _, title, detail in listed("index")] == [
        (
            "index",
            "Capability index fitted anew: 1 moved beyond their interval, 1 entered, 0 left",
            "o3 146.2 to 149.0 (o3 on gpqa-diamond 0.700 to 0.800); entered: gpt-5",
        )
    ]


@pytest.mark.parametrize("count", [0, 1, 3])
def test_page_needs_as_many_queries_whatever_changed(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for i in range(count):
        version = make_version(f"Model {i}")
        make_price(make_offering(version), "input", "1", since="2025-01-01", until="2025-02-01")
        make_price(make_offering(version), "input", "2", since="2025-02-01")
        make_score(version, make_benchmark(), 0.5, measured_on=date(2025, 1, 7))
    with django_assert_num_queries(7 if count else 5):
        client.get("/changes/")


def test_api_pages_through_changes(client: Client, deepseek: ModelVersion) -> None:
    first = client.get("/api/v1/changes?limit=1").json()
    assert (first["count"], first["items"][0]["title"]) == (2, "DeepSeek-V3 by DeepSeek: dearer")
    second = client.get(first["next"]).json()
    assert (second["next"], second["items"][0]["key"]) == (None, "model:deepseek-v3")
    assert client.get("/api/v1/changes?model=nothing").status_code == 404
