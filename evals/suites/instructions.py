"""``instructions-v1``: write a little, and keep to what was asked; a program checks it.

The level is the number of conditions, from one to five. Each item demands words of its own, so that no reply fits many.
"""

from typing import Any

from evals.suites.base import BuiltSuite, Item, draw
from evals.suites.dice import Dice
from evals.suites.words import WORDS

SLUG = "instructions-v1"
SEED = 1
PER_LEVEL = 16
TOPICS = (
    "autumn", "bicycles", "bread", "bridges", "chess", "coffee", "gardens", "islands", "libraries", "markets", "music",
    "rain", "rivers", "sailing", "trains", "winter",
)  # fmt: skip
AVOIDED = ("very", "and", "is", "of", "with", "in", "there")


def build(*, seed: int = SEED) -> BuiltSuite:
    """The suite: 80 items, the same every time for one seed."""
    return BuiltSuite(
        slug=SLUG,
        name="Instructions, version 1",
        description=(
            "80 short texts to write under one to five conditions at once: words to use and to avoid, how many words, "
            "sentences or lines, letters, beginning and end. Checked by program. Generated with a fixed seed."
        ),
        max_output_tokens=300,
        items=draw(slug=SLUG, seed=seed, levels=range(1, 6), per_level=PER_LEVEL, make=_item),
    )


def _item(level: int, n: int, dice: Dice) -> Item:
    topic = dice.pick(TOPICS)
    words = dice.some(WORDS, 4)
    conditions: list[tuple[str, dict[str, Any]]] = [_contents(dice, words, level)]
    shape, shape_target = _shape(dice, n)
    extras = dice.shuffled([*_extras(dice, words, shape_target)])
    if level >= 2:
        conditions.append((shape, shape_target))
    conditions += extras[: max(0, level - 2)]
    target: dict[str, Any] = {}
    for _, part in conditions:
        target |= part
    if level == 1:
        target["max_words"] = 15  # else a model that repeats the prompt would be right
    kind = "text of at most 15 words" if level == 1 else "short text"
    asked = " ".join(text for text, _ in conditions)
    return Item(
        key=f"level{level}-{n:02}",
        category=f"conditions/{level}",
        prompt=f"Write a {kind} about {topic}. {asked} Answer with the text alone.",
        target=target,
        scorer="constraints",
    )


def _contents(dice: Dice, words: list[str], level: int) -> tuple[str, dict[str, Any]]:
    first, second, third = words[:3]
    if level == 1:
        return f"Use the word {first}.", {"contains": [first]}
    if level == 2:
        return f"Use the words {first} and {second}.", {"contains": [first, second]}
    if level == 3 or dice.below(2):
        return f"Use the words {first}, {second} and {third} in this order.", {"in_order": [first, second, third]}
    return f"Use the word {first} exactly {3} times.", {"count_of": {first: 3}}


def _shape(dice: Dice, n: int) -> tuple[str, dict[str, Any]]:
    words, sentences, lines = dice.between(12, 24), dice.between(2, 4), dice.between(3, 5)
    return (
        (f"Write exactly {words} words.", {"words": words}),
        (f"Write exactly {sentences} sentences.", {"sentences": sentences}),
        (f"Write exactly {lines} lines, each beginning with a hyphen.", {"lines": lines, "each_line_starts_with": "-"}),
        (f"Write at most {words} words, and at least {words - 4}.", {"max_words": words, "min_words": words - 4}),
    )[n % 4]


def _extras(dice: Dice, words: list[str], shape: dict[str, Any]) -> list[tuple[str, dict[str, Any]]]:
    last = words[3]
    avoided = dice.pick(AVOIDED)
    letter = dice.pick([letter for letter in "jqxz" if not any(letter in word for word in words)])
    case: tuple[str, dict[str, Any]] = (
        ("Use small letters only.", {"lowercase": True})
        if dice.below(2)
        else ("Use capital letters only.", {"uppercase": True})
    )
    extras: list[tuple[str, dict[str, Any]]] = [
        ("Use no commas.", {"no_commas": True}),
        (f"Do not use the word {avoided}.", {"contains_none": [avoided]}),
        (f"Do not use the letter {letter}.", {"max_letters": {letter: 0}}),
    ]
    if dice.below(2) or "lines" in shape:
        extras.append(case)
    else:
        extras.append((f"End with the word {last} and a full stop.", {"ends_with": f"{last}."}))
    return extras
