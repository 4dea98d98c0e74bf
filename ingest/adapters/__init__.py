"""One file per feed. A new feed is a new file here, a line below and a section in ``docs/feeds.md``."""

from ingest.adapters import genai_prices
from ingest.adapters.base import Adapter

ADAPTERS: dict[str, Adapter] = {module.ADAPTER.slug: module.ADAPTER for module in (genai_prices,)}
