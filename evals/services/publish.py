"""A finished run becomes a score in the catalog, so that every chart reads one table."""

from catalog.models import Benchmark, Confidence, Score, Source
from catalog.services import record_score, record_source
from economics.intervals import clustered_mean
from evals.models import Run, RunSample
from evals.services.measured import measured_version, run_address

PUBLISHER = "This installation"


def publish_run(run: Run) -> Score | None:
    """Write the pass rate of a finished run as a score whose source is the run's own page. Idempotent.

    None when it is not known which version answered, or when nothing was scored. Repeats of one item are clustered.
    """
    version = measured_version(run)
    samples = list(
        run.samples.filter(outcome__in=(RunSample.Outcome.CORRECT, RunSample.Outcome.INCORRECT)).values_list(
            "outcome", "sample_id"
        )
    )
    if version is None or not samples or run.finished_at is None:
        return None
    passed = [float(outcome == RunSample.Outcome.CORRECT) for outcome, _ in samples]
    rate = clustered_mean(scores=passed, clusters=[sample for _, sample in samples])
    benchmark, _ = Benchmark.objects.get_or_create(
        slug=run.suite.slug,
        defaults={
            "name": run.suite.name,
            "metric": "pass rate",
            "unit": Benchmark.Unit.FRACTION,
            "is_own_suite": True,
            "description": run.suite.description,
        },
    )
    source = record_source(
        run_address(run),
        publisher=PUBLISHER,
        kind=Source.Kind.MEASURED,
        title=f"Run of {run.suite.name} on {run.endpoint.name}",
        retrieved_at=run.finished_at,
    )
    correct = int(sum(passed))
    return record_score(
        version=version,
        benchmark=benchmark,
        value=correct / len(passed),
        source=source,
        confidence=Confidence.HIGH,
        original_value=f"{correct}/{len(passed)}",
        original_unit="passed/scored",
        standard_error=rate.standard_error,
        n=len(passed),
        harness="capability-per-dollar",
        configuration=(
            f"endpoint {run.endpoint.slug}, {run.repeats} per item, temperature {run.temperature:g}, "
            f"at most {run.max_output_tokens} output tokens"
        ),
        self_reported=False,
        measured_on=run.finished_at.date(),
        is_all_of_source=True,
    )
