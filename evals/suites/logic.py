"""``logic-v1``: orders, calendars, boxes, what follows, truth and lies, and seats in a row.

Levels: 1 two or three people, a few days; 2 four people, some weeks, two exchanges; 3 what follows from two sentences,
five exchanges; 4 three people who lie or tell the truth, months of days, four seats; 5 four such people, five seats with
clues that leave one order, ten exchanges. Puzzles are drawn until they have exactly one solution.
"""

import itertools
from collections.abc import Callable, Sequence

from evals.suites.base import BuiltSuite, Item, draw
from evals.suites.dice import Dice
from evals.suites.words import COLOURS, DAYS, NAMES

SLUG = "logic-v1"
SEED = 1
PER_LEVEL = 16
KINDS = ("blickets", "daxes", "feps", "gorps", "mips", "tovs", "wugs", "zibs")
END = "End with the answer alone on the last line."
PLACES = ("first", "second", "third", "fourth", "fifth")
Puzzle = tuple[str, str, str, object, dict[str, object]]  # kind, prompt, scorer, target, options of the scorer


def build(*, seed: int = SEED) -> BuiltSuite:
    """The suite: 80 items, the same every time for one seed."""
    return BuiltSuite(
        slug=SLUG,
        name="Logic, version 1",
        description=(
            "80 puzzles in five levels: orders, weekdays, things changing places, what follows from two sentences, truth "
            "and lies, seats in a row. Each has exactly one solution. Generated with a fixed seed."
        ),
        max_output_tokens=1_000,
        items=draw(slug=SLUG, seed=seed, levels=LEVELS, per_level=PER_LEVEL, make=_item),
    )


def _item(level: int, n: int, dice: Dice) -> Item:
    makers = LEVELS[level]
    kind, prompt, scorer, target, options = makers[n % len(makers)](dice, n // len(makers))
    return Item(
        key=f"level{level}-{n:02}",
        category=f"{kind}/{level}",
        prompt=f"{prompt} {END}",
        target=target,
        scorer=scorer,
        scorer_options={"last_line": True} | options,
    )


def _order(people: int) -> Callable[[Dice, int], Puzzle]:
    def make(dice: Dice, n: int) -> Puzzle:
        names = dice.some(NAMES, people)
        facts = dice.shuffled([f"{a} is taller than {b}." for a, b in itertools.pairwise(names)])
        place = (0, people - 1, people // 2)[n % 3]
        words = {0: "tallest", people - 1: "shortest"}.get(place, f"{PLACES[place]} tallest")
        return "orders", f"{' '.join(facts)} Who is the {words}?", "exact", names[place], {"among": names}

    return make


def _weekday(low: int, high: int) -> Callable[[Dice, int], Puzzle]:
    def make(dice: Dice, n: int) -> Puzzle:
        start, steps = dice.below(7), dice.between(low, high)
        if n % 2:
            question, day = f"Which day of the week was it {steps} days ago?", DAYS[(start - steps) % 7]
        else:
            question, day = f"Which day of the week will it be in {steps} days?", DAYS[(start + steps) % 7]
        return "weekdays", f"Today is {DAYS[start]}. {question}", "exact", day, {"among": list(DAYS)}

    return make


def _exchanges(steps: int) -> Callable[[Dice, int], Puzzle]:
    def make(dice: Dice, _: int) -> Puzzle:
        names, colours = dice.some(NAMES, 4), dice.some(COLOURS, 4)
        holds = dict(zip(names, colours, strict=True))
        told = [f"{name} holds the {colour} ball." for name, colour in holds.items()]
        for _step in range(steps):
            a, b = dice.some(names, 2)
            holds[a], holds[b] = holds[b], holds[a]
            told.append(f"Then {a} and {b} swap their balls.")
        asked = dice.pick(names)
        return (
            "exchanges",
            f"{' '.join(told)} What is the colour of the ball that {asked} holds?",
            "exact",
            holds[asked],
            {"among": colours},
        )

    return make


def _syllogism(dice: Dice, n: int) -> Puzzle:
    a, b, c = dice.some(KINDS, 3)
    premises, claim, answer = (
        (f"All {a} are {b}. All {b} are {c}.", f"all {a} are {c}", "yes"),
        (f"All {a} are {b}. No {b} are {c}.", f"some {a} are {c}", "no"),
        (f"All {a} are {b}. All {c} are {b}.", f"all {a} are {c}", "unknown"),
        (f"Some {a} are {b}. All {b} are {c}.", f"some {a} are {c}", "yes"),
        (f"No {a} are {b}. All {c} are {a}.", f"some {c} are {b}", "no"),
        (f"Some {a} are {b}. Some {b} are {c}.", f"some {a} are {c}", "unknown"),
    )[n % 6]
    return (
        "syllogisms",
        (
            f"There is at least one of each kind. {premises} Is it true that {claim}? Say yes if it must be true, no if it "
            "cannot be true, and unknown if it may or may not be."
        ),
        "exact",
        answer,
        {},
    )


def _liars(people: int) -> Callable[[Dice, int], Puzzle]:
    def make(dice: Dice, _: int) -> Puzzle:
        names = dice.some(NAMES, people)
        while True:
            said = [_statement(dice, names, speaker) for speaker in range(people)]
            worlds = [
                world
                for world in itertools.product((True, False), repeat=people)
                if all(truth(world) == world[speaker] for speaker, (_, truth) in enumerate(said))
            ]
            if len(worlds) == 1 and not all(worlds[0]):
                break
        liars = [name for name, honest in zip(names, worlds[0], strict=True) if not honest]
        told = " ".join(f'{names[speaker]} says: "{text}"' for speaker, (text, _) in enumerate(said))
        return (
            "liars",
            (
                f"Each of {', '.join(names[:-1])} and {names[-1]} either always tells the truth or always lies. {told} Who lies? "
                "Give all their names, separated by commas."
            ),
            "set",
            liars,
            {},
        )

    return make


def _statement(dice: Dice, names: Sequence[str], speaker: int) -> tuple[str, Callable[[tuple[bool, ...]], bool]]:
    others = [n for n in range(len(names)) if n != speaker]
    a, b = dice.some(others, 2)
    count = dice.between(1, len(names) - 1)
    return dice.pick(
        (
            (f"{names[a]} lies.", lambda world: not world[a]),
            (f"{names[a]} and {names[b]} both tell the truth.", lambda world: world[a] and world[b]),
            (f"{names[a]} and {names[b]} are of the same kind.", lambda world: world[a] == world[b]),
            (f"Exactly {count} of us lie.", lambda world: world.count(False) == count),
        )
    )


def _seats(people: int) -> Callable[[Dice, int], Puzzle]:
    def make(dice: Dice, _: int) -> Puzzle:
        names = dice.some(NAMES, people)
        row = dice.shuffled(names)
        seat = {name: n for n, name in enumerate(row)}
        orders = [{name: n for n, name in enumerate(order)} for order in itertools.permutations(names)]
        clues: list[str] = []
        while len(orders) > 1:
            text, holds = _clue(dice, names, seat)
            left = [order for order in orders if holds(order)]
            if len(left) < len(orders):
                clues.append(text)
                orders = left
        place = dice.below(people)
        return (
            "seats",
            (
                f"{', '.join(names[:-1])} and {names[-1]} sit in a row of {people} seats. {' '.join(clues)} Who sits in the "
                f"{PLACES[place]} seat from the left?"
            ),
            "exact",
            row[place],
            {"among": names},
        )

    return make


def _clue(dice: Dice, names: Sequence[str], seat: dict[str, int]) -> tuple[str, Callable[[dict[str, int]], bool]]:
    """A clue that is true of ``seat``, with the function that tells of which orders it is."""
    a, b = dice.some(names, 2)
    a, b = (a, b) if seat[a] < seat[b] else (b, a)
    last = len(names) - 1
    apart = seat[b] - seat[a]
    clues: list[tuple[str, Callable[[dict[str, int]], bool]]] = [
        (f"{a} sits somewhere to the left of {b}.", lambda order: order[a] < order[b])
    ]
    if apart == 1:
        clues.append((f"{a} and {b} sit next to each other.", lambda order: abs(order[a] - order[b]) == 1))
    else:
        clues.append((f"{a} and {b} do not sit next to each other.", lambda order: abs(order[a] - order[b]) != 1))
    if seat[a] in (0, last):
        clues.append((f"{a} sits at one end of the row.", lambda order: order[a] in (0, last)))
    else:
        clues.append((f"{a} does not sit at an end of the row.", lambda order: order[a] not in (0, last)))
    return dice.pick(clues)


LEVELS: dict[int, tuple[Callable[[Dice, int], Puzzle], ...]] = {
    1: (_order(3), _weekday(1, 6), _exchanges(1), _order(2)),
    2: (_order(4), _weekday(8, 30), _exchanges(2)),
    3: (_syllogism, _exchanges(5), _order(5)),
    4: (_liars(3), _weekday(50, 400), _seats(4)),
    5: (_liars(4), _seats(5), _exchanges(10)),
}
