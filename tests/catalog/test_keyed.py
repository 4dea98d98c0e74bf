"""Rows by key, and what the database says of versions as Python does."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from itertools import product
from typing import Any

import pytest

from catalog.models import Model, ModelVersion
from catalog.models.model import FIRST_USE
from catalog.selectors.keyed import by_key
from tests.factories import make_organization, make_version

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]


@pytest.mark.parametrize("rows", [1, 3, 1500])
def test_rows_are_found_in_one_query_whatever_their_number(rows: int, django_assert_num_queries: Queries) -> None:
    developer = make_organization("DeepSeek")
    Model.objects.bulk_create(Model(slug=f"m-{n}", name=f"M {n}", developer=developer) for n in range(rows))
    keys = list(Model.objects.values_list("pk", flat=True))

    with django_assert_num_queries(1):
        found = by_key(Model.objects.all(), [*keys, *keys, max(keys) + 1])

    assert {pk: row.pk for pk, row in found.items()} == {pk: pk for pk in keys}


def test_first_use_is_the_same_in_the_database_as_in_python() -> None:
    model = make_version("DeepSeek-V3").model
    days = (None, date(2025, 1, 20), date(2024, 12, 26))
    for number, (announced, api, weights, snapshot) in enumerate(product(days, repeat=4)):
        ModelVersion.objects.create(
            model=model,
            slug=f"v-{number}",
            name="V",
            announced_on=announced,
            api_on=api,
            weights_on=weights,
            snapshot_on=snapshot,
        )

    said = dict(ModelVersion.objects.values_list("pk", FIRST_USE))

    assert len(said) == 82
    assert said == {version.pk: version.released_on for version in ModelVersion.objects.all()}
