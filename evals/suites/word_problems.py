"""``word-problems-v1``: short stories with numbers, in one to six steps.

Levels: 1 one step with numbers up to 10; 2 one step with larger numbers, and two steps; 3 three steps with money; 4 a
detail that does not matter, or thinking backwards; 5 rates, several constraints at once, long accounts, and counting
what no list can hold. A model of 135M parameters gets a good part of level 1, and level 5 costs the best ones effort.
"""

from collections.abc import Callable

from evals.suites.base import BuiltSuite, Item, draw
from evals.suites.dice import Dice
from evals.suites.words import NAMES, THINGS

SLUG = "word-problems-v1"
SEED = 1
PER_LEVEL = 16
Story = tuple[str, str, str]  # kind, text, answer


def build(*, seed: int = SEED) -> BuiltSuite:
    """The suite: 80 items, the same every time for one seed."""
    return BuiltSuite(
        slug=SLUG,
        name="Word problems, version 1",
        description=(
            "80 stories with numbers in five levels: one small step, several steps, money, details that do not matter, "
            "thinking backwards, rates, long accounts and counting. The exact number is asked for. Generated with a fixed seed."
        ),
        max_output_tokens=800,
        items=draw(slug=SLUG, seed=seed, levels=LEVELS, per_level=PER_LEVEL, make=_item),
    )


def _item(level: int, n: int, dice: Dice) -> Item:
    makers = LEVELS[level]
    kind, text, answer = makers[n % len(makers)](dice)
    return Item(
        key=f"level{level}-{n:02}",
        category=f"{kind}/{level}",
        prompt=f"{text} End with the number alone on the last line.",
        target=answer,
        scorer="numeric",
    )


def usd(cents: int) -> str:
    return f"${cents // 100}.{cents % 100:02}"


def _small_more(dice: Dice) -> Story:
    name, thing, have, add = dice.pick(NAMES), dice.pick(THINGS), dice.between(2, 9), dice.between(1, 5)
    return (
        "small step",
        f"{name} has {have} {thing} and gets {add} more. How many {thing} does {name} have now?",
        str(have + add),
    )


def _small_fewer(dice: Dice) -> Story:
    name, thing, have, gone = dice.pick(NAMES), dice.pick(THINGS), dice.between(6, 10), dice.between(1, 4)
    return (
        "small step",
        f"{name} had {have} {thing} and gave away {gone}. How many {thing} are left?",
        str(have - gone),
    )


def _small_groups(dice: Dice) -> Story:
    thing, boxes, each = dice.pick(THINGS), dice.between(2, 5), dice.between(2, 5)
    return (
        "small step",
        f"There are {boxes} boxes with {each} {thing} in each. How many {thing} are there?",
        str(boxes * each),
    )


def _more(dice: Dice) -> Story:
    name, thing, have, add = dice.pick(NAMES), dice.pick(THINGS), dice.between(3, 40), dice.between(2, 30)
    return (
        "one step",
        f"{name} has {have} {thing} and gets {add} more. How many {thing} does {name} have now?",
        str(have + add),
    )


def _fewer(dice: Dice) -> Story:
    name, thing, have, gone = dice.pick(NAMES), dice.pick(THINGS), dice.between(31, 60), dice.between(2, 29)
    return (
        "one step",
        f"{name} had {have} {thing} and gave away {gone}. How many {thing} are left?",
        str(have - gone),
    )


def _groups(dice: Dice) -> Story:
    thing, boxes, each = dice.pick(THINGS), dice.between(3, 12), dice.between(4, 15)
    return (
        "one step",
        f"There are {boxes} boxes with {each} {thing} in each. How many {thing} are there?",
        str(boxes * each),
    )


def _groups_and_more(dice: Dice) -> Story:
    name, thing = dice.pick(NAMES), dice.pick(THINGS)
    boxes, each, more = dice.between(3, 12), dice.between(6, 24), dice.between(5, 40)
    return (
        "two steps",
        (
            f"{name} buys {boxes} boxes of {each} {thing} and finds {more} more {thing} at home. How many {thing} does "
            f"{name} have in all?"
        ),
        str(boxes * each + more),
    )


def _shared(dice: Dice) -> Story:
    thing, friends, each, kept = dice.pick(THINGS), dice.between(3, 9), dice.between(4, 19), dice.between(5, 30)
    return (
        "two steps",
        (
            f"Of {friends * each + kept} {thing}, {kept} are kept and the rest is shared equally by {friends} friends. How "
            f"many {thing} does each friend get?"
        ),
        str(each),
    )


def _change(dice: Dice) -> Story:
    name, thing = dice.pick(NAMES), dice.pick(THINGS)
    count, cents = dice.between(3, 9), dice.between(115, 695)
    paid = (count * cents // 2_000 + 1) * 20
    return (
        "money",
        (
            f"{name} buys {count} {thing} at {usd(cents)} each and pays with ${paid}. How much change in dollars does {name} "
            "get?"
        ),
        usd(paid * 100 - count * cents),
    )


def _profit(dice: Dice) -> Story:
    name, thing = dice.pick(NAMES), dice.pick(THINGS)
    count, broken, cost = dice.between(20, 60), dice.between(2, 9), dice.between(2, 9)
    price = cost + dice.between(2, 8)
    return (
        "money",
        (
            f"{name} buys {count} {thing} for ${cost} each. {broken} of them break. The others are sold for ${price} each. How "
            "many dollars more does the sale bring in than the purchase cost?"
        ),
        str((count - broken) * price - count * cost),
    )


def _distraction(dice: Dice) -> Story:
    a, b = dice.some(NAMES, 2)
    thing, pages, age = dice.pick(THINGS), dice.between(12, 40), dice.between(11, 60)
    first, second, price = dice.between(12, 48), dice.between(12, 48), dice.between(2, 9)
    return (
        "distraction",
        (
            f"{a}, who is {age}, packs {first} {thing}. {b} packs {second} {thing} at ${price} apiece and reads {pages} pages. "
            f"On the way {min(first, second) // 2} {thing} of {a} are lost. How many {thing} do {a} and {b} have together at "
            "the end?"
        ),
        str(first + second - min(first, second) // 2),
    )


def _backwards(dice: Dice) -> Story:
    name, thing = dice.pick(NAMES), dice.pick(THINGS)
    start, bought = dice.between(9, 60) * 2, dice.between(5, 40)
    return (
        "backwards",
        (
            f"{name} gave half of the {thing} away, then bought {bought} more and now has {start // 2 + bought} {thing}. How "
            f"many {thing} did {name} have at the beginning?"
        ),
        str(start),
    )


def _ages(dice: Dice) -> Story:
    a, b = dice.some(NAMES, 2)
    young, gap, ahead = dice.between(4, 20), dice.between(3, 25), dice.between(3, 15)
    total = 2 * young + gap
    return (
        "backwards",
        f"{a} is {gap} years older than {b}. Together they are {total} years old. How old will {a} be in {ahead} years?",
        str(young + gap + ahead),
    )


def _taps(dice: Dice) -> Story:
    first, second, leak = dice.between(7, 25), dice.between(7, 25), dice.between(2, 6)
    minutes, start = dice.between(12, 55), dice.between(20, 90)
    gain = first + second - leak
    return (
        "rates",
        (
            f"A tank holds {start} litres of water. One tap adds {first} litres a minute, another {second} litres a minute, "
            f"and a leak loses {leak} litres a minute. After how many minutes does the tank hold {start + gain * minutes} litres?"
        ),
        str(minutes),
    )


def _meeting(dice: Dice) -> Story:
    a, b = dice.some(NAMES, 2)
    slow, faster, hours, lead = dice.between(4, 12), dice.between(2, 9), dice.between(2, 9), dice.between(1, 4)
    head_start = slow * lead
    catch = head_start * faster  # so that the time to catch up is whole: lead * slow * faster / faster
    return (
        "rates",
        (
            f"{a} cycles at {slow} km an hour and is {catch} km ahead of {b}, who follows at {slow + faster} km an hour. {hours} "
            f"hours after {b} has caught up, {b} stops. How many kilometres has {b} cycled in all?"
        ),
        str((head_start + hours) * (slow + faster)),
    )


def _mixture(dice: Dice) -> Story:
    thing, other = dice.some(THINGS, 2)
    count, cheap, dear = dice.between(20, 60), dice.between(2, 6), dice.between(7, 12)
    of_dear = dice.between(4, 18)
    total = (count - of_dear) * cheap + of_dear * dear
    return (
        "constraints",
        (
            f"A shop sells {thing} for ${cheap} and {other} for ${dear}. Somebody buys {count} pieces in all and pays ${total}. "
            f"How many {other} are among them?"
        ),
        str(of_dear),
    )


def _work(dice: Dice) -> Story:
    workers, days, extra = dice.between(3, 9), dice.between(6, 16), dice.between(2, 6)
    done = dice.between(2, days - 3)
    left = workers * (days - done)
    while left % (workers + extra):
        extra += 1
    return (
        "constraints",
        (
            f"{workers} workers need {days} days for a wall and all work equally fast. After {done} days {extra} more workers "
            "join them. How many days after that is the wall finished?"
        ),
        str(left // (workers + extra)),
    )


def _account(dice: Dice) -> Story:
    """Ten movements, one of them undone."""
    name, thing = dice.pick(NAMES), dice.pick(THINGS)
    start = stock = dice.between(400, 900)
    lines, undone = [], dice.between(2, 7)
    for n in range(9):
        kind, amount = dice.below(4), dice.between(17, 148)
        if kind == 0:
            lines.append(f"{amount} arrive")
            stock += amount if n != undone else 0
        elif kind == 1:
            lines.append(f"{min(amount, 39)} are sold")
            stock -= min(amount, 39) if n != undone else 0
        elif kind == 2:
            packs, each = amount % 9 + 3, amount % 13 + 4
            lines.append(f"{packs} packs of {each} arrive")
            stock += packs * each if n != undone else 0
        else:
            lines.append(f"{amount % 23 + 5} turn out to be broken and are thrown away")
            stock -= amount % 23 + 5 if n != undone else 0
    told = ". Then ".join(lines)
    order = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth")[undone]
    return (
        "accounts",
        (
            f"{name} has {start} {thing} in store. Then {told}. Later it turns out that the {order} of these nine entries "
            f"was written down by mistake and never happened. How many {thing} are in store?"
        ),
        str(stock),
    )


def _divisible(dice: Dice) -> Story:
    """A count by inclusion and exclusion with a third condition."""
    first, second, without = dice.pick((4, 6, 9, 10)), dice.pick((7, 11, 13)), dice.pick((5, 8, 12))
    last = dice.between(1_500, 6_000)
    fitting = sum(1 for n in range(1, last + 1) if (n % first == 0 or n % second == 0) and n % without)
    return (
        "counting",
        (
            f"A club numbers its members from 1 to {last}. Whoever has a number that can be divided by {first} or by {second} "
            f"gets a letter, except those whose number can be divided by {without}. How many members get a letter?"
        ),
        str(fitting),
    )


LEVELS: dict[int, tuple[Callable[[Dice], Story], ...]] = {
    1: (_small_more, _small_fewer, _small_groups),
    2: (_more, _groups_and_more, _fewer, _shared, _groups),
    3: (_change, _profit),
    4: (_distraction, _backwards, _ages),
    5: (_account, _divisible, _taps, _meeting, _mixture, _work),
}
