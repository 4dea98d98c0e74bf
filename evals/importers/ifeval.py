"""IFEval: ``key``, ``prompt``, ``instruction_id_list`` and ``kwargs`` on each line.

A prompt with an instruction that cannot be checked here is left out whole and reported: judging the rest of it would
call a reply right that is not.
"""

from collections.abc import Callable
from typing import Any

from evals.importers.base import Parsed, json_lines, text_of
from evals.suites.base import Item

Options = dict[str, Any]


class Unsupported(ValueError):
    """The instruction has a form that the constraints scorer cannot check."""


def _relation(name: str) -> Callable[[Options, str], Options]:
    """A count with "less than" or "at least"."""

    def make(options: Options, argument: str) -> Options:
        n, relation = int(options[argument]), options.get("relation", "at least")
        if relation == "at least":
            return {f"min_{name}": n}
        if relation == "less than":
            return {f"max_{name}": n - 1}
        raise Unsupported(f"the relation {relation!r}")

    return make


def _keyword_count(options: Options) -> Options:
    n, relation = int(options["frequency"]), options.get("relation", "at least")
    word = options["keyword"]
    return {"min_count_of": {word: n}} if relation == "at least" else {"max_count_of": {word: n - 1}}


def _letter_count(options: Options) -> Options:
    n, relation, letter = int(options["let_frequency"]), options.get("let_relation", "at least"), options["letter"]
    return {"min_letters": {letter: n}} if relation == "at least" else {"max_letters": {letter: n - 1}}


def _capital_count(options: Options) -> Options:
    n, relation = int(options["capital_frequency"]), options.get("capital_relation", "at least")
    return {"min_capital_words": n} if relation == "at least" else {"max_capital_words": n - 1}


def _first_word(options: Options) -> Options:
    wanted = {"paragraphs": options["num_paragraphs"], "n": options["nth_paragraph"], "word": options["first_word"]}
    return {"paragraph_starts": wanted}


MAPPED: dict[str, Callable[[Options], Options]] = {
    "keywords:existence": lambda o: {"contains": o["keywords"]},
    "keywords:forbidden_words": lambda o: {"contains_none": o["forbidden_words"]},
    "keywords:frequency": _keyword_count,
    "keywords:letter_frequency": _letter_count,
    "length_constraints:number_words": lambda o: _relation("words")(o, "num_words"),
    "length_constraints:number_sentences": lambda o: _relation("sentences")(o, "num_sentences"),
    "length_constraints:number_paragraphs": lambda o: {"paragraphs": int(o["num_paragraphs"])},
    "length_constraints:nth_paragraph_first_word": _first_word,
    "detectable_content:number_placeholders": lambda o: {"min_placeholders": int(o["num_placeholders"])},
    "detectable_content:postscript": lambda o: {"postscript": o["postscript_marker"]},
    "detectable_format:number_bullet_lists": lambda o: {"bullets": int(o["num_bullets"])},
    "detectable_format:constrained_response": lambda _: {
        "one_of": ["My answer is yes.", "My answer is no.", "My answer is maybe."]
    },
    "detectable_format:number_highlighted_sections": lambda o: {"min_highlights": int(o["num_highlights"])},
    "detectable_format:multiple_sections": lambda o: {
        "sections": {"mark": o["section_spliter"].strip(), "n": int(o["num_sections"])}
    },
    "detectable_format:json_format": lambda _: {"json": True},
    "detectable_format:title": lambda _: {"title": True},
    "combination:two_responses": lambda _: {"two_answers": True},
    "combination:repeat_prompt": lambda o: {"starts_with": o["prompt_to_repeat"].strip()},
    "startend:end_checker": lambda o: {"ends_with": o["end_phrase"].strip()},
    "startend:quotation": lambda _: {"quoted": True},
    "change_case:capital_word_frequency": _capital_count,
    "change_case:english_capital": lambda _: {"uppercase": True},
    "change_case:english_lowercase": lambda _: {"lowercase": True},
    "punctuation:no_comma": lambda _: {"no_commas": True},
}


def parse(text: str) -> Parsed:
    """The prompts all of whose instructions the constraints scorer can check."""
    parsed = Parsed()
    for line, row in json_lines(text, parsed):
        prompt = text_of(row, "prompt", line, parsed)
        names, arguments = row.get("instruction_id_list"), row.get("kwargs")
        if not isinstance(names, list) or not names:
            parsed.problem(line, "instruction_id_list", "A list of instruction ids is needed.")
            continue
        if not isinstance(arguments, list) or len(arguments) != len(names):
            parsed.problem(line, "kwargs", f"A list of {len(names)} objects is needed, one for each instruction.")
            continue
        if prompt is None:
            continue
        target: Options = {}
        try:
            for name, given in zip(names, arguments, strict=True):
                target = _joined(target, _constraint(str(name), given))
        except Unsupported as error:
            parsed.left_out.append(f"Line {line}: left out, because {error} cannot be checked here.")
            continue
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            parsed.problem(
                line, "kwargs", f"The arguments do not fit the instructions ({type(error).__name__}: {error})."
            )
            continue
        key = f"prompt-{row['key']}" if "key" in row else f"row-{line:05}"
        kind = str(names[0]).partition(":")[0] if len(names) == 1 else f"{len(names)} instructions"
        item = Item(key=key, category=kind[:60], prompt=prompt, target=target, scorer="constraints")
        parsed.add(line, item, columns={"target": "kwargs"})
    return parsed


def _constraint(name: str, given: Any) -> Options:
    if name not in MAPPED:
        raise Unsupported(f"the instruction {name!r}")
    return MAPPED[name]({key: value for key, value in (given or {}).items() if value is not None})


def _joined(target: Options, more: Options) -> Options:
    """Both; two tables or lists of one name are put together."""
    joined = dict(target)
    for name, value in more.items():
        before = joined.get(name)
        if before is None or before == value:
            joined[name] = value
        elif isinstance(before, dict) and isinstance(value, dict) and not before.keys() & value.keys():
            joined[name] = before | value
        elif isinstance(before, list) and isinstance(value, list):
            joined[name] = before + value
        else:
            raise Unsupported(f"the constraint {name!r} given twice")
    return joined
