"""A JSON object with the right fields."""

import json
import re
from decimal import Decimal
from typing import Any

from evals.scorers.base import Judge, Judgement, graded, incorrect, scorer, unscored
from evals.scorers.exact import normalised

_FENCE = re.compile(r"^```(?:json|JSON)?\s*\n(.*?)\n?```$", re.DOTALL)


@scorer(name="json", version=1)
def json_object(*, ignore_case: bool = False, allow_more: bool = False, allow_prose: bool = False) -> Judge:
    """The reply is one JSON object whose fields equal those of the target.

    Numbers are compared exactly (1.0 equals 1, "1" does not), texts after Unicode and white-space normalisation. A
    Markdown fence around the object is overlooked.

    :param ignore_case: texts are compared without regard to case.
    :param allow_more: fields that the target does not have are overlooked.
    :param allow_prose: words before and after the object are overlooked.

    Does not match: duplicate keys, NaN, single quotes, trailing commas.
    """

    def judge(text: str, target: Any) -> Judgement:
        if not isinstance(target, dict):
            return unscored("", "The target is not a JSON object.")
        fenced = _FENCE.match(text.strip())
        body = fenced.group(1) if fenced else text.strip()
        if allow_prose and "{" in body:
            body = body[body.index("{") : body.rindex("}") + 1]
        try:
            found = json.loads(body, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError) as error:
            return incorrect(body[:500], f"Not valid JSON: {error}.")
        if not isinstance(found, dict):
            return incorrect(body[:500], "Not a JSON object.")
        missing = [key for key in target if key not in found]
        more = [] if allow_more else [key for key in found if key not in target]
        wrong = [key for key in target if key in found and not _same(found[key], target[key], ignore_case=ignore_case)]
        said = "; ".join(
            f"{what}: {', '.join(keys)}"
            for what, keys in (("missing", missing), ("not asked for", more), ("wrong", wrong))
            if keys
        )
        return graded(not said, body[:500], said)

    return judge


def _refuse(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key appears twice")
    return found


def _same(found: Any, wanted: Any, *, ignore_case: bool) -> bool:
    if isinstance(found, bool) or isinstance(wanted, bool):
        return found is wanted
    if isinstance(wanted, int | float | Decimal):
        return isinstance(found, int | Decimal) and Decimal(found) == Decimal(str(wanted))
    if isinstance(wanted, str):
        return isinstance(found, str) and _words(found, ignore_case) == _words(wanted, ignore_case)
    if isinstance(wanted, list):
        return (
            isinstance(found, list)
            and len(found) == len(wanted)
            and all(_same(a, b, ignore_case=ignore_case) for a, b in zip(found, wanted, strict=True))
        )
    if isinstance(wanted, dict):
        return (
            isinstance(found, dict)
            and found.keys() == wanted.keys()
            and all(_same(found[key], wanted[key], ignore_case=ignore_case) for key in wanted)
        )
    return found is None and wanted is None


def _words(text: str, ignore_case: bool) -> str:
    return normalised(text, ignore_case=ignore_case)
