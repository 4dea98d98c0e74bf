"""llm-stats: what sellers ask for a model, in US CENTS per million tokens.

A list of sellers with their models. The repository stopped in October 2025, so there is nothing to fetch; a copy is
read with ``--from``.
"""

from ingest.adapters.base import (
    CENTS_PER_MILLION_TOKENS,
    Adapter,
    Component,
    Parsed,
    ParseError,
    PriceObservation,
    Record,
    RecordError,
    Rejected,
    clean_name,
    read_json,
    require_object,
    usd_per_mtok,
)
from ingest.adapters.providers import provider

COMPONENTS: dict[str, Component] = {
    "input_cents_per_million_tokens": "input",
    "output_cents_per_million_tokens": "output",
}


def parse(body: bytes) -> Parsed:
    """Every model of every seller. Raises ParseError when this is not the list of sellers."""
    data = read_json(body)
    if not isinstance(data, list) or not all(
        isinstance(item, dict) and isinstance(item.get("models"), list) and "provider" in item for item in data
    ):
        raise ParseError("The file should be a list of sellers, each with its models.")
    parsed = Parsed()
    keys: set[str] = set()
    for seller in data:
        seller_id = str(seller["provider"])
        for item in seller["models"]:
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


ADAPTER = Adapter(
    slug="llm-stats",
    name="llm-stats prices",
    version="1",
    parse=parse,
    fetch_url="",
    page_url="https://github.com/JonathanChavezTamales/llm-leaderboard/tree/main/data/providers",
    publisher="llm-stats",
    kind="secondary",
    licence="CC-BY-4.0",
    attribution="Data from llm-stats.com by Jonathan Chavez (CC-BY-4.0).",
)
