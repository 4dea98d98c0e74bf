"""``needle-v1``: one fact in a text of 100 to 5,000 words, and questions that need two or three of them."""

import random
from collections.abc import Iterator

from evals.suites.base import BuiltSuite, Item, items_of

SEED = 20261107
NAMES = ("Abel", "Berta", "Cyril", "Delia", "Edda", "Felix", "Gemma", "Hugo", "Inga", "Jakob", "Klara", "Linus")
ROOMS = ("attic", "cellar", "chapel", "gallery", "kitchen", "laundry", "library", "observatory", "pantry", "stable")
THINGS = ("clock", "globe", "harp", "ladder", "lantern", "mask", "saddle", "telescope", "trunk", "vase")
WEATHER = ("It rained all morning.", "The wind turned at noon.", "Fog lay on the fields.", "The sun came out late.")
DOINGS = ("swept the yard", "wrote three letters", "mended a fence", "baked bread", "walked to the mill", "slept badly")


def build() -> BuiltSuite:
    """The suite, the same every time."""
    rng = random.Random(SEED)
    return BuiltSuite(
        slug="needle-v1",
        name="Reading and needles, version 1",
        description="Codes, places and counts hidden in a diary of 100 to 5,000 words; some questions need several.",
        max_output_tokens=256,
        items=items_of(_codes(rng), _places(rng), _counts(rng)),
    )


def _diary(rng: random.Random, words: int, facts: list[str]) -> str:
    """A text of about ``words`` words with the facts at random places, in order."""
    lines: list[str] = []
    count = day = 0
    while count < words:
        day += 1
        line = f"Day {day}. {rng.choice(WEATHER)} {rng.choice(NAMES)} {rng.choice(DOINGS)}, and {rng.choice(NAMES)} "
        line += f"{rng.choice(DOINGS)}."
        lines.append(line)
        count += len(line.split())
    for position, fact in zip(sorted(rng.sample(range(len(lines)), len(facts))), facts, strict=True):
        lines[position] += f" {fact}"
    return "\n".join(lines)


def _length(n: int) -> int:
    return (100, 300, 1000, 2500, 5000)[n % 5]


def _codes(rng: random.Random) -> Iterator[Item]:
    for n in range(20):
        thing, other = rng.sample(THINGS, 2)
        code, decoy = rng.sample(range(10_000, 99_999), 2)
        facts = [f"The number on the {thing} is {code}."] + [f"The number on the {other} is {decoy}."] * (n >= 5)
        rng.shuffle(facts)
        yield Item(
            key=f"code-{n}",
            category=f"{_length(n)} words",
            prompt=f"{_diary(rng, _length(n), facts)}\n\nWhat is the number on the {thing}? Answer with the number only.",
            target=str(code),
            scorer="numeric",
        )


def _places(rng: random.Random) -> Iterator[Item]:
    for n in range(20):
        thing, name = rng.choice(THINGS), rng.choice(NAMES)
        first, second, third = rng.sample(ROOMS, 3)
        facts = [f"{name} put the {thing} into the {first}.", f"{name} carried the {thing} to the {second}."]
        if n >= 10:
            facts.append(f"At night somebody moved the {thing} to the {third}.")
        right = (second, third)[n >= 10]
        wrong = [room for room in (first, second, third) if room != right]
        yield Item(
            key=f"place-{n}",
            category=f"{_length(n)} words",
            prompt=f"{_diary(rng, _length(n), facts)}\n\nWhere is the {thing} at the end? Answer with the room only.",
            target={"contains": [right], "contains_none": wrong, "max_words": 25},
            scorer="constraints",
        )


def _counts(rng: random.Random) -> Iterator[Item]:
    for n in range(20):
        thing, name = rng.choice(THINGS), rng.choice(NAMES)
        paid = [rng.randint(3, 40) for _ in range(2 + n // 10)]
        facts = [f"{name} paid {coins} silver coins for work on the {thing}." for coins in paid]
        question = f"How many silver coins did {name} pay for work on the {thing} in all?"
        yield Item(
            key=f"count-{n}",
            category=f"{_length(n)} words",
            prompt=(
                f"{_diary(rng, _length(n), facts)}\n\n{question} "
                "Think if you like, and end with a line of the form: Answer: <number>"
            ),
            target=str(sum(paid)),
            scorer="numeric",
        )
