"""``logic-v1``: orders, calendars, truth and lies, families, and what follows."""

import itertools
import random
from collections.abc import Iterator

from evals.suites.base import BuiltSuite, Item, items_of

SEED = 20261104
NAMES = ("Anton", "Bela", "Cleo", "Dora", "Egon", "Fiona", "Gil", "Hedda", "Ivo", "Jana")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
KINDS = ("blickets", "daxes", "feps", "gorps", "mips", "tovs", "wugs", "zibs")


def build() -> BuiltSuite:
    """The suite, the same every time."""
    rng = random.Random(SEED)
    return BuiltSuite(
        slug="logic-v1",
        name="Logic, version 1",
        description="Orderings, weekdays, one liar among two, syllogisms over made-up words, and moving things about.",
        max_output_tokens=512,
        items=items_of(_orders(rng), _weekdays(rng), _liars(rng), _syllogisms(rng), _boxes(rng)),
    )


def _named(key: str, prompt: str, right: str) -> Item:
    return Item(
        key=key,
        category=key.partition("-")[0],
        prompt=f"{prompt} End with a line of the form: Answer: <word>",
        target=right,
        scorer="exact",
    )


def _orders(rng: random.Random) -> Iterator[Item]:
    places = ("first", "second", "third", "fourth", "fifth")
    for n in range(14):
        size = 3 + n // 5
        runners = rng.sample(NAMES, size)
        facts = [f"{a} finished right before {b}." for a, b in itertools.pairwise(runners)]
        rng.shuffle(facts)
        place = rng.randrange(size)
        yield _named(f"order-{n}", f"{' '.join(facts)} Nobody else ran. Who came {places[place]}?", runners[place])


def _weekdays(rng: random.Random) -> Iterator[Item]:
    for n in range(14):
        start, steps = rng.randrange(7), (rng.randint(1, 6), rng.randint(8, 30), rng.randint(50, 400))[n % 3]
        if n % 2:
            question, day = f"Which day of the week was it {steps} days ago?", DAYS[(start - steps) % 7]
        else:
            question, day = f"Which day of the week will it be in {steps} days?", DAYS[(start + steps) % 7]
        yield _named(f"weekday-{n}", f"Today is {DAYS[start]}. {question}", day)


def _liars(rng: random.Random) -> Iterator[Item]:
    for n in range(12):
        one, two = rng.sample(NAMES, 2)
        one_is_honest = bool(rng.getrandbits(1))
        liar = two if one_is_honest else one
        # The first says something about the second that is true exactly when the first is honest.
        says = f'{one} says: "{two} always lies."' if n % 2 else f'{one} says: "I am the honest one."'
        fact = rng.choice(("7 is greater than 5", "a week has seven days", "ice is frozen water"))
        claim = fact if not one_is_honest else f"it is not true that {fact}"
        yield _named(
            f"liar-{n}",
            f'Of {one} and {two}, one always tells the truth and the other always lies. {says} {two} says: "{claim}." '
            "Who is the liar?",
            liar,
        )


def _syllogisms(rng: random.Random) -> Iterator[Item]:
    for n in range(16):
        a, b, c = rng.sample(KINDS, 3)
        premises, question, answer = (
            (f"All {a} are {b}. All {b} are {c}.", f"Are all {a} {c}?", "yes"),
            (f"All {a} are {b}. No {b} are {c}.", f"Are some {a} {c}?", "no"),
            (f"All {a} are {b}. All {c} are {b}.", f"Does it follow that all {a} are {c}?", "no"),
            (f"No {a} are {b}. All {c} are {a}.", f"Can something be both one of the {c} and one of the {b}?", "no"),
        )[n % 4]
        yield _named(f"syllogism-{n}", f"{premises} There is at least one of each. {question} Yes or no?", answer)


def _boxes(rng: random.Random) -> Iterator[Item]:
    for n in range(14):
        balls, where = rng.sample(("red", "blue", "green", "white"), 3), ["left", "middle", "right"]
        place = dict(zip(balls, where, strict=True))
        steps = [f"The {ball} ball is in the {box} box." for ball, box in place.items()]
        for _ in range(1 + n // 3):
            one, two = rng.sample(balls, 2)
            place[one], place[two] = place[two], place[one]
            steps.append(f"Then the {one} ball and the {two} ball change places.")
        asked = rng.choice(balls)
        yield _named(f"swap-{n}", f"{' '.join(steps)} In which box is the {asked} ball?", place[asked])
