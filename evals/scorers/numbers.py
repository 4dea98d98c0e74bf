"""Numbers as models write them: exact values out of text, never through floating point."""

import re
from dataclasses import dataclass
from fractions import Fraction

_MINUS = r"\-−–"
# A number stands alone: no letter, digit or joining sign touches it. 711 is not 11, and v2 or B12 hold no number.
_NUMBER = re.compile(
    rf"""
    (?<![\w.,/]) (?<!\d[{_MINUS}:])          # not inside a word, a longer number, a date, a time or a fraction
    (?P<sign>[{_MINUS}+]\s?)?
    [$€£¥]?\s?
    (?:
        (?P<whole>\d{{1,3}}(?:[,\u00a0\u202f']\d{{3}})+|\d+) (?:\.(?P<decimals>\d+))?
      | \.(?P<bare>\d+)
    )
    (?:[eE](?P<exponent>[+-]?\d{{1,3}}))?
    (?:\s?/\s?(?P<denominator>\d+)(?!\s?/\s?\d))?
    (?P<percent>\s?(?:%|\\%|percent\b|per\ cent\b))?
    (?![\d]|[.,:]\d|[{_MINUS}]\d|/)           # and does not go on
    """,
    re.VERBOSE,
)
_LATEX = (
    (re.compile(r"\\[dt]?frac\{(-?\d+)\}\{(\d+)\}"), r"\1/\2"),
    (re.compile(r"\\text\{([^}]*)\}"), r" \1 "),
    (re.compile(r"\\[,;! ]|\{,\}"), ""),
    (re.compile(r"\\\(|\\\)|\\\[|\\\]|\*\*|__|`"), " "),
)
_MIXED = re.compile(r"(?<![\w.,/])(\d+)\s+(\d+)/(\d+)(?![\d/])")


@dataclass(frozen=True, slots=True)
class Number:
    """A number found in a text. ``is_percent``: it carried a percent sign; ``value`` is what stood before it."""

    value: Fraction
    text: str
    start: int
    end: int
    is_percent: bool = False

    @property
    def fraction(self) -> Fraction:
        """The value with the percent sign carried out: 45% is 9/20."""
        return self.value / 100 if self.is_percent else self.value


def plain(text: str) -> str:
    """The text with LaTeX and Markdown around numbers taken away."""
    for pattern, replacement in _LATEX:
        text = pattern.sub(replacement, text)
    return text


def find_numbers(text: str) -> list[Number]:
    """Every number that stands alone in ``text`` (already made :func:`plain`), in order."""
    mixed = {match.start(): match for match in _MIXED.finditer(text)}
    found: list[Number] = []
    position = 0
    while match := _NUMBER.search(text, position):
        position = match.end()
        start = match.end() - len(match.group().lstrip())
        if start in mixed and int(mixed[start].group(3)):
            whole = mixed[start]
            value = int(whole.group(1)) + Fraction(int(whole.group(2)), int(whole.group(3)))
            found.append(Number(value, whole.group(), whole.start(), whole.end()))
            position = whole.end()
            continue
        if match.group("denominator") and int(match.group("denominator")) == 0:
            continue
        is_percent = bool(match.group("percent"))
        found.append(Number(_value(match), match.group().strip(), start, match.end(), is_percent))
    return found


def _value(match: re.Match[str]) -> Fraction:
    whole = re.sub(r"\D", "", match.group("whole") or "0")
    decimals = match.group("decimals") or match.group("bare") or ""
    value = Fraction(int(whole + decimals), 10 ** len(decimals))
    if match.group("exponent"):
        value *= Fraction(10) ** int(match.group("exponent"))
    if match.group("denominator"):
        value /= int(match.group("denominator"))
    return -value if (match.group("sign") or "").strip() in ("-", "−", "–") else value
