"""Small worlds for the tests of the comparison, price, trend, source and change pages."""

import html
import re

import numpy as np
from django.test import Client

from catalog.models import IndexEstimate, IndexFit, ModelVersion
from tests.factories import make_benchmark, make_offering, make_price, make_score, make_source, make_version

HOSTILE = "<script>alert(1)</script>&\"'\u202e=SUM(A1)"


def text_of(page: str) -> str:
    """What a reader sees: without tags, entities resolved, spaces joined."""
    without_data = re.sub(r"<script.*?</script>", " ", page, flags=re.DOTALL)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", without_data)).split())


def get(client: Client, url: str, status: int = 200) -> str:
    """The page's HTML. The status must be the one expected."""
    response = client.get(url)
    assert response.status_code == status, response.content[:500]
    return response.content.decode()


def two_priced() -> tuple[ModelVersion, ModelVersion]:
    """DeepSeek-V3 at 0.27 / 0.07 / 1.10 and Claude 3.5 Sonnet at 3 / 0.30 / 15, both scored on two benchmarks."""
    source = make_source("https://example.org/prices", publisher="Price page")
    first = make_version("DeepSeek-V3", released="2024-12-26")
    second = make_version("Claude 3.5 Sonnet", developer="Anthropic", released="2024-10-22", open_weights=False)
    for version, prices in ((first, ("0.27", "0.07", "1.10")), (second, ("3", "0.3", "15"))):
        offering = make_offering(version)
        for component, usd in zip(("input", "cached_input", "output"), prices, strict=True):
            make_price(offering, component, usd, since="2025-02-08", source=source)
    gpqa, mmlu = make_benchmark("GPQA Diamond"), make_benchmark("MMLU")
    make_score(first, gpqa, 0.591)
    make_score(second, gpqa, 0.65)
    make_score(first, mmlu, 0.885)
    make_score(second, mmlu, 0.883)
    return first, second


def make_fit(levels: dict[ModelVersion, tuple[float, list[float]]]) -> IndexFit:
    """An index fit with stated values and draws."""
    resamples = len(next(iter(levels.values()))[1])
    fit = IndexFit.objects.create(
        data_hash="0" * 64,
        policy="independent",
        ridge=0.1,
        clip=0.001,
        loss="squares",
        anchors={},
        anchor_benchmark=make_benchmark(),
        objective=0.0,
        resamples=resamples,
        seed=0,
        level=0.9,
        scores=len(levels),
    )
    for version, (value, draws) in levels.items():
        IndexEstimate.objects.create(
            fit=fit,
            version=version,
            status="ranked",
            capability=value,
            low=min(draws),
            high=max(draws),
            benchmarks=4,
            draws_f32=np.asarray(draws, dtype="<f4").tobytes(),
        )
    return fit
