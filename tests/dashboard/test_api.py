"""The API through the test client: exact numbers, and errors that say what to do."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from catalog.models import ModelVersion, TrainingRun
from dashboard.api.schemas import FrontierPage, ModelDetail, ModelPage, TrainingPage
from tests import factories as make
from tests.dashboard.conftest import sold

FRONTIER = "/api/v1/frontier"


def get(client: Client, address: str, status: int = 200, **headers: str) -> Any:
    response = client.get(address, headers=headers)
    assert response.status_code == status, response.content
    return response.json()


def by_model(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {item["model"]: item for item in answer["items"]}


@pytest.mark.parametrize(("day", "usd"), [("2025-02-07", 0.175), ("2025-02-08", 0.4775)])
def test_frontier_gives_the_price_of_the_day_as_a_number(
    client: Client, three_models: dict[str, ModelVersion], day: str, usd: float
) -> None:
    answer = get(client, f"{FRONTIER}?mix=3:0:1&as_of={day}")

    assert by_model(answer)["deepseek-v3"]["price_usd_per_mtok"] == usd
    assert by_model(answer)["claude-3-5-sonnet"]["price_usd_per_mtok"] == 6.0


def test_frontier_prints_prices_with_no_binary_noise(client: Client, three_models: dict[str, ModelVersion]) -> None:
    body = client.get(f"{FRONTIER}?as_of=2025-02-08").content

    assert b'"price_usd_per_mtok":0.4775,' in body
    assert b'"prices_usd_per_mtok":{"cached_input":0.07,"input":0.27,"output":1.1}' in body


def test_frontier_item_has_every_field_of_the_contract(client: Client, three_models: dict[str, ModelVersion]) -> None:
    answer = get(client, f"{FRONTIER}?as_of=2025-02-08")

    item = by_model(answer)["claude-3-5-sonnet"]
    assert {key: value for key, value in item.items() if key not in ("sources", "prices_usd_per_mtok")} == {
        "model": "claude-3-5-sonnet",
        "name": "Claude 3.5 Sonnet",
        "version": "claude-3-5-sonnet",
        "developer": "Anthropic",
        "provider": "Anthropic",
        "price_usd_per_mtok": 6.0,
        "price_assumed": [],
        "price_note": "the developer's own price",
        "sale_note": None,
        "withdrawn_on": None,
        "superseded_by": None,
        "effort": None,
        "measured_cost": None,
        "capability": 133.0,
        "capability_low": 132.0,
        "capability_high": 134.0,
        "capability_status": "ranked",
        "on_frontier": False,
        "frontier_probability": 0.25,
        "price_premium": 6 / 0.4775,
        "premium_set_by": "deepseek-v3",
        "premium_set_by_name": "DeepSeek-V3",
        "released_on": "2024-10-22",
        "open_weights": False,
    }
    assert item["sources"][0] == {
        "url": "https://example.org/report",
        "publisher": "Example",
        "published_on": None,
        "retrieved_at": "2026-11-01T00:00:00Z",
        "licence": "",
    }
    assert {key: value for key, value in answer.items() if key != "items"} == {
        "count": 3,
        "next": None,
        "mix": "3:0:1",
        "as_of": "2025-02-08",
        "capability": "index",
        "policy": "independent",
        "price_policy": "first_party",
        "access": "all",
        "cost": "list",
        "task": None,
        "variants": "best",
        "older": "hide",
        "notices": [],
        "newest_scored": {
            "model": "deepseek-v3",
            "name": "DeepSeek-V3",
            "released_on": "2024-12-26",
            "newer_without_score": 0,
        },
        "not_shown": {"without_price": 0, "without_capability": 0, "withdrawn": 0},
    }


def test_frontier_answers_in_its_documented_shape(client: Client, three_models: dict[str, ModelVersion]) -> None:
    assert FrontierPage.model_validate(get(client, FRONTIER)).count == 3


def test_frontier_with_a_free_model_calls_the_others_infinitely_dear(client: Client, db: None) -> None:
    make.make_index({sold("Free", "A", ("0", "0")): [5.0], sold("Dear", "B", ("1", "1")): [4.0]})

    assert by_model(get(client, FRONTIER))["dear"]["price_premium"] == "infinite"


def test_frontier_shows_unknown_as_null_when_asked(client: Client, db: None) -> None:
    make.make_index({sold("Secret", "A", (None, None)): [5.0]})

    hidden, shown = get(client, FRONTIER), get(client, f"{FRONTIER}?unknown=show")

    assert (hidden["count"], hidden["not_shown"]["without_price"]) == (0, 1)
    assert shown["items"][0]["price_usd_per_mtok"] is None
    assert shown["items"][0]["on_frontier"] is None


def test_frontier_pages_name_the_next_one(client: Client, three_models: dict[str, ModelVersion]) -> None:
    first = get(client, f"{FRONTIER}?as_of=2025-02-08&mix=1:0:1&limit=2")
    assert first["next"] == f"http://testserver{FRONTIER}?as_of=2025-02-08&mix=1:0:1&limit=2&offset=2"

    second = get(client, first["next"])
    assert (len(first["items"]), len(second["items"]), second["next"]) == (2, 1, None)


@pytest.mark.parametrize(
    ("parameters", "status", "detail"),
    [
        ("mix=3:x:1", 400, "mix is '3:x:1': its cached_input part 'x' is not a number from 0 to 1,000,000."),
        ("as_of=yesterday", 400, "as_of is 'yesterday', which is not a day"),
        ("policy=best", 400, "policy is 'best': choose one of independent, vendor, median, worst."),
        ("capability=benchmark:nothing", 404, "There is no capability 'benchmark:nothing'."),
        ("limit=0", 400, "limit: Input should be greater than or equal to 1."),
    ],
)
def test_frontier_with_bad_input_answers_with_problem_details(
    client: Client, three_models: dict[str, ModelVersion], parameters: str, status: int, detail: str
) -> None:
    response = client.get(f"{FRONTIER}?{parameters}")

    assert response.status_code == status
    assert response["Content-Type"] == "application/problem+json"
    assert response.json()["status"] == status
    assert response.json()["detail"].startswith(detail)


def test_model_that_is_unknown_is_answered_with_near_names(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    problem = get(client, "/api/v1/models/deepsek-v3", 404)

    assert problem["detail"] == "There is no model 'deepsek-v3'. Nearest: deepseek-v3."
    assert problem["near"] == ["deepseek-v3"]


def test_model_shows_every_claim_with_its_source_and_the_shown_one_first(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    version = three_models["llama"]
    make.make_claim(version, "training_tokens", "15600000000000", source=make.make_source("https://epoch.ai", rank=30))
    make.make_claim(version, "training_tokens", "15000000000000")

    answer = get(client, "/api/v1/models/llama-3-1-405b?as_of=2025-02-08")

    claims = answer["versions"][0]["claims"]
    assert [(claim["number"], claim["shown"], claim["source"]["url"]) for claim in claims] == [
        (15e12, True, "https://example.org/report"),
        (15.6e12, False, "https://epoch.ai"),
    ]
    assert answer["versions"][0]["offers"][0]["provider"] == "Together"
    assert answer["versions"][0]["offers"][0]["prices_usd_per_mtok"] == {"input": 3.5, "output": 3.5}
    assert ModelDetail.model_validate(answer).as_of.isoformat() == "2025-02-08"


def test_models_are_listed_and_searched(client: Client, three_models: dict[str, ModelVersion]) -> None:
    assert [item["model"] for item in get(client, "/api/v1/models")["items"]] == [
        "claude-3-5-sonnet",
        "deepseek-v3",
        "llama-3-1-405b",
    ]
    found = ModelPage.model_validate(get(client, "/api/v1/models?q=meta"))
    assert [(item.model, item.url) for item in found.items] == [
        ("llama-3-1-405b", "http://testserver/models/llama-3-1-405b/")
    ]


def test_training_gives_the_ledger_and_the_ratio(client: Client, two_runs: list[TrainingRun]) -> None:
    answer = get(client, "/api/v1/training?usd_per_gpu_hour=2")

    deepseek = by_model(answer)["deepseek-v3"]
    assert deepseek["total_usd"] == 5_576_000
    assert deepseek["total_gpu_hours"] == 2_788_000
    assert [(phase["name"], phase["gpu_hours"], phase["usd"]) for phase in deepseek["phases"]] == [
        ("pre-training", 2_664_000, 5_328_000),
        ("context extension", 119_000, 238_000),
        ("post-training", 5_000, 10_000),
    ]
    assert deepseek["scope"] == "Excludes earlier research and ablations."
    assert deepseek["gpu_hours_per_trillion_tokens"] == 180_000
    assert deepseek["plausibility"]["verdict"] == "plausible"
    assert deepseek["plausibility"]["probability"] == pytest.approx(0.40, abs=0.01)
    assert round(answer["comparison"]["gpu_hours_ratio"], 2) == 11.06
    assert round(answer["comparison"]["flop_ratio"], 2) == 11.09
    assert answer["comparison"]["note"].startswith("The chips differ: NVIDIA H800 SXM5 against NVIDIA H100 SXM5.")
    assert TrainingPage.model_validate(answer).count == 2


def test_training_at_another_rent_scales_every_cost(client: Client, two_runs: list[TrainingRun]) -> None:
    answer = get(client, "/api/v1/training?usd_per_gpu_hour=2.5")

    assert by_model(answer)["deepseek-v3"]["total_usd"] == 6_970_000
    assert by_model(answer)["llama-3-1-405b"]["total_usd"] == 77_100_000


def test_training_with_unknown_hours_is_a_lower_bound(client: Client, three_models: dict[str, ModelVersion]) -> None:
    make.make_training_run(three_models["sonnet"], {"pre-training": 1000.0, "post-training": None})

    item = get(client, "/api/v1/training")["items"][0]

    assert (item["total_usd"], item["is_lower_bound"]) == (2000, True)
    assert [phase["usd"] for phase in item["phases"]] == [2000, None]
    assert item["plausibility"]["verdict"] == "unknown"


@pytest.mark.parametrize("rent", ["two", "-1", "1e9", "NaN"])
def test_training_with_a_bad_rent_says_what_to_write(client: Client, db: None, rent: str) -> None:
    problem = get(client, f"/api/v1/training?usd_per_gpu_hour={rent}", 400)

    assert problem["parameter"] == "usd_per_gpu_hour"
    assert problem["detail"] == f"usd_per_gpu_hour is {rent!r}: write a number from 0 to 1,000, such as 2."


def test_answer_that_the_caller_has_already_is_not_sent_again(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    first = client.get(f"{FRONTIER}?as_of=2025-02-08")
    again = client.get(f"{FRONTIER}?as_of=2025-02-08", headers={"If-None-Match": first["ETag"]})
    weak = client.get(f"{FRONTIER}?as_of=2025-02-08", headers={"If-None-Match": f"W/{first['ETag']}"})
    price = three_models["deepseek"].offerings.get().prices.get(component="output", effective_to=None)
    price.usd_per_mtok = Decimal("1.2")
    price.save()
    changed = client.get(f"{FRONTIER}?as_of=2025-02-08", headers={"If-None-Match": first["ETag"]})

    assert [response.status_code for response in (first, again, weak, changed)] == [200, 304, 304, 200]
    assert again.content == b""
    assert first["Cache-Control"] == "public, max-age=60"


def test_reads_are_open_to_pages_of_other_sites(client: Client, db: None) -> None:
    assert client.get(FRONTIER)["Access-Control-Allow-Origin"] == "*"
    assert client.get("/api/v1/models/none")["Access-Control-Allow-Origin"] == "*"


def test_openapi_document_describes_every_route(client: Client, db: None) -> None:
    document = get(client, "/api/v1/openapi.json")

    assert {"/api/v1/frontier", "/api/v1/models", "/api/v1/models/{slug}", "/api/v1/training", "/api/v1/runs"} <= set(
        document["paths"]
    )
    assert "price_usd_per_mtok" in document["components"]["schemas"]["FrontierItem"]["properties"]


def test_docs_page_shows_every_route_without_script(client: Client, db: None) -> None:
    text = client.get("/api/v1/docs").content.decode()

    assert "GET /api/v1/training" in text
    assert 'href="/api/v1/frontier?mix=3:0:1&amp;as_of=2025-02-08&amp;limit=1"' in text
    assert "//cdn" not in text


def test_failure_answers_with_an_id_and_no_trace(
    client: Client,
    db: None,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("dashboard.api.frontier.frontier", fail)
    problem = get(client, FRONTIER, 500)

    assert problem["reference"] in problem["detail"]
    assert "secret detail" not in str(problem)
    assert problem["reference"] in caplog.text


def test_times_are_given_in_utc(client: Client, three_models: dict[str, ModelVersion]) -> None:
    source = get(client, FRONTIER)["items"][0]["sources"][0]

    assert datetime.fromisoformat(source["retrieved_at"]) == datetime(2026, 11, 1, tzinfo=UTC)


def test_offering_says_when_its_sale_ended_and_where_that_was_read(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    offering = three_models["sonnet"].offerings.get()
    source = make.make_source("https://example.org/deprecations", publisher="Anthropic", published_on=date(2025, 8, 13))
    offering.retired_on, offering.source, offering.note = date(2025, 10, 28), source, "second notice"
    offering.save()

    ended = get(client, "/api/v1/offerings?model=claude-3-5-sonnet&as_of=2025-10-28")["items"][0]

    assert (ended["retired_on"], ended["retirement_note"]) == ("2025-10-28", "second notice")
    assert ended["retirement_source"]["publisher"] == "Anthropic"
    assert ended["retirement_source"]["published_on"] == "2025-08-13"
    assert ended["prices_usd_per_mtok"] == {}  # nobody can buy at them any more
    on_sale = get(client, "/api/v1/offerings?model=claude-3-5-sonnet&as_of=2025-10-27")["items"][0]
    assert on_sale["prices_usd_per_mtok"] == {"input": 3, "output": 15}


@pytest.fixture
def still(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock that limits look at stands ten seconds after a full minute."""
    monkeypatch.setattr("dashboard.api.access.time", lambda: 1_800_000_010.0)


def test_every_answer_says_what_is_left_of_the_limit(
    client: Client, three_models: dict[str, ModelVersion], still: None, settings: Settings
) -> None:
    settings.API_READS_PER_MINUTE = 2
    first, kept, third = (client.get(FRONTIER, REMOTE_ADDR="192.0.2.7") for _ in range(3))

    assert [each["RateLimit"] for each in (first, kept, third)] == [
        '"read";r=1;t=50',
        '"read";r=0;t=50',
        '"read";r=0;t=50',
    ]
    assert third["RateLimit-Policy"] == '"read";q=2;w=60'
    assert [each.status_code for each in (first, kept, third)] == [200, 200, 429]
    assert third["Retry-After"] == "50"
    assert third.json()["detail"] == "2 reads a minute are allowed. Wait 50 s and try again."
    assert client.get(FRONTIER, REMOTE_ADDR="192.0.2.8").status_code == 200  # another caller


def test_limit_begins_anew_with_each_minute(
    client: Client, db: None, still: None, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.API_READS_PER_MINUTE = 1
    statuses = [client.get("/api/v1/suites").status_code for _ in range(2)]
    monkeypatch.setattr("dashboard.api.access.time", lambda: 1_800_000_060.0)

    assert [*statuses, client.get("/api/v1/suites").status_code] == [200, 429, 200]


def test_other_sites_may_read_the_limits_and_ask_before_a_conditional_read(client: Client, db: None) -> None:
    read = client.get(FRONTIER, headers={"Origin": "https://other.example"})
    asked = client.options(FRONTIER, headers={"Origin": "https://other.example"})

    assert read["Access-Control-Expose-Headers"] == "ETag, RateLimit, RateLimit-Policy, Retry-After"
    assert asked.status_code == 204
    assert asked["Access-Control-Allow-Methods"] == "GET, HEAD"
    assert asked["Access-Control-Allow-Headers"] == "If-None-Match"


def test_writes_are_not_open_to_pages_of_other_sites(client: Client, db: None) -> None:
    asked = client.options("/api/v1/runs", headers={"Access-Control-Request-Method": "POST"})

    assert "POST" not in asked["Access-Control-Allow-Methods"]
    assert "Authorization" not in asked["Access-Control-Allow-Headers"]


def test_head_has_the_headers_of_a_read_and_no_content(client: Client, three_models: dict[str, ModelVersion]) -> None:
    read, head = client.get(FRONTIER), client.head(FRONTIER)

    assert (head.status_code, head["ETag"], head.content) == (200, read["ETag"], b"")
    assert head["Content-Length"] == str(len(read.content))


def test_method_that_an_address_does_not_take_is_a_problem(client: Client, db: None) -> None:
    answer = client.delete("/api/v1/runs")

    assert (answer.status_code, answer["Content-Type"]) == (405, "application/problem+json")
    assert set(answer["Allow"].split(", ")) == {"GET", "POST"}
    assert answer.json()["detail"].startswith("/api/v1/runs does not take DELETE. It takes ")


def test_address_of_nothing_is_a_problem(client: Client, db: None) -> None:
    problem = get(client, "/api/v1/frontiers", 404)

    assert problem["detail"] == "There is nothing at /api/v1/frontiers. /api/v1/openapi.json lists every address."


def test_future_version_is_a_problem(client: Client, db: None) -> None:
    assert client.get("/api/v2/models")["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("query", ["suite=a%00b", "endpoint=a%00b"])
def test_name_with_a_nul_is_an_unknown_name(client: Client, db: None, query: str) -> None:
    """PostgreSQL refuses to be asked for one."""
    problem = get(client, f"/api/v1/runs?{query}", 404)

    assert problem["detail"].startswith("There is no ")
