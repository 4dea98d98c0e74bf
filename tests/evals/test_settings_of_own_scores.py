"""The migration that completes what scores of older runs say of their setting."""

from importlib import import_module

import pytest
from django.apps import apps

from catalog.models import Score
from evals.services.publish import publish_run
from tests.dashboard.conftest import measured
from tests.factories import make_benchmark, make_score, make_version

pytestmark = pytest.mark.django_db
SHORT = "endpoint alpha, 1 per item, temperature 0"
WHOLE = f"{SHORT}, at most 16 output tokens"


def complete() -> None:
    import_module("evals.migrations.0044_settings_of_own_scores").complete(apps, None)


def test_old_score_gets_the_setting_of_its_run() -> None:
    version = make_version("Alpha")
    old, new = measured(version, "++-", "0.01"), measured(version, "+--", "0.01")
    Score.objects.filter(source__url__contains=str(old.pk)).update(configuration=SHORT)
    other = make_score(version, make_benchmark("Other"), 0.5, configuration=SHORT)

    complete()
    complete()

    own = Score.objects.exclude(pk=other.pk)
    assert list(own.values_list("configuration", "superseded_by")) == [(WHOLE, None)] * 2
    assert Score.objects.get(pk=other.pk).configuration == SHORT, "not ours"
    publish_run(old)
    publish_run(new)
    assert own.count() == 2, "publishing again changes nothing"


def test_run_with_two_scores_in_force_keeps_the_newer_one() -> None:
    measured(make_version("Alpha"), "++-", "0.01")
    newer = Score.objects.get()
    older = Score.objects.get()
    newer.pk, newer.configuration = None, SHORT
    newer.save()

    complete()

    older.refresh_from_db()
    newer.refresh_from_db()
    assert (older.superseded_by, newer.superseded_by, newer.configuration) == (newer, None, WHOLE)
