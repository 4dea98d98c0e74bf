"""``records-v1``: messages, receipts and notices turned into one JSON object with exact fields."""

import random
from collections.abc import Iterator
from typing import Any

from evals.suites.base import BuiltSuite, Item, items_of

SEED = 20261106
NAMES = ("Aoife", "Basil", "Chiara", "Dragan", "Esra", "Finn", "Gudrun", "Hassan", "Ilse", "Jiro", "Katya", "Liam")
TOWNS = ("Aarhus", "Braga", "Chania", "Derby", "Essen", "Ghent", "Haarlem", "Kaunas", "Leeds", "Malmo", "Odense")
GOODS = ("blankets", "brushes", "chairs", "kettles", "ladders", "lamps", "mirrors", "rugs", "shelves", "stools")
MONTHS = ("January", "March", "April", "June", "July", "September", "October", "December")
NUMBERS = {"January": 1, "March": 3, "April": 4, "June": 6, "July": 7, "September": 9, "October": 10, "December": 12}


def build() -> BuiltSuite:
    """The suite, the same every time."""
    rng = random.Random(SEED)
    return BuiltSuite(
        slug="records-v1",
        name="JSON extraction, version 1",
        description="Two to seven fields out of a text, with types, null for what is not said, dates, and lists.",
        max_output_tokens=400,
        items=items_of(_contacts(rng), _orders(rng), _meetings(rng), _lists(rng)),
    )


def _item(key: str, text: str, fields: str, target: dict[str, Any], *, lenient: bool) -> Item:
    return Item(
        key=key,
        category=key.partition("-")[0],
        prompt=f"{text}\n\nAnswer with one JSON object and nothing else. Its fields: {fields}.",
        target=target,
        scorer="json",
        scorer_options={"allow_prose": lenient},
    )


def _contacts(rng: random.Random) -> Iterator[Item]:
    for n in range(16):
        name, town, age = rng.choice(NAMES), rng.choice(TOWNS), rng.randint(19, 84)
        mail = f"{name.lower()}{rng.randint(2, 99)}@example.org"
        says_age = n % 3 != 2
        text = f"Hi, my name is {name}, I live in {town}{f' and I am {age}' if says_age else ''}. Write to {mail}."
        target: dict[str, Any] = {"name": name, "town": town}
        fields = '"name", "town"'
        if n >= 5:
            target |= {"age": age if says_age else None, "mail": mail}
            fields += ', "age" (a number, or null when it is not said), "mail"'
        yield _item(f"contact-{n}", text, fields, target, lenient=n < 8)


def _orders(rng: random.Random) -> Iterator[Item]:
    for n in range(16):
        name, goods, town = rng.choice(NAMES), rng.choice(GOODS), rng.choice(TOWNS)
        count, cents, express = rng.randint(2, 30), rng.randint(150, 9_900), bool(rng.getrandbits(1))
        text = (
            f"{name} from {town} ordered {count} {goods} at {cents / 100:.2f} euros each, "
            f"{'by express' if express else 'by ordinary post'}."
        )
        target = {"customer": name, "item": goods, "count": count}
        fields = '"customer" (the name), "item", "count" (a number)'
        if n >= 6:
            target |= {"total_cents": count * cents, "express": express}
            fields += ', "total_cents" (the price of all pieces together in cents, a number), "express" (true or false)'
        yield _item(f"order-{n}", text, fields, target, lenient=n < 6)


def _meetings(rng: random.Random) -> Iterator[Item]:
    for n in range(14):
        (who, other), month, day = rng.sample(NAMES, 2), rng.choice(MONTHS), rng.randint(1, 28)
        year, hour, minutes = rng.randint(2027, 2031), rng.randint(1, 9), rng.choice((0, 15, 30, 45))
        length = rng.choice((30, 45, 60, 90))
        text = (
            f"{who} meets {other} on {month} {day}, {year} at {hour}:{minutes:02d} pm. They have {length} minutes; "
            f"the room was booked on the {rng.randint(1, 28)}th of the month before."
        )
        target: dict[str, Any] = {
            "date": f"{year}-{NUMBERS[month]:02d}-{day:02d}",
            "start": f"{hour + 12}:{minutes:02d}",
        }
        fields = '"date" (YYYY-MM-DD), "start" (HH:MM on the 24-hour clock)'
        if n >= 6:
            end = (hour + 12) * 60 + minutes + length
            target |= {"end": f"{end // 60}:{end % 60:02d}", "people": sorted((who, other))}
            fields += ', "end" (the same way), "people" (a list of names in alphabetical order)'
        yield _item(f"meeting-{n}", text, fields, target, lenient=False)


def _lists(rng: random.Random) -> Iterator[Item]:
    for n in range(14):
        size = 2 + n // 4
        stock = {goods: rng.randint(0, 40) for goods in rng.sample(GOODS, size)}
        text = "Stock: " + ", ".join(f"{count} {goods}" for goods, count in stock.items()) + "."
        if n % 2:
            fields = "the goods, each with its number of pieces"
            target: dict[str, Any] = dict(stock)
        else:
            most = max(stock.values())
            target = {
                "total": sum(stock.values()),
                "most": sorted(goods for goods, count in stock.items() if count == most),
                "kinds": size,
            }
            fields = (
                '"total" (of all pieces), "most" (a list of the goods with the largest number, in alphabetical order), '
                '"kinds" (how many different goods are named)'
            )
        yield _item(f"list-{n}", text, fields, target, lenient=False)
