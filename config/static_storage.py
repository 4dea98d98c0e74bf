"""Static files under names that carry their hash, compressed ahead of time."""

from typing import Any

import brotli
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

QUALITY = 9


class QuickCompressor(Compressor):  # type: ignore[misc]
    """At brotli's highest quality plotly.js alone takes seconds of the first start, for 6 % of its size."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        return bytes(brotli.compress(data, quality=QUALITY))


class StaticStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    def create_compressor(self, **options: Any) -> Compressor:
        return QuickCompressor(**options)
