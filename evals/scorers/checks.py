"""The checks that the constraints scorer knows: one small function each, independent of language, linear in the reply.

Words are runs of letters and digits (``don't`` and ``well-known`` are one word). A sentence ends with ``.``, ``!``
or ``?`` before white space or the end, or their East Asian forms: 3.5 ends none, an abbreviation such as "e.g." does.
"""

import json
import re
from collections.abc import Callable
from difflib import get_close_matches
from typing import Any

Check = Callable[[str, Any], bool]
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SENTENCE_END = re.compile(r"[.!?]+[\"'”’)\]*_]*(?=\s|$)|[。！？]+[」』”]*")
_BULLET = re.compile(r"[ \t]*(?:[-*•+]|\d{1,3}[.)])[ \t]+\S")


def words(text: str) -> list[str]:
    """The words of a text, without punctuation around them."""
    return _WORD.findall(text)


def sentences(text: str) -> list[str]:
    """The sentences of a text; a last one without an end mark counts."""
    return [part for part in _SENTENCE_END.split(text) if _WORD.search(part)]


def lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if line.strip()]


def paragraphs(text: str) -> list[str]:
    """What stands between blank lines or lines of stars."""
    return [part for part in re.split(r"\n[ \t]*(?:\*{3,}[ \t]*)?\n|^\*{3}$", text, flags=re.MULTILINE) if part.strip()]


def bullets(text: str) -> list[str]:
    return [line for line in text.splitlines() if _BULLET.match(line)]


def bare(text: str) -> str:
    """Without quotes and Markdown emphasis around."""
    return text.strip().strip("\"'“”`*").strip()


def occurrences(text: str, word: str) -> int:
    """How often a word or phrase stands in a text, in any case, not as part of a longer word."""
    return len(re.findall(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE))


def _cased(text: str, *, upper: bool) -> bool:
    letters = [char for char in text if char.isalpha() and char.upper() != char.lower()]
    return bool(letters) and all(char.isupper() if upper else char.islower() for char in letters)


def _capital_words(text: str) -> int:
    return sum(1 for word in words(text) if word.isupper())


def _is_json(text: str) -> bool:
    body = text.strip().removeprefix("```json").removeprefix("```").removesuffix("```")
    try:
        json.loads(body)
    except (ValueError, RecursionError):
        return False
    return True


def _nth_paragraph(text: str, wanted: dict[str, Any]) -> bool:
    found = paragraphs(text)
    if len(found) != wanted["paragraphs"]:
        return False
    first = words(found[wanted["n"] - 1])[:1]
    return bool(first) and first[0].casefold() == str(wanted["word"]).casefold()


def _in_order(text: str, wanted: list[str]) -> bool:
    position = 0
    for word in wanted:
        found = re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE).search(text, position)
        if found is None:
            return False
        position = found.end()
    return True


def counted(unit: str, text: str) -> int:
    """How many of a unit ("words", "lines") a text has."""
    return _COUNTED[unit](text)


def _letters(text: str, letter: str) -> int:
    return text.casefold().count(letter.casefold())


def _exact(count: Callable[[str], int]) -> Check:
    return lambda text, n: count(text) == n


def _least(count: Callable[[str], int]) -> Check:
    return lambda text, n: count(text) >= n


def _most(count: Callable[[str], int]) -> Check:
    return lambda text, n: count(text) <= n


def _number_of(measure: Callable[[str], list[str]]) -> Callable[[str], int]:
    return lambda text: len(measure(text))


_COUNTED: dict[str, Callable[[str], int]] = {
    "words": _number_of(words),
    "sentences": _number_of(sentences),
    "lines": _number_of(lines),
    "paragraphs": _number_of(paragraphs),
    "bullets": _number_of(bullets),
    "capital_words": _capital_words,
    "placeholders": lambda text: len(re.findall(r"\[[^\[\]\n]{1,200}\]", text)),
    "highlights": lambda text: len(re.findall(r"\*[^\s*][^*\n]{0,500}\*", text)),
    "characters": lambda text: len(text.strip()),
}
_BY_NAME: dict[str, Check] = {
    "uppercase": lambda text, wanted: _cased(text, upper=True) is wanted,
    "lowercase": lambda text, wanted: _cased(text, upper=False) is wanted,
    "no_commas": lambda text, wanted: (re.search("[,，、]", text) is None) is wanted,
    "starts_with": lambda text, start: bare(text).startswith(start),
    "ends_with": lambda text, end: bare(text).endswith(end),
    "contains": lambda text, wanted: all(occurrences(text, word) for word in wanted),
    "contains_none": lambda text, banned: not any(occurrences(text, word) for word in banned),
    "count_of": lambda text, wanted: all(occurrences(text, word) == n for word, n in wanted.items()),
    "min_count_of": lambda text, wanted: all(occurrences(text, word) >= n for word, n in wanted.items()),
    "max_count_of": lambda text, wanted: all(occurrences(text, word) <= n for word, n in wanted.items()),
    "min_letters": lambda text, wanted: all(_letters(text, letter) >= n for letter, n in wanted.items()),
    "max_letters": lambda text, wanted: all(_letters(text, letter) <= n for letter, n in wanted.items()),
    "in_order": _in_order,
    "each_line_starts_with": lambda text, start: all(line.strip().startswith(start) for line in lines(text)),
    "each_line_ends_with": lambda text, end: all(line.strip().endswith(end) for line in lines(text)),
    "each_word_starts_with": lambda text, start: all(w.casefold().startswith(start.casefold()) for w in words(text)),
    "equals": lambda text, wanted: bare(text) == wanted,
    "one_of": lambda text, wanted: any(occurrences(text, answer) for answer in wanted),
    "quoted": lambda text, wanted: (len(text) > 2 and text[0] in "\"“„«" and text[-1] in "\"”“»") is wanted,
    "title": lambda text, wanted: (re.search(r"<<[^<>\n]{1,500}>>", text) is not None) is wanted,
    "json": lambda text, wanted: _is_json(text) is wanted,
    "two_answers": lambda text, wanted: (len({p.strip() for p in text.split("******") if p.strip()}) == 2) is wanted,
    "postscript": lambda text, mark: any(line.strip().upper().startswith(mark.upper()) for line in lines(text)),
    "sections": lambda text, wanted: len(re.findall(rf"\b{re.escape(wanted['mark'])}\s?\d", text)) >= wanted["n"],
    "paragraph_starts": _nth_paragraph,
}  # fmt: skip


CHECKS: dict[str, Check] = (
    {name: _exact(count) for name, count in _COUNTED.items()}
    | {f"min_{name}": _least(count) for name, count in _COUNTED.items()}
    | {f"max_{name}": _most(count) for name, count in _COUNTED.items()}
    | {"max_words": lambda text, n: 0 < len(words(text)) <= n}  # a reply without a word is no short text
    | _BY_NAME
)
_COUNTS = frozenset(name for name in CHECKS if name.removeprefix("min_").removeprefix("max_") in _COUNTED)
_FLAGS = frozenset({"uppercase", "lowercase", "no_commas", "quoted", "title", "json", "two_answers"})
_LISTS = frozenset({"contains", "contains_none", "in_order", "one_of"})
_TEXTS = frozenset(
    {"starts_with", "ends_with", "each_line_starts_with", "each_line_ends_with", "each_word_starts_with", "equals"}
    | {"postscript"}
)
_TABLES = frozenset({"count_of", "min_count_of", "max_count_of", "min_letters", "max_letters"})
_OBJECTS = {"sections": {"mark": str, "n": int}, "paragraph_starts": {"paragraphs": int, "n": int, "word": str}}


def trouble(name: str, value: Any) -> str:
    """What is wrong with one constraint, in words; empty when nothing is."""
    if name not in CHECKS:
        near = get_close_matches(name, CHECKS, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"Known are {', '.join(sorted(CHECKS))}."
        return f"There is no constraint {name!r}. {hint}"
    if name in _COUNTS and not _is_count(value):
        return f"The constraint {name!r} takes a whole number, not {value!r}."
    if name in _FLAGS and not isinstance(value, bool):
        return f"The constraint {name!r} takes true or false, not {value!r}."
    if name in _TEXTS and not (isinstance(value, str) and value):
        return f"The constraint {name!r} takes a text, not {value!r}."
    if name in _LISTS and not (
        isinstance(value, list) and value and all(isinstance(each, str) and each for each in value)
    ):
        return f"The constraint {name!r} takes a list of texts, not {value!r}."
    if name in _TABLES and not (
        isinstance(value, dict) and value and all(k and _is_count(n) for k, n in value.items())
    ):
        return f"The constraint {name!r} takes an object from text to whole number, not {value!r}."
    if name in _OBJECTS and not (
        isinstance(value, dict)
        and value.keys() == _OBJECTS[name].keys()
        and all(isinstance(value[key], kind) for key, kind in _OBJECTS[name].items())
    ):
        return f"The constraint {name!r} takes an object with {', '.join(_OBJECTS[name])}, not {value!r}."
    return ""


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
