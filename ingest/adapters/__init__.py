"""One file per feed. A new feed is a new file here, a line below and a section in ``docs/feeds.md``."""

from ingest.adapters import (
    aider,
    epoch_benchmarks,
    epoch_hardware,
    epoch_hardware_prices,
    epoch_models,
    genai_prices,
    hf_hub,
    litellm,
    livebench,
    llm_prices,
    llm_stats,
    lmarena,
    models_dev,
    openrouter,
    skypilot,
    swe_bench,
)
from ingest.adapters.base import Adapter

_ALL: tuple[Adapter, ...] = (
    genai_prices.ADAPTER,
    litellm.ADAPTER,
    models_dev.ADAPTER,
    openrouter.ADAPTER,
    llm_prices.ADAPTER,
    llm_stats.ADAPTER,
    epoch_benchmarks.ADAPTER,
    aider.ADAPTER,
    livebench.ADAPTER,
    lmarena.ADAPTER,
    swe_bench.ADAPTER,
    epoch_models.ADAPTER,
    epoch_hardware.ADAPTER,
    epoch_hardware_prices.ADAPTER,
    hf_hub.ADAPTER,
    skypilot.ADAPTER,
)
ADAPTERS: dict[str, Adapter] = {adapter.slug: adapter for adapter in _ALL}
