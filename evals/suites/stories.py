"""``stories-v1``: word problems in one to four steps, with numbers that do not belong to the question."""

import random
from collections.abc import Iterator

from evals.suites.base import BuiltSuite, Item, items_of

SEED = 20261103
NAMES = ("Adisa", "Birgit", "Carmen", "Dmitri", "Ewa", "Farid", "Greta", "Hiro", "Iman", "Joao", "Kofi", "Lena")
GOODS = ("bolts", "buns", "candles", "cups", "flower pots", "ink pens", "jars", "maps", "postcards", "ropes", "tiles")
ENDING = "Think it through if you like, and end with a line of the form: Answer: <number>"


def build() -> BuiltSuite:
    """The suite, the same every time."""
    rng = random.Random(SEED)
    makers = (_shop, _trip, _tank, _ages, _shares, _shifts)
    return BuiltSuite(
        slug="stories-v1",
        name="Word problems, version 1",
        description="Shopping, travel, filling, ages, shares and shifts, in one to four steps, some with idle numbers.",
        max_output_tokens=512,
        items=items_of(*(_ten(make, rng) for make in makers)),
    )


def _ten(make: "object", rng: random.Random) -> Iterator[Item]:
    for n in range(10):
        text, value = make(rng, n)  # type: ignore[operator]
        name = make.__name__.strip("_")  # type: ignore[attr-defined]
        yield Item(key=f"{name}-{n}", category=name, prompt=f"{text} {ENDING}", target=str(value), scorer="numeric")


def _shop(rng: random.Random, n: int) -> tuple[str, int]:
    name, goods = rng.choice(NAMES), rng.choice(GOODS)
    count, price, paid = rng.randint(2, 9), rng.randint(2, 12), rng.choice((150, 200))
    idle = f" The shop has been open for {rng.randint(3, 40)} years." if n % 2 else ""
    return (
        f"{name} buys {count} {goods} at ${price} each and pays with ${paid}.{idle} How many dollars of change is that?",
        paid - count * price,
    )


def _trip(rng: random.Random, n: int) -> tuple[str, int]:
    speed, hours, rest, back = rng.randint(4, 9) * 10, rng.randint(2, 6), rng.randint(1, 3), rng.randint(2, 5) * 10
    if n < 5:
        return f"A bus drives {hours} hours at {speed} km per hour. How many km is that?", speed * hours
    return (
        (
            f"A lorry drives {hours} hours at {speed} km per hour, rests {rest} hours, and then drives {rest + 1} hours at "
            f"{back} km per hour. How many km has it driven?"
        ),
        speed * hours + (rest + 1) * back,
    )


def _tank(rng: random.Random, n: int) -> tuple[str, int]:
    inflow, outflow, minutes = rng.randint(12, 30), rng.randint(2, 9), rng.randint(5, 25)
    start = rng.randint(10, 90)
    if n < 5:
        return f"A tap gives {inflow} litres a minute. How many litres run in {minutes} minutes?", inflow * minutes
    return (
        (
            f"A tank holds {start} litres. {inflow} litres a minute run in and {outflow} litres a minute leak out. How many "
            f"litres does it hold after {minutes} minutes?"
        ),
        start + (inflow - outflow) * minutes,
    )


def _ages(rng: random.Random, n: int) -> tuple[str, int]:
    (older, younger), age, gap, years = rng.sample(NAMES, 2), rng.randint(5, 30), rng.randint(2, 15), rng.randint(2, 12)
    if n < 5:
        return f"{younger} is {age}. {older} is {gap} years older. How old is {older}?", age + gap
    return (
        (
            f"{older} is {gap} years older than {younger}. In {years} years {younger} will be {age + years}. How old will "
            f"both of them together be in {years} years?"
        ),
        2 * (age + years) + gap,
    )


def _shares(rng: random.Random, n: int) -> tuple[str, int]:
    people, each, left = rng.randint(3, 9), rng.randint(4, 25), rng.randint(1, 2)
    goods = rng.choice(GOODS)
    if n < 5:
        return f"{people} friends share {people * each} {goods} evenly. How many does each get?", each
    return (
        (
            f"{people * each + left} {goods} are shared among {people} friends so that each gets the same whole number, as "
            f"many as possible. Each then gives 1 away. How many {goods} do the friends have together?"
        ),
        people * each - people,
    )


def _shifts(rng: random.Random, n: int) -> tuple[str, int]:
    name, wage, hours, days = rng.choice(NAMES), rng.randint(12, 30), rng.randint(4, 8), rng.randint(3, 6)
    bonus, over = rng.randint(2, 6) * 10, rng.randint(2, 5)
    if n < 5:
        return f"{name} works {hours} hours a day for {days} days at ${wage} an hour. How many dollars is that?", (
            wage * hours * days
        )
    return (
        (
            f"{name} works {hours} hours a day for {days} days at ${wage} an hour, and {over} more hours at twice the wage. "
            f"A bonus of ${bonus} is paid for each day. How many dollars does {name} get?"
        ),
        wage * hours * days + 2 * wage * over + bonus * days,
    )
