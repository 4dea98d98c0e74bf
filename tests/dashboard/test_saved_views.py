"""Saved views: what changed on a page, said with before, after and source."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from catalog.models import ModelVersion, Price, TrainingRun
from dashboard.freshness import bump
from dashboard.models import SavedView, ViewChange
from dashboard.saved_views import CannotBeSaved, answer_of, check_views, differences, save_view
from dashboard.tasks import check_views as task
from evals.models import Alert, AlertRule, Channel, Delivery, Endpoint

pytestmark = pytest.mark.django_db
Models = dict[str, ModelVersion]


@pytest.fixture
def reader(client: Client) -> Client:
    client.force_login(User.objects.create_user("ada"))
    return client


@pytest.mark.parametrize(
    ("next_page", "sentence"),
    [
        ("/views/?address=/prices/", "To save a view and be told when it changes, log in"),
        ("/runs/new/", "To start, stop or judge a run, log in"),
        ("/admin/", "To enter and correct facts, log in as an editor."),
    ],
)
def test_log_in_page_says_what_it_is_for(client: Client, next_page: str, sentence: str) -> None:
    text = client.get("/views/", {"address": "/prices/"}, follow=True).content.decode()
    assert "To save a view" in text
    assert sentence in client.get("/admin/login/", {"next": next_page}).content.decode()


@pytest.mark.parametrize("next_page", ["//evil.example/views/", "https://evil.example/views/", ""])
def test_log_in_page_leads_to_no_other_site(client: Client, next_page: str) -> None:
    User.objects.create_superuser("root", password="a long password")

    answer = client.post(
        f"/admin/login/?next={next_page}", {"username": "root", "password": "a long password", "next": next_page}
    )

    assert answer.status_code == 302
    assert "evil" not in answer["Location"]


def save(client: Client, address: str, **fields: object) -> SavedView:
    response = client.post("/views/save/", {"address": address, "name": "Mine", **fields})
    assert response.status_code == 302
    return SavedView.objects.get(address=address)


def cut(version: ModelVersion, component: str, usd: str) -> None:
    """A price that holds from today on."""
    old = Price.objects.get(offering__version=version, component=component, effective_to=None)
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    Price.objects.filter(pk=old.pk).update(effective_to=midnight)
    Price.objects.create(
        offering=old.offering, component=component, usd_per_mtok=usd, effective_from=midnight, source=old.source,
        confidence="high",
    )  # fmt: skip
    bump()


def test_a_price_cut_is_told_once_with_before_after_and_source(reader: Client, three_models: Models) -> None:
    channel = Channel.objects.create(name="hook", kind="webhook", address="https://example.org/")
    save(reader, "/models/deepseek-v3/", channels=[channel.pk])
    assert check_views() == 0, "what was saved is the start"
    cut(three_models["deepseek"], "output", "0.55")
    assert [check_views(), check_views()] == [1, 0]
    delivery = Delivery.objects.get()
    assert (delivery.title, delivery.url) == ("Mine: 1 change", "/models/deepseek-v3/")
    assert delivery.text == (
        "DeepSeek-V3 by DeepSeek, output: $1.10 per 1M tokens before, $0.55 per 1M tokens now. "
        "Source: https://api-docs.deepseek.com/news/price"
    )


def test_a_change_elsewhere_tells_nobody(reader: Client, three_models: Models) -> None:
    save(reader, "/models/deepseek-v3/")
    cut(three_models["sonnet"], "output", "5")
    assert check_views() == 0
    assert ViewChange.objects.count() == 0


def test_who_joins_or_leaves_the_frontier_is_told(reader: Client, three_models: Models) -> None:
    view = save(reader, "/?mix=1:0:1")
    assert list(view.answer) == ["DeepSeek-V3 on the frontier"]
    cut(three_models["llama"], "input", "0.01")
    cut(three_models["llama"], "output", "0.01")
    task()
    assert (
        ViewChange.objects.get()
        .text.splitlines()[0]
        .startswith("Llama 3.1 405B on the frontier: new, $0.01 per 1M tokens. Source: https://example.org/report")
    )


def test_a_score_that_drifted_changes_the_views_of_its_model(reader: Client, three_models: Models) -> None:
    save(reader, "/compare/deepseek-v3/claude-3-5-sonnet/")
    save(reader, "/prices/?model=llama-3-1-405b")
    endpoint = Endpoint.objects.create(
        slug="e", name="Far", base_url="https://a.example/v1", model_id="m", version=three_models["deepseek"]
    )
    rule = AlertRule.objects.create(name="Drift", kind="score")
    Alert.objects.create(
        rule=rule, subject="1:1", endpoint=endpoint, title="Sevens on Far: pass rate fell", detail="",
        url="/evals/runs/1/",
        opened_at=datetime(2026, 11, 24, tzinfo=UTC),
    )  # fmt: skip
    assert check_views() == 1
    change = ViewChange.objects.get()
    assert change.view.address.startswith("/compare/")
    assert change.text == "Measured score of Far: new, Sevens on Far: pass rate fell. Source: /evals/runs/1/"


def test_view_of_training_holds_the_costs_under_its_assumptions(two_runs: list[TrainingRun]) -> None:
    usual, dearer = answer_of("/training/"), answer_of("/training/?usd_per_gpu_hour=3&peak_tflop=300")

    assert usual["DeepSeek-V3, Rent"]["value"] == "$5,576,000"
    assert usual["Llama 3.1 405B, could it be true"]["value"] == "plausible"
    assert differences(usual, dearer)[:2] == [
        "Llama 3.1 405B, could it be true: plausible before, impossible now. Source: https://example.org/report",
        "Llama 3.1 405B, Rent: $61,680,000 before, $92,520,000 now.",
    ]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("/training/?usd_per_gpu_hour=cheap", "usd_per_gpu_hour is 'cheap'"),
        ("https://evil.example/", "is not a page of this site"),
        ("//evil.example/", "is not a page of this site"),
        ("//[", "is not a page of this site"),
        ("models", "is not a page of this site"),
        ("/" + "x" * 600, "is not a page of this site"),
        ("/sources/", "The page /sources/ cannot be followed. The frontier, models"),
        ("/models/", "cannot be followed"),
        ("/models/nobody/", "No model of the catalog is named there"),
        ("/?mix=nonsense", "mix"),
        ("/?capability=benchmark:nobody", "nobody"),
        ("/prices/", "No model of the catalog is named there"),
    ],
)
def test_what_cannot_be_followed_is_said_and_not_saved(
    reader: Client, three_models: Models, address: str, sentence: str
) -> None:
    with pytest.raises(CannotBeSaved, match=re.escape(sentence)):
        answer_of(address)
    response = reader.post("/views/save/", {"address": address, "name": "x"})
    assert response.status_code == 400
    assert SavedView.objects.count() == 0


def test_channels_that_are_no_keys_are_left_out(reader: Client, three_models: Models) -> None:
    for wrong in ("9" * 30, "9" * 5000, "x"):
        asked = {"address": "/?access=open", "name": "x", "channels": [wrong]}
        assert reader.post("/views/save/", asked).status_code == 302
    assert SavedView.objects.get().channels.count() == 0


def test_views_are_private_and_their_feed_needs_its_key(reader: Client, three_models: Models) -> None:
    view = save(reader, "/models/deepseek-v3/")
    ViewChange.objects.create(view=view, at=timezone.now() - timedelta(hours=1), title="Mine: 1 change", text="A\nB")
    assert "deepseek-v3" in reader.get("/views/").content.decode()
    other = Client()
    other.force_login(User.objects.create_user("bob"))
    assert "deepseek-v3" not in other.get("/views/").content.decode()
    assert other.post(f"/views/{view.pk}/remove/").status_code == 404
    feed = Client().get(f"/views/{view.feed_key}.atom")
    assert "Mine: 1 change" in feed.content.decode()
    assert Client().get("/views/guess.atom").status_code == 404
    assert Client().get("/views/")["Location"].startswith("/admin/login/")
    assert Client().post("/views/save/")["Location"].startswith("/admin/login/")
    reader.post(f"/views/{view.pk}/remove/")
    assert SavedView.objects.count() == 0


def test_saving_again_renames_and_keeps_what_was_known(reader: Client, three_models: Models) -> None:
    first = save(reader, "/models/deepseek-v3/")
    reader.post("/views/save/", {"address": first.address, "name": "Better"})
    view = SavedView.objects.get()
    assert (view.pk, view.name, view.answer) == (first.pk, "Better", first.answer)


@pytest.mark.parametrize("address", ["/", "/prices/?model=deepseek-v3", "/compare/deepseek-v3/claude-3-5-sonnet/"])
def test_pages_offer_to_be_saved_with_their_filters(client: Client, three_models: Models, address: str) -> None:
    html = client.get(address).content.decode()
    link = re.search(r'href="(/views/\?address=[^"]*)"', html)
    assert link is not None
    client.force_login(User.objects.create_user("ada"))
    assert f'name="address" value="{address}"' in client.get(link[1]).content.decode()


def test_differences_are_in_words() -> None:
    before = {"a": {"value": "1", "source": "s"}, "b": {"value": "2", "source": ""}, "c": {"value": "3", "source": ""}}
    after = {
        "a": {"value": "1", "source": "other"},
        "b": {"value": "5", "source": "t"},
        "d": {"value": "4", "source": ""},
    }
    assert differences(before, after) == ["b: 2 before, 5 now. Source: t", "d: new, 4.", "c: gone, was 3."]


def test_renaming_without_a_word_on_channels_leaves_them(reader: Client, three_models: Models) -> None:
    channel = Channel.objects.create(name="hook", kind="webhook", address="https://example.org/")
    view = save(reader, "/models/deepseek-v3/", channels=[channel.pk])

    renamed, is_new = save_view(user=view.user, address=view.address, name="Ours")

    assert (is_new, renamed.name, list(renamed.channels.all())) == (False, "Ours", [channel])
