"""Judging stored replies again: a better scorer must not cost a second run."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from evals.errors import WrongState
from evals.judging import judge
from evals.models import Attempt, Run, RunSample
from evals.scorers import Judgement
from evals.services.publish import publish_run


@dataclass(frozen=True, slots=True, kw_only=True)
class Rescored:
    """What changed. ``keys`` names the samples whose outcome is another now."""

    judged: int
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondJudgement:
    """A stored reply judged again, beside the judgement on record."""

    sample: RunSample
    judgement: Judgement
    label: str

    @property
    def differs(self) -> bool:
        return self.judgement.outcome != self.sample.outcome


def judge_again(run: Run) -> list[SecondJudgement]:
    """Every stored reply of a run judged by the scorers as they are now. Nothing is written and no call is made."""
    found = []
    samples = run.samples.filter(state=RunSample.State.DONE).select_related("sample").prefetch_related("attempts")
    for sample in samples.order_by("position"):
        reply = next(call for call in sample.attempts.all() if call.state == Attempt.State.ANSWERED)
        judgement, label = judge(
            scorer=sample.sample.scorer,
            options=sample.sample.scorer_options,
            target=sample.sample.target,
            text=reply.text,
            finish_reason=reply.finish_reason,
            name=str(sample.pk),
        )
        found.append(SecondJudgement(sample=sample, judgement=judgement, label=label))
    return found


@transaction.atomic
def rescore_run(run: Run) -> Rescored:
    """Judge every stored reply of a run with the scorers as they are now, and correct its score in the catalog.

    No call is made. Samples keep the version of the scorer that judged them; the catalog keeps the superseded score.

    :raises WrongState: while the run is still going.
    """
    run = Run.objects.select_for_update(no_key=True).get(pk=run.pk)
    if run.state in Run.OPEN_STATES:
        raise WrongState("The run is still going; score it again when it has ended.")
    again = judge_again(run)
    changed = [each.sample.sample.key for each in again if each.differs]
    for each in again:
        each.sample.outcome, each.sample.scorer_version = each.judgement.outcome, each.label
        each.sample.answer, each.sample.explanation = each.judgement.answer, each.judgement.explanation
    RunSample.objects.bulk_update(
        [each.sample for each in again], ["outcome", "answer", "explanation", "scorer_version"], batch_size=100
    )
    run.rescored_at = timezone.now()
    run.save(update_fields=["rescored_at"])
    if run.state == Run.State.FINISHED:
        publish_run(run)
    return Rescored(judged=len(again), keys=tuple(changed))
