"""The nightly task fits by every policy, and a second night without new scores adds nothing."""

import pytest

from catalog.models import IndexFit
from catalog.selectors.scores import POLICIES
from catalog.services.capability_index import ANCHORS
from catalog.tasks import fit_index
from tests.factories import make_benchmark, make_score, make_version


@pytest.mark.django_db
def test_every_policy_is_fitted_once() -> None:
    versions = [*(make_version(name) for name in ("One", "Two", "Three"))]
    for anchor in ANCHORS:
        version = make_version(anchor)
        version.slug = anchor
        version.save()
        versions.append(version)
    for number, benchmark in enumerate(("Sums", "Words", "Maps", "Games")):
        for rank, version in enumerate(versions):
            make_score(version, make_benchmark(benchmark, chance=0.0), 0.2 + 0.1 * rank + 0.05 * number)
    fit_index()
    fit_index()
    assert sorted(IndexFit.objects.values_list("policy", flat=True)) == sorted(POLICIES)
