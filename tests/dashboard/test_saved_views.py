"""Saved views: what changed on a page, said with before, after and source."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone

from catalog.models import ModelVersion, Price, TrainingRun
from dashboard.freshness import bump
from dashboard.models import SavedView, ViewChange
from dashboard.saved_views import LONGEST_ADDRESS, Answer, CannotBeSaved, answer_of, check_views, differences, save_view
from dashboard.tasks import check_views as task
from evals.models import Alert, AlertRule, Channel, Delivery, Endpoint
from tests import factories as make

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
        ("/evals/new/", "To start, stop or judge a run, log in"),
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


@pytest.fixture
def hook() -> Channel:
    """A channel that everybody who can sign in may use."""
    return Channel.objects.create(name="hook", kind="webhook", address="https://example.org/", is_open_to_readers=True)


@pytest.fixture
def board() -> Channel:
    """A channel that is not open to readers, as channels are unless somebody opens them."""
    return Channel.objects.create(name="Board of directors", kind="email", address="board@example.org")


def entries(address: str) -> dict[str, str]:
    """What the page answers: names to values."""
    answer = answer_of(address)
    found = {each["name"]: each["value"] for each in answer.values()}
    assert len(found) == len(answer)
    return found


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


def test_a_price_cut_is_told_once_with_before_after_and_source(
    reader: Client, three_models: Models, hook: Channel
) -> None:
    save(reader, "/models/deepseek-v3/", channels=[hook.pk])
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
    assert [each["name"] for each in view.answer.values()] == ["DeepSeek-V3 on the frontier"]
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

    words = entries("/training/")
    assert words["DeepSeek-V3, Rent"] == "$5,576,000"
    assert words["Llama 3.1 405B, could it be true"] == "plausible"
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


def test_renaming_without_a_word_on_channels_leaves_them(reader: Client, three_models: Models, hook: Channel) -> None:
    view = save(reader, "/models/deepseek-v3/", channels=[hook.pk])

    renamed, is_new = save_view(user=view.user, address=view.address, name="Ours")

    assert (is_new, renamed.name, list(renamed.channels.all())) == (False, "Ours", [hook])


def test_readers_are_offered_the_channels_that_are_open_to_them_and_can_set_no_other(
    reader: Client, three_models: Models, hook: Channel, board: Channel
) -> None:
    page = reader.get("/views/").content.decode()
    assert "hook" in page
    assert "Board of directors" not in page
    assert "need a channel that is open to readers; an administrator opens one in the admin." in page

    view = save(reader, "/models/deepseek-v3/", channels=[board.pk, hook.pk])
    assert list(view.channels.all()) == [hook]

    ada = User.objects.get(username="ada")
    ada.user_permissions.add(Permission.objects.get(codename="change_alert"))
    assert "Board of directors" in reader.get("/views/").content.decode()
    assert set(save(reader, view.address, channels=[board.pk, hook.pk]).channels.all()) == {board, hook}


def test_view_stops_sending_where_its_user_may_not_and_says_why(
    reader: Client, three_models: Models, hook: Channel, board: Channel
) -> None:
    view = save(reader, "/models/deepseek-v3/", channels=[hook.pk])
    off = Channel.objects.create(name="Old", kind="email", address="old@example.org", is_active=False)
    view.channels.add(board, off)  # as it was before channels had to be open

    cut(three_models["deepseek"], "output", "0.55")
    assert check_views() == 1

    assert [delivery.channel for delivery in Delivery.objects.all()] == [hook]
    page = reader.get("/views/").content.decode()
    assert 'Told: hook, <a href="/views/' in page
    assert "Not told: Board of directors. This channel is not open to readers, so no changes are sent there;" in page
    assert "Not told: Old. This channel is switched off." in page

    User.objects.update(is_active=False)
    cut(three_models["deepseek"], "input", "0.20")
    assert check_views() == 1
    assert Delivery.objects.count() == 1


def test_one_more_of_many_alerts_is_told(reader: Client, three_models: Models) -> None:
    save(reader, "/models/deepseek-v3/")
    far = Endpoint.objects.create(
        slug="e", name="Far", base_url="https://a.example/v1", model_id="m", version=three_models["deepseek"]
    )
    rule = AlertRule.objects.create(name="Drift", kind="score")
    for n in range(41):
        if n == 40:
            check_views()
            ViewChange.objects.all().delete()
        Alert.objects.create(
            rule=rule, subject=str(n), endpoint=far, title=f"Suite {n} fell", detail="", url=f"/evals/runs/{n}/",
            opened_at=timezone.now(),
        )  # fmt: skip

    assert [check_views(), check_views()] == [1, 0]
    assert ViewChange.objects.get().text == "Measured score of Far: new, Suite 40 fell. Source: /evals/runs/40/"


def test_message_leads_to_the_whole_address(reader: Client, three_models: Models, hook: Channel) -> None:
    start = "/prices/?model=deepseek-v3&model="
    address = start + "x" * (LONGEST_ADDRESS - len(start))
    save(reader, address, channels=[hook.pk])
    cut(three_models["deepseek"], "output", "0.55")
    check_views()
    assert Delivery.objects.get().url == address


def test_each_offering_of_a_seller_is_followed(reader: Client, three_models: Models) -> None:
    old = Price.objects.get(offering__version=three_models["deepseek"], component="output", effective_to=None)
    save(reader, "/models/deepseek-v3/")
    fast = make.make_offering(three_models["deepseek"], model_id="deepseek-fast")
    fast.speed_class = "fast"
    fast.save()
    make.make_price(fast, "output", "20", since="2025-02-08", source=old.source)
    bump()
    assert check_views() == 1
    assert ViewChange.objects.get().text == (
        "DeepSeek-V3 by DeepSeek (deepseek-fast, fast), output: new, $20.00 per 1M tokens. "
        "Source: https://api-docs.deepseek.com/news/price"
    )
    ViewChange.objects.all().delete()

    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    Price.objects.filter(pk=old.pk).update(effective_to=midnight)
    make.make_price(old.offering, "output", "0.55", since=f"{midnight:%Y-%m-%d}", source=old.source)
    bump()
    assert check_views() == 1
    assert ViewChange.objects.get().text == (
        "DeepSeek-V3 by DeepSeek (deepseek-chat), output: $1.10 per 1M tokens before, $0.55 per 1M tokens now. "
        "Source: https://api-docs.deepseek.com/news/price"
    )


def test_answers_kept_under_their_words_are_not_told_as_new(reader: Client, three_models: Models) -> None:
    view = save(reader, "/models/deepseek-v3/")
    words = {each["name"]: {"value": each["value"], "source": each["source"]} for each in view.answer.values()}
    SavedView.objects.update(answer=words)
    cut(three_models["deepseek"], "output", "0.55")
    check_views()
    assert ViewChange.objects.get().text.startswith(
        "DeepSeek-V3 by DeepSeek, output: $1.10 per 1M tokens before, $0.55"
    )
    assert len(ViewChange.objects.get().text.splitlines()) == 1


def test_view_that_fails_or_goes_away_leaves_the_others_to_be_checked(
    reader: Client, three_models: Models, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    addresses = [f"/models/deepseek-v3/?n={n}" for n in range(4)]
    first, gone, broken, last = (save(reader, address) for address in addresses)
    cut(three_models["deepseek"], "output", "0.55")

    def answer(address: str) -> Answer:
        if address == first.address:
            gone.delete()
        if address == broken.address:
            raise ZeroDivisionError
        return answer_of(address)

    with monkeypatch.context() as patched:
        patched.setattr("dashboard.saved_views.answer_of", answer)
        assert check_views() == 2

    assert [change.view for change in ViewChange.objects.order_by("pk")] == [first, last]
    assert f"Saved view {broken.pk} could not be checked; it is tried again in the next round." in caplog.text
    assert [check_views(), check_views()] == [1, 0]
    assert ViewChange.objects.filter(view=broken).count() == 1
