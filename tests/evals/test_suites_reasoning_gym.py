"""The mix of reasoning-gym families: with a stand-in for the package, and with the real one where it is there."""

import sys
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from evals.errors import InvalidSuite
from evals.scorers import get_scorer
from evals.suites import content_hash
from evals.suites.reasoning_gym_mix import FAMILIES, Package, build, load


def drawn(family: str, seed: int, size: int) -> Iterator[Mapping[str, Any]]:
    """Every question twice, every third without an answer, as the real families have it now and then."""
    for n in range(size):
        answer = None if n % 3 == 2 else str(seed + n // 2)
        yield {"question": f"{family} {seed + n // 2}?", "answer": answer}


STAND_IN = Package("0.9.1", drawn)


def test_mix_takes_different_questions_with_an_answer_from_each_family() -> None:
    built = build(seed=3, per_family=2, families=["gcd", "syllogism"], package=STAND_IN)

    assert built.slug == "rg-mix-seed3-2-0-9-1-v1"
    assert [(item.key, item.target, item.scorer) for item in built.items] == [
        ("gcd-000", "3", "numeric"),
        ("gcd-001", "4", "numeric"),
        ("syllogism-000", "3", "exact"),
        ("syllogism-001", "4", "exact"),
    ]
    assert built.items[0].prompt == "gcd 3?\n\nEnd with the answer alone on the last line."


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"per_family": 0}, "per-family is 0; it lies between 1 and 200."),
        ({"seed": -1}, "seed is -1; it is 0 or more."),
        ({"families": ["sudoku"]}, "The family 'sudoku' cannot be judged here. Known are aiw,"),
    ],
)
def test_mix_set_up_wrongly_says_what_to_write(options: dict[str, Any], sentence: str) -> None:
    given: dict[str, Any] = {"seed": 1, "per_family": 2, "package": STAND_IN} | options
    with pytest.raises(InvalidSuite) as caught:
        build(**given)
    assert str(caught.value).startswith(sentence)


def test_mix_without_the_package_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "reasoning_gym", None)
    with pytest.raises(CommandError) as caught:
        call_command("make_suite", "rg-mix", seed=7, per_family=10)
    assert str(caught.value) == (
        "The suite rg-mix needs the optional package reasoning-gym, which is not installed. Install it with "
        "pip install 'reasoning-gym>=0.1.25' and run the command again."
    )


def test_seed_of_a_built_in_suite_cannot_be_chosen() -> None:
    with pytest.raises(CommandError, match="The seed of a built-in suite is part of it"):
        call_command("make_suite", "logic-v1", seed=7)


@pytest.mark.skipif(find_spec("reasoning_gym") is None, reason="reasoning-gym, an optional package, is not installed")
def test_mix_of_the_real_package_is_reproducible_and_accepts_its_own_answers() -> None:
    built = build(seed=7, per_family=3, package=load())

    assert len(built.items) == 3 * len(FAMILIES)
    assert content_hash(built.items) == content_hash(build(seed=7, per_family=3, package=load()).items)
    for item in built.items:
        scorer = get_scorer(item.scorer, item.scorer_options)
        assert scorer(f"So it is:\n{item.target}", item.target).outcome == "correct", item
