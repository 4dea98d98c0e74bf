"""A small file in the shape of every feed, with as many records as asked for and a value that a test may spoil."""

from collections.abc import Callable, Sequence
from typing import Any

import orjson

from ingest.adapters.tables import pack

VALUE = "4711.5"  # stands for the number that is put in its place


def _json(data: Any) -> bytes:
    return orjson.dumps(data)


def _names(count: int) -> list[str]:
    return [f"model-{number}" for number in range(count)]


def _genai(names: Sequence[str]) -> bytes:
    models = [{"id": name, "prices": {"input_mtok": 4711.5, "output_mtok": 4711.5}} for name in names]
    return _json([{"id": "openai", "name": "OpenAI", "models": models}])


def _litellm(names: Sequence[str]) -> bytes:
    prices = {"input_cost_per_token": 4711.5, "output_cost_per_token": 4711.5}
    return _json({name: {"litellm_provider": "openai", "mode": "chat"} | prices for name in names})


def _models_dev(names: Sequence[str]) -> bytes:
    models = {name: {"cost": {"input": 4711.5, "output": 4711.5}} for name in names}
    return _json({"openai": {"name": "OpenAI", "models": models}})


def _openrouter(names: Sequence[str]) -> bytes:
    pricing = {"prompt": "4711.5", "completion": "4711.5"}
    return _json({"data": [{"id": f"openai/{name}", "pricing": pricing} for name in names]})


def _llm_prices(names: Sequence[str]) -> bytes:
    return _json({"prices": [{"id": name, "vendor": "openai", "input": 4711.5, "output": 4711.5} for name in names]})


def _llm_stats(names: Sequence[str]) -> bytes:
    cents = {"input_cents_per_million_tokens": 4711.5, "output_cents_per_million_tokens": 4711.5}
    return _json([{"provider": "openai", "models": [{"model_id": name} | cents for name in names]}])


def _epoch_benchmarks(names: Sequence[str]) -> bytes:
    rows = "".join(f"{name},{VALUE},run-{name}\n" for name in names)
    return pack({"gpqa_diamond.csv": f"Model version,mean_score,id\n{rows}".encode()})


def _aider(names: Sequence[str]) -> bytes:
    runs = [
        f"- dirname: run-{name}\n  model: {name}\n  pass_rate_2: {VALUE}\n  test_cases: 225\n  date: 2025-01-02\n"
        for name in names
    ]
    return "".join(runs).encode()


def _livebench(names: Sequence[str]) -> bytes:
    rows = "".join(f"{name},{VALUE}\n" for name in names)
    return pack(
        {
            "table_2025_01_02.csv": f"model,task\n{rows}".encode(),
            "categories_2025_01_02.json": _json({"Reasoning": ["task"]}),
        }
    )


def _lmarena(names: Sequence[str]) -> bytes:
    rows = "".join(f"{name},{VALUE},+5/-5,1000\n" for name in names)
    return f"model,arena_score,95_pct_ci,votes\n{rows}".encode()


def _swe_bench(names: Sequence[str]) -> bytes:
    rows = [{"folder": name, "name": name, "tags": [f"Model: {name}"], "resolved": 4711.5} for name in names]
    return _json({"leaderboards": [{"name": "bash-only", "results": rows}]})


def _epoch_models(names: Sequence[str]) -> bytes:
    rows = "".join(f"{name},{VALUE},Confident,\n" for name in names)
    return f"Model,Parameters,Confidence,Training chip-hours\n{rows}".encode()


def _epoch_hardware(names: Sequence[str]) -> bytes:
    head = "Hardware name,Manufacturer,Tensor-FP16/BF16 performance (FLOP/s),Memory (bytes),TDP (W)\n"
    return (head + "".join(f"{name},NVIDIA,{VALUE},80000000000,700\n" for name in names)).encode()


def _epoch_hardware_prices(names: Sequence[str]) -> bytes:
    rows = "".join(f"{name},2025-01-02,Lambda,{VALUE}\n" for name in names)
    return f"Hardware model,Price date,Vendor,Price per chip-hour (on-demand)\n{rows}".encode()


def _hf_hub(names: Sequence[str]) -> bytes:
    stored = {"parameters": {"BF16": 4711.5}, "total": 4711.5}
    return _json([{"id": name, "safetensors": stored} for name in names])


def _skypilot(names: Sequence[str]) -> bytes:
    rows = "".join(f"{name},B200,8,us,{VALUE}\n" for name in names)
    return pack({"nebius.csv": f"InstanceType,AcceleratorName,AcceleratorCount,Region,Price\n{rows}".encode()})


# How each file is made, and a good value in the unit of its feed.
SHAPES: dict[str, tuple[Callable[[Sequence[str]], bytes], str]] = {
    "genai-prices": (_genai, "2.5"),
    "litellm": (_litellm, "0.0000025"),
    "models-dev": (_models_dev, "2.5"),
    "openrouter": (_openrouter, "0.0000025"),
    "llm-prices": (_llm_prices, "2.5"),
    "llm-stats": (_llm_stats, "250"),
    "epoch-benchmarks": (_epoch_benchmarks, "0.5"),
    "aider": (_aider, "50"),
    "livebench": (_livebench, "50"),
    "lmarena": (_lmarena, "1250"),
    "swe-bench": (_swe_bench, "50"),
    "epoch-models": (_epoch_models, "7000000000"),
    "epoch-hardware": (_epoch_hardware, "989500000000000"),
    "epoch-hardware-prices": (_epoch_hardware_prices, "2.5"),
    "hf-hub": (_hf_hub, "7000000000"),
    "skypilot": (_skypilot, "20"),
}
PRICED = ("genai-prices", "litellm", "models-dev", "openrouter", "llm-prices", "llm-stats")


def sample(slug: str, *, count: int = 60, value: str = "") -> bytes:
    """A good file of this feed, or one in which every value is the given text."""
    build, good = SHAPES[slug]
    body = build(_names(count))
    if body[:2] == b"PK":
        from ingest.adapters.tables import read_archive

        files = read_archive(body)
        return pack(
            {name: content.replace(VALUE.encode(), (value or good).encode()) for name, content in files.items()}
        )
    return body.replace(VALUE.encode(), (value or good).encode())
