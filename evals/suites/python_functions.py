"""``python-functions-v1``: what a small Python function gives, and for which input. Nothing a model writes is run.

Levels: 1 a constant, one comparison, one operator; 2 one expression, a condition or a loop; 3 lists, texts and dicts, and a table of three inputs; 4 nested loops,
recursion, and which input gives this output; 5 a small machine with state, bit arithmetic, many rounds of a register, and
a table of four inputs. A model of 135M parameters gets a constant right now and then, and many rounds cost the best ones effort.

Each function is written twice here: as the source that is shown, and as the Python that gives the right answer. The tests
run the source and compare.
"""

from collections.abc import Callable
from typing import Any

from evals.suites.base import BuiltSuite, Item, draw
from evals.suites.dice import Dice
from evals.suites.words import WORDS

SLUG = "python-functions-v1"
SEED = 1
PER_LEVEL = 16
INPUTS = range(13)
Function = tuple[str, Callable[[Any], Any], Any]  # source, the same as Python, an input


def build(*, seed: int = SEED) -> BuiltSuite:
    """The suite: 80 items, the same every time for one seed."""
    return BuiltSuite(
        slug=SLUG,
        name="Python functions, version 1",
        description=(
            "80 small Python functions in five levels: what is returned, which input gives this output, tables of inputs "
            "and outputs. Values are compared with their types; no code of a model is run. Generated with a fixed seed."
        ),
        max_output_tokens=1_500,
        items=draw(slug=SLUG, seed=seed, levels=LEVELS, per_level=PER_LEVEL, make=_item),
    )


def _item(level: int, n: int, dice: Dice) -> Item:
    makers = LEVELS[level]
    source, run, given = makers[n % len(makers)](dice)
    asked = ASKED[level][n // len(makers) % len(ASKED[level])]
    if asked == "input" and not isinstance(given, int):
        asked = "output"
    shown = f"```python\n{source}\n```\n\n"
    scorer, options = "literal", {}
    target: Any = repr(run(given))
    if asked == "output":
        prompt = (
            f"{shown}What does f({given!r}) return? End with the value alone on the last line, written as in Python."
        )
    elif asked == "input":
        fitting = [n for n in INPUTS if run(n) == run(INPUTS[given % len(INPUTS)])]
        output = run(fitting[0])
        prompt = (
            f"{shown}For which whole number n from {INPUTS[0]} to {INPUTS[-1]} does f(n) return {output!r}? If there are "
            "several, give one of them. End with the number alone on the last line."
        )
        target, options = [repr(n) for n in fitting], {"any_of": True}
    else:
        inputs = _inputs(dice, given, 3 if level == 3 else 4)
        prompt = (
            f"{shown}What does f return for each of these inputs? {', '.join(map(repr, inputs))}\n"
            "End with one line for each input, of the form f(input) = value."
        )
        scorer, target = "io_table", [[repr(each), repr(run(each))] for each in inputs]
    return Item(
        key=f"level{level}-{n:02}",
        category=f"{asked}/{level}",
        prompt=prompt,
        target=target,
        scorer=scorer,
        scorer_options=dict(options),
    )


def _inputs(dice: Dice, given: Any, count: int) -> list[Any]:
    if isinstance(given, int):
        return dice.some(list(INPUTS), count)
    if isinstance(given, str):
        return dice.some(WORDS, count)
    return [dice.some(list(range(1, 10)), 5) for _ in range(count)]


def _constant(dice: Dice) -> Function:
    a = dice.between(2, 99)
    # Not "return 42": quoting the code would state the answer.
    return f"def f(n):\n    x = {a}\n    return x", lambda _: a, dice.between(1, 9)


def _either(dice: Dice) -> Function:
    limit, (yes, no) = dice.between(3, 7), dice.some(WORDS, 2)
    source = f"def f(n):\n    word = {no!r}\n    if n > {limit}:\n        word = {yes!r}\n    return word"
    return source, lambda n: no if n <= limit else yes, dice.between(1, 9)


def _plus(dice: Dice) -> Function:
    a = dice.between(1, 9)
    return f"def f(n):\n    return n + {a}", lambda n: n + a, dice.between(1, 9)


def _linear(dice: Dice) -> Function:
    a, b = dice.between(2, 9), dice.between(1, 20)
    return f"def f(n):\n    return n * {a} + {b}", lambda n: n * a + b, dice.between(2, 12)


def _minus(dice: Dice) -> Function:
    a = dice.between(20, 90)
    return f"def f(n):\n    return {a} - n", lambda n: a - n, dice.between(2, 19)


def _joined(dice: Dice) -> Function:
    tail = dice.pick(WORDS)
    return f"def f(s):\n    return s + {tail!r}", lambda s: s + tail, dice.pick(WORDS)


def _first(dice: Dice) -> Function:
    n = dice.between(0, 3)
    return f"def f(s):\n    return s[{n}]", lambda s: s[n], dice.pick(WORDS)


def _condition(dice: Dice) -> Function:
    a, b, c = dice.between(2, 5), dice.between(2, 9), dice.between(10, 30)
    source = f"def f(n):\n    if n % {a} == 0:\n        return n // {a}\n    return n * {b} - {c}"
    return source, lambda n: n // a if n % a == 0 else n * b - c, dice.between(11, 60)


def _total(dice: Dice) -> Function:
    step = dice.between(2, 4)
    source = f"def f(n):\n    total = 0\n    for i in range(0, n, {step}):\n        total += i\n    return total"
    return source, lambda n: sum(range(0, n, step)), dice.between(8, 25)


def _doubling(dice: Dice) -> Function:
    minus = dice.between(1, 5)
    source = f"def f(n):\n    for _ in range(4):\n        n = n * 2 - {minus}\n    return n"
    return source, lambda n: n * 16 - minus * 15, dice.between(3, 15)


def _reverse(dice: Dice) -> Function:
    n = dice.between(1, 3)
    return f"def f(s):\n    return s[::-1][{n}:]", lambda s: "".join(reversed(s))[n:], dice.pick(WORDS)


def _squares(dice: Dice) -> Function:
    rest = dice.between(0, 1)
    source = f"def f(items):\n    return [x * x for x in items if x % 2 == {rest}]"
    return source, lambda items: [x**2 for x in items if x % 2 == rest], dice.some(list(range(1, 10)), 5)


def _counts(dice: Dice) -> Function:
    source = (
        "def f(s):\n    counts = {}\n    for c in s:\n        counts[c] = counts.get(c, 0) + 1\n"
        "    return {c: n for c, n in counts.items() if n > 1}"
    )
    return source, lambda s: {c: s.count(c) for c in s if s.count(c) > 1}, dice.pick(WORDS)


def _pair(dice: Dice) -> Function:
    n = dice.between(1, 3)
    source = f"def f(items):\n    ordered = sorted(items)\n    return ordered[{n}], ordered[-1] - ordered[0]"
    return source, lambda items: (sorted(items)[n], max(items) - min(items)), dice.some(list(range(1, 30)), 6)


def _every(dice: Dice) -> Function:
    step = dice.between(2, 3)
    source = f"def f(s):\n    return s[::{step}].upper() + s[-1]"
    return source, lambda s: "".join(c for i, c in enumerate(s) if i % step == 0).upper() + s[-1:], dice.pick(WORDS)


def _grid(dice: Dice) -> Function:
    a = dice.between(2, 5)
    source = (
        f"def f(n):\n    total = 0\n    for i in range(n):\n        for j in range(i):\n            if (i + j) % {a} == 0:\n"
        "                total += i * j\n    return total"
    )
    return source, lambda n: sum(i * j for i in range(n) for j in range(i) if (i + j) % a == 0), dice.between(5, 9)


def _recursion(dice: Dice) -> Function:
    a, b = dice.between(2, 4), dice.between(1, 6)
    source = f"def f(n):\n    if n < 2:\n        return n + {b}\n    return f(n - 1) + {a} * f(n - 2)"

    def run(n: int) -> int:
        values = [b, 1 + b]
        while len(values) <= n:
            values.append(values[-1] + a * values[-2])
        return values[n]

    return source, run, dice.between(4, 7)


def _digits(dice: Dice) -> Function:
    a = dice.between(13, 99)
    source = (
        f"def f(n):\n    n = n * {a}\n    steps = 0\n    while n > 9:\n        n = sum(int(d) for d in str(n))\n"
        "        steps += 1\n    return n * 10 + steps"
    )

    def run(n: int) -> int:
        value, steps = n * a, 0
        while value > 9:
            total = 0
            while value:
                value, digit = divmod(value, 10)
                total += digit
            value, steps = total, steps + 1
        return value * 10 + steps

    return source, run, dice.between(11, 99)


def _remainders(dice: Dice) -> Function:
    a, b = dice.between(3, 7), dice.pick((11, 13, 17, 19))
    return f"def f(n):\n    return (n * n + {a} * n) % {b}", lambda n: n * (n + a) % b, dice.between(3, 12)


def _machine(dice: Dice) -> Function:
    a, b, c = dice.between(2, 4), dice.between(3, 9), dice.between(2, 5)
    source = (
        "def f(items):\n    stack = []\n    for x in items:\n"
        f"        if stack and x % {a} == 0:\n            stack.append(stack.pop() + x)\n"
        f"        elif x > {b}:\n            stack.append(x - {c})\n        else:\n            stack.insert(0, x)\n    return stack"
    )

    def run(items: list[int]) -> list[int]:
        front: list[int] = []
        for x in items:
            if front and x % a == 0:
                front = [*front[:-1], front[-1] + x]
            elif x > b:
                front = [*front, x - c]
            else:
                front = [x, *front]
        return front

    return source, run, dice.some(list(range(1, 13)), 7)


def _bits(dice: Dice) -> Function:
    a, b = dice.between(5, 30), dice.between(1, 3)
    source = f"def f(n):\n    return ((n ^ {a}) << {b}) | (n & {a})"
    return source, lambda n: ((n | a) - (n & a)) * 2**b | (n & a), dice.between(9, 60)


def _default(dice: Dice) -> Function:
    a = dice.between(2, 6)
    source = (
        "def f(n):\n    def add(x, seen=[]):\n        seen.append(x)\n        return sum(seen)\n"
        f"    return [add(i * {a}) for i in range(n % 5 + 1)]"
    )
    return source, lambda n: [a * k * (k + 1) // 2 for k in range(n % 5 + 1)], dice.between(2, 12)


def _walk(dice: Dice) -> Function:
    a, b = dice.between(2, 5), dice.pick((11, 13, 17))
    source = (
        f"def f(n):\n    seen = []\n    while n not in seen:\n        seen.append(n)\n        n = (n * n + {a}) % {b}\n"
        "    return len(seen), n"
    )

    def run(n: int) -> tuple[int, int]:
        order: dict[int, int] = {}
        while n not in order:
            order[n] = len(order)
            n = (n * n + a) % b
        return len(order), n

    return source, run, dice.between(2, 12)


def _register(dice: Dice) -> Function:
    a, b, rounds = dice.between(3, 9), dice.between(5, 40), dice.between(9, 14)
    modulus = dice.pick((89, 97, 101, 103))
    source = (
        f"def f(n):\n    low, high = n, {b}\n    for i in range({rounds}):\n        low = (low * {a} + high + i) % {modulus}\n"
        "        if low % 2:\n            low, high = high, low\n    return low * 1000 + high"
    )

    def run(n: int) -> int:
        state = [n, b]
        for i in range(rounds):
            state[0] = (state[0] * a + state[1] + i) % modulus
            if state[0] % 2 == 1:
                state.reverse()
        return state[0] * 1000 + state[1]

    return source, run, dice.between(2, 60)


LEVELS: dict[int, tuple[Callable[[Dice], Function], ...]] = {
    1: (_constant, _either, _plus, _constant, _joined),
    2: (_linear, _condition, _first, _total, _minus, _doubling, _reverse),
    3: (_squares, _counts, _pair, _every),
    4: (_grid, _recursion, _digits, _remainders),
    5: (_register, _machine, _bits, _default, _walk),
}
ASKED: dict[int, tuple[str, ...]] = {
    1: ("output",),
    2: ("output",),
    3: ("output", "table"),
    4: ("output", "input"),
    5: ("output", "table"),
}
