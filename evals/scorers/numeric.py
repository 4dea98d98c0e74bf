"""A number, compared exactly."""

import re
from decimal import Decimal, InvalidOperation
from fractions import Fraction
from typing import Any

from evals.scorers.base import Judge, Judgement, ScorerError, graded, incorrect, scorer, unscored
from evals.scorers.numbers import Mark, find_marks, plain

_BOXED = re.compile(r"\\boxed\s*\{((?:[^{}]|\{[^{}]{0,200}\}){0,500})\}")
_MARKER = re.compile(
    r"####|\banswers?\b[\s*_]*(?:is|are|:|=|would be|will be|comes to|equals)+[\s*_]*:?"
    r"|\b(?:antwort|respuesta|r[ée]ponse|risposta|resposta|antwoord)\b\s*(?:(?:ist|lautet|es|est|è|é|is)\b\s*:?|:)"
    r"|答案(?:是|为|:|:)|答え(?:は|:|:)",
    re.IGNORECASE,
)
_SEPARATORS = re.compile(r"[\s,;|&()\[\]{}]*$")
_HEDGE = re.compile(
    r"\b(?:or|oder|ou|o|and|to|through|maybe|perhaps|possibly|alternatively|between)\b|/", re.IGNORECASE
)
_OPERATOR = re.compile(r"[+*/×÷·^]|\\times|\\cdot|\\div|\s[-−–]\s|[-−–]\s*$|\b(?:plus|minus|times|divided by|x)\b")
_EQUALS = re.compile(r"=|≈|→|\b(?:equals|is|gives|makes)\b")
_DENIED = re.compile(r"\b(?:not|isn't|never|cannot be|can't be|nicht|pas)\s+(?:equal to\s+)?$", re.IGNORECASE)
_BOUND = re.compile(
    r"(?:\b(?:more|less|fewer|greater|larger|smaller|higher|lower|bigger)\s+than|\bat\s+(?:least|most)|\bover|\bunder"
    r"|\bor\s+(?:equal\s+to|more|less)|\b(?:max|min)imum\s+of"
    r"|\balmost|\bnearly|\bup\s+to|[<>≤≥≠~]|\\leq?|\\geq?|\\neq?|!=)\s*(?:about\s+)?$",
    re.IGNORECASE,
)
_DASH_ABOVE = re.compile(r"(?<![-−–])[-−–][ \t]*\n\s*$")
# What makes the number before or after it a place, a factor or an operand, and not the answer.
_PLACED = re.compile(
    r"(?:\b(?:steps?|lines?|questions?|problems?|items?|exercises?|rows?|part|rule|example|case|pages?|chapters?|versions?"
    r"|sections?|figures?|tables?|equations?|errors?(?:\s+code)?|code|http|status)\s*(?:no\.?\s*)?|\b[a-z]\("
    r"|\b(?:twice|thrice|doubles?|triples?|half(?:\s+of)?|third\s+of|quarter\s+of|squares?\s+of|cubes?\s+of|roots?\s+of"
    r"|factorial\s+of|multiples?\s+of|logarithm\s+of))\s*$",
    re.IGNORECASE,
)
_CONTINUED = re.compile(
    r"\s*(?:(?:squared|cubed|factorial|o['’]clock)\b|‰|(?:basis\s+points|per\s*mille?|in\s+(?:binary|octal|hex(?:adecimal)?)|base)\b"
    r"|or\s+(?:more|less|fewer|greater|above|below|higher|lower)\b|at\s+(?:most|least)\b|r(?:emainder)?\s*[0-9]"
    r"|(?:more|less|fewer|greater|smaller)\s+than\s+(?:\w+\s+){0,2}[0-9]"
    r"|[+×÷*/](?:\s*(?:[A-Za-z]\b|$)))"
    r"|-(?=[A-Za-z])",
    re.IGNORECASE,
)
_REJECTED = re.compile(
    r"[^.!?\n]{0,30}?\b(?:is|was|are|looks|seems)\s+(?:clearly\s+|certainly\s+)?"
    r"(?:not\s+(?:right|correct|the\s+answer|true|possible)|wrong|incorrect|false|impossible)\b"
    r"|[^!?\n]{0,60}?\bit\s+(?:could|might|may)\s+(?:also\s+|as\s+well\s+)?be\s+\S{0,3}[0-9]",
    re.IGNORECASE,
)
_UNDECIDED = re.compile(
    r"\banswer\s+(?:is|remains)\s+(?:unknown|unclear|undefined|not\s+known|undetermined)\b"
    r"|\bimpossible\s+to\s+(?:tell|say|know|determine|answer)\b"
    r"|\b(?:cannot|can't|can\s+not)\s+(?:be\s+)?(?:determined?|answered|help\s+with|tell|answer\s+(?:that|this))\b"
    r"|\b(?:refuse|unable)\s+to\s+(?:answer|say|determine|help)\b",
    re.IGNORECASE,
)
_MONTH = (
    r"(?:January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
)
_MONTH_BEFORE = re.compile(rf"\b{_MONTH}\.?\s+(?:the\s+)?$")
_MONTH_AFTER = re.compile(rf"(?:st|nd|rd|th)?\s+(?:of\s+)?{_MONTH}\b")
_GUESSED = re.compile(
    r"\b(?:do\s+not|don['’]t|did\s+not|didn['’]t)\s+know\b|\bno\s+idea\b|\bnone\s+right\b", re.IGNORECASE
)
_PART_BEFORE = re.compile(
    r"[0-9]\s*(?:ft|feet|foot|lbs?|pounds?|h|hrs?|hours?|mins?|minutes?|days?|weeks?|months?|years?|m|metres?|meters?|km"
    r"|kg|'|dollars?|euros?)(?:\s+and)?,?\s*$",
    re.IGNORECASE,
)
_PART_AFTER = re.compile(
    r"\s*(?:in|inch|inches|oz|ounces?|mins?|minutes?|s|secs?|seconds?|cm|mm|centimetres?|metres?|m|g|grams?|hours?|h|days?"
    r"|weeks?|months?|\"|cents?)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(r"\s*(?:[^\s.!?,;]+\s+){0,2}[^\s.!?,;]*\?")
_RETRACTED = re.compile(
    r"\b(?:wait|actually|correction|sorry|mistake|scratch that|instead|let me (?:re|check)|no,|hmm|rather"
    r"|on second thought)",
    re.IGNORECASE,
)


@scorer(name="numeric", version=4)
def numeric(*, tolerance: str = "0", percent: bool = False) -> Judge:
    """Compare the number that the reply ends on with the target, exactly.

    Taken is, in this order: the last ``\\boxed{}``; the first number after the last "answer is", "answer:" or "####"
    (of an equation its right side); the last number of the text. What is taken back later ("wait, no: 13") does not
    count. Read are thousands separators (1,234; 1 234; 1'234; 1.234,5), currency signs, units, fractions, mixed
    numbers, exponents, "5 million", every minus sign and the digits of every script.

    :param tolerance: largest absolute difference that still counts as right, as a decimal text.
    :param percent: the question asks for a percentage: 45 and 45% both mean 45. Otherwise 45% means 0.45.

    Does not match: numbers in words ("seven"); parts of longer numbers (711 never matches 11), of dates, times, ranges
    and powers; sums that are not worked out ("5 + 3"); two numbers where one was asked for ("11 or 12"); "more than
    11", "not 11", "11?", "11 is wrong"; a number that names a place ("step 11"), is worked on ("twice 11", "11
    squared", "11 +"), is an hour or a day ("11 o'clock", "11 May") or is one part of a measure ("5 ft 11 in"); a reply
    that says that nothing can be told, or that it does not know ("no idea, 11"); a dash and a space at the start of a
    line, which may be a bullet or a minus. "11!" is read as a cheer. ``1.234`` is read
    as a decimal number, as in English.
    """
    try:
        allowed = Fraction(Decimal(tolerance))
    except (InvalidOperation, ValueError, TypeError, OverflowError):
        raise ScorerError(f"tolerance is {tolerance!r}; write a decimal number such as 0.01.") from None
    if allowed < 0:
        raise ScorerError(f"tolerance is {tolerance!r}; it cannot be negative.")
    if not isinstance(percent, bool):
        raise ScorerError(f"percent is {percent!r}; write true or false.")

    def judge(text: str, target: Any) -> Judgement:
        wanted = target_number(target)
        if wanted is None:
            return unscored("", f"The target {target!r} is not a number.")
        found, trouble = _settled_on(text)
        if found is None:
            return incorrect("", trouble)
        value = found.value if percent else found.fraction
        if trouble or value is None:
            return incorrect(found.text[:500], trouble or f"{found.text[:100]} is not a plain number.")
        return graded(abs(value - wanted) <= allowed, found.text[:500], f"{found.text[:100]} is not {target}.")

    return judge


def target_number(target: Any) -> Fraction | None:
    """The exact value of a target (text or number), or None when it is not one number."""
    if isinstance(target, bool) or target is None:
        return None
    written = str(target).strip()
    marks = find_marks(written)
    return marks[0].fraction if len(marks) == 1 and marks[0].text == written else None


def _settled_on(reply: str) -> tuple[Mark | None, str]:
    """The number that the reply settles on, and what speaks against taking it."""
    boxes = list(_BOXED.finditer(reply))
    if boxes and not _taken_back(reply[boxes[-1].end() :]):
        last = boxes[-1]
        if len(boxes) > 1 and boxes[-2].group(1) != last.group(1) and _joins(reply[boxes[-2].end() : last.start()]):
            return None, "The reply boxes more than one answer."
        return _only(plain(last.group(1)))
    text = plain(reply)
    marks = find_marks(text)
    if not marks:
        return None, "The reply holds no number."
    markers = list(_MARKER.finditer(text))
    if markers:
        after = [index for index, mark in enumerate(marks) if mark.end > markers[-1].end()]
        if after and not _taken_back(text[marks[after[0]].end :]):
            return _from_marker(text, marks, after[0])
    return _last(text, marks)


def _taken_back(rest: str) -> bool:
    retraction = _RETRACTED.search(rest)
    return retraction is not None and bool(find_marks(plain(rest[retraction.end() :])))


def _only(box: str) -> tuple[Mark | None, str]:
    marks = find_marks(box)
    if not marks:
        return None, "The box holds no number."
    if len(marks) > 1:
        joined = _EQUALS.search(box[marks[-2].end : marks[-1].start])
        return marks[-1], "" if joined else "The box holds more than one number."
    return marks[0], _objection(box, marks[0])


def _from_marker(text: str, marks: list[Mark], index: int) -> tuple[Mark, str]:
    """The first number after "the answer is", or the right side of the equation that begins there."""
    objection = ""
    while index + 1 < len(marks):
        gap = text[marks[index].end : marks[index + 1].start]
        sentence_ends = re.search(r"[.!?;\n]", gap)
        if sentence_ends or not (_OPERATOR.search(gap) or "=" in gap or "≈" in gap):
            break
        objection = "" if _EQUALS.search(gap) else "The reply ends in a sum that is not worked out."
        index += 1
    if objection:
        return marks[index], objection
    following = marks[index + 1] if index + 1 < len(marks) else None
    if following and _differs(marks[index], following) and _joins(text[marks[index].end : following.start]):
        return marks[index], "The reply offers more than one number."
    return marks[index], _objection(text, marks[index])


def _last(text: str, marks: list[Mark]) -> tuple[Mark, str]:
    mark = marks[-1]
    if len(marks) > 1:
        gap = text[marks[-2].end : mark.start]
        if _OPERATOR.search(gap) and not _EQUALS.search(gap) and len(gap.split()) <= 4:
            return mark, "The reply ends in a sum that is not worked out."
        if _differs(marks[-2], mark) and _joins(gap):
            return mark, "The reply offers more than one number."
    return mark, _objection(text, mark)


def _differs(a: Mark, b: Mark) -> bool:
    return a.value is None or a.fraction != b.fraction


def _joins(gap: str) -> bool:
    """Whether what stands between two numbers puts them side by side as alternatives or as a list."""
    if len(gap) > 80 or re.search(r"[.!?:](?:\s|$)", gap):
        return False
    return bool(_SEPARATORS.match(gap)) or (bool(_HEDGE.search(gap)) and len(gap.split()) <= 4)


def _objection(text: str, mark: Mark) -> str:
    before = text[max(0, mark.start - 40) : mark.start]
    if _DENIED.search(before):
        return f"The reply says that it is not {mark.text[:100]}."
    if _DASH_ABOVE.search(before):
        return f"The dash before {mark.text[:100]} may be a minus or not."
    if _BOUND.search(before):
        return f"The reply gives {mark.text[:100]} as a bound, not as the answer."
    after = text[mark.end : mark.end + 120]
    if _ASKED.match(after[:80]):
        return f"The reply asks whether it is {mark.text[:100]}."
    if _REJECTED.match(after):
        return f"The reply takes {mark.text[:100]} back."
    if _PLACED.search(before) or _CONTINUED.match(after):
        return f"The reply works on {mark.text[:100]} or counts with it; it does not give it as the answer."
    if _MONTH_BEFORE.search(before) or _MONTH_AFTER.match(after):
        return f"{mark.text[:100]} is the day of a date."
    sentence = re.split(r"[.!?\n]", text[max(0, mark.start - 200) : mark.start])[-1] + re.split(r"[.!?\n]", after)[0]
    if _GUESSED.search(sentence):
        return f"The reply says that it does not know, and names {mark.text[:100]}."
    if _PART_BEFORE.search(before) and _PART_AFTER.match(after):
        return f"{mark.text[:100]} is one part of a measure in two units."
    if before.endswith("|") and after.startswith("|") and mark.value is not None and mark.value < 0:
        return f"|{mark.text[:100]}| is an absolute value that is not worked out."
    marked = any(marker.end() >= len(before) - 4 for marker in _MARKER.finditer(before))
    if not marked and _UNDECIDED.search(text[-2_000:]):
        return "The reply says that it cannot be told."
    return ""
