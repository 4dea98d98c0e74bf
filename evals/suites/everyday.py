"""``everyday-v1``: small everyday tasks, from copying a word to a sum in several steps.

The spread is meant: a model of 100 million parameters gets some right, and a frontier model still has to read closely.
Changing anything here changes the content hash; make it ``everyday-v2`` then.
"""

import random
from collections.abc import Iterator

from evals.suites.base import BuiltSuite, Item

SEED = 20261101
NAMES = ("Amara", "Bruno", "Chidi", "Dalia", "Emil", "Farah", "Goran", "Hana", "Ines", "Jonas", "Keiko", "Luca")
TOWNS = (
    "Bergen",
    "Cork",
    "Dakar",
    "Esch",
    "Gdansk",
    "Hobart",
    "Izmir",
    "Jaffna",
    "Kisumu",
    "Lima",
    "Mombasa",
    "Nantes",
)
THINGS = ("apples", "books", "candles", "eggs", "lamps", "mugs", "pencils", "shirts", "stamps", "tickets")
WORDS = ("anchor", "blanket", "copper", "dragon", "ember", "forest", "garden", "harbour", "island", "jacket", "kettle")
COLOURS = ("red", "blue", "green", "white", "black", "yellow")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


CAPITALS = {
    "France": "Paris",
    "Japan": "Tokyo",
    "Italy": "Rome",
    "Kenya": "Nairobi",
    "Canada": "Ottawa",
    "Kyrgyzstan": "Bishkek",
}


def build() -> BuiltSuite:
    """The suite, the same every time."""
    rng = random.Random(SEED)
    makers = (_copy, _fact, _sum, _product, _story, _steps, _name, _detail, _record, _format, _logic)
    items = tuple(item for make in makers for item in make(rng))
    return BuiltSuite(
        slug="everyday-v1",
        name="Everyday tasks, version 1",
        description=(
            "Copying, plain facts, sums, short word problems, picking facts out of a text, JSON extraction and "
            "checkable instructions. Generated with a fixed seed; scored by program, without a judge."
        ),
        max_output_tokens=160,
        items=items,
    )


def _mention(right: str, *wrong: str) -> dict[str, object]:
    """Names the right one in a few words, and none of those that it could be mistaken for."""
    return {"contains": [right], "contains_none": [name for name in wrong if name != right], "max_words": 25}


def _copy(rng: random.Random) -> Iterator[Item]:
    words = rng.sample(WORDS, 8)
    for n, word in enumerate(words[:4]):
        yield Item(
            key=f"copy-{n}",
            category="copying",
            prompt=f"Repeat this word exactly, and write nothing else: {word}",
            target=word,
            scorer="exact",
        )
    for n, word in enumerate(words[4:]):
        yield Item(
            key=f"use-{n}",
            category="instructions",
            prompt=f"Write one short sentence that contains the word {word}.",
            target={"contains": [word], "max_words": 20},
            scorer="constraints",
        )


def _fact(rng: random.Random) -> Iterator[Item]:
    for n, (country, capital) in enumerate(CAPITALS.items()):
        others = rng.sample([other for other in CAPITALS.values() if other != capital], 3)
        yield Item(
            key=f"fact-{n}",
            category="plain facts",
            prompt=f"What is the capital of {country}?",
            target=_mention(capital, *others),
            scorer="constraints",
        )


def _sum(rng: random.Random) -> Iterator[Item]:
    spans = [(2, 9)] * 5 + [(12, 79)] * 3 + [(215, 989)] * 2 + [(100_200, 899_999)] * 2
    for n, (low, high) in enumerate(spans):
        a, b = rng.randint(low, high), rng.randint(low, high)
        yield Item(
            key=f"sum-{n}",
            category="arithmetic",
            prompt=f"What is {a} + {b}? Answer with the number only.",
            target=str(a + b),
            scorer="numeric",
        )


def _product(rng: random.Random) -> Iterator[Item]:
    for n in range(4):
        a, b = (rng.randint(3, 9), rng.randint(3, 9)) if n < 2 else (rng.randint(12, 49), rng.randint(12, 49))
        yield Item(
            key=f"product-{n}",
            category="arithmetic",
            prompt=f"What is {a} × {b}? Answer with the number only.",
            target=str(a * b),
            scorer="numeric",
        )


def _story(rng: random.Random) -> Iterator[Item]:
    for n in range(6):
        name, thing = rng.choice(NAMES), rng.choice(THINGS)
        have, change = rng.randint(11, 39), rng.randint(2, 9)
        verb, right = (("buys", have + change), ("gives away", have - change))[n % 2]
        yield Item(
            key=f"story-{n}",
            category="word problems",
            prompt=(
                f"{name} has {have} {thing}. {name} {verb} {change} {thing}. How many {thing} does {name} have now? "
                "Answer with the number only."
            ),
            target=str(right),
            scorer="numeric",
        )


def _steps(rng: random.Random) -> Iterator[Item]:
    for n in range(7):
        name, thing = rng.choice(NAMES), rng.choice(THINGS)
        boxes, each, broken, price = rng.randint(4, 12), rng.randint(6, 24), rng.randint(2, 5), rng.randint(2, 9)
        cents = rng.choice((25, 50, 75))
        left = boxes * each - broken
        total = left * (price * 100 + cents)
        yield Item(
            key=f"steps-{n}",
            category="word problems",
            prompt=(
                f"{name} packs {boxes} boxes with {each} {thing} each, then finds that {broken} {thing} are broken and "
                f"throws them away. The rest is sold at ${price}.{cents} apiece. How many dollars does {name} take in? "
                "Think it through if you like, and end with a line of the form: Answer: <number>"
            ),
            target=f"{total // 100}.{total % 100:02d}",
            scorer="numeric",
        )


def _name(rng: random.Random) -> Iterator[Item]:
    for n in range(6):
        (who, other), town, day = rng.sample(NAMES, 2), rng.choice(TOWNS), rng.choice(DAYS)
        sentence = (
            f"{who} took the train to {town} on {day}."
            if n < 3
            else f"While {other} stayed at home, {who} took the train to {town} on {day}."
        )
        yield Item(
            key=f"name-{n}",
            category="reading",
            prompt=f"{sentence} Who took the train? Answer with the name only.",
            target=_mention(who, other),
            scorer="constraints",
        )


def _detail(rng: random.Random) -> Iterator[Item]:
    for n in range(8):
        name, town, day = rng.choice(NAMES), rng.choice(TOWNS), rng.choice(DAYS)
        thing, colour = rng.choice(THINGS), rng.choice(COLOURS)
        count, order, street = rng.randint(3, 48), rng.randint(100_000, 999_999), rng.randint(2, 180)
        text = (
            f"Order {order} of {day}: {count} {colour} {thing} for {name}, to be left at Mill Road {street}, {town}, "
            "with the neighbour if nobody is in."
        )
        question, target, scorer = (
            ("What is the order number? Answer with the number only.", str(order), "numeric"),
            (f"How many {thing} were ordered? Answer with the number only.", str(count), "numeric"),
            ("To which town does it go? Answer with the town only.", _mention(town, name, "Mill"), "constraints"),
            ("Which colour was ordered? Answer with one word.", _mention(colour, *COLOURS), "constraints"),
        )[n % 4]
        yield Item(key=f"detail-{n}", category="reading", prompt=f"{text}\n\n{question}", target=target, scorer=scorer)


def _record(rng: random.Random) -> Iterator[Item]:
    for n in range(7):
        name, town, thing = rng.choice(NAMES), rng.choice(TOWNS), rng.choice(THINGS)
        count, cents = rng.randint(2, 40), rng.randint(199, 9_999)
        text = (
            f"Hello, {name} from {town} here. Please send me {count} {thing}; I have paid ${cents / 100:.2f}. Thanks!"
        )
        target: dict[str, object] = {"name": name, "town": town, "count": count}
        asked = '"name", "town" and "count" (a number)'
        if n >= 3:
            target["item"] = thing
            target["paid_cents"] = cents
            asked = '"name", "town", "item", "count" (a number) and "paid_cents" (the amount paid, in cents, a number)'
        yield Item(
            key=f"record-{n}",
            category="JSON extraction",
            prompt=f"{text}\n\nGive this message as one JSON object with the fields {asked}, and nothing else.",
            target=target,
            scorer="json",
            scorer_options={"allow_prose": n < 3},
        )


def _format(rng: random.Random) -> Iterator[Item]:
    second, third = rng.sample(WORDS, 2)
    tasks: list[tuple[str, dict[str, object]]] = [
        ("Say hello.", {"min_words": 1, "max_words": 60}),
        ("Write one short sentence about the sea. Use no commas.", {"sentences": 1, "no_commas": True}),
        ("Name three fruits, one on each line.", {"lines": 3}),
        ("Answer in capital letters only: what is the capital of France?", {"uppercase": True, "contains": ["Paris"]}),
        (
            "Name three animals, one on each line, each line beginning with a hyphen.",
            {"lines": 3, "each_line_starts_with": "-"},
        ),
        ("Describe winter in exactly five words.", {"words": 5}),
        (
            f"Write one sentence with the words {second} and {third}, in small letters only, of at most twelve words.",
            {"contains": [second, third], "lowercase": True, "max_words": 12},
        ),
        (
            "Write two sentences about bread. Start with the word Bread, and end with the word oven and a full stop.",
            {"sentences": 2, "starts_with": "Bread", "ends_with": "oven."},
        ),
    ]
    for n, (prompt, target) in enumerate(tasks):
        yield Item(key=f"format-{n}", category="instructions", prompt=prompt, target=target, scorer="constraints")


def _logic(rng: random.Random) -> Iterator[Item]:
    for n in range(6):
        if n < 3:
            start, steps = rng.randrange(7), rng.choice((2, 3, 5, 10, 17))
            prompt = f"Today is {DAYS[start]}. Which day of the week is it in {steps} days? Answer with one word."
            target: str = DAYS[(start + steps) % 7]
        else:
            tall = rng.sample(NAMES, 4)
            facts = [f"{tall[i]} is taller than {tall[i + 1]}." for i in range(3)]
            rng.shuffle(facts)
            prompt = f"{' '.join(facts)} Who is the second tallest? Answer with the name only."
            target = tall[1]
        yield Item(key=f"logic-{n}", category="logic", prompt=prompt, target=target, scorer="exact")
