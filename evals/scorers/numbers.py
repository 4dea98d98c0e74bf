"""Numbers as models write them: exact values out of text, never through floating point.

A text is cut into marks. A mark is a number with an exact value, or something made of digits that is no number one
could compare (a date, a time, a range, a version, a power, ``2π``): its value is None, so that nobody takes a part of
it for the answer.
"""

import re
import unicodedata
from dataclasses import dataclass
from fractions import Fraction

MAX_DIGITS = 200  # nobody means a longer number, and Python refuses to read very long ones
_LETTER = "A-Za-z\u00c0-\u024f\u0370-\u03ff\u0400-\u04ff"
_SPACE = " \u00a0\u202f\u2009"
_MINUS = r"\-\u2212\u2013\u2011\uff0d"
_CURRENCY = r"(?:(?:US|C|A|R|HK|S)?\$|[€£¥₹₩₽]|(?:USD|EUR|GBP|CHF|JPY|Rs)\.?)"
_DIGITS = rf"[0-9]{{1,3}}(?:[{_SPACE}][0-9]{{3}})+(?![0-9])(?:[.,][0-9]+)?|[0-9](?:[.,'’_]?[0-9])*|\.[0-9]+"
_MARK = re.compile(
    rf"""
    (?P<sign>(?:[{_MINUS}+]|\b(?:minus|negative)[{_SPACE}])[{_SPACE}]?)?
    (?P<currency>{_CURRENCY}[{_SPACE}]?)?
    (?P<inner>[{_MINUS}])?
    (?:
        (?P<whole>[0-9]{{1,15}})[{_SPACE}]{{1,2}}(?P<over>[0-9]{{1,15}})[/⁄](?P<under>[0-9]{{1,15}})(?![/⁄]?[0-9])
      | (?P<digits>{_DIGITS})
        (?:(?:[{_SPACE}]?(?:[x×*·]|\\times)[{_SPACE}]?10\^\{{?(?P<power>[{_MINUS}+]?[0-9]{{1,3}})\}}?)
          |[eE](?P<exponent>[{_MINUS}+]?[0-9]{{1,3}})(?![0-9{_LETTER}]))?
        (?:[{_SPACE}]?[/⁄][{_SPACE}]?(?P<denominator>[0-9]{{1,15}}))?
    )
    """,
    re.VERBOSE,
)
_AFTER = re.compile(
    rf"""
    (?P<percent>[{_SPACE}]?(?:\\?%|percent\b|per\ cent\b|pct\b|Prozent\b))
  | (?P<scale>[{_SPACE}]?(?:hundred|thousand|million|billion|trillion|dozen|lakh|crore)\b|[kK](?![{_LETTER}0-9]))
  | (?P<glued>[{_LETTER}_\u2070-\u209c²³¹√][{_LETTER}0-9_\u2070-\u209c²³¹]*)
  | (?P<bad>[{_SPACE}]?(?:\^|\\pi\b|pi\b|π|√|\\sqrt)|[{_MINUS}:/⁄][0-9]
          |[.,'’_][0-9]|\+(?![{_SPACE}]?[0-9(])|(?:\.\.\.?|…))
    """,
    re.VERBOSE | re.IGNORECASE,
)
_SCALES = {
    "k": 1_000, "hundred": 100, "thousand": 1_000, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "dozen": 12, "lakh": 10**5, "crore": 10**7,
}  # fmt: skip
_UNITS = frozenset(
    (
        "m",
        "s",
        "g",
        "h",
        "l",
        "d",
        "t",
        "w",
        "v",
        "a",
        "n",
        "j",
        "c",
        "f",
        "km",
        "cm",
        "mm",
        "nm",
        "kg",
        "mg",
        "mcg",
        "ml",
        "cl",
        "dl",
        "min",
        "mins",
        "sec",
        "secs",
        "hr",
        "hrs",
        "am",
        "pm",
        "st",
        "nd",
        "rd",
        "th",
        "er",
        "usd",
        "eur",
        "gbp",
        "chf",
        "mph",
        "kmh",
        "kph",
        "kw",
        "kwh",
        "gb",
        "mb",
        "kb",
        "tb",
        "lb",
        "lbs",
        "oz",
        "ft",
        "in",
        "yd",
        "mi",
        "pcs",
        "ppm",
        "px",
        "pt",
    )
)
_BEFORE = re.compile(
    rf"(?:[{_LETTER}_^]|[0-9][:{_MINUS}/⁄.,]|\^\{{|\\sqrt\{{?|√|\b(?:sqrt|log|ln|sin|cos|tan|exp|mod|base)[{_SPACE}]?\(?|[{_MINUS}][{_SPACE}]?\()\Z",
    re.IGNORECASE,
)
_VULGAR = {"½": "1/2", "⅓": "1/3", "⅔": "2/3", "¼": "1/4", "¾": "3/4", "⅕": "1/5", "⅖": "2/5", "⅗": "3/5", "⅘": "4/5",
           "⅙": "1/6", "⅚": "5/6", "⅛": "1/8", "⅜": "3/8", "⅝": "5/8", "⅞": "7/8"}  # fmt: skip
_LATEX = (
    (re.compile(r"\\[dt]?frac\{(-?[0-9]+)\}\{([0-9]+)\}"), r" \1/\2 "),
    (re.compile(r"\\[dt]?frac([0-9])([0-9])"), r" \1/\2 "),
    (re.compile(r"\\(?:text|mathrm|mathbf|textbf)\{([^{}]*)\}"), r" \1 "),
    (re.compile(r"\^\{?\\circ\}?|\\degree|°"), " degrees "),
    (re.compile(r"\{,\}"), ","),
    (re.compile(r"\\[,;:! ]"), ""),
    (re.compile(r"\\\$"), "$"),
    (re.compile(r"\\(?:left|right)(?![a-z])"), ""),
    (re.compile(r"\\\(|\\\)|\\\[|\\\]|\*\*|`|\$\$"), " "),
    (re.compile(r"(?<=[0-9])\$(?![0-9])"), " "),
    (re.compile(r"__"), " "),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """Something made of digits. ``value`` is None when it is no number to compare with.

    ``is_percent``: it carried a percent sign, and ``value`` is what stood before it.
    """

    value: Fraction | None
    text: str
    start: int
    end: int
    is_percent: bool = False

    @property
    def fraction(self) -> Fraction | None:
        """The value with the percent sign carried out: 45% is 9/20."""
        return self.value / 100 if self.value is not None and self.is_percent else self.value


def plain(text: str) -> str:
    """The text with LaTeX and Markdown around numbers taken away and every kind of digit made an ASCII one."""
    if not text.isascii():
        text = "".join(_ascii_digit(char) for char in text)
        text = re.sub(rf"([0-9])?([{''.join(_VULGAR)}])", _vulgar, text)
    for pattern, replacement in _LATEX:
        text = pattern.sub(replacement, text)
    return text


def _ascii_digit(char: str) -> str:
    if char.isascii():
        return char
    if unicodedata.category(char) == "Nd":
        return str(unicodedata.decimal(char))
    return {"．": ".", "，": ",", "％": "%", "٫": ".", "٬": ",", "＋": "+", "＝": "="}.get(char, char)


def _vulgar(match: re.Match[str]) -> str:
    return (f"{match.group(1)} " if match.group(1) else "") + _VULGAR[match.group(2)]


def find_marks(text: str) -> list[Mark]:
    """Everything made of digits in ``text`` (already made :func:`plain`), in order, without digits in words."""
    found: list[Mark] = []
    position = 0
    while match := _MARK.search(text, position):
        start, position = match.start(), match.end()
        before = text[max(0, start - 12) : start]
        if match.group("sign") and found and not text[found[-1].end : start].strip():
            # A sign right after a number is an operator: 8 - 5 is no number.
            position = start + len(match.group("sign"))
            match = _MARK.match(text, position) or match
            start, position = match.start(), match.end()
            before = " "
        glued_left = _BEFORE.search(before)
        after = _AFTER.match(text, position)
        is_percent, scale, good = False, 1, True
        while after:
            position = after.end()
            if after.group("percent"):
                is_percent = True
                break
            if after.group("scale"):
                scale *= _SCALES[after.group("scale").strip().lower()]
            elif after.group("glued"):
                unit = after.group("glued")
                good = (
                    good and (unit.lower() in _UNITS or (unit.isalpha() and len(unit) > 3)) and unit not in ("M", "B")
                )
                break
            else:
                good = False
                position = _end_of_run(text, position)
                break
            after = _AFTER.match(text, position)
        if glued_left and re.search(rf"[{_LETTER}_]\Z", glued_left.group()):
            continue
        written = text[start:position].strip()
        value = None if glued_left or not good else _value(match, before)
        found.append(Mark(None if value is None else value * scale, written, start, position, is_percent))
    return found


def _end_of_run(text: str, position: int) -> int:
    run = re.compile(rf"[0-9.,:/⁄{_MINUS}'’_^]*[0-9]").match(text, position)
    return run.end() if run else position


def _value(match: re.Match[str], before: str) -> Fraction | None:
    negative = _is_negative(match, before)
    if negative is None or len(match.group()) > MAX_DIGITS:
        return None
    if match.group("whole"):
        if int(match.group("under")) == 0:
            return None
        value = int(match.group("whole")) + Fraction(int(match.group("over")), int(match.group("under")))
        return -value if negative else value
    read = _read_digits(match.group("digits"))
    if read is None:
        return None
    power = match.group("power") or match.group("exponent")
    if power:
        read *= Fraction(10) ** int(re.sub(f"[{_MINUS}]", "-", power))
    if match.group("denominator"):
        if int(match.group("denominator")) == 0:
            return None
        read /= int(match.group("denominator"))
    return -read if negative else read


def _is_negative(match: re.Match[str], before: str) -> bool | None:
    """Whether the number is below zero; None where a dash may as well be a bullet."""
    sign, inner = (match.group("sign") or ""), match.group("inner")
    dash = re.match(f"[{_MINUS}]", sign) is not None
    word = sign[:1].isalpha()
    if dash and sign[-1:].isspace() and not re.search(r"[=:(]\s*$|\bis\s*$", before):
        return None
    return (dash or word) != bool(inner)


def _read_digits(digits: str) -> Fraction | None:
    """The value of a run of digits and separators, or None where it is not one number."""
    text = re.sub(f"[{_SPACE}]", " ", digits).replace("’", "'")
    for mark in " '_":
        if mark in text:
            if not re.fullmatch(rf"[0-9]{{1,3}}(?:{mark}[0-9]{{3}})+(?:[.,][0-9]+)?", text):
                return None
            text = text.replace(mark, "")
            return _decimal(text.replace(",", "."))
    commas, dots = text.count(","), text.count(".")
    if commas and dots:
        decimal, group = (",", ".") if text.rindex(",") > text.rindex(".") else (".", ",")
        whole, _, decimals = text.partition(decimal) if text.count(decimal) == 1 else ("", "", "")
        if not re.fullmatch(rf"[0-9]{{1,3}}(?:[{group}][0-9]{{3}})+", whole):
            return None
        return _decimal(f"{whole.replace(group, '')}.{decimals}")
    if commas:
        if re.fullmatch(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+|[1-9][0-9]?(?:,[0-9]{2})+,[0-9]{3}", text):
            return _decimal(text.replace(",", ""))
        return _decimal(text.replace(",", ".")) if commas == 1 else None
    if dots > 1:
        return _decimal(text.replace(".", "")) if re.fullmatch(r"[1-9][0-9]{0,2}(?:\.[0-9]{3})+", text) else None
    return _decimal(text)


def _decimal(text: str) -> Fraction:
    whole, _, decimals = text.partition(".")
    return Fraction(int((whole + decimals) or "0"), 10 ** len(decimals))
