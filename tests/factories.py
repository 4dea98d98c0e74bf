"""Small records for tests. Each function makes one row, with what it needs around it, and returns it."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import numpy as np
from django.utils.text import slugify

from catalog.models import (
    Benchmark,
    Claim,
    Hardware,
    IndexEstimate,
    IndexFit,
    Model,
    ModelVersion,
    Offering,
    Organization,
    Price,
    Score,
    Source,
    TrainingPhase,
    TrainingRun,
)


def at(day: str) -> datetime:
    """Midnight UTC of an ISO day: ``at("2025-02-08")``."""
    return datetime.fromisoformat(day).replace(tzinfo=UTC)


def make_organization(name: str = "DeepSeek") -> Organization:
    return Organization.objects.get_or_create(slug=slugify(name), defaults={"name": name})[0]


def make_source(url: str = "https://example.org/report", **fields: Any) -> Source:
    defaults = {"publisher": "Example", "kind": Source.Kind.PRIMARY, "rank": 10, "retrieved_at": at("2026-11-01")}
    return Source.objects.get_or_create(url=url, defaults=defaults | fields)[0]


def make_version(
    name: str = "DeepSeek-V3",
    *,
    developer: str = "DeepSeek",
    label: str = "",
    released: str | None = "2024-12-26",
    **fields: Any,
) -> ModelVersion:
    """A version and its model. ``label`` tells versions of one model apart."""
    slug = slugify(name.replace(".", "-"))
    model, _ = Model.objects.get_or_create(
        slug=slug, defaults={"name": name, "developer": make_organization(developer)}
    )
    defaults: dict[str, Any] = {
        "name": f"{name} {label}".strip(),
        "announced_on": date.fromisoformat(released) if released else None,
        "open_weights": True,
    }
    return ModelVersion.objects.create(
        model=model, slug=f"{slug}-{slugify(label)}" if label else slug, **(defaults | fields)
    )


def make_offering(version: ModelVersion, *, provider: str | None = None, model_id: str = "") -> Offering:
    seller = make_organization(provider) if provider else version.model.developer
    return Offering.objects.get_or_create(provider=seller, version=version, provider_model_id=model_id or version.slug)[
        0
    ]


def make_price(
    offering: Offering,
    component: str,
    usd: str | None,
    *,
    since: str | None = None,
    until: str | None = None,
    **fields: Any,
) -> Price:
    return Price.objects.create(
        offering=offering,
        component=component,
        usd_per_mtok=None if usd is None else Decimal(usd),
        effective_from=at(since) if since else None,
        effective_to=at(until) if until else None,
        **({"source": make_source(), "confidence": "high"} | fields),
    )


def make_benchmark(name: str = "GPQA Diamond", **fields: Any) -> Benchmark:
    return Benchmark.objects.get_or_create(
        slug=slugify(name), defaults={"name": name, "chance": 0.25, "in_index": True} | fields
    )[0]


def make_score(version: ModelVersion, benchmark: Benchmark, value: float, **fields: Any) -> Score:
    defaults = {
        "original_value": str(round(value * 100, 6)),
        "original_unit": "percent",
        "source": make_source(),
        "confidence": "high",
    }
    return Score.objects.create(version=version, benchmark=benchmark, value=value, **(defaults | fields))


def make_hardware(name: str = "NVIDIA H800 SXM5") -> Hardware:
    return Hardware.objects.get_or_create(
        slug=slugify(name), defaults={"name": name, "peak_bf16_flop_per_s": 989.4e12, "source": make_source()}
    )[0]


def make_index(levels: Mapping[ModelVersion, float | Sequence[float]], **fields: Any) -> IndexFit:
    """A fit in which each version has a level; a list of numbers is its draws, and their mean the level."""
    defaults: dict[str, Any] = {
        "data_hash": "0" * 64,
        "policy": "independent",
        "ridge": 0.1,
        "clip": 0.001,
        "loss": "squares",
        "anchors": {},
        "anchor_benchmark": make_benchmark("Winogrande"),
        "objective": 1.0,
        "resamples": 0,
        "seed": 0,
        "level": 0.9,
        "scores": 0,
    }
    status = fields.pop("status", IndexEstimate.Status.RANKED)
    fit = IndexFit.objects.create(**(defaults | fields))
    for version, level in levels.items():
        draws = np.atleast_1d(np.asarray(level, dtype="<f4"))
        IndexEstimate.objects.create(
            fit=fit,
            version=version,
            status=status,
            capability=float(draws.mean()),
            low=float(draws.min()),
            high=float(draws.max()),
            standard_error=1.0,
            benchmarks=5,
            draws_f32=draws.tobytes(),
        )
    return fit


def make_claim(version: ModelVersion, attribute: str, value: str, **fields: Any) -> Claim:
    return Claim.objects.create(
        version=version, attribute=attribute, value=value, **({"source": make_source(), "confidence": "high"} | fields)
    )


def make_training_run(
    version: ModelVersion, phases: Mapping[str, float | None], *, hardware: Hardware | None = None, **fields: Any
) -> TrainingRun:
    """A run with its phases in order: name to GPU-hours, None for unknown."""
    run = TrainingRun.objects.create(
        version=version, **({"scope": "Excludes research and failed runs.", "source": make_source()} | fields)
    )
    for position, (name, hours) in enumerate(phases.items()):
        TrainingPhase.objects.create(
            run=run,
            position=position,
            name=name,
            gpu_hours=hours,
            hardware=hardware or make_hardware(),
            source=make_source(),
            confidence="high",
        )
    return run
