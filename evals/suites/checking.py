"""What is wrong with an item that somebody wrote or imported, in sentences that name the field and the remedy."""

import json
from difflib import get_close_matches
from typing import Any

from evals.scorers import ScorerError, get_scorer, scorer_names

WANTED = {
    "choice": 'one capital letter, such as "B"',
    "constraints": 'an object of constraints, such as {"words": 3}',
    "exact": 'a text, such as "Paris", or a list of texts',
    "io_table": 'a list of [input, output] pairs in Python\'s writing, such as [["3", "9"]]',
    "json": 'an object, such as {"name": "Ann"}',
    "literal": 'a value in Python\'s writing as a text, such as "[1, 2]"',
    "numeric": 'a number or a text that is one, such as "12.5"',
    "pattern": 'a regular expression as a text, such as "[A-Z]{2}"',
    "set": 'a list of texts, such as ["red", "blue"]',
}


LONGEST_PROMPT = 1_000_000  # characters; beyond any context window
JSON_TARGETS = frozenset({"constraints", "io_table", "json", "set"})


def read_target(text: str, *, scorer: str, options: Any) -> Any:
    """A target as a person typed it into a cell or a form: JSON where the scorer compares with more than a text.

    :raises ValueError: when it has to be JSON and is not.
    """
    is_list = scorer == "exact" and text.lstrip().startswith("[")
    any_of = scorer == "literal" and isinstance(options, dict) and options.get("any_of") is True
    if scorer not in JSON_TARGETS and not is_list and not any_of:
        return text
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def unstorable(text: str) -> str:
    """What in a text PostgreSQL or UTF-8 cannot hold, in words; empty when all is well."""
    if "\0" in text:
        return "a NUL character (\\u0000)"
    lone = next((char for char in text if "\ud800" <= char <= "\udfff"), "")
    return f"half of a surrogate pair (\\u{ord(lone):04x})" if lone else ""


def item_troubles(*, prompt: Any, target: Any, scorer: Any, options: Any) -> dict[str, str]:
    """Field (prompt, target, scorer or options) to sentence; empty when the item can be asked and judged."""
    troubles: dict[str, str] = {}
    if not isinstance(prompt, str) or not prompt.strip():
        troubles["prompt"] = "The prompt is empty. Write the question that the model gets."
    elif len(prompt) > LONGEST_PROMPT:
        troubles["prompt"] = (
            f"The prompt has {len(prompt):,} characters; at most {LONGEST_PROMPT:,} can be asked. Shorten it."
        )
    elif found := unstorable(prompt):
        troubles["prompt"] = f"The prompt holds {found}, which no database stores. Take it out."
    if found := unstorable(json.dumps(target, ensure_ascii=False, default=str).replace("\\u0000", "\0")):
        troubles["target"] = f"The target holds {found}, which no database stores. Take it out."
        return troubles
    if scorer not in scorer_names():
        near = get_close_matches(str(scorer), scorer_names(), n=2)
        hint = f"Did you mean {' or '.join(near)}?" if near else f"Known are {', '.join(scorer_names())}."
        troubles["scorer"] = f"There is no scorer {scorer!r}. {hint}" if scorer else f"No scorer is named. {hint}"
        return troubles
    if options is not None and not isinstance(options, dict):
        troubles["options"] = (
            f'The options are {options!r}; write an object such as {{"tolerance": "0.01"}}, or nothing.'
        )
        return troubles
    try:
        judge = get_scorer(scorer, options or {})
    except (ScorerError, TypeError) as error:
        troubles["options"] = str(error)
        return troubles
    if target is None and not (scorer == "json" and (options or {}).get("schema")):
        troubles["target"] = f"The target is empty. The scorer {scorer} compares with {WANTED[scorer]}."
        return troubles
    judgement = judge("probe", target)
    if judgement.outcome == "unscored":
        troubles["target"] = f"{judgement.explanation} The scorer {scorer} compares with {WANTED[scorer]}."
    return troubles
