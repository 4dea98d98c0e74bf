"""``arithmetic-v1``: bare sums, from 3 + 4 to products of four-digit numbers and fractions.

Levels: 1 one digit; 2 two digits; 3 three digits, small products, exact division; 4 six-digit sums, two-digit products,
brackets, percentages, negative numbers; 5 four-digit products, nested brackets, powers, fractions, decimals, remainders.
"""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction

from evals.suites.base import BuiltSuite, Item, draw
from evals.suites.dice import Dice

SLUG = "arithmetic-v1"
SEED = 1
PER_LEVEL = 20
Made = tuple[str, str, str]  # kind, expression, value


def build(*, seed: int = SEED) -> BuiltSuite:
    """The suite: 100 items, the same every time for one seed."""
    return BuiltSuite(
        slug=SLUG,
        name="Arithmetic, version 1",
        description=(
            "100 sums in five levels, from one-digit sums to four-digit products, nested brackets and fractions. The "
            "exact number is asked for. Generated with a fixed seed."
        ),
        max_output_tokens=400,
        items=draw(slug=SLUG, seed=seed, levels=LEVELS, per_level=PER_LEVEL, make=_item),
    )


def _item(level: int, n: int, dice: Dice) -> Item:
    makers = LEVELS[level]
    kind, expression, value = makers[n % len(makers)](dice)
    fraction = " Give an exact fraction." if "/" in value else ""
    return Item(
        key=f"level{level}-{n:02}",
        category=f"{kind}/{level}",
        prompt=f"What is {expression}?{fraction} End with the result alone on the last line.",
        target=value,
        scorer="numeric",
    )


def _sum_of(low: int, high: int) -> Callable[[Dice], Made]:
    def make(dice: Dice) -> Made:
        a, b = dice.between(low, high), dice.between(low, high)
        return "addition", f"{a} + {b}", str(a + b)

    return make


def _difference_of(low: int, high: int, *, below_zero: bool = False) -> Callable[[Dice], Made]:
    def make(dice: Dice) -> Made:
        a, b = sorted((dice.between(low, high), dice.between(low, high)))
        a, b = (a, b + 1) if below_zero else (b, a)
        return "subtraction", f"{a} - {b}", str(a - b)

    return make


def _product_of(first: tuple[int, int], second: tuple[int, int]) -> Callable[[Dice], Made]:
    def make(dice: Dice) -> Made:
        a, b = dice.between(*first), dice.between(*second)
        return "multiplication", f"{a} × {b}", str(a * b)

    return make


def _division(dice: Dice) -> Made:
    divisor, quotient = dice.between(3, 12), dice.between(12, 99)
    return "division", f"{divisor * quotient} ÷ {divisor}", str(quotient)


def _precedence(dice: Dice) -> Made:
    a, b, c = dice.between(11, 99), dice.between(3, 19), dice.between(3, 19)
    return "brackets", f"{a} + {b} × {c}", str(a + b * c)


def _brackets(dice: Dice) -> Made:
    a, b, c, d = (dice.between(12, 60) for _ in range(4))
    return "brackets", f"({a} + {b}) × ({c} - {d})", str((a + b) * (c - d))


def _nested(dice: Dice) -> Made:
    a, b, c, d, e = (dice.between(11, 40) for _ in range(5))
    return "brackets", f"({a} × ({b} - {c}) + {d}) × {e} - {a}", str((a * (b - c) + d) * e - a)


def _percentage(dice: Dice) -> Made:
    percent, base = dice.between(3, 97), dice.between(11, 99) * 100
    return "percentages", f"{percent}% of {base}", str(percent * base // 100)


def _power(dice: Dice) -> Made:
    base, exponent = dice.between(3, 9), dice.between(5, 7)
    return "powers", f"{base} to the power of {exponent}", str(base**exponent)


def _fractions(dice: Dice) -> Made:
    b, d = dice.some((3, 4, 5, 6, 7, 8, 9, 11, 12), 2)
    a, c = dice.between(1, b - 1), dice.between(1, d - 1)
    total = Fraction(a, b) + Fraction(c, d)
    return "fractions", f"{a}/{b} + {c}/{d}", str(total)


def _decimals(dice: Dice) -> Made:
    a, b = Decimal(dice.between(1_01, 99_99)) / 100, Decimal(dice.between(1_1, 99_9)) / 10
    return "decimals", f"{a} × {b}", str(a * b)


def _remainder(dice: Dice) -> Made:
    a, b = dice.between(10_000, 999_999), dice.between(23, 97)
    return "remainders", f"the remainder of {a} divided by {b}", str(a % b)


LEVELS: dict[int, tuple[Callable[[Dice], Made], ...]] = {
    1: (_sum_of(2, 9), _difference_of(2, 9)),
    2: (_sum_of(12, 89), _difference_of(12, 89), _product_of((3, 9), (3, 9)), _sum_of(12, 89)),
    3: (_sum_of(215, 989), _difference_of(215, 989), _product_of((12, 99), (3, 9)), _division),
    4: (
        _sum_of(100_200, 899_999), _difference_of(1_200, 8_999, below_zero=True), _product_of((12, 99), (12, 99)),
        _precedence, _percentage,
    ),
    5: (_product_of((1_234, 9_876), (1_234, 9_876)), _brackets, _nested, _power, _fractions, _decimals, _remainder),
}  # fmt: skip
