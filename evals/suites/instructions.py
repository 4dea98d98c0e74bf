"""``instructions-v1``: instructions that a program can check, one to three at a time."""

import random
from collections.abc import Iterator
from typing import Any

from evals.suites.base import BuiltSuite, Item, items_of

SEED = 20261105
TOPICS = ("autumn", "bicycles", "bread", "bridges", "chess", "coffee", "gardens", "islands", "libraries", "markets")
WORDS = ("amber", "canvas", "harvest", "lantern", "meadow", "orchard", "pebble", "river", "saddle", "thunder", "violet")


def build() -> BuiltSuite:
    """The suite, the same every time."""
    rng = random.Random(SEED)
    return BuiltSuite(
        slug="instructions-v1",
        name="Instructions, version 1",
        description="Length, case, lines, words to use and to avoid, beginnings and ends; each is checked by program.",
        max_output_tokens=256,
        items=items_of(_single(rng), _double(rng), _triple(rng)),
    )


def _item(key: str, prompt: str, target: dict[str, Any]) -> Item:
    return Item(key=key, category=key.partition("-")[0], prompt=prompt, target=target, scorer="constraints")


def _single(rng: random.Random) -> Iterator[Item]:
    for n in range(24):
        topic, word, count = rng.choice(TOPICS), rng.choice(WORDS), rng.randint(3, 9)
        prompt, target = (
            (f"Write one sentence about {topic} that contains the word {word}.", {"contains": [word]}),
            (f"Write about {topic} in exactly {count} words.", {"words": count}),
            (f"Write one sentence about {topic} in capital letters only.", {"uppercase": True}),
            (f"Write one sentence about {topic} without any comma.", {"no_commas": True, "min_words": 3}),
            (f"Write exactly {count - 1} lines about {topic}, without empty lines.", {"lines": count - 1}),
            (f"Write at most {count + 5} words about {topic}.", {"max_words": count + 5}),
        )[n % 6]
        yield _item(f"one-{n}", prompt, target)


def _double(rng: random.Random) -> Iterator[Item]:
    for n in range(24):
        topic, (word, other), count = rng.choice(TOPICS), rng.sample(WORDS, 2), rng.randint(2, 5)
        prompt, target = (
            (
                f"Write one sentence about {topic} in small letters only that contains the word {word}.",
                {"lowercase": True, "contains": [word]},
            ),
            (
                f"List {count} things one finds with {topic}, one per line, each line beginning with an asterisk.",
                {"lines": count, "each_line_starts_with": "*"},
            ),
            (
                (
                    f"Write exactly {count} sentences about {topic}, and end the last one with the word {word} and a full "
                    "stop."
                ),
                {"sentences": count, "ends_with": f"{word}."},
            ),
            (
                f"Write one sentence with the word {word} but without the word {other}, of at most {count + 9} words.",
                {"contains": [word], "contains_none": [other], "max_words": count + 9},
            ),
            (
                f"Use the word {word} exactly {count} times in one short text about {topic}.",
                {"count_of": {word: count}},
            ),
            (
                f"Start with the word Today and write exactly {count + 4} words about {topic}.",
                {"starts_with": "Today", "words": count + 4},
            ),
        )[n % 6]
        yield _item(f"two-{n}", prompt, target)


def _triple(rng: random.Random) -> Iterator[Item]:
    for n in range(20):
        topic, (word, other, third), count = rng.choice(TOPICS), rng.sample(WORDS, 3), rng.randint(2, 4)
        prompt, target = (
            (
                (
                    f"Write exactly {count} lines about {topic}. Each line starts with a hyphen and a space, and the whole "
                    f"text is in small letters and contains the word {word}."
                ),
                {"lines": count, "each_line_starts_with": "- ", "lowercase": True, "contains": [word]},
            ),
            (
                (
                    f"Write one sentence of exactly {count + 8} words that contains {word}, {other} and {third}, in any "
                    "order, without a comma."
                ),
                {"words": count + 8, "contains": [word, other, third], "no_commas": True},
            ),
            (
                (
                    f"Write exactly {count} sentences about {topic} in capital letters, with the word {word} exactly twice "
                    "in all."
                ),
                {"sentences": count, "uppercase": True, "count_of": {word: 2}},
            ),
            (
                (
                    f"Write {count} lines about {topic}: the text starts with the word {word.capitalize()}, ends with the "
                    f"word {other} and no full stop, and does not use the word {third}."
                ),
                {"lines": count, "starts_with": word.capitalize(), "ends_with": other, "contains_none": [third]},
            ),
        )[n % 4]
        yield _item(f"three-{n}", prompt, target)
