"""``json-extraction-v1``: a message turned into one JSON object with exact fields and types.

Levels: 1 two texts; 2 numbers and null; 3 dates, amounts in cents, true and false; 4 lists of objects and sums;
5 corrections inside the message, nesting, and times that must be worked out.
"""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from evals.suites.base import BuiltSuite, Item, draw
from evals.suites.dice import Dice
from evals.suites.words import COLOURS, NAMES, THINGS, TOWNS

SLUG = "json-extraction-v1"
SEED = 1
PER_LEVEL = 12
MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
Made = tuple[str, str, str, dict[str, Any]]  # kind, text, fields, target


def build(*, seed: int = SEED) -> BuiltSuite:
    """The suite: 60 items, the same every time for one seed."""
    return BuiltSuite(
        slug=SLUG,
        name="JSON extraction, version 1",
        description=(
            "60 messages to be turned into one JSON object, in five levels: texts, numbers and null, dates and cents, "
            "lists of objects, corrections and nesting. Every field and type must be right. Generated with a fixed seed."
        ),
        max_output_tokens=500,
        items=draw(slug=SLUG, seed=seed, levels=LEVELS, per_level=PER_LEVEL, make=_item),
    )


def _item(level: int, n: int, dice: Dice) -> Item:
    makers = LEVELS[level]
    kind, text, fields, target = makers[n % len(makers)](dice)
    return Item(
        key=f"level{level}-{n:02}",
        category=f"{kind}/{level}",
        prompt=f"{text}\n\nGive this as one JSON object and nothing else. Its fields: {fields}.",
        target=target,
        scorer="json",
        scorer_options={"allow_prose": True} if level == 1 else {},
    )


def _person(dice: Dice) -> Made:
    name, town = dice.pick(NAMES), dice.pick(TOWNS)
    return "contacts", f"Hello, I am {name} and I live in {town}.", '"name", "town"', {"name": name, "town": town}


def _thing(dice: Dice) -> Made:
    thing, colour = dice.pick(THINGS), dice.pick(COLOURS)
    return (
        "goods",
        f"We still need the {colour} {thing}, please.",
        '"goods", "colour"',
        {"goods": thing, "colour": colour},
    )


def _contact(dice: Dice) -> Made:
    name, town, age, number = dice.pick(NAMES), dice.pick(TOWNS), dice.between(19, 88), dice.between(10, 99)
    says = dice.below(2) == 0
    mail = f"{name.lower()}{number}@example.org"
    return (
        "contacts",
        f"My name is {name}{f', I am {age}' if says else ''} and I live in {town}. Write to {mail}.",
        '"name", "town", "mail", "age" (a number, or null if it is not said)',
        {"name": name, "town": town, "mail": mail, "age": age if says else None},
    )


def _order(dice: Dice) -> Made:
    name, thing, count, floor = dice.pick(NAMES), dice.pick(THINGS), dice.between(2, 60), dice.between(1, 9)
    return (
        "orders",
        f"{count} {thing} for {name}, to be carried up to floor {floor}.",
        '"customer", "goods", "count" (a number), "floor" (a number)',
        {"customer": name, "goods": thing, "count": count, "floor": floor},
    )


def _invoice(dice: Dice) -> Made:
    name, cents, day = dice.pick(NAMES), dice.between(105, 99_995), _day(dice)
    paid = dice.below(2) == 0
    return (
        "invoices",
        f"Invoice for {name} of {_long(day)}: ${cents // 100:,}.{cents % 100:02}, {'paid in full' if paid else 'not paid yet'}.",
        '"customer", "date" (YYYY-MM-DD), "cents" (the amount in cents, a number), "paid" (true or false)',
        {"customer": name, "date": day.isoformat(), "cents": cents, "paid": paid},
    )


def _meeting(dice: Dice) -> Made:
    a, b = dice.some(NAMES, 2)
    day, hour, minute = _day(dice), dice.between(1, 9), dice.pick((0, 15, 30, 45))
    return (
        "meetings",
        f"{a} meets {b} on {_long(day)} at {hour}:{minute:02} pm.",
        '"people" (a list of names in the order of the text), "date" (YYYY-MM-DD), "time" (HH:MM on the 24-hour clock)',
        {"people": [a, b], "date": day.isoformat(), "time": f"{hour + 12}:{minute:02}"},
    )


def _basket(dice: Dice) -> Made:
    name = dice.pick(NAMES)
    things = dice.some(THINGS, dice.between(2, 4))
    lines: list[dict[str, Any]] = [
        {"goods": thing, "count": dice.between(2, 20), "cents": dice.between(15, 999)} for thing in things
    ]
    said = ", ".join(
        f"{line['count']} {line['goods']} at ${line['cents'] // 100}.{line['cents'] % 100:02}" for line in lines
    )
    return (
        "baskets",
        f"{name} ordered: {said}. Prices are for one piece.",
        (
            '"customer", "lines" (a list of objects with "goods", "count" and "cents", the price of one piece in cents), '
            '"total_cents" (of the whole order)'
        ),
        {
            "customer": name,
            "lines": lines,
            "total_cents": sum(line["count"] * line["cents"] for line in lines),
        },
    )


def _stock(dice: Dice) -> Made:
    stock = {thing: dice.between(0, 60) for thing in dice.some(THINGS, dice.between(4, 6))}
    said = "; ".join(f"{thing}: {count or 'none'}" for thing, count in stock.items())
    return (
        "stock",
        f"Left in the store: {said}.",
        (
            '"stock" (an object from goods to number of pieces), "pieces" (of all goods together), "sold_out" (a list of the '
            "goods of which none are left, in the order of the text)"
        ),
        {
            "stock": stock,
            "pieces": sum(stock.values()),
            "sold_out": [thing for thing, count in stock.items() if not count],
        },
    )


def _corrected(dice: Dice) -> Made:
    a, b = dice.some(NAMES, 2)
    old, new = dice.some(TOWNS, 2)
    thing, first, second = dice.pick(THINGS), dice.between(3, 30), dice.between(31, 60)
    day, later = _day(dice), dice.between(2, 20)
    moved = day + timedelta(days=later)
    return (
        "corrections",
        (
            f"Please send {first} {thing} to {a} in {old} on {_long(day)}. Sorry: {a} has moved to {new}, and make that "
            f"{second}. Deliver {later} days later than I said, and let {b} sign, not {a}."
        ),
        (
            '"delivery" (an object with "to", "town", "date" as YYYY-MM-DD and "signed_by"), "goods" (an object with "name" '
            'and "count")'
        ),
        {
            "delivery": {"to": a, "town": new, "date": moved.isoformat(), "signed_by": b},
            "goods": {"name": thing, "count": second},
        },
    )


def _shifts(dice: Dice) -> Made:
    names = dice.some(NAMES, 3)
    shifts: list[dict[str, Any]] = []
    told = []
    for name in names:
        start, minutes = dice.between(6 * 4, 14 * 4) * 15, dice.between(10, 34) * 15
        end = start + minutes
        told.append(f"{name} begins at {start // 60}:{start % 60:02} and works {minutes // 60} h {minutes % 60} min")
        shifts.append({"name": name, "start": _clock(start), "end": _clock(end), "minutes": minutes})
    longest = max(shifts, key=lambda shift: shift["minutes"])
    return (
        "shifts",
        f"{'. '.join(told)}. Nobody takes a break.",
        (
            '"shifts" (a list in the order of the text, of objects with "name", "start" and "end" as HH:MM and "minutes"), '
            '"total_minutes", "longest" (the minutes of the longest shift)'
        ),
        {
            "shifts": shifts,
            "total_minutes": sum(shift["minutes"] for shift in shifts),
            "longest": longest["minutes"],
        },
    )


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"


def _day(dice: Dice) -> date:
    return date(2027, 1, 1) + timedelta(days=dice.below(1_400))


def _long(day: date) -> str:
    return f"{MONTHS[day.month - 1]} {day.day}, {day.year}"


LEVELS: dict[int, tuple[Callable[[Dice], Made], ...]] = {
    1: (_person, _thing),
    2: (_contact, _order),
    3: (_invoice, _meeting),
    4: (_basket, _stock),
    5: (_corrected, _shifts),
}
