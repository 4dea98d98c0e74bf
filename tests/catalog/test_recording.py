import pytest

from catalog.errors import BadFact
from catalog.models import Benchmark, Score
from catalog.selectors.capabilities import capabilities
from catalog.services import record_score, record_source
from tests.factories import at, make_benchmark, make_source, make_version

pytestmark = pytest.mark.django_db


def test_record_score_again_is_one_row() -> None:
    facts = {"version": make_version(), "benchmark": make_benchmark(), "source": make_source(), "confidence": "high"}

    first = record_score(value=0.5, n=60, **facts)  # type: ignore[arg-type]

    assert record_score(value=0.5, n=60, **facts) == first  # type: ignore[arg-type]
    assert Score.objects.count() == 1
    assert first.original_value == "0.5"


def test_record_score_anew_supersedes_and_keeps_the_old() -> None:
    facts = {"version": make_version(), "benchmark": make_benchmark(), "source": make_source(), "confidence": "high"}
    old = record_score(value=0.5, **facts)  # type: ignore[arg-type]

    new = record_score(value=0.6, **facts)  # type: ignore[arg-type]

    old.refresh_from_db()
    assert old.superseded_by == new
    assert capabilities("benchmark:gpqa-diamond")[new.version_id].value == 0.6


@pytest.mark.parametrize("value", [50.0, -0.1, float("nan"), float("inf")])
def test_record_score_refuses_what_is_no_share(value: float) -> None:
    with pytest.raises(BadFact, match=r"is no result of GPQA Diamond, which is scored from 0 to 1\. Give a share"):
        record_score(
            version=make_version(), benchmark=make_benchmark(), value=value, source=make_source(), confidence="high"
        )


def test_record_score_in_rating_points_may_be_large() -> None:
    arena = make_benchmark("Arena", unit=Benchmark.Unit.ELO)

    score = record_score(version=make_version(), benchmark=arena, value=1285.0, source=make_source(), confidence="high")

    assert score.value == 1285.0


def test_record_source_again_notes_the_later_day_and_keeps_what_editors_wrote() -> None:
    url = "/evals/runs/1/"
    first = record_source(url, publisher="This installation", kind="measured", retrieved_at=at("2026-01-01"))
    assert first.rank == 15
    type(first).objects.filter(pk=first.pk).update(title="Our run", rank=5)

    again = record_source(url, publisher="Other", kind="measured", retrieved_at=at("2026-02-01"))

    assert (again.pk, again.title, again.rank, again.publisher) == (first.pk, "Our run", 5, "This installation")
    assert again.retrieved_at == at("2026-02-01")
    earlier = record_source(url, publisher="x", kind="measured", retrieved_at=at("2025-01-01"))
    assert earlier.retrieved_at == at("2026-02-01")


def test_record_source_of_an_unknown_kind_lists_the_kinds() -> None:
    with pytest.raises(BadFact, match=r"is of kind 'blog'\. Choose one of measured, primary, independent"):
        record_source("https://example.org", publisher="x", kind="blog")
