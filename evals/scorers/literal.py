"""What a piece of code gives, stated by the model: no code of the model is ever run."""

import re
from typing import Any

from evals.scorers.base import Judge, Judgement, ScorerError, graded, incorrect, scorer, unscored
from evals.scorers.literals import NotALiteral, read_literal, same

_MARKER = re.compile(
    r"(?:\b(?:answer|output|result|returns?|returned value|value|prints?)\b(?=[\s*_:=])"
    r"[\s*_]*(?:is|are|:|=|would be|will be)*[\s*_:]*"
    r"|=>|->|→|==|=(?!=)|####)(?=[\s*_`]*[\[({'\"\d.TFNtfn+-])",
    re.IGNORECASE,
)
_FENCE = re.compile(r"```\w*\n(.*?)\n?```", re.DOTALL)


@scorer(name="literal", version=1)
def literal(*, any_of: bool = False) -> Judge:
    """The reply states the target, a value written as in Python, with the same type all the way down.

    Read are, in this order: a reply that is one value, in a code fence or not; the last line; what follows the last
    "answer", "returns", "output is", "=>" or "=" on its line.

    :param any_of: the target is a list of such texts, each of them right (several inputs may give one output).

    Does not match: a list for a tuple, 1 for 1.0 or True, a text without its quotes, a value inside a sentence.
    """
    if not isinstance(any_of, bool):
        raise ScorerError(f"any_of is {any_of!r}; write true or false.")

    def judge(text: str, target: Any) -> Judgement:
        try:
            wanted = [read_literal(each) for each in (target if any_of else [target])]
        except (NotALiteral, AttributeError, TypeError):
            return unscored("", f"The target {target!r} is not written as a Python value.")
        for written in _candidates(text):
            try:
                found = read_literal(written)
            except NotALiteral:
                continue
            return graded(any(same(found, each) for each in wanted), written[:500], f"{written[:80]} is not {target}.")
        return incorrect(text[-200:], "The reply states no value that Python could read.")

    return judge


def _candidates(text: str) -> list[str]:
    fenced = _FENCE.findall(text)
    body = fenced[-1] if fenced else text
    last = body.strip().splitlines()[-1] if body.strip() else ""
    outside = text.strip().splitlines()[-1] if fenced else ""
    found = [body, last, outside]
    for line in (last, outside):
        marks = list(_MARKER.finditer(line[-4_000:]))
        found += [line[-4_000:][mark.end() :] for mark in reversed(marks[-5:])]
    return [_bare(each) for each in found if each.strip()]


def _bare(text: str) -> str:
    text = text.strip().strip("*`").strip()
    boxed = re.fullmatch(r"\$?\\boxed\{(.*)\}\$?", text, re.DOTALL)
    text = boxed.group(1) if boxed else text
    return (
        text[:-1].rstrip("`* ")
        if text.endswith(".") and not re.search(r"\d\.$", text)
        else re.sub(r"(?<=\d)\.$", "", text)
    )
