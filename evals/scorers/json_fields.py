"""A JSON object with the right fields, or of the right shape."""

import json
import re
from decimal import Decimal
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError

from evals.scorers.base import Judge, Judgement, ScorerError, graded, incorrect, scorer, unscored
from evals.scorers.exact import normalised
from evals.scorers.in_words import listed, quoted

_FENCE = re.compile(r"^```(?:json|JSON)?\s*\n(.*?)\n?```$", re.DOTALL)


_REFUSED = ("pattern", "patternProperties", "$ref", "$dynamicRef")


@scorer(name="json", version=2)
def json_object(
    *,
    ignore_case: bool = False,
    allow_more: bool = False,
    allow_prose: bool = False,
    schema: dict[str, Any] | None = None,
) -> Judge:
    """The reply is one JSON object whose fields equal those of the target.

    Numbers are compared exactly (1.0 equals 1, "1" does not), texts after Unicode and white-space normalisation. A
    Markdown fence around the object is overlooked.

    :param ignore_case: texts are compared without regard to case.
    :param allow_more: fields that the target does not have are overlooked.
    :param allow_prose: words before and after the object are overlooked.
    :param schema: a JSON Schema (2020-12) that the object must satisfy as well; the target may then be null. Patterns
        and references are refused, so that judging takes a bounded time and reads nothing from elsewhere.

    Does not match: duplicate keys, NaN, single quotes, trailing commas.
    """
    validator = None if schema is None else _validator(schema)

    def judge(text: str, target: Any) -> Judgement:
        if not isinstance(target, dict) and not (target is None and validator):
            return unscored("", "The target is not a JSON object.")
        body = _body(text.strip(), allow_prose=allow_prose)
        try:
            found = json.loads(body, parse_float=Decimal, parse_constant=_refuse, object_pairs_hook=_without_duplicates)
        except (ValueError, RecursionError) as error:
            return incorrect(body[:500], _why_no_json(body, error))
        if not isinstance(found, dict):
            return incorrect(body[:500], "The reply is JSON, but no object with fields.")
        said = _schema_trouble(validator, found) if validator else ""
        if target is not None and not said:
            said = _differences(found, target, allow_more=allow_more, ignore_case=ignore_case)
        return graded(not said, body[:500], said[:500])

    return judge


def _validator(schema: Any) -> Draft202012Validator:
    if not isinstance(schema, dict):
        raise ScorerError(f"schema is {schema!r}; write a JSON Schema, which is an object.")
    if refused := next((key for key in _keys(schema) if key in _REFUSED), None):
        raise ScorerError(f"schema uses {refused!r}, which is not allowed here. Spell the shape out without it.")
    try:
        Draft202012Validator.check_schema(schema)
    except SchemaError as error:
        raise ScorerError(f"schema is not a JSON Schema: {error.message}.") from None
    return Draft202012Validator(schema)


def _keys(part: Any) -> list[str]:
    if isinstance(part, dict):
        return [*part, *(key for value in part.values() for key in _keys(value))]
    return [key for value in part for key in _keys(value)] if isinstance(part, list) else []


def _schema_trouble(validator: Draft202012Validator, found: dict[str, Any]) -> str:
    try:
        error = next(iter(validator.iter_errors(found)), None)
    except RecursionError:
        return "The object is nested too deeply."
    return "" if error is None else f"At {error.json_path}: {error.message[:300]}"


def _body(text: str, *, allow_prose: bool) -> str:
    fenced = _FENCE.match(text)
    body = fenced.group(1) if fenced else text
    if allow_prose and "{" in body and body.rfind("}") > body.index("{"):
        return body[body.index("{") : body.rindex("}") + 1]
    return body


def _why_no_json(body: str, error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "The reply is no JSON that can be read: it is nested too deeply."
    if not isinstance(error, json.JSONDecodeError):
        return f"The reply is no valid JSON: {error}."[:300]
    rest = " ".join(body[error.pos :].split())[:40]
    if not rest:
        return "The reply is no complete JSON: it breaks off at its end."
    if not body[: error.pos].strip():
        return f"The reply is no JSON: it begins with “{rest}”."
    return f"The reply is no valid JSON: it cannot be read on from “{rest}”."


def _differences(found: dict[str, Any], target: dict[str, Any], *, allow_more: bool, ignore_case: bool) -> str:
    missing = [key for key in target if key not in found]
    more = [] if allow_more else [key for key in found if key not in target]
    wrong = [key for key in target if key in found and not _same(found[key], target[key], ignore_case=ignore_case)]
    said = (("lacks {}", missing), ("has {}, which was not asked for", more), ("has a wrong value for {}", wrong))
    parts = [form.format(listed([quoted(key) for key in keys], "and")) for form, keys in said if keys]
    return f"The object {'; it '.join(parts)}." if parts else ""


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
