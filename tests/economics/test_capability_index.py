"""The capability index on tables whose truth is known, and against a general least-squares routine."""

import json
import math
import os
import time
from decimal import Decimal
from typing import Any, Literal

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import least_squares, minimize

from economics.capability import (
    bootstrap_index,
    fit_index,
    score_new_model,
)
from economics.errors import BadAnchors, Disconnected, InvalidArgument
from tests.economics.index_tables import TRUE_DIFFICULTY, TRUE_INDEX, TRUE_SLOPE, Floats, expected_scores, fit, table


def general_minimum(scores: pd.DataFrame, ridge: float, clip: float, loss: str) -> tuple[float, Floats]:
    """The same objective written plainly and handed to scipy; returns F and the latent capabilities."""
    model, models = pd.factorize(scores["model"], sort=True)
    bench, benches = pd.factorize(scores["benchmark"], sort=True)
    y = np.clip(scores["score"].to_numpy(), clip, 1.0 - clip)
    m, b = len(models), len(benches)
    penalty = ridge / (m + 2 * b - 1)

    def unpack(x: Floats) -> tuple[Floats, Floats, Floats]:
        slope = np.concatenate(([1.0], x[m + b :]))  # b0 is the anchor benchmark
        return x[:m], x[m : m + b], slope

    def z(x: Floats) -> Floats:
        capability, difficulty, slope = unpack(x)
        return np.asarray(slope[bench] * (capability[model] - difficulty[bench]))

    low = np.concatenate((np.full(m + b, -10.0), np.full(b - 1, 0.1)))
    start = np.concatenate((np.zeros(m + b), np.ones(b - 1)))

    def residuals(x: Floats) -> Floats:
        return np.concatenate((1.0 / (1.0 + np.exp(-z(x))) - y, math.sqrt(penalty) * x))

    def cross_entropy(x: Floats) -> float:
        ridge_term = np.sum(x[: m + b] ** 2) + np.sum(np.log(x[m + b :]) ** 2)
        return float(np.sum(np.logaddexp(0.0, z(x)) - y * z(x)) + penalty * ridge_term)

    if loss == "squares":
        done: Any = least_squares(residuals, start, bounds=(low, 10.0), xtol=1e-15, ftol=1e-15, gtol=1e-12)
        return 2.0 * done.cost, done.x[:m]
    done = minimize(
        cross_entropy,
        start,
        method="L-BFGS-B",
        bounds=[(float(bound), 10.0) for bound in low],
        options={"maxiter": 5000, "maxfun": 1_000_000, "ftol": 1e-15, "gtol": 1e-9},
    )
    return float(done.fun), done.x[:m]


def test_exact_scores_give_back_the_true_index_and_curves() -> None:
    result = fit(table(), ridge=1e-9)
    assert result.objective < 1e-8
    np.testing.assert_allclose(result.capability, TRUE_INDEX, atol=1e-3)
    points_per_logit = 20.0 / (7.0 * 4.0 / 11.0)
    np.testing.assert_allclose(result.slope, TRUE_SLOPE / points_per_logit, rtol=1e-3)
    np.testing.assert_allclose(result.difficulty, 140.0 + points_per_logit * TRUE_DIFFICULTY, atol=1e-2)


@pytest.mark.parametrize("loss", ["squares", "cross_entropy"])
def test_fit_reaches_the_minimum_of_a_general_routine(loss: Literal["squares", "cross_entropy"]) -> None:
    scores = table(noise=0.08)
    result = fit(scores, loss=loss)
    objective, latent = general_minimum(scores, ridge=0.1, clip=1e-3, loss=loss)
    assert result.objective == pytest.approx(objective, rel=1e-7)
    anchored = 130.0 + 20.0 * (latent - latent[2]) / (latent[9] - latent[2])
    np.testing.assert_allclose(result.capability, anchored, atol=0.02)


def test_fit_regression_values() -> None:
    result = fit()
    assert result.objective == pytest.approx(0.233070207, abs=1e-8)
    assert result.capability["m11"] == pytest.approx(154.2855, abs=1e-3)
    assert result.capability["m00"] == pytest.approx(123.5695, abs=1e-3)
    assert result.standard_error["m11"] == pytest.approx(1.25607, abs=1e-4)


def test_objective_is_the_stated_sum() -> None:
    scores = table(noise=0.08)
    result = fit(scores)
    y = scores["score"].clip(1e-3, 1 - 1e-3).to_numpy()
    latent = result.latent
    free = np.delete(latent.slope, 0)
    penalty = 0.1 / (12 + 2 * 8 - 1)
    stated = np.sum((expected_scores(result, scores) - y) ** 2)
    stated += penalty * (np.sum(latent.capability**2) + np.sum(latent.difficulty**2) + np.sum(free**2))
    assert result.objective == pytest.approx(stated, rel=1e-12)
    assert latent.slope[0] == 1.0


def test_anchors_are_exact_and_index_points_are_affine_in_the_latent_scale() -> None:
    result = fit()
    assert result.capability["m02"] == 130.0
    assert result.capability["m09"] == 150.0
    others = [position for position in range(12) if position not in (2, 9)]
    np.testing.assert_allclose(
        result.capability.to_numpy()[others],
        (result.offset + result.scale * result.latent.capability)[others],
    )


def test_other_anchor_values_move_the_scale_and_not_the_fit() -> None:
    points, percent = fit(), fit(anchor_models={"m09": 1.0, "m02": 0.0})
    assert percent.objective == points.objective
    np.testing.assert_allclose(percent.capability, (points.capability - 130.0) / 20.0, atol=1e-12)
    np.testing.assert_allclose(percent.slope, points.slope * 20.0)


def test_row_order_and_index_do_not_matter() -> None:
    scores = table(noise=0.08)
    shuffled = scores.sample(frac=1.0, random_state=3)
    assert fit(shuffled).capability.equals(fit(scores).capability)
    assert fit(shuffled).data_hash == fit(scores).data_hash


def test_data_hash_names_data_and_settings() -> None:
    hashes = {
        fit().data_hash,
        fit(ridge=0.2).data_hash,
        fit(clip=0.01).data_hash,
        fit(loss="cross_entropy").data_hash,
        fit(anchor_models={"m02": 130.0, "m09": 151.0}).data_hash,
        fit(table(noise=0.07)).data_hash,
    }
    assert len(hashes) == 6


def test_repeated_rows_count_once_by_the_stated_policy() -> None:
    again = [("m05", "b2", 0.99)]
    once = table(noise=0.08)
    cell = (once["model"] == "m05") & (once["benchmark"] == "b2")
    first = float(once.loc[cell, "score"].iloc[0])
    for policy, value in {"max": 0.99, "mean": (first + 0.99) / 2, "median": (first + 0.99) / 2}.items():
        single = once.copy()
        single.loc[cell, "score"] = value
        repeated = fit(table(noise=0.08, rows=again), repeats=policy)
        np.testing.assert_allclose(repeated.capability, fit(single).capability, rtol=1e-12)
        assert repeated.benchmarks["m05"] == fit(single).benchmarks["m05"]


def test_standard_error_is_the_stated_formula() -> None:
    scores = table(noise=0.08)
    result = fit(scores)
    own = scores[scores["model"] == "m06"]
    s = expected_scores(result, own)
    a = result.slope[own["benchmark"]].to_numpy() * result.scale
    assert result.standard_error["m06"] == pytest.approx(
        result.scale * 0.082 / math.sqrt(np.sum((a * s * (1 - s)) ** 2) + 0.1), rel=1e-12
    )


def test_status_follows_benchmarks_and_error() -> None:
    extra = [
        ("one", "b3", 0.5),
        *[("three", f"b{j}", 0.5) for j in (2, 3, 4)],
        *[("four", f"b{j}", 0.5) for j in (2, 3, 4, 5)],
        *[("floor", f"b{j}", 0.0) for j in (2, 3, 4, 5, 6, 7)],
    ]
    # 50 points between the anchors put one logit near 20 points, as in the published index.
    result = fit(table(noise=0.02, rows=extra), anchor_models={"m02": 110.0, "m09": 160.0})
    assert result.status[["one", "three", "four", "floor"]].tolist() == [
        "not_scored",
        "provisional",
        "ranked",
        "provisional",  # six scores, all at the floor: they say "weak", not how weak
    ]
    assert result.standard_error["four"] <= 3.0 < result.standard_error["floor"]
    assert result.benchmarks[["one", "three", "four", "floor"]].tolist() == [1, 3, 4, 6]
    assert math.isnan(result.capability["one"])
    assert result.capability.drop("one").notna().all()


@pytest.mark.parametrize(
    ("anchors", "words"),
    [
        ({"m02": 130.0, "absent": 150.0}, "names 'absent', which has no score"),
        ({"m02": 130.0, "m09": 130.0}, r"gives both models the value 130\.0"),
        ({"m02": 150.0, "m09": 130.0}, "puts 'm02' above 'm09', but the scores put it at or below"),
        ({"m02": 130.0}, "has 1 entries"),
        ({"m02": 130.0, "m09": math.nan}, r"\['m09'\] is nan"),
    ],
)
def test_bad_anchors_are_refused(anchors: dict[str, float], words: str) -> None:
    with pytest.raises(BadAnchors, match=words):
        fit(anchor_models=anchors)


def test_missing_anchor_benchmark_is_refused() -> None:
    with pytest.raises(BadAnchors, match="anchor_benchmark is 'Winogrande'"):
        fit(anchor_benchmark="Winogrande")


def test_disconnected_table_is_refused_with_sizes_and_members() -> None:
    island = [("lonely", "b8", 0.4), ("castaway", "b8", 0.6)]
    with pytest.raises(
        Disconnected, match=r"2 groups .* 12 models \(m00, m01, m02, …\); 2 models \(castaway, lonely\)"
    ):
        fit(table(rows=island))


def test_model_and_benchmark_of_one_name_do_not_join_the_graph() -> None:
    island = [("lonely", "m00", 0.4), ("castaway", "m00", 0.6)]
    with pytest.raises(Disconnected):
        fit(table(rows=island))


@pytest.mark.parametrize(
    ("row", "words"),
    [
        (("m00", "b1", math.nan), "scores has nan for 'm00' on 'b1'; drop unknown scores"),
        (("m00", "b1", 1.2), r"scores has 1\.2 for 'm00' on 'b1'; normalise"),
        (("m00", "b1", -0.1), r"scores has -0\.1 for 'm00' on 'b1'"),
        ((None, "b1", 0.5), "names no model or no benchmark"),
        (("m00", "b1", "high"), "not a number"),
    ],
)
def test_bad_rows_are_refused(row: tuple[Any, ...], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        fit(table(rows=[row]))


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"ridge": 0.0}, r"ridge is 0\.0"),
        ({"ridge": math.nan}, "ridge is nan"),
        ({"clip": 0.5}, r"clip is 0\.5"),
        ({"loss": "absolute"}, "loss is 'absolute'; choose one of squares, cross_entropy"),
        ({"repeats": "last"}, "repeats is 'last'; choose one of max, mean, median"),
        ({"scores": pd.DataFrame({"model": ["a"], "score": [0.5]})}, "lacks the column 'benchmark'"),
        ({"scores": table().iloc[:0]}, "has no rows"),
    ],
)
def test_bad_settings_are_refused(settings: dict[str, Any], words: str) -> None:
    with pytest.raises(InvalidArgument, match=words):
        fit(**settings)


def test_settings_may_be_decimals() -> None:
    exact = fit(ridge=Decimal("0.1"), clip=Decimal("0.001"))
    assert exact.data_hash == fit().data_hash
    assert exact.capability.equals(fit().capability)


def test_parameters_stay_inside_their_bounds() -> None:
    # A benchmark that everybody fails and one that only noise orders push slopes and difficulties outward.
    rows = [(f"m{i:02d}", "b8", 0.0) for i in range(12)] + [(f"m{i:02d}", "b9", 0.5) for i in range(12)]
    latent = fit(table(rows=rows), ridge=1e-6).latent
    assert np.abs(latent.difficulty).max() <= 10.0
    assert np.abs(latent.capability).max() <= 10.0
    assert latent.slope.min() == 0.1


def test_published_index_is_reproduced(capsys: pytest.CaptureFixture[str]) -> None:
    """Epoch's table, if its path is given: objective, check values, and the time of one fit."""
    path = os.environ.get("CPD_ECI_BENCHMARKS_CSV")
    if not path:
        reason = "CPD_ECI_BENCHMARKS_CSV does not name a copy of https://epoch.ai/data/eci_benchmarks.csv"
        with capsys.disabled():
            print(f"\nskipped: {reason}")
        pytest.skip(reason)
    scores = pd.read_csv(path).rename(columns={"performance": "score"})
    settings: dict[str, Any] = {
        "anchor_models": {"Claude 3.5 Sonnet": 130.0, "GPT-5": 150.0},
        "anchor_benchmark": "Winogrande",
    }
    result = fit_index(scores=scores, **settings)
    assert result.objective == pytest.approx(13.04139, abs=2e-5)
    assert result.capability["o3"] == pytest.approx(146.90, abs=0.02)
    assert result.capability["GPT-4o (May 2024)"] == pytest.approx(128.57, abs=0.02)
    own = scores[scores["model"] == "o3"]
    placed = score_new_model(fit=result, scores=dict(zip(own["benchmark"], own["score"], strict=True)))
    assert placed.capability == pytest.approx(result.capability["o3"], abs=0.05)
    started = time.perf_counter()
    first = bootstrap_index(fit=result, resamples=5)
    with capsys.disabled():
        print(f"\nobjective {result.objective:.6f}, one refit {(time.perf_counter() - started) / 5:.4f} s")
    assert bootstrap_index(fit=result, resamples=5).draws.to_numpy().tobytes() == first.draws.to_numpy().tobytes()
    assert json.loads(result.capability.to_json())["GPT-5"] == 150.0
