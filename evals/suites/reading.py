"""``reading-v1``: facts in short texts, and needles in diaries of up to about 16,000 tokens.

Levels: 1 two sentences; 2 a paragraph with facts of the same kind beside the one asked for; 3 a diary of about 1,000
tokens; 4 about 4,000 tokens, or two facts to be put together; 5 about 8,000 and 16,000 tokens, and three facts to be
added up. The diaries are generated when the suite is installed; only this file is kept. Needles stand at depths spread
over the whole text.
"""

from collections.abc import Callable, Sequence

from evals.suites.base import BuiltSuite, Item, draw
from evals.suites.dice import Dice
from evals.suites.words import COLOURS, NAMES, THINGS, TOWNS

SLUG = "reading-v1"
SEED = 1
PER_LEVEL = 12
TOKENS_PER_LINE = 20  # of a diary line, by the tokenizers of 2024 to 2026: 19 to 23
WEATHER = ("It rained all morning.", "The wind turned at noon.", "Fog lay on the fields.", "The sun came out late.")
DOINGS = (
    "swept the yard", "wrote three letters", "mended a fence", "baked bread", "walked to the mill", "slept badly",
    "counted the sheep", "repaired the roof", "sold some wool", "sang in the kitchen", "read by the fire",
)  # fmt: skip
ROOMS = (
    "attic", "cellar", "chapel", "gallery", "kitchen", "laundry", "library", "observatory", "pantry", "stable",
    "workshop", "nursery",
)  # fmt: skip
END = "Answer with"
Made = tuple[str, str, str, str, Sequence[str]]  # kind, prompt, scorer, target, what could be answered


def build(*, seed: int = SEED) -> BuiltSuite:
    """The suite: 60 items, the same every time for one seed."""
    return BuiltSuite(
        slug=SLUG,
        name="Reading and needles, version 1",
        description=(
            "60 questions about texts in five levels, from two sentences to a diary of about 16,000 tokens in which one, "
            "two or three facts must be found. About 190,000 input tokens in all. Generated with a fixed seed."
        ),
        max_output_tokens=300,
        items=draw(slug=SLUG, seed=seed, levels=LEVELS, per_level=PER_LEVEL, make=_item),
    )


def _item(level: int, n: int, dice: Dice) -> Item:
    makers = LEVELS[level]
    kind, prompt, scorer, target, among = makers[n % len(makers)](dice, n)
    return Item(
        key=f"level{level}-{n:02}",
        category=f"{kind}/{level}",
        prompt=prompt,
        target=target,
        scorer=scorer,
        scorer_options={"among": list(among)} if among else {},
    )


def _owner(dice: Dice, _: int) -> Made:
    a, b = dice.some(NAMES, 2)
    first, second = dice.some(THINGS, 2)
    asked, right = (first, a) if dice.below(2) else (second, b)
    text = f"The {first} belong to {a}. The {second} belong to {b}."
    return "facts", f"{text}\n\nTo whom do the {asked} belong? {END} the name only.", "exact", right, (a, b)


def _count(dice: Dice, _: int) -> Made:
    name, thing, count, price = dice.pick(NAMES), dice.pick(THINGS), dice.between(12, 99), dice.between(2, 9)
    text = f"{name} packed {count} {thing}, worth ${price} each."
    return "facts", f"{text}\n\nHow many {thing} did {name} pack? {END} the number only.", "numeric", str(count), ()


def _notice(dice: Dice, _: int) -> Made:
    names, towns, things = dice.some(NAMES, 5), dice.some(TOWNS, 5), dice.some(THINGS, 5)
    numbers, colours = [dice.between(1_000, 9_999) for _ in names], [dice.pick(COLOURS) for _ in names]
    told = [
        f"Parcel {number} holds {colour} {thing} and goes to {name} in {town}."
        for number, colour, thing, name, town in zip(numbers, colours, things, names, towns, strict=True)
    ]
    n = dice.below(5)
    question, right, scorer, among = dice.pick(
        (
            (f"To which town does parcel {numbers[n]} go? {END} the town only.", towns[n], "exact", towns),
            (
                f"What is the number of the parcel for {names[n]}? {END} the number only.",
                str(numbers[n]),
                "numeric",
                (),
            ),
            (f"Who gets the {things[n]}? {END} the name only.", names[n], "exact", names),
        )
    )
    return "details", f"{' '.join(told)}\n\n{question}", scorer, right, among


def diary(dice: Dice, tokens: int, facts: list[str], depth: float) -> str:
    """A diary of about ``tokens`` tokens. The first fact stands at ``depth`` (0 to 1), the others at random after it."""
    lines = [
        f"Day {day + 1}. {dice.pick(WEATHER)} {dice.pick(NAMES)} {dice.pick(DOINGS)}, and {dice.pick(NAMES)} "
        f"{dice.pick(DOINGS)}."
        for day in range(tokens // TOKENS_PER_LINE)
    ]
    place = min(int(depth * len(lines)), len(lines) - len(facts))
    for n, fact in enumerate(facts):
        lines[place] += f" {fact}"
        last_place = len(lines) - (len(facts) - n - 1)
        place = dice.between(place + 1, last_place - 1) if place + 1 < last_place else place
    return "\n".join(lines)


def _code(tokens: int) -> Callable[[Dice, int], Made]:
    def make(dice: Dice, n: int) -> Made:
        room, other = dice.some(ROOMS, 2)
        code, decoy = dice.between(100_000, 999_999), dice.between(100_000, 999_999)
        facts = [
            f"The number on the door of the {room} is {code}.",
            f"The number on the door of the {other} is {decoy}.",
        ]
        text = diary(dice, tokens, facts if n % 2 else facts[::-1], (n % 6) / 6)
        return (
            f"needle, {tokens} tokens",
            f"{text}\n\nWhat is the number on the door of the {room}? {END} the number only.",
            "numeric",
            str(code),
            (),
        )

    return make


def _moved(tokens: int) -> Callable[[Dice, int], Made]:
    def make(dice: Dice, n: int) -> Made:
        name, thing = dice.pick(NAMES), dice.pick(("clock", "globe", "harp", "lantern", "mask", "telescope", "trunk"))
        rooms = dice.some(ROOMS, 3)
        facts = [
            f"{name} put the {thing} into the {rooms[0]}.",
            f"{name} carried the {thing} to the {rooms[1]}.",
            f"At night somebody brought the {thing} to the {rooms[2]}.",
        ]
        text = diary(dice, tokens, facts, (n % 4) / 6)
        return (
            f"last of three, {tokens} tokens",
            f"{text}\n\nIn which room was the {thing} at the end? {END} the name of the room only.",
            "exact",
            rooms[2],
            ROOMS,
        )

    return make


def _linked(tokens: int) -> Callable[[Dice, int], Made]:
    def make(dice: Dice, n: int) -> Made:
        a, b = dice.some(NAMES, 2)
        room, other = dice.some(ROOMS, 2)
        code, decoy = dice.between(100_000, 999_999), dice.between(100_000, 999_999)
        facts = dice.shuffled(
            [
                f"The key of {a} opens the {room}.",
                f"The key of {b} opens the {other}.",
                f"The number on the door of the {room} is {code}.",
                f"The number on the door of the {other} is {decoy}.",
            ]
        )
        text = diary(dice, tokens, facts, (n % 4) / 8)
        return (
            f"two facts, {tokens} tokens",
            f"{text}\n\nWhat is the number on the door that the key of {a} opens? {END} the number only.",
            "numeric",
            str(code),
            (),
        )

    return make


def _paid(tokens: int) -> Callable[[Dice, int], Made]:
    def make(dice: Dice, n: int) -> Made:
        a, b = dice.some(NAMES, 2)
        coins, others = [dice.between(13, 89) for _ in range(3)], dice.between(13, 89)
        facts = [f"{a} paid {paid} silver coins to the smith." for paid in coins]
        facts.insert(dice.below(4), f"{b} paid {others} silver coins to the smith.")
        text = diary(dice, tokens, facts, (n % 4) / 8)
        return (
            f"three facts, {tokens} tokens",
            f"{text}\n\nHow many silver coins did {a} pay to the smith in all? End with the number alone on the last line.",
            "numeric",
            str(sum(coins)),
            (),
        )

    return make


LEVELS: dict[int, tuple[Callable[[Dice, int], Made], ...]] = {
    1: (_owner, _count),
    2: (_notice,),
    3: (_code(1_000), _moved(1_000)),
    4: (_code(4_000), _linked(2_000), _moved(4_000), _paid(2_000)),
    5: (_code(16_000), _linked(8_000), _moved(8_000), _paid(4_000)),
}
