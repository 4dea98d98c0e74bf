"""What is missing of the best-known models."""

import csv
import io
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Alias, Benchmark, ModelVersion
from catalog.selectors.gaps import State, gaps
from tests.factories import (
    make_benchmark,
    make_claim,
    make_offering,
    make_price,
    make_score,
    make_training_run,
    make_version,
)

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]


def test_gaps_tell_what_is_kept_back_from_what_is_not_entered() -> None:
    opened, closed = make_version("Open", developer="Meta"), make_version("Closed", developer="OpenAI")
    ModelVersion.objects.filter(pk=opened.pk).update(open_weights=True)
    ModelVersion.objects.filter(pk=closed.pk).update(open_weights=False)

    states = {row.model: row.states for row in gaps()}

    assert states["open"]["parameters"] == State.MISSING
    assert states["closed"]["parameters"] == State.NOT_PUBLISHED
    assert states["closed"]["prices"] == State.MISSING


def test_gaps_close_when_facts_are_entered() -> None:
    version = make_version("Open", developer="Meta")
    for attribute in ("total_params", "active_params", "training_tokens"):
        make_claim(version, attribute, "1000")
    make_claim(version, "licence", "MIT")
    make_training_run(version, {"pre-training": 10.0})
    offering = make_offering(version)
    make_price(offering, "input", "1", since="2025-01-01")
    assert gaps()[0].missing == ["prices", "scores"]
    make_price(offering, "output", "2", since="2025-01-01")
    benchmark = make_benchmark("GPQA")
    Benchmark.objects.filter(pk=benchmark.pk).update(in_index=True)
    make_score(version, benchmark, 0.5)

    row = gaps()[0]

    assert (row.missing, row.index_scores) == ([], 1)


def test_gaps_take_the_models_named_most() -> None:
    known, other = make_version("Known", developer="Meta"), make_version("Other", developer="Meta")
    for namespace in ("litellm/a", "litellm/b", "openrouter/openrouter"):
        Alias.objects.create(namespace=namespace, raw_name="x", version=known)
    Alias.objects.create(namespace="litellm/c", raw_name="x", version=other)

    assert [(row.model, row.named_by) for row in gaps(1)] == [("known", 2)]


@pytest.mark.parametrize("models", [1, 3])
def test_gaps_cost_the_same_queries_for_one_model_and_three(models: int, django_assert_num_queries: Queries) -> None:
    for number in range(models):
        make_version(f"Model {number}", developer="Meta")

    with django_assert_num_queries(15):
        gaps()


def test_missing_facts_prints_the_same_in_every_format(capsys: pytest.CaptureFixture[str]) -> None:
    make_version("Open", developer="Meta")

    call_command("missing_facts")
    assert "1 models, 0 complete, 7 values to enter." in capsys.readouterr().out
    call_command("missing_facts", "--format", "csv")
    row = next(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    call_command("missing_facts", "--format", "json")
    (item,) = json.loads(capsys.readouterr().out)
    assert (row["model"], row["missing"], row["dates"]) == ("open", "7", "known")
    assert {name: str(value) for name, value in item.items()} == row


def test_missing_facts_refuses_less_than_one_model() -> None:
    with pytest.raises(CommandError, match="at least one model"):
        call_command("missing_facts", "--models", "0")
