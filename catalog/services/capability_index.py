"""Fits the capability index to the scores of the catalog and keeps the result."""

from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone

from catalog.errors import TooFewScores
from catalog.models import Benchmark, IndexEstimate, IndexFit, ModelVersion
from catalog.selectors.index_changes import Estimate, compare_fits
from catalog.selectors.scores import ScorePolicy
from economics.errors import EconomicsError

# The same two that fix the scale of Epoch's published index, so that values can be compared.
ANCHORS = {"claude-3-5-sonnet-20240620": 130.0, "gpt-5": 150.0}
LEVEL = 0.9


def fit_index(*, policy: ScorePolicy = "independent", resamples: int = 500, seed: int = 0) -> IndexFit:
    """Fit the index and store it with its draws; return the stored fit when the scores have not changed since.

    About 3 s for 500 resamples on one core. Versions that are not connected with the largest group of scores, or have a
    single score, are stored as not scored.

    :raises TooFewScores: when the anchors have no scores, or the scores cannot carry an index.
    """
    # pandas is heavy and has no place in a web process, which may import this module for the other services.
    from catalog.frames import index_table
    from economics import capability as economics

    try:
        table = index_table(policy=policy)
    except EconomicsError as error:
        raise TooFewScores(f"A score cannot take part in the capability index. {error}") from error
    missing = sorted(set(ANCHORS) - set(table.scores["model"]))
    if missing:
        raise TooFewScores(
            f"The capability index needs scores of {' and '.join(ANCHORS)}; {missing[0]} has none that count. "
            "Load the starting facts (manage.py seed) or record scores for it."
        )
    try:
        fit = economics.fit_index(scores=table.scores, anchor_models=ANCHORS, anchor_benchmark=table.anchor_benchmark)
        settings = {
            "data_hash": fit.data_hash,
            "policy": policy,
            "ridge": fit.ridge,
            "clip": fit.clip,
            "loss": fit.loss,
            "resamples": resamples,
            "seed": seed,
        }
        rules = {name: value for name, value in settings.items() if name != "data_hash"}
        if stored := IndexFit.objects.filter(**settings).first():
            return _current_again(stored, rules)
        bootstrap = economics.bootstrap_index(fit=fit, resamples=resamples, level=LEVEL, seed=seed)
    except EconomicsError as error:
        raise TooFewScores(f"The scores of the catalog cannot carry a capability index. {error}") from error

    versions = dict(ModelVersion.objects.values_list("slug", "pk"))
    inputs = [
        [str(model), str(benchmark), float(score)]
        for model, benchmark, score in table.scores[["model", "benchmark", "score"]].itertuples(index=False)
    ]
    with transaction.atomic():
        stored, is_new = IndexFit.objects.get_or_create(
            **settings,
            defaults={
                "anchors": ANCHORS,
                "anchor_benchmark": Benchmark.objects.get(slug=table.anchor_benchmark),
                "objective": fit.objective,
                "level": LEVEL,
                "scores": len(table.scores),
                "inputs": inputs,
                "previous": IndexFit.objects.filter(**rules).order_by("-created_at", "-pk").first(),
            },
        )
        if not is_new:  # another worker was faster
            return stored
        estimates = [
            IndexEstimate(
                fit=stored,
                version_id=versions[str(slug)],
                status=fit.status[slug],
                capability=_known(fit.capability[slug]),
                low=_known(bootstrap.interval["low"][slug]),
                high=_known(bootstrap.interval["high"][slug]),
                standard_error=_known(fit.standard_error[slug]),
                benchmarks=int(fit.benchmarks[slug]),
                draws_f32=b""
                if np.isnan(fit.capability[slug])
                else bootstrap.draws[slug].to_numpy(dtype="<f4").tobytes(),
            )
            for slug in fit.capability.index
        ]
        estimates += [
            IndexEstimate(
                fit=stored,
                version_id=versions[slug],
                status=IndexEstimate.Status.NOT_SCORED,
                benchmarks=count,
                draws_f32=b"",
            )
            for slug, count in table.left_out.items()
        ]
        IndexEstimate.objects.bulk_create(estimates)
        _note_changes(stored)
    return stored


@transaction.atomic
def _current_again(fit: IndexFit, rules: dict[str, Any]) -> IndexFit:
    """The stored fit; when the scores have come back to it from other ones, it is the newest again."""
    newest = IndexFit.objects.filter(**rules).order_by("-created_at", "-pk").first()
    if newest is not None and newest.pk != fit.pk:
        fit.previous, fit.created_at = newest, timezone.now()
        fit.save(update_fields=["previous", "created_at"])
        _note_changes(fit)
    return fit


def _note_changes(fit: IndexFit) -> None:
    """Keep what the fit changed against the one before. Fits of other rules, and one whose inputs were not kept, differ
    in more than their scores and are not compared."""
    if fit.previous is None or not fit.previous.inputs:
        return
    changes = compare_fits(
        before=_ranked(fit.previous), after=_ranked(fit), old_inputs=fit.previous.inputs, new_inputs=fit.inputs
    )
    fit.changes = changes.as_json()
    fit.save(update_fields=["changes"])


def _ranked(fit: IndexFit) -> dict[str, Estimate]:
    rows = fit.estimates.filter(capability__isnull=False).order_by("version__slug")
    return {
        slug: Estimate(capability, low, high)
        for slug, capability, low, high in rows.values_list("version__slug", "capability", "low", "high")
        if capability is not None
    }


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)
