"""llm-stats: prices in US CENTS per million tokens, scores as fractions, parameter counts.

Five shapes are read: the list of sellers with their models, one seller's list of models, the list of scores (all, or
of one model) and model records (all, or one). A score is a quotation: it carries a link, nobody has verified it, and
settings are mixed in one column, so it is of low confidence and stands under "as collected by llm-stats". Release
dates are known to be wrong and are not read. The repository stopped in October 2025, so there is nothing to fetch.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from ingest.adapters.base import (
    CENTS_PER_MILLION_TOKENS,
    Adapter,
    BenchmarkInfo,
    Component,
    FactObservation,
    Parsed,
    ParseError,
    PriceObservation,
    Record,
    RecordError,
    Rejected,
    ScoreObservation,
    clean_name,
    read_json,
    require_object,
    usd_per_mtok,
)
from ingest.adapters.providers import provider
from ingest.adapters.tables import fraction

COMPONENTS: dict[str, Component] = {
    "input_cents_per_million_tokens": "input",
    "output_cents_per_million_tokens": "output",
}
FACTS = (("param_count", "total_params", "parameters"), ("training_tokens", "training_tokens", "tokens"))
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def parse(body: bytes) -> Parsed:
    """Prices, scores or models. Raises ParseError when this is none of the five shapes."""
    data = read_json(body)
    if isinstance(data, dict) and "param_count" in data and "model_id" in data:
        return _models([data], covers=())
    if not isinstance(data, list) or not data or not all(isinstance(item, dict) for item in data):
        raise ParseError("The file should be a list of sellers with their models, of scores, or of models.")
    if all(isinstance(item.get("models"), list) and "provider" in item for item in data):
        return _prices([(str(seller["provider"]), seller["models"]) for seller in data])
    if all("benchmark_id" in item and "score" in item for item in data):
        return _scores(data)
    if all("input_cents_per_million_tokens" in item and "provider_id" in item for item in data):
        sellers = {str(item["provider_id"]) for item in data}
        if len(sellers) > 1:
            raise ParseError(f"The file should hold the models of one seller and holds those of {len(sellers)}.")
        parsed = _prices([(sellers.pop(), data)])
        parsed.only_seller = next((record.provider for record in parsed.records), None)
        return parsed
    if all("param_count" in item and "model_id" in item for item in data):
        return _models(data, covers=("models/",))
    raise ParseError("The file should be a list of sellers with their models, of scores, or of models.")


def _prices(sellers: list[tuple[str, list[Any]]]) -> Parsed:
    parsed = Parsed(covers=tuple(f"{seller}/" for seller, _ in sellers))
    keys: set[str] = set()
    for seller_id, models in sellers:
        for item in models:
            name = str(item.get("model_id")) if isinstance(item, dict) else ""
            key = f"{seller_id}/{name}"
            try:
                if key in keys:
                    raise RecordError("The key occurs twice.")
                entry = require_object(item, "A model")
                sold_as = entry.get("provider_model_id_used") or name
                parsed.records.append(
                    Record(
                        external_key=clean_name(key, limit=400),
                        raw_name=clean_name(entry.get("model_id")),
                        payload=dict(entry),
                        observations=tuple(
                            PriceObservation(component, usd_per_mtok(entry[field], unit=CENTS_PER_MILLION_TOKENS))
                            for field, component in COMPONENTS.items()
                            if entry.get(field) is not None
                        ),
                        provider=provider(clean_name(seller_id, limit=80)),
                        provider_model_id=clean_name(sold_as),
                        quantisation=str(entry.get("quantization") or "")[:40],
                    )
                )
                keys.add(key)
            except RecordError as error:
                parsed.rejected.append(Rejected(key[:400], str(error), seller_id, name))
    return parsed


def _scores(rows: list[Any]) -> Parsed:
    models = {str(row.get("model_id")) for row in rows}
    parsed = Parsed(covers=(f"scores/{models.pop()}/",) if len(models) == 1 else ("scores/",))
    benchmarks: dict[str, BenchmarkInfo] = {}
    keys: set[str] = set()
    for row in rows:
        name, benchmark = str(row.get("model_id")), str(row.get("benchmark_id"))
        key = f"scores/{name}/{row.get('model_benchmark_id')}"
        try:
            if key in keys:
                raise RecordError("The score occurs twice.")
            keys.add(key)
            slug = f"llm-stats-{_NOT_SLUG.sub('-', benchmark.lower()).strip('-')}"[:120]
            title = clean_name(row.get("benchmark_name") or benchmark, limit=200)
            score = _score(row, slug)
            parsed.records.append(Record(clean_name(key, limit=400), clean_name(name), dict(row), (score,)))
            benchmarks[slug] = BenchmarkInfo(title, variant="as collected by llm-stats")
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error), raw_name=name))
    parsed.benchmarks = benchmarks
    return parsed


def _score(row: Mapping[str, Any], slug: str) -> ScoreObservation:
    flag = row.get("is_self_reported")
    link = str(row.get("self_reported_source_link") or "")
    return ScoreObservation(
        benchmark=slug,
        value=fraction(row.get("score")),
        original_value=str(row.get("score")),
        original_unit="fraction",
        configuration=str(row.get("analysis_method") or "")[:300],
        self_reported=flag if isinstance(flag, bool) else None,
        confidence="low",
        note=f"second-hand, from {link}"[:500] if link else "second-hand, without a link",
    )


def _models(rows: list[Any], *, covers: tuple[str, ...]) -> Parsed:
    parsed = Parsed(covers=covers)
    keys: set[str] = set()
    for row in rows:
        name = str(row.get("model_id"))
        key = f"models/{name}"
        try:
            if key in keys:
                raise RecordError("The model occurs twice.")
            keys.add(key)
            payload = {field: value for field, value in row.items() if field != "description"}
            parsed.records.append(Record(clean_name(key, limit=400), clean_name(name), payload, tuple(_facts(row))))
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error), raw_name=name))
    return parsed


def _facts(row: Mapping[str, Any]) -> Iterator[FactObservation]:
    for field, attribute, unit in FACTS:
        value = row.get(field)
        if value is None:
            continue
        if not isinstance(value, int) or isinstance(value, bool) or not 0 < value < 10**17:
            raise RecordError(f"{field} is {value!r}, which is not a number of {unit}.")
        yield FactObservation(attribute, str(value), unit, confidence="low")


ADAPTER = Adapter(
    slug="llm-stats",
    name="llm-stats",
    version="2",
    parse=parse,
    fetch_url="",
    page_url="https://github.com/JonathanChavezTamales/llm-leaderboard/tree/main/data/providers",
    publisher="llm-stats",
    kind="secondary",
    licence="CC-BY-4.0",
    attribution="Data from llm-stats.com by Jonathan Chavez (CC-BY-4.0).",
)
