"""Placing a model on a finished index without refitting."""

import itertools
from typing import Any, Literal

import numpy as np
import pytest

from economics.capability import score_new_model
from economics.errors import InvalidArgument
from tests.economics.index_tables import fit, table


@pytest.mark.parametrize("loss", ["squares", "cross_entropy"])
def test_new_model_from_its_own_scores_lands_on_its_fitted_index(loss: Literal["squares", "cross_entropy"]) -> None:
    scores = table(noise=0.08)
    result = fit(scores, loss=loss)
    for model in ("m04", "m11"):
        own = scores[scores["model"] == model]
        placed = score_new_model(fit=result, scores=dict(zip(own["benchmark"], own["score"], strict=True)))
        assert placed.capability == pytest.approx(result.capability[model], abs=0.01)
        assert placed.standard_error == pytest.approx(result.standard_error[model], abs=1e-3)
        assert placed.status == result.status[model] == "ranked"
        assert placed.benchmarks == len(own)


def test_new_model_status_by_number_of_benchmarks() -> None:
    result = fit()
    assert score_new_model(fit=result, scores={"b1": 0.6, "b2": 0.5}).status == "provisional"
    one = score_new_model(fit=result, scores={"b1": 0.6, "b2": None})
    assert (one.status, one.capability, one.benchmarks) == ("not_scored", None, 1)
    nothing = score_new_model(fit=result, scores={"b1": None})
    assert (nothing.status, nothing.capability, nothing.standard_error, nothing.benchmarks) == (
        "not_scored",
        None,
        None,
        0,
    )


def test_new_model_refuses_unknown_benchmarks_and_raw_scores() -> None:
    with pytest.raises(InvalidArgument, match="names the benchmark 'b99'"):
        score_new_model(fit=fit(), scores={"b99": 0.5})
    with pytest.raises(InvalidArgument, match=r"scores\['b1'\] is 72\.0"):
        score_new_model(fit=fit(), scores={"b1": 72})


def test_better_scores_never_lower_a_new_model() -> None:
    result = fit()
    steps: list[Any] = [
        score_new_model(fit=result, scores={"b1": 0.6, "b3": 0.4, "b5": score}).capability
        for score in np.linspace(0.0, 1.0, 11)
    ]
    assert all(later > earlier for earlier, later in itertools.pairwise(steps))
