from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest

from catalog.errors import UnknownModel
from catalog.identity import resolve_alias, resolve_aliases
from catalog.models import Alias, Claim, ModelVersion, TrainingPhase, TrainingRun
from catalog.selectors.facts import facts
from catalog.selectors.models import model_detail, models, near_names, search_models
from catalog.selectors.training import training_runs
from tests.factories import at, make_hardware, make_source, make_version

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]


def make_claim(version: ModelVersion, value: str, **fields: Any) -> Claim:
    defaults = {"attribute": "total_params", "unit": "parameters", "confidence": "high", "source": make_source()}
    return Claim.objects.create(version=version, value=value, **(defaults | fields))


def test_facts_show_the_lowest_rank_then_the_surest_then_the_newest() -> None:
    version = make_version()
    curated = make_source("https://example.org/feed", kind="curated", rank=30)
    fourth = make_claim(version, "4", source=curated)
    second = make_claim(version, "2", confidence="medium", observed_at=at("2025-01-01"))
    first = make_claim(version, "1", confidence="medium", observed_at=at("2026-01-01"))
    third = make_claim(version, "3", confidence="low")
    qualified = make_claim(version, "685", qualifier="with the prediction module")
    make_claim(version, "0", superseded_by=first)
    licence = make_claim(version, "MIT", attribute="licence", unit="")

    assert facts([version.pk]) == {
        version.pk: {"total_params": [first, second, third, fourth, qualified], "licence": [licence]}
    }


@pytest.mark.parametrize("count", [1, 3])
def test_facts_take_one_query(count: int, django_assert_num_queries: Queries) -> None:
    versions = [make_version(f"Model {number}") for number in range(count)]
    for number, version in enumerate(versions):
        make_claim(version, "1", source=make_source(f"https://example.org/{number}"))

    with django_assert_num_queries(1):
        found = facts([version.pk for version in versions])
        assert len({claim.source.url for each in found.values() for claim in each["total_params"]}) == count


@pytest.mark.parametrize("count", [1, 3])
def test_training_runs_take_two_queries(count: int, django_assert_num_queries: Queries) -> None:
    for number in range(count):
        run = TrainingRun.objects.create(version=make_version(f"Model {number}"), scope="-", source=make_source())
        for position, name in enumerate(("pre-training", "post-training")):
            TrainingPhase.objects.create(
                run=run, position=position, name=name, hardware=make_hardware(), source=make_source(), confidence="high"
            )

    with django_assert_num_queries(2):
        runs = list(training_runs())
        names = [
            (run.version.model.developer.name, run.source.url, phase.hardware and phase.hardware.name, phase.source.url)
            for run in runs
            for phase in run.phases.all()
        ]
    assert names == [("DeepSeek", make_source().url, "NVIDIA H800 SXM5", make_source().url)] * 2 * count


@pytest.mark.parametrize("count", [1, 3])
def test_models_take_two_queries(count: int, django_assert_num_queries: Queries) -> None:
    for number in range(count):
        make_version(f"Model {number}", source=make_source(f"https://example.org/{number}"))

    with django_assert_num_queries(2):
        found = [
            (model.developer.name, version.source and version.source.url)
            for model in models()
            for version in model.versions.all()
        ]
    assert found == [("DeepSeek", f"https://example.org/{number}") for number in range(count)]


def test_model_detail_has_its_versions_oldest_first() -> None:
    make_version(label="0324", released="2025-03-24")
    make_version(label="2024-12-26", released="2024-12-26")

    model = model_detail("deepseek-v3")

    assert [version.slug for version in model.versions.all()] == ["deepseek-v3-2024-12-26", "deepseek-v3-0324"]


def test_model_detail_of_an_unknown_slug_names_the_nearest() -> None:
    make_version()

    with pytest.raises(UnknownModel, match=r"There is no model 'deepseek-v33'. Nearest: deepseek-v3\."):
        model_detail("deepseek-v33")


@pytest.mark.parametrize(("slug", "near"), [("DeepSeek-V3", ["deepseek-v3"]), ("qqq", [])])
def test_near_names(slug: str, near: list[str]) -> None:
    make_version()

    assert near_names(slug) == near


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("sonnet", ["Claude 3.5 Sonnet"]),
        ("anthropic 3.5", ["Claude 3.5 Sonnet"]),
        ("20241022", ["Claude 3.5 Sonnet"]),
        ("DEEPSEEK", ["DeepSeek-V3"]),
        ("sonnet deepseek", []),
        ("", ["Claude 3.5 Sonnet", "DeepSeek-V3"]),
    ],
)
def test_search_models(query: str, found: list[str]) -> None:
    make_version()
    make_version("Claude 3.5 Sonnet", developer="Anthropic", label="20240620")
    make_version("Claude 3.5 Sonnet", developer="Anthropic", label="20241022")

    assert [model.name for model in search_models(query)] == found


# ---- names ----------------------------------------------------------------------------------------------------------


def make_alias(name: str, version: ModelVersion | None = None, **fields: Any) -> Alias:
    return Alias.objects.create(namespace="feed", raw_name=name, version=version, **fields)


@pytest.mark.parametrize(
    ("day", "expected"), [("2025-03-23", "DeepSeek-V3"), ("2025-03-24", "DeepSeek-V3.1"), ("2026-01-01", None)]
)
def test_alias_means_what_it_meant_that_day(day: str, expected: str | None) -> None:
    make_alias("deepseek-chat", make_version(), valid_to=at("2025-03-24"))
    make_alias("deepseek-chat", make_version("DeepSeek-V3.1"), valid_from=at("2025-03-24"), valid_to=at("2026-01-01"))

    found = resolve_alias("feed", "deepseek-chat", at(day))

    assert (found.name if found else None) == expected


def test_alias_that_is_only_proposed_decides_nothing() -> None:
    make_alias("deepseek-chat", make_version(), status=Alias.Status.PROPOSED)

    assert resolve_alias("feed", "deepseek-chat", at("2025-01-01")) is None


def test_alias_matches_exactly_and_in_its_namespace() -> None:
    make_alias("deepseek-chat", make_version())

    assert resolve_alias("feed", "DeepSeek-Chat", at("2025-01-01")) is None
    assert resolve_alias("other", "deepseek-chat", at("2025-01-01")) is None


@pytest.mark.parametrize("count", [1, 3])
def test_aliases_resolve_in_one_query(count: int, django_assert_num_queries: Queries) -> None:
    for number in range(count):
        make_alias(f"name-{number}", make_version(f"Model {number}"))
    make_alias("several", target=Alias.Target.COMPOSITE)

    with django_assert_num_queries(1):
        found = resolve_aliases("feed", [f"name-{n}" for n in range(count)] + ["several", "new"], at("2025-01-01"))
        assert sorted(version.model.name for version in found.values()) == [f"Model {n}" for n in range(count)]
