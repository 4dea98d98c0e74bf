"""What a scorer asks of a reply, in the words of a reader who knows neither its name nor how targets are written."""

import json
from typing import Any

from evals.scorers.checks import counted

_UNITS = {
    "words": ("word", "words"),
    "sentences": ("sentence", "sentences"),
    "lines": ("line", "lines"),
    "paragraphs": ("paragraph", "paragraphs"),
    "bullets": ("bullet point", "bullet points"),
    "capital_words": ("word in capitals", "words in capitals"),
    "placeholders": ("placeholder in square brackets", "placeholders in square brackets"),
    "highlights": ("passage between asterisks", "passages between asterisks"),
    "characters": ("character", "characters"),
}
_LIMITS = {"min_": "at least ", "max_": "at most ", "": "exactly "}
_FLAGS = {
    "uppercase": "be in capitals throughout",
    "lowercase": "be in small letters throughout",
    "no_commas": "have no comma",
    "quoted": "stand in quotation marks",
    "title": "have a title in double angle brackets",
    "json": "be JSON",
    "two_answers": "give two different answers with six asterisks between them",
}
_TEXTS = {
    "starts_with": "begin with {}",
    "ends_with": "end with {}",
    "each_line_starts_with": "begin each line with {}",
    "each_line_ends_with": "end each line with {}",
    "each_word_starts_with": "begin each word with {}",
    "equals": "be {}",
    "postscript": "have a postscript that begins with {}",
}
_LISTS = {
    "contains": ("contain {}", "and"),
    "contains_none": ("not contain {}", "or"),
    "in_order": ("contain {}, in this order", "and"),
    "one_of": ("contain {}", "or"),
}
_TABLES = {
    "count_of": "contain {word} {n}",
    "min_count_of": "contain {word} at least {n}",
    "max_count_of": "contain {word} at most {n}",
    "min_letters": "have the letter {word} at least {n}",
    "max_letters": "have the letter {word} at most {n}",
}
_RULES = {
    "exact": "The reply has to be this text",
    "numeric": "The reply has to give this number",
    "choice": "The reply has to choose this letter",
    "pattern": "The reply has to match this pattern",
    "json": "The reply has to be a JSON object with these values",
    "set": "The reply has to name these, in any order",
    "literal": "The reply has to be this value, as Python writes it",
    "io_table": "The reply has to give the right output for each input",
}


def rule_of(scorer: str, target: Any) -> str:
    """What the reply has to be for a target shown beside it: "The reply has to be this text"."""
    if scorer == "exact" and isinstance(target, list):
        return "The reply has to be one of these texts"
    if scorer == "json" and target is None:
        return "The reply has to be a JSON object of the shape that was asked for; target"
    return _RULES.get(scorer, f"Judged by {scorer}")


def instructions(target: Any) -> str:
    """The target of the constraints scorer: "have exactly 3 words and be in capitals throughout".

    Only for targets that :func:`evals.scorers.constraints.target_trouble` finds nothing wrong with.
    """
    return listed([instruction(name, wanted) for name, wanted in target.items()], "and")


def instruction(name: str, wanted: Any, reply: str | None = None) -> str:
    """One constraint, such as "have at most 20 words"; with a ``reply`` also how many that has: "(it has 34)"."""
    limit = name[:4] if name[:4] in ("min_", "max_") else ""
    if name.removeprefix(limit) in _UNITS:
        unit, units = _UNITS[name.removeprefix(limit)]
        found = "" if reply is None else f" (it has {counted(name.removeprefix(limit), reply)})"
        if not wanted and limit != "min_":
            return f"have no {unit}{found}"
        return f"have {_LIMITS[limit]}{wanted} {unit if wanted == 1 else units}{found}"
    if name in _FLAGS:
        return _FLAGS[name] if wanted else f"not {_FLAGS[name]}"
    if name in _TEXTS:
        return _TEXTS[name].format(quoted(wanted))
    if name in _LISTS:
        form, last = _LISTS[name]
        return form.format(listed([quoted(each) for each in wanted], last))
    if name in _TABLES:
        parts = [_TABLES[name].format(word=quoted(word), n=_times(n)) for word, n in wanted.items()]
        return listed(parts, "and")
    if name == "sections":
        return f"have at least {wanted['n']} sections marked {quoted(wanted['mark'])}"
    n = wanted["paragraphs"]
    return f"have exactly {n} paragraphs, number {wanted['n']} beginning with {quoted(wanted['word'])}"


def target_words(target: Any) -> str:
    """A target as it is written in JSON; a text as it is."""
    return target if isinstance(target, str) else json.dumps(target, ensure_ascii=False, default=str)


def listed(parts: list[str], last: str) -> str:
    """ "a", "a and b", "a, b and c"."""
    return f" {last} ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def quoted(text: str) -> str:
    return f"“{text}”"


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{n} times")
