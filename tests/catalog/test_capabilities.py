from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from typing import Any

import numpy as np
import pytest

from catalog.errors import UnknownCapability
from catalog.models import Benchmark, IndexEstimate, IndexFit, ModelVersion, Organization
from catalog.selectors.capabilities import capabilities, capability_choices
from catalog.selectors.scores import ScorePolicy
from tests.factories import make_benchmark, make_organization, make_score, make_source, make_version

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]


@pytest.fixture
def version() -> ModelVersion:
    return make_version()


def measured_by(name: str) -> Organization:
    return make_organization(name)


@pytest.mark.parametrize(
    ("policy", "value", "own"),
    [("independent", 0.57, False), ("vendor", 0.591, True), ("median", 0.57, False), ("worst", 0.55, False)],
)
def test_capability_of_a_benchmark_by_policy(
    version: ModelVersion, policy: ScorePolicy, value: float, own: bool
) -> None:
    make_version("Llama 3.1 405B", developer="Meta")
    gpqa = make_benchmark()
    make_score(version, gpqa, 0.591, measured_by=measured_by("DeepSeek"), self_reported=True)
    make_score(version, gpqa, 0.55, measured_by=measured_by("Epoch AI"), self_reported=False)
    make_score(version, gpqa, 0.57, measured_by=measured_by("Epoch AI"), self_reported=False, effort="high")
    make_score(version, gpqa, 0.60, measured_by=measured_by("Meta"), self_reported=False)
    make_score(version, gpqa, 0.56, measured_by=measured_by("Epoch AI"), self_reported=False, effort="low")
    make_score(version, gpqa, 0.10, measured_by=measured_by("Epoch AI"), self_reported=False, confidence="low")

    found = capabilities("benchmark:gpqa-diamond", policy=policy)[version.pk]

    assert (found.value, found.self_reported, found.status) == (value, own, "measured")


def test_capability_measured_by_a_competitor_beats_the_developers_own(version: ModelVersion) -> None:
    make_version("Llama 3.1 405B", developer="Meta")
    gpqa = make_benchmark()
    make_score(version, gpqa, 0.591, measured_by=measured_by("DeepSeek"), self_reported=True)
    make_score(version, gpqa, 0.55, measured_by=measured_by("Meta"), self_reported=False)

    assert capabilities("benchmark:gpqa-diamond")[version.pk].value == 0.55


def test_capability_of_low_confidence_is_used_where_there_is_no_other(version: ModelVersion) -> None:
    make_score(version, make_benchmark(), 0.7, confidence="low")

    assert capabilities("benchmark:gpqa-diamond")[version.pk].value == 0.7


def test_capability_has_a_90_percent_interval_inside_the_scale_and_says_how_it_was_measured(
    version: ModelVersion,
) -> None:
    epoch = measured_by("Epoch AI")
    make_score(version, make_benchmark(), 0.95, standard_error=0.04, measured_by=epoch, effort="high", n=198)

    found = capabilities("benchmark:gpqa-diamond")[version.pk]

    assert found.low == pytest.approx(0.95 - 1.6448536 * 0.04, abs=1e-7)
    assert found.high == 1.0
    assert found.draws is None
    assert found.detail == "measured by Epoch AI; high"
    assert [source.url for source in found.sources] == ["https://example.org/report"]


def test_capability_without_a_standard_error_has_no_interval(version: ModelVersion) -> None:
    make_score(version, make_benchmark(), 0.5)

    found = capabilities("benchmark:gpqa-diamond")[version.pk]

    assert (found.low, found.high) == (None, None)


def test_capability_that_was_superseded_is_left_out(version: ModelVersion) -> None:
    gpqa = make_benchmark()
    new = make_score(version, gpqa, 0.5)
    make_score(version, gpqa, 0.9, superseded_by=new)

    assert capabilities("benchmark:gpqa-diamond")[version.pk].value == 0.5


def test_capability_of_an_own_suite_is_the_newest_run_not_the_best(version: ModelVersion) -> None:
    suite = make_benchmark("everyday-v1", is_own_suite=True, in_index=False)
    make_score(version, suite, 0.8, measured_on=date(2026, 10, 1))
    make_score(version, suite, 0.6, measured_on=date(2026, 11, 1))

    assert capabilities("suite:everyday-v1")[version.pk].value == 0.6


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("benchmark:gpqa-dimond", "There is no capability 'benchmark:gpqa-dimond'. Nearest: benchmark:gpqa-diamond."),
        ("suite:gpqa-diamond", "There is no capability 'suite:gpqa-diamond'. Nearest: benchmark:gpqa-diamond."),
        ("", "There is no capability ''."),
    ],
)
def test_capability_unknown_names_the_nearest(version: ModelVersion, name: str, message: str) -> None:
    make_score(version, make_benchmark(), 0.5)

    with pytest.raises(UnknownCapability) as caught:
        capabilities(name)

    assert str(caught.value) == message


def test_capability_index_before_the_first_fit_is_empty(version: ModelVersion) -> None:
    make_score(version, make_benchmark(), 0.5)

    assert capabilities("index") == {}


def make_fit(versions: list[ModelVersion], **fields: Any) -> IndexFit:
    fit = IndexFit.objects.create(
        **{
            "data_hash": "0" * 64,
            "policy": "independent",
            "ridge": 0.1,
            "clip": 0.001,
            "loss": "squares",
            "anchors": {},
            "anchor_benchmark": make_benchmark(),
            "objective": 1.0,
            "resamples": 2,
            "seed": 0,
            "level": 0.9,
            "scores": 3,
        }
        | fields
    )
    for number, version in enumerate(versions):
        IndexEstimate.objects.create(
            fit=fit,
            version=version,
            status="ranked",
            capability=130.0 + number,
            low=128.0,
            high=133.0,
            benchmarks=5,
            draws_f32=np.array([129.5, 130.5], dtype="<f4").tobytes(),
        )
    return fit


def test_capability_index_is_that_of_the_newest_fit_with_its_draws_and_sources(version: ModelVersion) -> None:
    make_score(version, make_benchmark(), 0.5, source=make_source("https://example.org/hub"))
    make_score(version, make_benchmark("MMLU base", in_index=False), 0.5, source=make_source("https://example.org/no"))
    make_fit([make_version("Other"), version], data_hash="1" * 64)
    fit = make_fit([version])
    IndexEstimate.objects.create(
        fit=fit, version=make_version("Thin"), status="not_scored", benchmarks=1, draws_f32=b""
    )

    found = capabilities("index")

    assert list(found) == [version.pk]
    estimate = found[version.pk]
    assert (estimate.value, estimate.low, estimate.high, estimate.status) == (130.0, 128.0, 133.0, "ranked")
    assert estimate.draws is not None
    assert estimate.draws.tolist() == [129.5, 130.5]
    assert (estimate.self_reported, estimate.detail) == (None, "5 benchmarks")
    assert [source.url for source in estimate.sources] == ["https://example.org/hub"]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("index", 3), ("benchmark:gpqa-diamond", 2)])
def test_capabilities_take_a_constant_number_of_queries(
    name: str, queries: int, count: int, django_assert_num_queries: Queries
) -> None:
    versions = [make_version(f"Model {number}") for number in range(count)]
    for number, version in enumerate(versions):
        make_score(
            version,
            make_benchmark(),
            0.5,
            source=make_source(f"https://example.org/{number}"),
            measured_by=measured_by(f"Measurer {number}"),
        )
    make_fit(versions)

    with django_assert_num_queries(queries):
        assert len(capabilities(name)) == count


def test_capability_choices_name_what_has_values_widest_first(version: ModelVersion) -> None:
    other = make_version("Other")
    make_score(version, make_benchmark("MMLU"), 0.5)
    for each in (version, other):
        make_score(each, make_benchmark(), 0.5)
    make_score(version, make_benchmark("everyday-v1", is_own_suite=True), 0.5)
    make_benchmark("Nobody tried")
    make_fit([version, other])

    assert capability_choices() == [
        ("index", "Capability index", 2),
        ("benchmark:gpqa-diamond", "GPQA Diamond", 2),
        ("benchmark:mmlu", "MMLU", 1),
        ("suite:everyday-v1", "everyday-v1, measured here", 1),
    ]


def test_benchmark_variant_is_in_its_name() -> None:
    assert str(Benchmark(name="MATH", variant="level 5")) == "MATH (level 5)"
