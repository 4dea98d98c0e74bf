"""Names that no alias explains: proposed once, decided by a person, written at once, and taken back without loss."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import orjson
import pytest
from django.contrib.auth.models import Permission, User
from django.core import serializers
from django.test import Client
from django.urls import reverse

from catalog.matching import Matcher, normalise, vetoes
from catalog.models import Alias, Claim, Model, ModelVersion, Offering, Price, Score
from ingest import naming
from ingest.models import FeedRun, Proposal, RawRecord
from ingest.services import read_feed
from tests.factories import at, make_organization, make_source, make_version
from tests.ingest.support import flat, read, table

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]


def waiting(raw_name: str = "gpt-9-2030-01-01") -> Proposal:
    """A name with two prices, in the queue."""
    read(table(**{raw_name: flat(1.5, 6)}), "2026-01-01")
    naming.propose_names("genai-prices")
    return Proposal.objects.get(raw_name=raw_name)


def everything() -> str:
    """All rows that a decision may touch, byte for byte."""
    tables = (Model, ModelVersion, Alias, Offering, Price, Score, Claim, RawRecord)
    return "".join(serializers.serialize("json", table.objects.order_by("pk")) for table in tables)


@pytest.fixture
def editor(client: Client) -> Client:
    user = User.objects.create_user("ada", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename__in=["view_proposal", "change_proposal"]))
    client.force_login(user)
    return client


@pytest.mark.parametrize(
    ("raw_name", "spelling"),
    [
        ("accounts/fireworks/models/deepseek-v3p1", "deepseek-v3-1"),
        ("us.anthropic.claude-opus-4-1-20250805-v1:0", "claude-opus-4-1-20250805"),
        ("moonshotai/Kimi_K2.5:free", "kimi-k2-5"),
        ("gpt-4o (2024-08-06)", "gpt-4o-2024-08-06"),
    ],
)
def test_normalise_keeps_everything_that_tells_models_apart(raw_name: str, spelling: str) -> None:
    assert normalise(raw_name) == spelling


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        ("gpt-5", "gpt-5-mini", ["mini"]),
        ("gpt-5", "GPT-5.1", ["1"]),
        ("llama-3.1-8b-instruct", "Llama 3.1 8B", []),
        ("kimi-k2", "kimi-k2-thinking", ["thinking"]),
        ("deepseek-r1", "deepseek-r1-0528", ["0528"]),
    ],
)
def test_vetoes_name_the_words_that_make_another_model(one: str, other: str, words: list[str]) -> None:
    assert vetoes(one, other) == words


def test_matcher_never_crosses_families() -> None:
    make_version("GPT-5", developer="OpenAI")

    assert Matcher().best("claude-5") is None


def test_matcher_says_what_differs() -> None:
    version = make_version("GPT-5", developer="OpenAI")

    match = Matcher().best("gpt-5-mini")

    assert match is not None
    assert (match.version_id, match.score, match.method) == (version.pk, 0.567, "shared words")
    assert match.reasons == (
        "nearest known spelling: gpt-5",
        "only in the feed's name: mini",
        "such words usually mean another model: mini",
    )


def test_propose_names_files_each_name_once() -> None:
    make_version("GPT-9", developer="OpenAI")
    proposal = waiting()

    again = naming.propose_names("genai-prices")

    assert (again.proposed, again.accepted, again.settled) == (0, 0, 0)
    assert Proposal.objects.count() == 1
    assert (proposal.state, proposal.prices, proposal.worth) == ("waiting", 2, 2)
    assert proposal.version is not None
    assert proposal.evidence[0] == "the feed asks input $1.5 and output $6 per million tokens"
    assert Price.objects.count() == Alias.objects.count() == 0


@pytest.mark.parametrize("names", [1, 3])
def test_propose_names_asks_the_same_number_of_queries_for_one_name_and_three(
    names: int, django_assert_num_queries: Queries
) -> None:
    make_version("GPT-9", developer="OpenAI")
    read(table(**{f"gpt-9-{n}": flat(1, 2) for n in range(names)}), "2026-01-01")

    with django_assert_num_queries(11):
        naming.propose_names("genai-prices")


def test_accepting_a_name_writes_what_waited() -> None:
    version = make_version("GPT-9", developer="OpenAI")
    proposal = naming.decide(waiting(), [naming.Meaning(version=version)], by="ada", reason="dated name")

    alias = Alias.objects.get()
    prices = {price.component: price.usd_per_mtok for price in Price.objects.all()}

    assert prices == {"input": Decimal("1.5"), "output": Decimal(6)}
    assert (alias.version, alias.decided_by, alias.evidence) == (version, "ada", "dated name")
    assert (proposal.state, proposal.decided_by, proposal.reason) == ("accepted", "ada", "dated name")
    assert [(entry["by"], entry["what"], entry["why"]) for entry in proposal.log] == [
        ("ada", version.slug, "dated name")
    ]


def test_accepting_a_name_writes_its_history_and_agrees_to_no_loss() -> None:
    read(table(**{"gpt-9": flat(3, 9), "gpt-8": flat(1, 2)}), "2026-01-01")
    read(table(**{"gpt-9": flat(1.5, 6), "gpt-8": flat(1, 2)}), "2026-02-01")
    read_feed("genai-prices", body=table(**{"gpt-9": flat(1.5, 6)}), observed_at=at("2026-03-01"), partial=True)
    naming.propose_names("genai-prices")

    naming.decide(Proposal.objects.get(raw_name="gpt-9"), [naming.Meaning(version=make_version("GPT-9"))], by="ada")

    inputs = Price.objects.filter(component="input").order_by("observed_from", "pk")
    assert [price.usd_per_mtok for price in inputs] == [Decimal(3), Decimal("1.5")]
    assert RawRecord.objects.get(external_key__contains="gpt-8").absent_since is None


def test_accepting_a_name_twice_is_refused_in_words() -> None:
    version = make_version("GPT-9", developer="OpenAI")
    proposal = waiting()
    naming.decide(proposal, [naming.Meaning(version=version)], by="ada")

    with pytest.raises(naming.BadDecision, match=r"was decided already by ada\. Take that decision back first"):
        naming.decide(proposal, [naming.Meaning(version=version)], by="bob")


def test_undoing_a_decision_restores_every_row() -> None:
    wrong = make_version("GPT-9", developer="OpenAI")
    proposal = waiting()
    before = everything()
    naming.decide(proposal, [naming.Meaning(version=wrong)], by="ada")
    assert everything() != before

    remarks = naming.undo(proposal, by="bob", reason="another model")

    proposal.refresh_from_db()
    assert remarks == []
    assert everything() == before
    assert proposal.state == "waiting"
    assert [entry["what"] for entry in proposal.log] == [wrong.slug, "taken back"]


def test_undoing_takes_back_what_a_later_reading_added() -> None:
    wrong = make_version("GPT-9", developer="OpenAI")
    proposal = waiting()
    naming.decide(proposal, [naming.Meaning(version=wrong)], by="ada")
    read(table(**{proposal.raw_name: flat(2, 6)}), "2026-02-01")

    naming.undo(proposal, by="ada")

    assert Price.objects.count() == Offering.objects.count() == 0
    right = make_version("GPT-9 (January)", developer="OpenAI")
    naming.decide(proposal, [naming.Meaning(version=right)], by="ada")
    assert set(Price.objects.values_list("offering__version", flat=True)) == {right.pk}


def test_undoing_keeps_an_offering_that_something_else_rests_on() -> None:
    version = make_version("GPT-9", developer="OpenAI")
    proposal = waiting()
    naming.decide(proposal, [naming.Meaning(version=version)], by="ada")
    offering = Offering.objects.get()
    other = Price.objects.get(component="input")
    other.pk, other.source = None, make_source("https://example.org/another")
    other.save()

    remarks = naming.undo(proposal, by="ada")

    assert remarks == [f"{offering} stays, since price of another origin rest on it. Correct those by hand."]


def test_a_rejected_name_never_comes_back() -> None:
    proposal = waiting()
    naming.reject(proposal, by="ada", reason="a test entry")

    read(table(**{proposal.raw_name: flat(9, 9)}), "2026-02-01")
    naming.propose_names("genai-prices")

    assert Proposal.objects.get().state == "rejected"
    assert Price.objects.count() == 0


def test_splitting_a_name_gives_each_version_its_period() -> None:
    first, second = make_version("GPT-9", developer="OpenAI"), make_version("GPT-9b", developer="OpenAI")
    meanings = [
        naming.Meaning(version=first, until=at("2025-06-01")),
        naming.Meaning(version=second, since=at("2025-06-01")),
    ]

    naming.decide(waiting(), meanings, by="ada")

    assert Alias.objects.count() == 2
    assert set(Price.objects.values_list("offering__version", flat=True)) == {second.pk}


def test_splitting_into_overlapping_periods_is_refused_and_writes_nothing() -> None:
    first, second = make_version("GPT-9", developer="OpenAI"), make_version("GPT-9b", developer="OpenAI")
    proposal = waiting()

    with pytest.raises(naming.BadDecision, match="already means GPT-9 from the beginning to now"):
        naming.decide(proposal, [naming.Meaning(version=first), naming.Meaning(version=second)], by="ada")

    assert Alias.objects.count() == 0
    proposal.refresh_from_db()
    assert proposal.state == "waiting"


def test_creating_a_version_and_undoing_leaves_nothing() -> None:
    developer = make_organization("OpenAI")
    proposal = waiting()
    before = everything()
    new = naming.NewVersion("gpt-9", "GPT-9", developer, "gpt-9-2030", "GPT-9 (2030)")

    naming.create_version(proposal, new, by="ada")
    created = ModelVersion.objects.get()
    assert (created.slug, created.model.slug, Price.objects.count()) == ("gpt-9-2030", "gpt-9", 2)
    naming.undo(proposal, by="ada")

    assert everything() == before


def test_an_alias_from_elsewhere_settles_the_proposal() -> None:
    proposal = waiting()
    Alias.objects.create(namespace=proposal.namespace, raw_name=proposal.raw_name, target="not_a_model")

    assert naming.propose_names("genai-prices").settled == 1
    assert Proposal.objects.get().state == "settled"


def openrouter(**links: Any) -> None:
    """An OpenRouter list of one model among others without a price, read and proposed."""
    model = {"id": "meta-llama/llama-9-8b-instruct", "name": "Llama 9 8B", **links}
    model |= {"pricing": {"prompt": "0.000001", "completion": "0.000002"}, "created": 1}
    others = [{"id": f"someone/else-{n}", "name": f"Else {n}", "pricing": {}, "created": 1} for n in range(20)]
    run = read_feed("openrouter", body=orjson.dumps({"data": [model, *others]}), observed_at=at("2026-01-01"))
    assert run.state == FeedRun.State.APPLIED, run.message
    naming.propose_names("openrouter")


def test_two_links_that_agree_are_accepted_without_a_person() -> None:
    version = make_version("Llama 9 8B", developer="Meta")
    Alias.objects.create(namespace="hf-hub", raw_name="meta-llama/Llama-9-8B-Instruct", version=version)

    openrouter(hugging_face_id="meta-llama/Llama-9-8B-Instruct", canonical_slug="meta-llama/llama-9-8b")

    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.decided_by, proposal.version) == ("accepted", "two links of the feed", version)
    assert Price.objects.filter(offering__version=version).count() == 2
    naming.undo(proposal, by="ada")
    assert not Alias.objects.filter(namespace="openrouter/openrouter").exists()


def test_two_links_that_disagree_wait_for_a_person() -> None:
    version, other = make_version("Llama 9 8B", developer="Meta"), make_version("Llama 9 9B", developer="Meta")
    Alias.objects.create(namespace="hf-hub", raw_name="meta-llama/Llama-9-8B-Instruct", version=version)

    openrouter(hugging_face_id="meta-llama/Llama-9-8B-Instruct", canonical_slug=f"meta-llama/{other.slug}")

    proposal = Proposal.objects.get()
    assert (proposal.state, proposal.score) == ("waiting", 0.5)
    assert proposal.evidence[-1] == "the feed's links disagree"


def test_queue_shows_evidence_and_takes_every_answer(editor: Client) -> None:
    version = make_version("GPT-9", developer="OpenAI")
    proposal = waiting()
    page = editor.get(reverse("admin:ingest_proposal_review")).content.decode()

    assert "gpt-9-2030-01-01" in page
    assert "nearest known spelling: gpt-9" in page
    assert "waiting: 2 prices" in page
    assert 'data-key="a"' in page
    editor.post(reverse("admin:ingest_proposal_decide", args=[proposal.pk]), {"answer": "accept", "reason": "sure"})
    assert Alias.objects.get().version == version
    editor.post(reverse("admin:ingest_proposal_undo", args=[proposal.pk]))
    for answer in ("not_a_model", "composite", "ambiguous"):
        editor.post(reverse("admin:ingest_proposal_decide", args=[proposal.pk]), {"answer": answer})
        assert Alias.objects.get().target == answer
        editor.post(reverse("admin:ingest_proposal_undo", args=[proposal.pk]))
    editor.post(reverse("admin:ingest_proposal_decide", args=[proposal.pk]), {"answer": "reject"})
    proposal.refresh_from_db()
    assert (proposal.state, proposal.decided_by, Alias.objects.count()) == ("rejected", "ada", 0)


def test_queue_creates_and_splits_by_form(editor: Client) -> None:
    developer = make_organization("OpenAI")
    proposal = waiting()
    url = reverse("admin:ingest_proposal_create", args=[proposal.pk])

    assert 'value="gpt-9-2030-01-01"' in editor.get(url).content.decode()
    names = {"model_name": "GPT-9", "model_slug": "gpt-9", "version_name": "GPT-9", "version_slug": "gpt-9-2030"}
    editor.post(url, {**names, "developer": developer.pk, "open_weights": "false"})
    assert ModelVersion.objects.get().slug == "gpt-9-2030"
    assert Price.objects.count() == 2
    second = waiting("gpt-9")
    periods = {"form-TOTAL_FORMS": "1", "form-INITIAL_FORMS": "0", "form-0-version": "gpt-9-2030"}
    editor.post(reverse("admin:ingest_proposal_split", args=[second.pk]), {**periods, "form-0-since": "2025-01-01"})
    assert Alias.objects.get(raw_name="gpt-9").valid_from == at("2025-01-01")


def test_queue_says_what_is_wrong_with_an_unknown_version(editor: Client) -> None:
    proposal = waiting()
    answer = {"answer": "accept", "version": "no-such"}

    page = editor.post(reverse("admin:ingest_proposal_decide", args=[proposal.pk]), answer, follow=True)

    assert "There is no version" in page.content.decode()
    assert Alias.objects.count() == 0


def test_queue_refuses_who_may_only_look(client: Client) -> None:
    user = User.objects.create_user("eve", is_staff=True)
    user.user_permissions.set(Permission.objects.filter(codename="view_proposal"))
    client.force_login(user)
    proposal = waiting()

    page = client.get(reverse("admin:ingest_proposal_review"))
    answer = client.post(reverse("admin:ingest_proposal_decide", args=[proposal.pk]), {"answer": "reject"})

    assert page.status_code == 200
    assert "data-key" not in page.content.decode()
    assert answer.status_code == 403


@pytest.mark.parametrize("names", [1, 3])
def test_queue_asks_the_same_number_of_queries_for_one_name_and_three(
    names: int, editor: Client, django_assert_num_queries: Queries
) -> None:
    for number in range(names):
        make_version(f"GPT-9-{number}", developer="OpenAI")
    read(table(**{f"gpt-9-{n}": flat(1, 2) for n in range(names)}), "2026-01-01")
    naming.propose_names("genai-prices")

    with django_assert_num_queries(11):
        editor.get(reverse("admin:ingest_proposal_review"))
