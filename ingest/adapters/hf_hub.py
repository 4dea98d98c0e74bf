"""Answers of the Hugging Face Hub about repositories: the number of stored parameters and the licence.

``safetensors.total`` counts stored elements. That is the number of parameters only where all weights have one dtype
that is not packed; a repository of mixed or packed dtypes says nothing here. A licence is a text or a list.
Read is a list of answers, each the Hub's object or one with the object under ``fragment``.
"""

from collections.abc import Mapping
from typing import Any

from ingest.adapters.base import (
    Adapter,
    FactObservation,
    Parsed,
    ParseError,
    Record,
    RecordError,
    Rejected,
    clean_name,
    read_json,
    require_object,
)

ANSWERED = {"safetensors", "cardData", "config", "sha", "siblings", "modelId"}
PLAIN_DTYPES = {"BF16", "F16", "F32"}


def parse(body: bytes) -> Parsed:
    """Every repository. Raises ParseError when this is not a list of the Hub's answers."""
    data = read_json(body)
    listed = data if isinstance(data, list) else [data]
    answers = [item.get("fragment", item) if isinstance(item, dict) else item for item in listed]
    if not answers or not all(
        isinstance(answer, dict) and "id" in answer and ANSWERED & answer.keys() for answer in answers
    ):
        raise ParseError("The file should be a list of the Hub's answers, each with its id.")
    parsed = Parsed(covers=())  # the Hub is asked about some repositories; it says nothing about the others
    keys: set[str] = set()
    for answer in answers:
        key = str(answer["id"])
        try:
            if key in keys:
                raise RecordError("The repository occurs twice.")
            keys.add(key)
            name = clean_name(key)
            parsed.records.append(Record(name, name, dict(answer), (*_parameters(answer), *_licence(answer))))
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error), raw_name=key))
    return parsed


def _parameters(answer: Mapping[str, Any]) -> list[FactObservation]:
    stored = answer.get("safetensors")
    if stored is None:
        return []
    counts = require_object(require_object(stored, "'safetensors'").get("parameters") or {}, "'parameters'")
    quantised = isinstance(answer.get("config"), dict) and "quantization_config" in answer["config"]
    if len(counts) != 1 or quantised:
        return []
    ((dtype, count),) = counts.items()
    if dtype not in PLAIN_DTYPES:
        return []
    if not isinstance(count, int) or isinstance(count, bool) or count <= 0 or stored.get("total", count) != count:
        raise RecordError(f"{count!r} is not the number of parameters that the total states.")
    return [FactObservation("total_params", str(count), "parameters", confidence="high", note=f"all stored as {dtype}")]


def _licence(answer: Mapping[str, Any]) -> list[FactObservation]:
    card = answer.get("cardData")
    licence = card.get("license") if isinstance(card, dict) else None
    names = licence if isinstance(licence, list) else [licence] if licence else []
    text = ", ".join(clean_name(name, limit=100) for name in names)
    return [FactObservation("licence", text[:200], confidence="high")] if text else []


ADAPTER = Adapter(
    slug="hf-hub",
    name="Hugging Face Hub",
    version="2",
    parse=parse,
    fetch_url="",
    page_url="https://huggingface.co/docs/hub/api",
    publisher="Hugging Face",
    kind="primary",
    licence="of each repository",
    attribution="Repository metadata from the Hugging Face Hub.",
)
