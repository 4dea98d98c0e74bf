"""Tokens: what one is for, until when, who makes it, and what is said when it does not fit."""

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from importlib import import_module
from io import StringIO
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Permission, User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from catalog.models import ModelVersion
from dashboard.models import ApiToken, SavedView
from dashboard.models.api_token import SCOPES
from evals.models import Run, Schedule
from tests.dashboard.test_runs import make_run

pytestmark = pytest.mark.django_db
Ask = Callable[..., Any]


@pytest.fixture
def operator() -> User:
    user = User.objects.create_user("operator")
    user.user_permissions.add(*Permission.objects.filter(codename__in=["add_run", "change_run", "change_schedule"]))
    return user


@pytest.fixture
def ask(client: Client, operator: User) -> Ask:
    """Sends a request with a new token that has these scopes."""

    def sent(method: str, path: str, *scopes: str, body: Any = None, **fields: Any) -> Any:
        _, secret = ApiToken.issue(name="notebook", user_id=operator.pk, scopes=scopes, **fields)
        headers = {"Authorization": f"Bearer {secret}", "Idempotency-Key": "first-of-all"}
        return getattr(client, method)(f"/api/v1{path}", body, content_type="application/json", headers=headers)

    return sent


def routes_with_tokens(client: Client) -> list[tuple[str, str, str]]:
    """Method, path and scope of each route of the document that needs a token."""
    document = client.get("/api/v1/openapi.json").json()
    return [
        (method, path, operation["security"][0]["TokenAuth"][0])
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
        if "security" in operation
    ]


def test_document_names_the_scope_of_each_route_that_needs_a_token(client: Client) -> None:
    found = {(method, path.removeprefix("/api/v1")): scope for method, path, scope in routes_with_tokens(client)}

    assert found == {
        ("post", "/runs"): "runs:write",
        ("post", "/comparisons"): "runs:write",
        ("post", "/runs/{run_id}/cancel"): "runs:write",
        ("post", "/runs/{run_id}/resume"): "runs:write",
        ("post", "/runs/{run_id}/retry"): "runs:write",
        ("post", "/schedules/{slug}/run"): "schedules:write",
        ("post", "/schedules/{slug}/pause"): "schedules:write",
        ("post", "/schedules/{slug}/go-on"): "schedules:write",
        ("get", "/views"): "read",
        ("post", "/views"): "views:write",
        ("delete", "/views/{view_id}"): "views:write",
    }
    scheme = client.get("/api/v1/openapi.json").json()["components"]["securitySchemes"]["TokenAuth"]
    assert (scheme["type"], scheme["scheme"]) == ("http", "bearer")
    assert all(f"{scope}: {words}" in scheme["description"] for scope, words in SCOPES.items())


def test_token_without_the_scope_is_told_which_one_is_missing_and_how_to_get_it(client: Client, ask: Ask) -> None:
    for method, path, scope in routes_with_tokens(client):
        others = [each for each in SCOPES if each != scope]
        address = re.sub(r"\{\w+\}", "1", path.removeprefix("/api/v1"))

        response = ask(method, address, *others, body={})

        problem = response.json()
        assert (response.status_code, problem["missing_scope"]) == (403, scope), path
        assert f"the scope {scope} is missing" in problem["detail"]
        assert f"manage.py api_token NAME --user operator --scope {scope}" in problem["detail"]


def test_scope_does_not_give_what_the_user_may_not(ask: Ask, operator: User) -> None:
    operator.user_permissions.clear()
    run = make_run(outcomes=("pending",), state=Run.State.RUNNING)

    response = ask("post", f"/runs/{run.pk}/cancel", *SCOPES)

    assert (response.status_code, response.json()["missing_permission"]) == (403, "evals.change_run")
    assert not Run.objects.get().cancel_requested


@pytest.mark.parametrize(("days", "status"), [(0, 200), (-1, 401)])
def test_token_works_through_its_last_day(ask: Ask, days: int, status: int) -> None:
    day = timezone.now().date() + timedelta(days=days)

    response = ask("get", "/views", "read", expires_on=day)

    assert response.status_code == status
    if status == 401:
        assert f"worked until {day}." in response.json()["detail"]
        assert response["WWW-Authenticate"] == "Bearer"
    assert (ApiToken.objects.get().last_used_at is None) == (status == 401)


def test_schedule_is_run_and_paused_by_token(ask: Ask) -> None:
    run = make_run(outcomes=("correct",))
    run.endpoint.machine_usd_per_hour = Decimal("0.1")
    run.endpoint.save()
    schedule = Schedule.objects.create(slug="daily", name="Daily", suite=run.suite, cron="0 7 * * *")
    schedule.endpoints.add(run.endpoint)

    started = ask("post", "/schedules/daily/run", "schedules:write").json()
    paused = ask("post", "/schedules/daily/pause", "schedules:write").json()
    goes_on = ask("post", "/schedules/daily/go-on", "schedules:write").json()

    newest = Run.objects.order_by("created_at").last()
    assert newest is not None
    assert (started["endpoints"][0]["last_run"], newest.requested_by) == (str(newest.pk), "operator by notebook")
    assert (started["lane"], paused["is_paused"], paused["next_due_at"]) == ("normal", True, None)
    assert (goes_on["is_paused"], goes_on["next_due_at"] is None) == (False, False)
    wrong = ask("post", "/schedules/dayly/run", "schedules:write")
    assert (wrong.status_code, wrong.json()["near"]) == (404, ["daily"])


def test_views_are_saved_listed_and_removed_by_token(ask: Ask, three_models: dict[str, ModelVersion]) -> None:
    SavedView.objects.create(user=User.objects.create_user("another"), address="/", name="Not yours", answer={})
    wish = {"address": "/models/deepseek-v3/", "name": "Mine"}

    made = ask("post", "/views", "views:write", body=wish)
    again = ask("post", "/views", "views:write", body=wish | {"name": "Renamed"})
    listed = ask("get", "/views", "read").json()

    assert (made.status_code, made.json()["url"]) == (201, "http://testserver/models/deepseek-v3/")
    assert again.json()["id"] == made.json()["id"]
    assert [(each["name"], each["changed_at"]) for each in listed["items"]] == [("Renamed", None)]
    assert ask("delete", f"/views/{made.json()['id']}", "views:write").json()["name"] == "Renamed"
    other = SavedView.objects.get()
    assert ask("delete", f"/views/{other.pk}", "views:write").status_code == 404
    refused = ask("post", "/views", "views:write", body={"address": "https://elsewhere.example/"})
    assert (refused.status_code, "is not a page of this site" in refused.json()["detail"]) == (404, True)
    refused = ask("post", "/views", "views:write", body={"address": "/?mix=much"})
    assert (refused.status_code, refused.json()["parameter"]) == (400, "address")


def test_token_command_prints_the_secret_once_and_keeps_only_its_digest(operator: User) -> None:
    out = StringIO()
    call_command(
        "api_token", "notebook", user="operator", scopes=["runs:write", "read"], expires="2999-01-31", stdout=out
    )
    secret = out.getvalue().strip()

    token = ApiToken.objects.get()
    assert secret.startswith("cpd_")
    assert str(token) == f"notebook (…{secret[-4:]})"
    assert secret not in repr(ApiToken.objects.values().get())
    assert ApiToken.of(secret) == token
    assert (token.scopes, str(token.expires_on)) == (["read", "runs:write"], "2999-01-31")


def test_token_command_for_an_unknown_user_names_the_known_ones(operator: User) -> None:
    with pytest.raises(CommandError, match=r"There is no user 'oprator'\. Known are: operator\."):
        call_command("api_token", "notebook", user="oprator")


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({}, "The token would be for nothing. Say what it is for with --scope. read: read your own saved views"),
        ({"scopes": ["runs:rite"]}, "There is no scope 'runs:rite'. Choose from read, runs:write"),
        ({"scopes": ["read"], "expires": "soon"}, "--expires is 'soon': write a day such as 2027-01-31."),
        ({"scopes": ["read"], "expires": "2025-01-31"}, "--expires is 2025-01-31, which is over"),
    ],
)
def test_token_command_says_what_is_wrong(operator: User, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CommandError) as error:
        call_command("api_token", "notebook", user="operator", **options)

    assert sentence in str(error.value)
    assert not ApiToken.objects.exists()


def test_tokens_from_before_scopes_keep_what_they_could_do(operator: User) -> None:
    token, _ = ApiToken.issue(name="old", user_id=operator.pk, scopes=[])
    migration = import_module("dashboard.migrations.0130_token_scopes")

    migration.keep_what_they_could_do(apps, connection.SchemaEditorClass(connection))

    token.refresh_from_db()
    assert (token.scopes, token.expires_on) == (["runs:write"], None)


def token_form(user: User, **fields: Any) -> dict[str, Any]:
    return {"name": "notebook", "user": user.pk, "scopes": ["read"], "expires_on": ""} | fields


def test_admin_makes_a_token_and_shows_its_secret_once(client: Client, operator: User) -> None:
    client.force_login(User.objects.create_superuser("root"))

    shown = client.post("/admin/dashboard/apitoken/add/", token_form(operator), follow=True).content.decode()

    token = ApiToken.objects.get()
    (secret,) = re.findall(r"cpd_[\w-]{43}", shown)
    assert ApiToken.of(secret) == token
    assert (token.user, token.scopes) == (operator, ["read"])
    page = client.get(f"/admin/dashboard/apitoken/{token.pk}/change/").content.decode()
    assert secret not in page
    assert token.digest not in page
    assert ">read<" in page


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"scopes": []}, "The token would be for nothing. Choose at least one scope."),
        ({"expires_on": "2025-01-31"}, "2025-01-31 is over: the token would never work."),
    ],
)
def test_admin_refuses_a_token_that_could_do_nothing(
    client: Client, operator: User, fields: dict[str, Any], sentence: str
) -> None:
    client.force_login(User.objects.create_superuser("root"))

    shown = client.post("/admin/dashboard/apitoken/add/", token_form(operator, **fields)).content.decode()

    assert sentence in shown
    assert not ApiToken.objects.exists()


def test_nobody_gets_the_rights_of_another_by_making_a_token(client: Client, operator: User) -> None:
    staff = User.objects.create_user("staff", is_staff=True)
    staff.user_permissions.add(*Permission.objects.filter(codename__in=["add_apitoken", "view_apitoken"]))
    client.force_login(staff)

    shown = client.post("/admin/dashboard/apitoken/add/", token_form(operator)).content.decode()

    assert "Select a valid choice." in shown
    assert not ApiToken.objects.exists()
    client.post("/admin/dashboard/apitoken/add/", token_form(staff))
    assert ApiToken.objects.get().user == staff


def test_reading_saved_views_is_counted_as_a_read(ask: Ask, settings: Settings) -> None:
    settings.API_WRITES_PER_MINUTE, settings.API_READS_PER_MINUTE = 1, 3

    answers = [ask("get", "/views", "read") for _ in range(4)]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert answers[-1].json()["detail"].startswith("3 reads a minute are allowed.")
    assert answers[-1]["RateLimit-Policy"] == '"read";q=3;w=60'


def test_address_that_is_none_is_refused(ask: Ask) -> None:
    answer = ask("post", "/views", "views:write", body={"address": "//["})

    assert answer.status_code == 404
    assert "is not a page of this site" in answer.json()["detail"]
