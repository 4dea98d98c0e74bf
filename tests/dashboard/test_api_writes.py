"""Starting and stopping runs through the API: by token, once per key, within what the user may do."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django.fixtures import Settings

from dashboard.models import ApiToken
from evals.models import Endpoint, Run, Sample, Suite
from tests.dashboard.test_runs import make_run

WISH = {"suite": "tiny-v1", "endpoint": "here", "budget_usd": 0.25}
Post = Callable[..., Any]


@pytest.fixture
def suite(db: None) -> Suite:
    suite = Suite.objects.create(slug="tiny-v1", name="Tiny", content_hash="a" * 64)
    for n in range(3):
        Sample.objects.create(
            suite=suite, key=f"q{n}", position=n, category="sums", prompt="1+1?", target=2, scorer="exact"
        )
    Endpoint.objects.create(
        slug="here", name="Here", base_url="http://127.0.0.1:1/v1", model_id="m", machine_usd_per_hour=Decimal("0.1")
    )
    return suite


@pytest.fixture
def operator(db: None) -> User:
    user = User.objects.create_user("operator")
    user.user_permissions.add(*Permission.objects.filter(codename__in=["add_run", "change_run"]))
    return user


@pytest.fixture
def post(client: Client, operator: User) -> Post:
    _, secret = ApiToken.issue(name="notebook", user_id=operator.pk, scopes=["runs:write"])

    def sent(path: str, body: Any = None, *, key: str = "first-of-all", token: str = secret) -> Any:
        headers = {"Idempotency-Key": key} | ({"Authorization": f"Bearer {token}"} if token else {})
        return client.post(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    return sent


@pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "short"}])
def test_run_without_a_key_says_what_to_send(client: Client, post: Post, suite: Suite, headers: dict[str, str]) -> None:
    secret = ApiToken.issue(name="other", user_id=User.objects.get(username="operator").pk, scopes=["runs:write"])[1]
    headers = headers | {"Authorization": f"Bearer {secret}"}
    refused = client.post("/api/v1/runs", WISH, content_type="application/json", headers=headers)

    assert refused.status_code == 400
    assert refused.json()["parameter"] == "Idempotency-Key"
    assert refused.json()["detail"].startswith("Idempotency-Key: send a text of your own of 8 to 100 characters")
    assert not Run.objects.exists()


def test_run_is_started_as_the_user_of_the_token(post: Post, suite: Suite, client: Client) -> None:
    response = post("/runs", WISH)

    assert response.status_code == 201
    run = Run.objects.get()
    assert response["Location"] == f"http://testserver/api/v1/runs/{run.pk}"
    assert (run.budget_usd, run.requested_by, run.samples.count()) == (Decimal("0.25"), "operator by notebook", 3)
    assert response.json()["state"] == "queued"
    assert client.get(response["Location"]).json()["id"] == str(run.pk)


@pytest.mark.parametrize(("asked", "lane"), [({}, "normal"), ({"latency_lane": True}, "latency")])
def test_run_is_started_in_the_lane_asked_for(post: Post, suite: Suite, asked: dict[str, bool], lane: str) -> None:
    assert post("/runs", WISH | asked).status_code == 201
    assert Run.objects.get().lane == lane


def test_run_is_started_once_however_often_the_key_is_sent(post: Post, suite: Suite) -> None:
    first, again, other = post("/runs", WISH), post("/runs", WISH), post("/runs", WISH, key="second-one")

    assert again.json()["id"] == first.json()["id"]
    assert other.json()["id"] != first.json()["id"]
    assert Run.objects.count() == 2


def test_key_that_stands_for_another_request_is_a_conflict(post: Post, suite: Suite) -> None:
    post("/runs", WISH)
    response = post("/runs", WISH | {"repeats": 2})

    assert (response.status_code, response["Content-Type"]) == (409, "application/problem+json")
    assert "with another repeats. Send the same request again" in response.json()["detail"]
    assert Run.objects.count() == 1


@pytest.mark.parametrize("token", ["", "cpd_wrong"])
def test_run_without_a_live_token_is_refused(post: Post, suite: Suite, token: str) -> None:
    response = post("/runs", WISH, token=token)

    assert (response.status_code, response["WWW-Authenticate"]) == (401, "Bearer")
    assert "manage.py api_token makes one" in response.json()["detail"]
    assert Run.objects.count() == 0


def test_run_with_a_revoked_token_is_refused(post: Post, suite: Suite) -> None:
    ApiToken.objects.update(revoked_at="2026-01-01T00:00:00Z")

    assert post("/runs", WISH).status_code == 401


def test_run_without_the_permission_names_it(post: Post, suite: Suite, operator: User) -> None:
    operator.user_permissions.clear()

    response = post("/runs", WISH)

    assert response.status_code == 403
    assert "the permission evals.add_run is missing" in response.json()["detail"]


@pytest.mark.parametrize(
    ("change", "status", "detail"),
    [
        ({"suite": "tiny-v2"}, 404, "There is no suite 'tiny-v2'. Did you mean tiny-v1?"),
        ({"endpoint": "her"}, 404, "There is no endpoint 'her'. Did you mean here?"),
        ({"repeats": 0}, 400, "wish.repeats: Input should be greater than or equal to 1."),
        ({"budget_usd": -1}, 400, "wish.budget_usd: Input should be greater than or equal to 0.000001."),
        ({"budget_usd": "much"}, 400, "wish.budget_usd: Input should be a valid decimal."),
    ],
)
def test_run_with_a_bad_wish_says_what_is_wrong(
    post: Post, suite: Suite, change: dict[str, Any], status: int, detail: str
) -> None:
    response = post("/runs", WISH | change)

    assert (response.status_code, response.json()["detail"]) == (status, detail)
    assert Run.objects.count() == 0


def test_run_without_a_key_is_refused(post: Post, suite: Suite) -> None:
    assert post("/runs", WISH, key="short").status_code == 400


def test_run_on_an_endpoint_without_a_price_says_what_to_do(post: Post, suite: Suite) -> None:
    Endpoint.objects.update(machine_usd_per_hour=None)

    assert post("/runs", WISH).status_code == 409
    assert post("/runs", WISH | {"accept_unknown_cost": True}).status_code == 201


def test_run_is_cancelled_and_a_finished_one_is_not_resumed(post: Post, suite: Suite) -> None:
    run_id = post("/runs", WISH).json()["id"]

    assert post(f"/runs/{run_id}/cancel").status_code == 200
    assert Run.objects.get().state in (Run.State.CANCELLED, Run.State.QUEUED)
    Run.objects.update(state=Run.State.FINISHED)
    assert post(f"/runs/{run_id}/resume").status_code == 409


def test_failed_samples_are_asked_again_by_those_who_may(post: Post, suite: Suite, operator: User) -> None:
    run_id = post("/runs", WISH).json()["id"]
    assert post(f"/runs/{run_id}/retry").status_code == 409
    Run.objects.update(state=Run.State.FINISHED)
    Run.objects.get().samples.update(state="failed")

    response = post(f"/runs/{run_id}/retry")

    assert (response.status_code, response.json()["state"], response.json()["failed"]) == (200, "queued", 0)


def test_writes_are_limited_by_token(
    post: Post, suite: Suite, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dashboard.api.access.time", lambda: 1_800_000_010.0)
    statuses = [post("/runs", WISH).status_code for _ in range(settings.API_WRITES_PER_MINUTE + 1)]

    assert statuses == [201] * settings.API_WRITES_PER_MINUTE + [429]
    refused = post("/runs", WISH)
    assert (refused["Retry-After"], refused["RateLimit"]) == ("50", '"write";r=0;t=50')


def test_without_a_cache_reads_go_on_and_writes_wait(
    post: Post, suite: Suite, client: Client, settings: Settings
) -> None:
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1",
            "OPTIONS": {"socket_connect_timeout": 0.2},
        }
    }

    assert client.get("/api/v1/suites").status_code == 200
    assert post("/runs", WISH).status_code == 429
    assert Run.objects.count() == 0


def test_suites_and_endpoints_are_listed_without_secrets(client: Client, suite: Suite) -> None:
    assert [(item["suite"], item["samples"]) for item in client.get("/api/v1/suites").json()["items"]] == [
        ("tiny-v1", 3)
    ]
    answer = client.get("/api/v1/endpoints")
    assert [(item["endpoint"], item["is_self_hosted"]) for item in answer.json()["items"]] == [("here", True)]
    assert b"127.0.0.1" not in answer.content


def test_samples_of_a_run_come_with_their_errors(client: Client, db: None) -> None:
    run = make_run(outcomes=("correct", ""))

    answer = client.get(f"/api/v1/runs/{run.pk}/samples").json()

    assert answer["count"] == 2
    assert [(item["outcome"], item["errors"], item["cost_usd"]) for item in answer["items"]] == [
        ("correct", [], 0.001),
        (None, ["timeout: No answer in 120 s."], 0.001),
    ]


def test_comparison_is_started_once_per_key_and_told_pair_by_pair(post: Post, suite: Suite, client: Client) -> None:
    Endpoint.objects.create(
        slug="there", name="There", base_url="http://127.0.0.1:1/v1", machine_usd_per_hour=Decimal("0.1")
    )
    wish = {"suite": "tiny-v1", "endpoints": ["here", "there"], "budget_usd": 0.25, "stop_early": True}

    first, again = post("/comparisons", wish), post("/comparisons", wish)

    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json()["id"] == again.json()["id"]
    assert Run.objects.count() == 2
    for run in Run.objects.select_related("endpoint"):
        run.samples.update(state="done", outcome="correct" if run.endpoint.slug == "here" else "incorrect")
    told = client.get(first["Location"]).json()
    pair = told["pairs"][0]
    assert (pair["items"], {pair["only_first"], pair["only_second"]}, pair["verdict"]) == (3, {0, 3}, "open")
    assert pair["p_value"] is None
    assert pair["difference_interval"]["method"] == "difference of confidence sequences"
    assert [run["comparison"] for run in told["runs"]] == [told["id"], told["id"]]


def test_comparison_of_one_endpoint_is_refused(post: Post, suite: Suite) -> None:
    response = post("/comparisons", {"suite": "tiny-v1", "endpoints": ["here", "here"]})

    assert response.status_code == 409
    assert response.json()["detail"] == "1 different endpoints were named; give 2 to 6 to compare."
    assert not Run.objects.exists()


@pytest.mark.parametrize("key", ["nonsense", "1a91d816-544c-43ad-9be7-cedd1102adbd"])
def test_unknown_comparison_is_not_found(client: Client, db: None, key: str) -> None:
    assert client.get(f"/api/v1/comparisons/{key}").status_code == 404
