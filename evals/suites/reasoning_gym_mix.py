"""``rg-mix``: a suite drawn from the families of the reasoning-gym package, which is optional.

The rows are written when the suite is made; the worker never imports the package. Only families are taken whose answer
is one number or a few words, so that our scorers can judge it exactly.
"""

import re
import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from evals.errors import InvalidSuite
from evals.scorers.numeric import target_number
from evals.suites.base import BuiltSuite, Item

FAMILIES: dict[str, str] = {
    "aiw": "numeric", "base_conversion": "exact", "basic_arithmetic": "numeric", "calendar_arithmetic": "either",
    "chain_sum": "numeric", "color_cube_rotation": "exact", "count_primes": "numeric", "course_schedule": "exact",
    "family_relationships": "exact", "gcd": "numeric", "gsm_symbolic": "numeric",
    "isomorphic_strings": "exact", "lcm": "numeric", "leg_counting": "numeric", "letter_counting": "numeric",
    "needle_haystack": "exact", "number_sequence": "numeric", "products": "numeric", "self_reference": "numeric",
    "simple_equations": "numeric", "spell_backward": "exact", "syllogism": "exact", "zebra_puzzles": "exact",
}  # fmt: skip
INSTALL = (
    "The suite rg-mix needs the optional package reasoning-gym, which is not installed. Install it with "
    "pip install 'reasoning-gym>=0.1.25' and run the command again."
)
Draw = Callable[[str, int, int], Iterable[Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Package:
    """What is used of the package: its version, and how rows of one family are drawn."""

    version: str
    draw: Draw


def load() -> Package:
    """The installed package.

    :raises InvalidSuite: when it is not installed; the sentence says what to type.
    """
    from importlib.metadata import PackageNotFoundError, version

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of the package's own dependencies; nothing we could act on
            import reasoning_gym
        installed = version("reasoning-gym")
    except (ImportError, PackageNotFoundError):
        raise InvalidSuite(INSTALL) from None

    def draw(family: str, seed: int, size: int) -> Iterable[Mapping[str, Any]]:
        dataset: Iterable[Mapping[str, Any]] = reasoning_gym.create_dataset(family, seed=seed, size=size)
        return dataset

    return Package(installed, draw)


def build(*, seed: int, per_family: int, families: Iterable[str] = tuple(FAMILIES), package: Package) -> BuiltSuite:
    """``per_family`` rows of each family. The same for one seed and one version of the package.

    :raises InvalidSuite: for an unknown family or a number that cannot be.
    """
    if not 1 <= per_family <= 200:
        raise InvalidSuite(f"per-family is {per_family}; it lies between 1 and 200.")
    if seed < 0:
        raise InvalidSuite(f"seed is {seed}; it is 0 or more.")
    items: list[Item] = []
    for family in families:
        if family not in FAMILIES:
            raise InvalidSuite(f"The family {family!r} cannot be judged here. Known are {', '.join(sorted(FAMILIES))}.")
        items += _family(family, seed, per_family, package)
    return BuiltSuite(
        slug=f"rg-mix-seed{seed}-{per_family}-{re.sub(r'[^0-9]+', '-', package.version)}-v1",
        name=f"Reasoning Gym mix, seed {seed}, {per_family} of each family",
        description=(
            f"{len(items)} tasks of {len({item.category for item in items})} families, drawn by reasoning-gym "
            f"{package.version} (Apache-2.0) with seed {seed}."
        ),
        max_output_tokens=2_000,
        items=tuple(items),
    )


def _family(family: str, seed: int, per_family: int, package: Package) -> list[Item]:
    """The first rows with an answer that the scorer takes and a question not seen before."""
    by_question: dict[str, Item] = {}
    for row in package.draw(family, seed, per_family * 3):
        question, answer = str(row["question"]).strip(), row["answer"]
        scorer = FAMILIES[family]
        is_number = target_number(answer) is not None
        if scorer == "either":
            scorer = "numeric" if is_number else "exact"
        if not isinstance(answer, str) or not answer.strip() or (scorer == "numeric" and not is_number):
            continue
        if question in by_question or len(by_question) == per_family:
            continue
        by_question[question] = Item(
            key=f"{family}-{len(by_question):03}",
            category=family,
            prompt=f"{question}\n\nEnd with the answer alone on the last line.",
            target=answer.strip(),
            scorer=scorer,
            scorer_options={"last_line": True} if scorer == "exact" else {},
        )
    if len(by_question) < per_family:
        raise InvalidSuite(
            f"The family {family!r} gives only {len(by_question)} different tasks; ask for no more of each."
        )
    return list(by_question.values())
