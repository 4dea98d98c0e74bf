"""Judging stored replies again: a better scorer must not cost a second run."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from evals.errors import WrongState
from evals.models import Attempt, Run, RunSample
from evals.services.publish import publish_run
from evals.worker.judging import judge


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """What changed. ``keys`` names the samples whose outcome is another now."""

    judged: int
    keys: tuple[str, ...]


@transaction.atomic
def rescore_run(run: Run) -> Rescored:
    """Judge every stored reply of a run with the scorers as they are now, and correct its score in the catalog.

    No call is made. Samples keep the version of the scorer that judged them; the catalog keeps the superseded score.

    :raises WrongState: while the run is still going.
    """
    run = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.state in Run.OPEN_STATES:
        raise WrongState("The run is still going; score it again when it has ended.")
    changed: list[str] = []
    samples = run.samples.filter(state=RunSample.State.DONE).select_related("sample").prefetch_related("attempts")
    for sample in samples:
        reply = next(call for call in sample.attempts.all() if call.state == Attempt.State.ANSWERED)
        judgement, label = judge(
            scorer=sample.sample.scorer,
            options=sample.sample.scorer_options,
            target=sample.sample.target,
            text=reply.text,
            finish_reason=reply.finish_reason,
            name=str(sample.pk),
        )
        if judgement.outcome != sample.outcome:
            changed.append(sample.sample.key)
        sample.outcome, sample.scorer_version = judgement.outcome, label
        sample.answer, sample.explanation = judgement.answer, judgement.explanation
    RunSample.objects.bulk_update(samples, ["outcome", "answer", "explanation", "scorer_version"], batch_size=100)
    run.rescored_at = timezone.now()
    run.save(update_fields=["rescored_at"])
    if run.state == Run.State.FINISHED:
        publish_run(run)
    return Rescored(judged=len(samples), keys=tuple(changed))
