"""What can be done with a run now, in the words of its page and of the page that asks before it is done."""

from dataclasses import dataclass

from dashboard import formats
from evals.models import Run
from evals.plans import Rest, rest_of
from evals.services.runs import RESUMABLE, cancel_run, resume_run, retry_failed, retry_problem

PERMISSION = "evals.change_run"
WORDS = {"cancel": "Cancel", "resume": "Resume", "retry": "Retry failed"}


@dataclass(frozen=True, slots=True)
class Question:
    """A step with what it does and what it costs at most, before it is taken."""

    action: str
    title: str
    what: str
    cost: str
    button: str


def possible(run: Run) -> list[tuple[str, str]]:
    """The actions that a run allows now, each with its label."""
    found = []
    if run.can_be_cancelled:
        found.append("cancel")
    if run.state in RESUMABLE:
        found.append("resume")
    if not retry_problem(run):
        found.append("retry")
    return [(action, WORDS[action]) for action in found]


def name_of(run: Run) -> str:
    return f"{run.suite.name} on {run.endpoint.name}"


def question(run: Run, action: str) -> Question:
    rest = rest_of(run, with_failed=action == "retry")
    if action == "cancel":
        return Question(
            action,
            f"Cancel {name_of(run)}?",
            "No call is sent from then on, and what waits is not asked. What is answered stays, " + _after_cancel(run),
            f"Calls under way come home and are paid: at most {formats.usd(run.reserved_usd)} more than the "
            f"{formats.usd(run.spent_usd)} spent so far, of a budget of {formats.usd(run.budget_usd)}.",
            "Cancel the run",
        )
    if action == "resume":
        return Question(
            action,
            f"Go on with {name_of(run)}?",
            f"{formats.plural(rest.n_samples, 'sample waits', 'samples wait')}. What is done stays done and is not "
            "paid again. The endpoint is tried at once.",
            cost_words(run, rest),
            "Resume the run",
        )
    return Question(
        action,
        f"Ask the failed samples of {name_of(run)} again?",
        f"{formats.plural(rest.n_samples, 'sample')} would be asked. They got no answer by an error, which is not a "
        "wrong answer; wrong ones are not asked again. The failed calls stay on record.",
        cost_words(run, rest),
        "Ask them again",
    )


def _after_cancel(run: Run) -> str:
    if run.first_finished_at is not None:
        return (
            "and counts in its score. The run is finished as it was before; samples without an answer are failed again."
        )
    return "and is not published as a score. A cancelled run cannot go on."


def cost_words(run: Run, rest: Rest) -> str:
    return f"{_own_cost(run, rest)} {_cost_of_others(run, rest)}".strip()


def _cost_of_others(run: Run, rest: Rest) -> str:
    if not rest.n_others:
        return ""
    waiting = formats.plural(rest.n_others, "other run that waits", "other runs that wait")
    go = "goes" if rest.n_others == 1 else "go"
    if rest.usd_of_others is None:
        return f"{waiting} for {run.endpoint.name} {go} on too, and what that costs is not known."
    budget = "its own budget" if rest.n_others == 1 else "their own budgets"
    return f"{waiting} for {run.endpoint.name} {go} on too, for at most {formats.usd(rest.usd_of_others)} of {budget}."


def _own_cost(run: Run, rest: Rest) -> str:
    if not rest.has_price:
        return "What it costs is not known: the run has no prices, and no budget holds for it."
    return (
        f"At most {formats.usd(rest.usd_left)}: what is left of the budget of {formats.usd(run.budget_usd)}. One call "
        f"for each reserves {formats.usd(rest.usd_one_call)} in all, which is the most that they can cost; a sample "
        "whose call fails is called again."
    )


def act(run: Run, action: str) -> str:
    """Take the step; return what is to be said.

    :raises WrongState: when the run does not allow it any more.
    """
    name = name_of(run)
    if action == "cancel":
        run = cancel_run(run)
        if run.state == Run.State.CANCELLED:
            return f"{name} is cancelled."
        if run.state == Run.State.FINISHED:
            return f"{name} is finished as before; samples without an answer are failed again."
        return f"{name} is being cancelled: no call is sent any more; those under way come home and are booked."
    if action == "resume":
        resume_run(run)
        return f"{name} goes on."
    count = retry_failed(run)
    return f"{name}: {formats.plural(count, 'failed sample is', 'failed samples are')} asked again."
