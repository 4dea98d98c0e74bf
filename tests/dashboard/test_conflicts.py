"""Values that disagree: which, how far, and what editors say about it."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.models import Claim, ConflictNote, ModelVersion, Price, TrainingPhase, TrainingRun
from catalog.selectors.conflicts import Conflict, conflicts
from tests.dashboard.pages_support import HOSTILE, get, text_of
from tests.factories import at, make_benchmark, make_offering, make_price, make_score, make_source, make_version

pytestmark = pytest.mark.django_db


def claim(
    version: ModelVersion, value: str, url: str, *, rank: int = 10, attribute: str = "total_params", **fields: str
) -> Claim:
    source = make_source(url, rank=rank, publisher=url.rpartition("/")[2])
    return Claim.objects.create(
        version=version, attribute=attribute, value=value, source=source, confidence="high", **fields
    )


def found() -> list[Conflict]:
    return conflicts(as_of=timezone.now())


def test_facts_are_measured_against_the_largest() -> None:
    version = make_version("Phi-4")
    claim(version, "14700000000", "https://example.org/a", rank=10)
    claim(version, "14000000000", "https://example.org/b", rank=30)
    (conflict,) = found()
    assert (conflict.kind, conflict.key) == ("claim", "claim:phi-4:total_params")
    assert conflict.size == pytest.approx(0.7 / 14.7)
    assert conflict.shown.number == Decimal(14_700_000_000)
    assert conflict.same_question


def test_facts_with_another_qualifier_answer_another_question() -> None:
    version = make_version("DeepSeek-V3")
    claim(version, "671000000000", "https://example.org/a")
    claim(version, "685000000000", "https://example.org/b", qualifier="with the prediction module")
    (conflict,) = found()
    assert not conflict.same_question


def test_facts_that_agree_are_no_conflict() -> None:
    version = make_version("Phi-4")
    claim(version, "14000000000", "https://example.org/a")
    claim(version, "14000000000.0", "https://example.org/b")
    claim(version, "MIT", "https://example.org/a", attribute="licence")
    claim(version, "mit", "https://example.org/b", attribute="licence")
    assert found() == []


def test_texts_that_differ_have_no_size_and_stand_last() -> None:
    version = make_version("Phi-4")
    claim(version, "MIT", "https://example.org/a", attribute="licence")
    claim(version, "Apache-2.0", "https://example.org/b", attribute="licence")
    claim(version, "1", "https://example.org/a")
    claim(version, "2", "https://example.org/b")
    assert [(conflict.what, conflict.size) for conflict in found()] == [("total parameters", 0.5), ("licence", None)]


def test_sum_of_phases_is_held_against_a_claimed_total() -> None:
    version = make_version("Llama 3.1 405B", developer="Meta")
    source = make_source("https://example.org/card", publisher="Meta")
    run = TrainingRun.objects.create(version=version, scope="final run only", source=source)
    TrainingPhase.objects.create(run=run, name="training", gpu_hours=30.84e6, source=source, confidence="high")
    claim(version, "35094528", "https://example.org/epoch", rank=30, attribute="training_gpu_hours")
    (conflict,) = found()
    assert [statement.number for statement in conflict.statements] == [Decimal("30840000.0"), Decimal(35094528)]
    assert conflict.size == pytest.approx(1 - 30.84e6 / 35094528)


def test_prices_of_two_sources_in_force_disagree() -> None:
    offering = make_offering(make_version("DeepSeek-V3"))
    own, copy = make_source("https://example.org/own", rank=10), make_source("https://example.org/copy", rank=30)
    make_price(offering, "input", "0.27", since="2025-02-08", source=own)
    make_price(offering, "input", "0.14", observed_from=at("2024-12-28"), source=copy)
    make_price(offering, "input", "0.54", observed_from=at("2025-03-01"), source=copy)
    make_price(offering, "output", "1.10", since="2025-02-08", source=own)
    (conflict,) = found()
    assert (conflict.kind, conflict.size) == ("price", 0.5)
    # The copy's newest sight counts; its older one is history.
    assert [(each.number, each.shown) for each in conflict.statements] == [
        (Decimal("0.27"), True),
        (Decimal("0.54"), False),
    ]


def test_scores_differ_by_points_and_effort_is_another_question() -> None:
    version, benchmark = make_version("DeepSeek-V3"), make_benchmark()
    make_score(version, benchmark, 0.591)
    make_score(version, benchmark, 0.565, source=make_source("https://example.org/epoch"))
    other = make_version("Claude Sonnet 4.5", developer="Anthropic")
    make_score(other, benchmark, 0.9, effort="59K")
    make_score(other, benchmark, 0.5, source=make_source("https://example.org/epoch"))
    assert [(each.version.name, round(each.size or 0, 4), each.same_question) for each in found()] == [
        ("Claude Sonnet 4.5", 0.4, False),
        ("DeepSeek-V3", 0.026, True),
    ]


def two_scores(first: str, second: str, *, same_source: bool = False, **fields: str) -> list[tuple[float | None, bool]]:
    """Scores as two sources print them, in percent: the size of the conflict and whether it is one question."""
    version, benchmark = make_version("Phi-4"), make_benchmark()
    other = make_source() if same_source else make_source("https://example.org/epoch")
    make_score(version, benchmark, float(first) / 100, original_value=first)
    make_score(version, benchmark, float(second) / 100, original_value=second, source=other, **fields)
    return [(round(each.size or 0, 6), each.same_question) for each in found()]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        ("56.06", "56.1", []),  # 56.1 is anything from 56.05 to 56.15
        ("56.05", "56.1", []),
        ("56.15", "56.1", []),
        ("56.04", "56.1", [(0.0006, True)]),
        ("56.16", "56.1", [(0.0006, True)]),
        ("56.06", "56.10", [(0.0004, True)]),  # two digits were printed
        ("56.4", "56", []),
        ("56.6", "56", [(0.006, True)]),
    ],
)
def test_scores_within_the_rounding_of_the_coarser_agree(
    first: str, second: str, expected: list[tuple[float, bool]]
) -> None:
    assert two_scores(first, second) == expected


def test_scores_of_one_source_are_two_tests() -> None:
    assert two_scores("96.3", "80.7", same_source=True, configuration="no tools") == []


def test_score_with_an_effort_beside_one_without_is_another_question() -> None:
    assert two_scores("96.3", "80.7", effort="high") == [(0.156, False)]


def test_scores_of_one_effort_disagree_whatever_the_others_are() -> None:
    version, benchmark = make_version("o3", developer="OpenAI"), make_benchmark()
    for value, effort, url in (
        (0.90, "high", "a"),
        (0.85, "high", "b"),
        (0.50, "low", "b"),
        (0.20, "", "c"),
        (0.10, "", "d"),
    ):
        make_score(version, benchmark, value, effort=effort, source=make_source(f"https://example.org/{url}"))

    (conflict,) = found()

    assert (round(conflict.size or 0, 6), conflict.same_question) == (0.05, True)
    assert [(each.text, each.shown) for each in conflict.statements] == [("90.0", True), ("85.0", False)]


@pytest.mark.parametrize(
    ("first", "second", "disagree"),
    [
        ("14000000000", "14400000000", False),  # 14 billion
        ("14000000000", "14700000000", True),
        ("10000000000000", "9800000000000", False),  # of a round number two digits count as stated
        ("10000000000000", "9400000000000", True),
        ("128000", "131072", True),
    ],
)
def test_facts_within_the_rounding_of_the_coarser_agree(first: str, second: str, disagree: bool) -> None:
    version = make_version("Phi-4")
    claim(version, first, "https://example.org/a")
    claim(version, second, "https://example.org/b")
    assert bool(found()) is disagree


def test_facts_of_one_source_are_no_conflict() -> None:
    version = make_version("DeepSeek-V3")
    claim(version, "671000000000", "https://example.org/a")
    claim(version, "685000000000", "https://example.org/a", qualifier="with the prediction module")
    assert found() == []


def test_page_of_the_model_list_and_api_count_the_same_prices(client: Client) -> None:
    """Three sources: one was replaced months before, one disagrees now on one of the two components."""
    offering = make_offering(make_version("DeepSeek-V3"))
    sources = [make_source(f"https://example.org/{n}", rank=10 * n) for n in (1, 2, 3)]
    for source, usd, first, last in (
        (sources[0], "0.27", "2025-06-01", "2026-11-01"),
        (sources[1], "0.14", "2024-12-28", "2025-01-15"),
        (sources[2], "0.30", "2025-07-01", "2026-11-01"),
    ):
        make_price(offering, "input", usd, source=source, observed_from=at(first), last_seen=at(last))
        make_price(offering, "output", "1", source=source, observed_from=at(first), last_seen=at(last))

    (conflict,) = [each for each in found() if each.kind == "price"]

    assert [(each.text, each.shown) for each in conflict.statements] == [("0.27", True), ("0.3", False)]
    assert "1 disputed" in text_of(get(client, "/models/deepseek-v3/"))
    assert "Sources disagree on 1 value." in text_of(get(client, "/conflicts/?kind=price"))
    assert client.get("/api/v1/conflicts?kind=price").json()["count"] == 1
    assert [row["conflicts"] for row in client.get("/api/v1/offerings").json()["items"]] == [1]
    assert [row["other_sources_differ"] for row in client.get("/models/deepseek-v3.json").json()["items"]] == [1]


def test_page_of_the_model_without_a_dispute_has_no_mark(client: Client) -> None:
    offering = make_offering(make_version("DeepSeek-V3"))
    old, new = make_source("https://old.example"), make_source("https://new.example")
    make_price(offering, "input", "2", source=old, observed_from=at("2025-01-01"), last_seen=at("2025-02-01"))
    make_price(offering, "input", "1", source=new, observed_from=at("2025-06-01"), last_seen=at("2025-07-01"))

    assert "disputed" not in get(client, "/models/deepseek-v3/")
    assert "No two sources disagree here." in text_of(get(client, "/conflicts/?kind=price"))


def test_page_of_the_model_counts_the_facts_of_the_list(client: Client) -> None:
    version = make_version("Llama 3.1 405B", developer="Meta")
    source = make_source("https://example.org/card", publisher="Meta")
    run = TrainingRun.objects.create(version=version, scope="final run only", source=source)
    TrainingPhase.objects.create(run=run, name="training", gpu_hours=30.84e6, source=source, confidence="high")
    claim(version, "35094528", "https://example.org/epoch", rank=30, attribute="training_gpu_hours")
    claim(version, "405000000000", "https://example.org/card", attribute="total_params")
    claim(version, "405400000000", "https://example.org/epoch", attribute="total_params")

    assert [each.key for each in found()] == ["claim:llama-3-1-405b:training_gpu_hours"]
    assert "Sources disagree on 1 of them." in text_of(get(client, "/models/llama-3-1-405b/"))


def test_page_counts_and_hides_other_questions(client: Client) -> None:
    version = make_version("DeepSeek-V3")
    claim(version, "30840000", "https://example.org/a")
    claim(version, "35094528", "https://example.org/b")
    claim(version, "671", "https://example.org/a", attribute="context_tokens")
    claim(version, "685", "https://example.org/b", attribute="context_tokens", qualifier="other")
    text = text_of(get(client, "/conflicts/"))
    assert "Sources disagree on 1 value. The widest gap: total parameters of DeepSeek-V3, 12% apart." in text
    assert "30.84M shown a" in text
    assert "1 more differ in their setting or qualifier" in text
    assert "Sources disagree on 2 values." in text_of(get(client, "/conflicts/?question=all"))


def test_page_without_conflicts_says_so(client: Client) -> None:
    assert "No two sources disagree here." in text_of(get(client, "/conflicts/"))
    assert "kind is 'x': choose one of claim, price, score." in text_of(get(client, "/conflicts/?kind=x", status=400))


@pytest.fixture
def disputed() -> str:
    version = make_version("Phi-4")
    claim(version, "1", "https://example.org/a")
    claim(version, "2", "https://example.org/b")
    return "claim:phi-4:total_params"


def editor() -> User:
    user = User.objects.create_user("ada", password="x")
    user.user_permissions.add(Permission.objects.get(codename="add_conflictnote"))
    return user


def test_note_of_an_editor_is_shown_and_earlier_ones_stay(client: Client, disputed: str) -> None:
    client.force_login(editor())
    for text in ("First thought", "The card is right"):
        response = client.post("/conflicts/note/", {"key": disputed, "text": text}, follow=True)
    page = text_of(response.content.decode())
    assert "Note on Phi-4, total parameters, added." in page
    assert "The card is right ada" in page
    assert "First thought" not in page
    assert list(ConflictNote.objects.order_by("pk").values_list("text", "written_by__username")) == [
        ("First thought", "ada"),
        ("The card is right", "ada"),
    ]


def test_note_of_a_visitor_leads_to_the_login(client: Client, disputed: str) -> None:
    response = client.post("/conflicts/note/", {"key": disputed, "text": "x"})
    assert (response.status_code, response["Location"]) == (302, "/admin/login/?next=/conflicts/")
    assert not ConflictNote.objects.exists()


def test_note_without_permission_is_refused(client: Client, disputed: str) -> None:
    client.force_login(User.objects.create_user("eve", password="x"))
    assert client.post("/conflicts/note/", {"key": disputed, "text": "x"}).status_code == 403
    assert "Add note" not in text_of(get(client, "/conflicts/"))
    assert not ConflictNote.objects.exists()


def test_note_needs_the_token_of_a_form(disputed: str) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(editor())
    assert strict.post("/conflicts/note/", {"key": disputed, "text": "x"}).status_code == 403


@pytest.mark.parametrize(("key", "text"), [("claim:none:total_params", "x"), ("nonsense", "x"), (None, "  ")])
def test_note_on_nothing_or_saying_nothing_is_not_kept(
    client: Client, disputed: str, key: str | None, text: str
) -> None:
    client.force_login(editor())
    response = client.post("/conflicts/note/", {"key": key or disputed, "text": text}, follow=True)
    assert not ConflictNote.objects.exists()
    assert "not kept" in response.content.decode() or "is empty" in response.content.decode()


def test_hostile_names_and_notes_are_text(client: Client, disputed: str) -> None:
    ModelVersion.objects.update(name=HOSTILE)
    ConflictNote.objects.create(key=disputed, text=HOSTILE, written_by=editor())
    page = get(client, "/conflicts/")
    assert "<script>alert(1)" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_page_needs_as_many_queries_whatever_disagrees(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    for i in range(count):
        version = make_version(f"Model {i}")
        claim(version, "1", "https://example.org/a")
        claim(version, "2", "https://example.org/b")
        make_price(make_offering(version), "input", "1", since="2025-01-01")
        make_price(
            make_offering(version), "input", "2", since="2025-01-01", source=make_source("https://example.org/c")
        )
        make_score(version, make_benchmark(), 0.5)
        make_score(version, make_benchmark(), 0.6, source=make_source("https://example.org/c"))
    with django_assert_num_queries(9):
        client.get("/conflicts/")


def test_api_lists_every_value_with_its_source(client: Client, disputed: str) -> None:
    answer = client.get("/api/v1/conflicts?kind=claim&model=phi-4").json()
    (item,) = answer["items"]
    assert (answer["count"], item["key"], item["size"], item["note"]) == (1, disputed, 0.5, None)
    assert [(value["number"], value["shown"], value["sources"][0]["url"]) for value in item["values"]] == [
        (1.0, True, "https://example.org/a"),
        (2.0, False, "https://example.org/b"),
    ]
    assert client.get("/api/v1/conflicts?kind=x").status_code == 400


def test_price_that_another_source_saw_months_earlier_is_no_conflict(db: None) -> None:
    offering = make_offering(make_version("Moved"))
    old, new = make_source("https://old.example"), make_source("https://new.example")
    make_price(offering, "input", "2", source=old, observed_from=at("2025-01-01"), last_seen=at("2025-02-01"))
    make_price(offering, "input", "1", source=new, observed_from=at("2025-06-01"), last_seen=at("2025-07-01"))
    assert conflicts(kind="price", as_of=at("2025-08-01")) == []

    Price.objects.filter(source=old).update(last_seen=at("2025-06-15"))

    found = conflicts(kind="price", as_of=at("2025-08-01"))
    assert [sorted(each.text for each in one.statements) for one in found] == [["1", "2"]]
