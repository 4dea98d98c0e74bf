"""Entering endpoints, keys and schedules in the admin: what is wrong gets a sentence at its field, with the remedy."""

from collections.abc import Callable
from html import unescape
from typing import Any

import pytest
from django.test import Client

from evals.endpoint_templates import TEMPLATES
from evals.models import AlertRule, Channel, Endpoint, Run, Schedule, Suite
from evals.services.keys import keep_key
from evals.targets import target_of
from tests.factories import make_offering, make_version

pytestmark = pytest.mark.django_db
ADD = "/admin/evals/endpoint/add/"


def endpoint_form(**fields: Any) -> dict[str, Any]:
    return {
        "name": "DeepSeek", "slug": "deepseek", "dialect": "openai", "base_url": "https://api.deepseek.com/v1",
        "model_id": "deepseek-chat", "api_key_env": "", "concurrency": "4", "attempt_timeout_s": "120",
    } | fields  # fmt: skip


def schedule_form(used: Suite, endpoint: Endpoint, **fields: Any) -> dict[str, Any]:
    return {
        "name": "Daily", "slug": "daily", "suite": used.pk, "endpoints": [endpoint.pk], "cron": "0 6 * * *",
        "time_zone": "UTC", "misfire": "once", "most_catch_up": "3", "repeats": "1", "sample_limit": "",
        "budget_usd": "0.5", "lane": "normal",
        "slots-TOTAL_FORMS": "0", "slots-INITIAL_FORMS": "0",
    } | fields  # fmt: skip


def problems(response: Any) -> dict[str, list[str]]:
    """Field to its sentences."""
    return {field: list(map(str, sentences)) for field, sentences in response.context["adminform"].form.errors.items()}


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda each: each.slug)
def test_each_template_fills_a_form_that_can_be_saved(admin_client: Client, template: Any) -> None:
    page = admin_client.get(f"{ADD}?template={template.slug}")
    assert template.note in unescape(page.content.decode())
    initial = {name: value for name, value in page.context["adminform"].form.initial.items() if value is not None}
    assert initial["base_url"] == template.base_url
    filled = endpoint_form(**initial, slug="filled")
    response = admin_client.post(ADD, filled)
    assert response.status_code == 302, problems(response)
    made = Endpoint.objects.get()
    assert (made.dialect, made.api_key_env, made.concurrency, made.requests_per_minute) == (
        template.dialect, template.key_variable, template.concurrency, template.requests_per_minute,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"base_url": "api.deepseek.com"}, "base_url", "is not a web address. Write one such as https://"),
        ({"base_url": "https://api.deepseek.com/v1/chat/completions"}, "base_url", "Leave /chat/completions out"),
        ({"base_url": "https://me:key@api.deepseek.com/v1"}, "base_url", "keys go into the API key variable"),
        ({"base_url": "https://api.deepseek.com/v1?key=x"}, "base_url", "keys go into the API key variable"),
        ({"base_url": "http://[::1"}, "base_url", "is not a web address"),
        ({"api_key_env": "sk-1234567890abcdef"}, "api_key_env", "Write a name that ends in _API_KEY"),
        ({"api_key_env": "SECRET_KEY"}, "api_key_env", "Write a name that ends in _API_KEY"),
        ({"api_key_env": "X_API_KEY", "new_api_key": "long-enough-key"}, "api_key_env", "not both. Empty the variable"),
        ({"new_api_key": "short"}, "new_api_key", "one has at least 8 characters, without spaces. Copy it again"),
        ({"new_api_key": "has a space"}, "new_api_key", "without spaces"),
        ({"concurrency": "0"}, "concurrency", "Give at least 1."),
        ({"attempt_timeout_s": "0"}, "attempt_timeout_s", "Give seconds, such as 120."),
        ({"machine_usd_per_hour": "-1"}, "machine_usd_per_hour", "greater than or equal to 0"),
    ],
)
def test_wrong_endpoint_or_key_names_its_field_and_the_remedy(
    admin_client: Client, fields: dict[str, str], field: str, sentence: str
) -> None:
    response = admin_client.post(ADD, endpoint_form(**fields))
    assert sentence in problems(response)[field][0]
    assert Endpoint.objects.count() == 0
    for name in ("api_key_env", "new_api_key"):
        assert fields.get(name, "no such text") not in "".join(
            text for texts in problems(response).values() for text in texts
        )


def test_a_key_is_kept_shown_as_a_fingerprint_and_forgotten_with_the_host(admin_client: Client) -> None:
    admin_client.post(ADD, endpoint_form(new_api_key="a-key-of-mine-77"))
    endpoint = Endpoint.objects.get()
    address = f"/admin/evals/endpoint/{endpoint.pk}/change/"
    assert target_of(endpoint).api_key == "a-key-of-mine-77"
    page = admin_client.get(address).content.decode()
    assert f"Fingerprint {endpoint.api_key_fingerprint}, for https://api.deepseek.com:443 only." in page
    assert "a-key-of-mine-77" not in page
    admin_client.post(address, endpoint_form(name="Renamed"))
    endpoint.refresh_from_db()
    assert endpoint.api_key_encrypted, "saving without a new key keeps it"
    response = admin_client.post(address, endpoint_form(base_url="https://evil.example/v1"), follow=True)
    assert "has been forgotten. Enter the key for the new address." in response.content.decode()
    endpoint.refresh_from_db()
    assert (endpoint.api_key_encrypted, target_of(endpoint).api_key) == ("", "")


def test_an_endpoint_without_a_price_is_told_which_offerings_have_its_model_id(admin_client: Client) -> None:
    make_offering(make_version(), model_id="DeepSeek-Chat")
    response = admin_client.post(ADD, endpoint_form(), follow=True)
    assert "Offerings with the model id deepseek-chat: " in response.content.decode()
    other = admin_client.post(ADD, endpoint_form(slug="other", model_id="nobody"), follow=True)
    assert "no offering has the model id nobody" in other.content.decode()


@pytest.mark.parametrize(
    ("fields", "field", "sentence"),
    [
        ({"cron": ""}, "cron", "The times are empty. Write five fields"),
        ({"cron": "6 Uhr"}, "cron", "has 2 fields, and five are needed"),
        ({"cron": "0 25 * * *"}, "cron", "The hour '25' in '0 25 * * *' cannot be read"),
        ({"time_zone": "Berlin"}, "time_zone", "There is no time zone 'Berlin'. Write a name of the tz database"),
        ({"most_catch_up": "0"}, "most_catch_up", "To run none, choose to leave them out"),
        ({"most_catch_up": "51"}, "most_catch_up", "At most 50 missed times"),
        ({"repeats": "0"}, "repeats", "Give a number between them"),
        ({"repeats": "101"}, "repeats", "1 to 100 times"),
        ({"sample_limit": "0"}, "sample_limit", "Give at least 1, or leave it empty for all"),
        ({"budget_usd": "0"}, "budget_usd", "Give an amount above 0"),
        ({"budget_usd": ""}, "budget_usd", "The cap is empty. Give the most"),
        ({"endpoints": []}, "endpoints", "Choose at least one"),
        ({"suite": ""}, "suite", "No suite is chosen. Choose what to run."),
    ],
)
def test_wrong_schedule_names_its_field_and_the_remedy(
    admin_client: Client, make_suite: Callable[..., Suite], make_endpoint: Callable[..., Endpoint],
    fields: dict[str, Any], field: str, sentence: str,
) -> None:  # fmt: skip
    response = admin_client.post("/admin/evals/schedule/add/", schedule_form(make_suite(), make_endpoint(), **fields))
    assert sentence in problems(response)[field][0]
    assert Schedule.objects.count() == 0


def test_the_next_five_times_are_shown_in_words_before_anything_is_saved(
    admin_client: Client, make_suite: Callable[..., Suite], make_endpoint: Callable[..., Endpoint]
) -> None:
    form = schedule_form(make_suite(), make_endpoint(), cron="30 6 1 1 *", time_zone="Europe/Berlin", _show_times="1")
    response = admin_client.post("/admin/evals/schedule/add/", form)
    shown = [str(message) for message in response.context["messages"]]
    assert len(shown) == 5
    assert all(line.endswith(", 06:30 CET (05:30 UTC)") and " 1 January 2" in line for line in shown)
    assert Schedule.objects.count() == 0
    page = response.content.decode()
    assert 'value="30 6 1 1 *"' in page
    assert "errornote" not in page


def test_a_saved_schedule_knows_when_it_is_due_and_runs_at_a_press(
    admin_client: Client, make_suite: Callable[..., Suite], make_endpoint: Callable[..., Endpoint]
) -> None:
    admin_client.post("/admin/evals/schedule/add/", schedule_form(make_suite(), make_endpoint()))
    schedule = Schedule.objects.get()
    assert schedule.next_due_at is not None
    assert (schedule.next_due_at.hour, schedule.created_by) == (6, "admin")
    for action, message in (("run_now", "started."), ("pause", "is paused."), ("go_on", "goes on at")):
        response = admin_client.post(
            "/admin/evals/schedule/", {"action": action, "_selected_action": [schedule.pk]}, follow=True
        )
        assert message in response.content.decode()
    assert Run.objects.count() == 1


def test_a_webhooks_secret_is_shown_once(admin_client: Client) -> None:
    form = {"name": "hook", "kind": "webhook", "address": "https://example.org/hook", "is_active": "on"}
    response = admin_client.post("/admin/evals/channel/add/", form, follow=True)
    assert "are signed with whsec_" in response.content.decode()
    channel = Channel.objects.get()
    again = admin_client.get(f"/admin/evals/channel/{channel.pk}/change/").content.decode()
    assert "whsec_" not in again
    assert channel.signing_secret not in again


@pytest.mark.parametrize("name", ["alert", "alertrule", "channel", "delivery", "look", "schedule"])
def test_every_list_and_form_opens(admin_client: Client, name: str) -> None:
    AlertRule.objects.create(name="x", kind="score")
    assert admin_client.get(f"/admin/evals/{name}/").status_code == 200
    if name in {"alertrule", "channel", "schedule"}:
        assert admin_client.get(f"/admin/evals/{name}/add/").status_code == 200


def test_a_key_of_one_endpoint_is_not_that_of_another(make_endpoint: Callable[..., Endpoint]) -> None:
    one, two = make_endpoint(slug="one"), make_endpoint(slug="two")
    keep_key(one, "key-of-the-first")
    assert (target_of(one).api_key, target_of(two).api_key) == ("key-of-the-first", "")
