"""What a visitor asks for: the query string, read once and the same way by pages, exports and the API."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import urlencode

from django.utils import timezone

from catalog.selectors.prices import PricePolicy
from catalog.selectors.scores import POLICIES, ScorePolicy
from dashboard import formats
from dashboard.charts.theme import COLOURED
from dashboard.errors import BadParameter

SCORE_POLICIES = POLICIES
PRICE_POLICIES = ("first_party", "cheapest", "median")
# The values of each choice; the first is the default, and stays out of the address.
CHOICES: dict[str, tuple[str, ...]] = {
    "cost": ("list", "measured"),
    "policy": SCORE_POLICIES,
    "price_policy": PRICE_POLICIES,
    "access": ("all", "open", "api"),
    "variants": ("best", "all"),
    "older": ("hide", "show"),
    "unknown": ("hide", "show"),
    "intervals": ("hide", "show"),
    "labels": ("fit", "frontier"),
}
SUITE = re.compile(r"[-a-zA-Z0-9_]{1,80}")
CAPABILITY = re.compile(r"index|(benchmark|suite):[-a-zA-Z0-9_]{1,120}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
HIDABLE = (*COLOURED, "other")
MAX_WEIGHT = Decimal(1_000_000)
# Before it no language model was sold; so many years ahead nobody announces a price.
FIRST_DAY = date(2015, 1, 1)
YEARS_AHEAD = 10


@dataclass(frozen=True, slots=True)
class Mix:
    """Tokens of each kind in the visitor's traffic. The three need not add up to anything."""

    input: Decimal
    cached_input: Decimal
    output: Decimal

    @classmethod
    def parse(cls, text: str) -> "Mix":
        """``"3:0:1"``: input, cached input, output. Raises ``BadParameter`` for anything else."""
        parts = text.split(":")
        if len(parts) != 3:
            raise BadParameter(
                "mix",
                f"mix is {text!r}, which has {len(parts)} part{'' if len(parts) == 1 else 's'}: write three numbers, "
                "input:cached_input:output, such as 3:0:1.",
            )
        weights = []
        for name, part in zip(("input", "cached_input", "output"), parts, strict=True):
            try:
                weight = Decimal(part.strip())
            except InvalidOperation:
                weight = Decimal("NaN")
            if not (weight.is_finite() and 0 <= weight <= MAX_WEIGHT):
                raise BadParameter(
                    "mix",
                    f"mix is {text!r}: its {name} part {part!r} is not a number from 0 to {MAX_WEIGHT:,}. "
                    "Write input:cached_input:output, such as 3:0:1.",
                )
            weights.append(_more_than_nothing(weight))
        if not any(weights):
            raise BadParameter("mix", f"mix is {text!r}: at least one of its parts must be more than 0, as in 3:0:1.")
        return cls(*weights)

    @property
    def text(self) -> str:
        return ":".join(f"{weight.normalize():f}" for weight in (self.input, self.cached_input, self.output))

    @property
    def words(self) -> str:
        """``"3 input : 1 output"``; parts of zero are left out."""
        named = (("input", self.input), ("cached input", self.cached_input), ("output", self.output))
        return " : ".join(f"{weight.normalize():f} {name}" for name, weight in named if weight)

    @property
    def weights(self) -> dict[str, Decimal]:
        return {"input": self.input, "cached_input": self.cached_input, "output": self.output}


DEFAULT_MIX = Mix(Decimal(3), Decimal(0), Decimal(1))


@dataclass(frozen=True, slots=True)
class FrontierQuery:
    """Every assumption behind the frontier. ``as_of`` None is today.

    ``cost``       what the x axis is: the list price of the mix, or what a solved task of a suite was measured to cost
    ``task``       that suite's slug; empty: the one of the capability, else the one that most versions ran
    ``variants``   all: every reasoning effort is a point of its own; best: the one that the policies choose
    ``older``      show: superseded versions and withdrawn models too, beside the frontier
    ``intervals``, ``labels``, ``hide``, ``unknown``: what is drawn and listed; they change no number
    """

    mix: Mix = DEFAULT_MIX
    as_of: date | None = None
    capability: str = "index"
    cost: str = "list"
    task: str = ""
    policy: ScorePolicy = "independent"
    price_policy: PricePolicy = "first_party"
    access: str = "all"
    variants: str = "best"
    older: str = "hide"
    unknown: str = "hide"
    intervals: str = "hide"
    labels: str = "fit"
    hide: tuple[str, ...] = ()
    ignored: tuple[str, ...] = field(default=(), compare=False)

    @classmethod
    def parse(cls, values: Mapping[str, str]) -> "FrontierQuery":
        """Read a query string. Empty values count as absent; unknown names are kept in ``ignored``."""
        given = {name: str(value).strip() for name, value in values.items() if str(value).strip()}
        chosen: dict[str, Any] = {
            name: choice(name, given.get(name, allowed[0]), allowed) for name, allowed in CHOICES.items()
        }
        return cls(
            mix=Mix.parse(given["mix"]) if "mix" in given else DEFAULT_MIX,
            as_of=parse_day(given["as_of"]) if "as_of" in given else None,
            capability=_capability(given.get("capability", "index")),
            task=_task(given.get("task", "")),
            hide=_hidden(given.get("hide", "")),
            ignored=tuple(sorted(set(given) - cls.names())),
            **chosen,
        )

    @staticmethod
    def names() -> set[str]:
        return {"mix", "as_of", "capability", "task", "hide", *CHOICES}

    @property
    def day(self) -> date:
        return self.as_of or timezone.now().date()

    @property
    def suite(self) -> str:
        """The suite that is the capability; empty for another capability."""
        kind, _, slug = self.capability.partition(":")
        return slug if kind == "suite" else ""

    @property
    def parameters(self) -> dict[str, str]:
        """The query string's content, defaults left out."""
        values = {
            "mix": self.mix.text if self.mix != DEFAULT_MIX else "",
            "as_of": self.as_of.isoformat() if self.as_of else "",
            "capability": self.capability if self.capability != "index" else "",
            "task": self.task,
            "hide": ",".join(self.hide),
        }
        for name, allowed in CHOICES.items():
            values[name] = "" if getattr(self, name) == allowed[0] else getattr(self, name)
        return {name: value for name, value in values.items() if value}

    @property
    def string(self) -> str:
        """``"?mix=1:0:1"``, or nothing when all is default."""
        return f"?{urlencode(self.parameters, safe=':,')}" if self.parameters else ""

    def but(self, **changes: str) -> str:
        """The query string with some text values changed: ``query.but(access="open")``."""
        return FrontierQuery.parse(self.parameters | changes).string

    def frozen(self) -> "FrontierQuery":
        """The same view with its day written down, for a permalink."""
        return replace(self, as_of=self.day)

    def by_model(self) -> "FrontierQuery":
        """The same prices and levels for pages that know one point per model, at its list price."""
        return replace(
            self, cost="list", task="", variants="best", older="hide", intervals="hide", labels="fit", hide=()
        )


def choice(parameter: str, value: str, allowed: tuple[str, ...]) -> str:
    if value not in allowed:
        raise BadParameter(parameter, f"{parameter} is {value!r}: choose one of {', '.join(allowed)}.")
    return value


def parse_day(text: str, parameter: str = "as_of") -> date:
    """A day from :data:`FIRST_DAY` to :func:`last_day`."""
    try:
        # The library reads other notations too, such as 2025-W06-6; one is enough to explain.
        day = date.fromisoformat(text if DAY.fullmatch(text) else "")
    except ValueError:
        raise BadParameter(
            parameter, f"{parameter} is {text!r}, which is not a day: write it as year-month-day, such as 2025-02-08."
        ) from None
    if not FIRST_DAY <= day <= last_day():
        raise BadParameter(
            parameter, f"{parameter} is {text!r}: choose a day from {FIRST_DAY} to {last_day()}, such as 2025-02-08."
        )
    return day


def last_day() -> date:
    """The last day that can be asked for."""
    return date(timezone.now().year + YEARS_AHEAD, 12, 31)


def future_notice(day: date | None) -> str:
    """What a view of a day that has not come rests on; empty for today and earlier days."""
    if day is None or day <= timezone.now().date():
        return ""
    return (
        f"{formats.day(day)} has not come yet. Shown is what is known today: ends of prices and of sales that are "
        "stated already count, prices that are only announced do not."
    )


def parse_amount(parameter: str, text: str, *, least: Decimal = Decimal(0), most: Decimal, example: str) -> Decimal:
    """A finite decimal number in a closed range."""
    try:
        amount = Decimal(text.strip())
    except InvalidOperation:
        amount = Decimal("NaN")
    if not (amount.is_finite() and least <= amount <= most):
        raise BadParameter(
            parameter, f"{parameter} is {text!r}: write a number from {least} to {most:,}, such as {example}."
        )
    return _more_than_nothing(amount)


def _more_than_nothing(amount: Decimal) -> Decimal:
    """Zero for what is too small for a float: ratios of such amounts fail, and their digits fill pages."""
    return amount if float(amount) else Decimal(0)


def _hidden(text: str) -> tuple[str, ...]:
    """Entries of the chart's key, each once and in the key's order."""
    named = {choice("hide", word.strip(), HIDABLE) for word in text.split(",") if word.strip()}
    return tuple(name for name in HIDABLE if name in named)


def _task(text: str) -> str:
    if text and not SUITE.fullmatch(text):
        raise BadParameter("task", f"task is {text!r}: write the short name of a suite, such as everyday-v1.")
    return text


def _capability(text: str) -> str:
    if not CAPABILITY.fullmatch(text):
        raise BadParameter(
            "capability",
            f"capability is {text!r}: write index, benchmark:SLUG or suite:SLUG, such as benchmark:gpqa-diamond.",
        )
    return text
