"""The suites that come with the project: the same every time, solvable, and unchangeable once run."""

import importlib
import re
from collections import Counter
from io import StringIO
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from evals.errors import SuiteChanged
from evals.models import Endpoint, Run, Sample, Suite
from evals.scorers import get_scorer
from evals.services import install_suite, install_suites
from evals.suites import BUILDERS, BuiltSuite, content_hash
from evals.suites.dice import Dice
from evals.suites.number_words import in_words
from tests.evals.suite_solvers import SOLVERS, parse_words

# The same on Python 3.11, 3.12 and 3.13.
HASHES = {
    "everyday-v1": "396b29b44455ed51d7d06004f03a3cb27d21f280a66512464d55b7f3a97fc66f",
    "arithmetic-v1": "cc22865b487eaffbcac9e7bb116f6a1d4baaffc0dec12d46361b755bb6bd82c7",
    "word-problems-v1": "9e5c31799d1197815e8da3569fb02d4dc8e35db53dc151710c3e6fcd55ea2a0a",
    "logic-v1": "6e6d5b3707e733c6ee25f58894e51fb3b714cf10d159ea67175091a02b12dd1f",
    "instructions-v1": "30a214c3576ced45b7c691ef27ff28edc28a32dbc68d12cdee2184f3db01d8f9",
    "json-extraction-v1": "57f6b3fa454c3a1e98c07e458333df0070522553501cad5fdb3202e528273042",
    "reading-v1": "17dce01665ecca2d66e58c7e49d76995bb2ea1450b7fd1d740573927d523d5ea",
    "python-functions-v1": "1c7b481637bda0c9075ae26861de3bf89fc5ed8d16d508e568f79e2a7b40c6b7",
    "multilingual-v1": "b10c97793a5559b93e4c1dca4124ad7397eb7f2ec423c443701b976067b4e5ee",
}


@pytest.fixture(params=sorted(BUILDERS))
def built(request: pytest.FixtureRequest) -> BuiltSuite:
    return BUILDERS[request.param]()


def test_content_is_what_it_was(built: BuiltSuite) -> None:
    """A change here would mix results of two contents under one name: make a new version instead."""
    assert content_hash(built.items) == HASHES[built.slug]


def test_a_suite_names_its_version_and_has_50_to_200_different_items(built: BuiltSuite) -> None:
    assert built.slug.rpartition("-v")[2].isdigit()
    assert 50 <= len(built.items) <= 200
    assert len({item.key for item in built.items}) == len(built.items)
    assert len({item.prompt for item in built.items}) == len(built.items)


def test_every_item_can_be_judged_and_nonsense_fails(built: BuiltSuite) -> None:
    for item in built.items:
        judgement = get_scorer(item.scorer, item.scorer_options)("?!", item.target)
        assert judgement.outcome == "incorrect", (item.key, judgement)


@pytest.mark.django_db
def test_installing_twice_changes_nothing() -> None:
    install_suites()
    before = list(Suite.objects.values()), list(Sample.objects.values())
    install_suites()
    assert (list(Suite.objects.values()), list(Sample.objects.values())) == before
    assert set(Suite.objects.values_list("slug", flat=True)) == set(BUILDERS)


@pytest.mark.django_db
def test_installing_leaves_a_suite_alone_that_was_run_with_other_content() -> None:
    suite = install_suite(changed(BUILDERS["logic-v1"]()))
    endpoint = Endpoint.objects.create(slug="e", name="e", base_url="http://127.0.0.1:1/v1", model_id="m")
    Run.objects.create(suite=suite, endpoint=endpoint, max_output_tokens=1, budget_usd=1, prices={"kind": "unknown"})
    assert len(install_suites()) == len(BUILDERS)
    assert suite.samples.count() == 79


def changed(built: BuiltSuite) -> BuiltSuite:
    return BuiltSuite(
        slug=built.slug,
        name=built.name,
        description=built.description,
        max_output_tokens=built.max_output_tokens,
        items=built.items[1:],
    )


@pytest.mark.django_db
def test_a_suite_that_was_never_run_may_change() -> None:
    built = BUILDERS["everyday-v1"]()
    install_suite(built)
    suite = install_suite(changed(built))
    assert suite.samples.count() == len(built.items) - 1


@pytest.mark.django_db
def test_a_suite_that_has_been_run_may_not_change() -> None:
    built = BUILDERS["everyday-v1"]()
    suite = install_suite(built)
    endpoint = Endpoint.objects.create(slug="e", name="e", base_url="http://127.0.0.1:1/v1", model_id="m")
    Run.objects.create(suite=suite, endpoint=endpoint, max_output_tokens=1, budget_usd=1, prices={"kind": "unknown"})
    with pytest.raises(SuiteChanged, match="'everyday-v1' has been run and its content differs now"):
        install_suite(changed(built))
    assert suite.samples.count() == len(built.items)


@pytest.mark.parametrize("slug", sorted(SOLVERS))
def test_every_item_is_solved_by_a_second_solver_that_reads_only_the_prompt(slug: str) -> None:
    for item in BUILDERS[slug]().items:
        reply = SOLVERS[slug](item.prompt)
        judgement = get_scorer(item.scorer, item.scorer_options)(reply, item.target)
        assert judgement.outcome == "correct", (item.key, item.prompt[-400:], item.target, reply)


def test_every_suite_but_everyday_has_five_levels_of_one_size() -> None:
    for slug in SOLVERS:
        levels = Counter(item.category.rpartition("/")[2] for item in BUILDERS[slug]().items)
        assert sorted(levels) == ["1", "2", "3", "4", "5"]
        assert len(set(levels.values())) == 1
    assert set(SOLVERS) == set(BUILDERS) - {"everyday-v1"}


CONSTANT = (
    "0", "1", "2", "3", "5", "7", "10", "12", "42", "100", "yes", "no", "unknown", "A", "True", "None", "[]", "''",
    "{}", "Monday", "Sunday", "red", "blue", "Emil", "Answer: 4", "I do not know.", "Hello, how can I help you?",
    "- one\n- two\n- three", "One. Two. Three.", "the sea is wide and the sky is blue",
)  # fmt: skip


def test_a_model_that_always_says_the_same_scores_next_to_nothing(built: BuiltSuite) -> None:
    """Hardly anything here is multiple choice, so chance is near zero."""
    scored = {
        reply: sum(get_scorer(i.scorer, i.scorer_options)(reply, i.target).outcome == "correct" for i in built.items)
        for reply in CONSTANT
    }
    assert max(scored.values()) <= 0.08 * len(built.items), scored


def test_a_model_that_parrots_the_prompt_scores_next_to_nothing(built: BuiltSuite) -> None:
    right = [
        item.key
        for item in built.items
        if get_scorer(item.scorer, item.scorer_options)(item.prompt, item.target).outcome == "correct"
    ]
    # everyday-v1 has items that ask for a word to be copied.
    assert len(right) <= (0.12 if built.slug == "everyday-v1" else 0.05) * len(built.items), right


def test_another_seed_gives_other_items(built: BuiltSuite) -> None:
    if built.slug == "everyday-v1":
        return
    module = importlib.import_module(f"evals.suites.{built.slug.removesuffix('-v1').replace('-', '_')}")
    other = module.build(seed=2)
    assert len(other.items) == len(built.items)
    assert len({item.prompt for item in other.items} & {item.prompt for item in built.items}) < len(built.items) / 2


def test_long_texts_have_the_lengths_that_are_said() -> None:
    lengths = Counter(
        item.category.partition("/")[0].partition(", ")[2]
        for item in BUILDERS["reading-v1"]().items
        if "," in item.category
    )
    assert sorted(lengths) == ["1000 tokens", "16000 tokens", "2000 tokens", "4000 tokens", "8000 tokens"]
    for item in BUILDERS["reading-v1"]().items:
        if ", " in item.category:
            tokens = int(item.category.partition(", ")[2].partition(" ")[0])
            assert 0.8 * tokens < len(re.findall(r"\w+|[^\w\s]", item.prompt)) < 1.2 * tokens


def test_dice_are_the_same_for_ever() -> None:
    dice = Dice("a", 1)
    assert [dice.below(1_000) for _ in range(5)] == [349, 861, 215, 884, 522]
    assert dice.shuffled("abcdef") == ["a", "f", "e", "d", "c", "b"]


def test_dice_are_fair() -> None:
    dice = Dice("fair")
    counts = Counter(dice.below(6) for _ in range(6_000))
    assert sorted(counts) == [0, 1, 2, 3, 4, 5]
    assert all(880 < count < 1_120 for count in counts.values())


@pytest.mark.parametrize("language", ["de", "fr", "es", "it", "pt", "nl"])
def test_numbers_in_words_read_back_as_themselves(language: str) -> None:
    for n in range(1_000):
        assert parse_words(language, in_words(language, n)[0]) == n, n


@pytest.mark.parametrize(
    ("language", "n", "written"),
    [
        ("de", 999, ["neunhundertneunundneunzig"]),
        ("de", 101, ["einhunderteins", "hunderteins"]),
        ("de", 76, ["sechsundsiebzig"]),
        ("fr", 71, ["soixante et onze", "soixante-et-onze"]),
        ("fr", 80, ["quatre-vingts"]),
        ("fr", 99, ["quatre-vingt-dix-neuf"]),
        ("fr", 281, ["deux cent quatre-vingt-un", "deux-cent-quatre-vingt-un"]),
        ("fr", 200, ["deux cents", "deux-cents"]),
        ("es", 100, ["cien"]),
        ("es", 555, ["quinientos cincuenta y cinco"]),
        ("es", 123, ["ciento veintitrés"]),
        ("it", 28, ["ventotto"]),
        ("it", 33, ["trentatré"]),
        ("it", 188, ["centoottantotto", "centottantotto"]),
        ("pt", 116, ["cento e dezesseis", "cento e dezasseis"]),
        ("pt", 100, ["cem"]),
        ("nl", 22, ["tweeëntwintig"]),
        ("nl", 101, ["honderdeen", "honderdeneen"]),
        ("nl", 385, ["driehonderdvijfentachtig"]),
    ],
)
def test_numbers_in_words_are_spelled_as_people_spell_them(language: str, n: int, written: list[str]) -> None:
    assert in_words(language, n) == written


@pytest.mark.django_db
def test_make_suite_writes_what_is_asked_for_and_names_near_ones() -> None:
    out = StringIO()
    call_command("make_suite", "logic-v1", stdout=out)
    assert out.getvalue() == "logic-v1: 80 samples.\n"
    assert list(Suite.objects.values_list("slug", flat=True)) == ["logic-v1"]
    with pytest.raises(CommandError, match=r"There is no built-in suite 'logik-v1'\. Did you mean logic-v1"):
        call_command("make_suite", "logik-v1")


def test_documentation_tells_every_suite_with_its_size() -> None:
    rows = (Path(settings.BASE_DIR) / "docs" / "suites.md").read_text(encoding="utf-8").splitlines()
    told = {row.split("`")[1]: int(row.split("|")[2]) for row in rows if row.startswith("| `") and "-v1`" in row}
    assert told == {slug: len(build().items) for slug, build in BUILDERS.items()}
