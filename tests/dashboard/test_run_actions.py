"""Cancelling, resuming and asking failed samples again: asked first, with what it costs at most; for operators."""

from decimal import Decimal

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client

from evals.errors import WrongState
from evals.models import Comparison, Run, RunSample
from evals.services import retry_failed
from tests.dashboard.test_runs import make_run
from tests.factories import at

pytestmark = pytest.mark.django_db
PRICES = {
    "kind": "sold",
    "note": "List price.",
    "components": {"input": {"usd_per_mtok": "1"}, "output": {"usd_per_mtok": "10"}},
}


@pytest.fixture
def operator(client: Client) -> Client:
    user = User.objects.create_user("operator")
    user.user_permissions.add(Permission.objects.get(codename="change_run"))
    client.force_login(user)
    return client


def page(client: Client, run: Run, action: str = "") -> str:
    response = client.get(f"/evals/runs/{run.pk}/{action}", follow=True)
    assert response.status_code == 200
    return response.content.decode()


def actions_shown(client: Client, run: Run) -> list[str]:
    text = page(client, run)
    return [action for action in ("cancel", "resume", "retry") if f"/evals/runs/{run.pk}/{action}/" in text]


@pytest.mark.parametrize(
    ("state", "outcomes", "expected"),
    [
        (Run.State.RUNNING, ("correct", "pending"), ["cancel"]),
        (Run.State.PAUSED, ("correct", "pending"), ["cancel", "resume"]),
        (Run.State.FAILED, ("", "pending"), ["resume", "retry"]),
        (Run.State.FINISHED, ("correct", ""), ["retry"]),
        (Run.State.FINISHED, ("correct", "incorrect"), []),
        (Run.State.CAPPED, ("correct", ""), []),
        (Run.State.CANCELLED, ("correct", ""), []),
    ],
)
def test_run_page_offers_what_its_state_allows(
    operator: Client, state: str, outcomes: tuple[str, ...], expected: list[str]
) -> None:
    assert actions_shown(operator, make_run(outcomes=outcomes, state=state, prices=PRICES)) == expected


def test_actions_are_not_shown_to_those_who_may_not(client: Client) -> None:
    run = make_run(outcomes=("correct", ""), prices=PRICES)
    assert actions_shown(client, run) == []
    assert client.get(f"/evals/runs/{run.pk}/retry/")["Location"].startswith("/admin/login/")
    client.force_login(User.objects.create_user("reader"))
    assert actions_shown(client, run) == []
    assert client.get(f"/evals/runs/{run.pk}/retry/").status_code == 403
    assert client.post(f"/evals/runs/{run.pk}/retry/").status_code == 403
    assert run.samples.filter(state=RunSample.State.FAILED).exists()


def test_question_names_the_run_and_what_is_left_of_its_budget(operator: Client) -> None:
    run = make_run(outcomes=("correct", "", ""), prices=PRICES, budget_usd=Decimal("0.05"))

    text = page(operator, run, "retry/")

    assert "<h1>Ask the failed samples of Tiny on Here again?</h1>" in text
    assert "2 samples would be asked." in text
    assert "At most $0.046: what is left of the budget of $0.05." in text
    assert "One call for each reserves $0.00061 in all" in text
    assert run.samples.filter(state=RunSample.State.FAILED).count() == 2, "looking changes nothing"


def test_question_about_a_run_under_way_counts_what_is_reserved(operator: Client) -> None:
    run = make_run(outcomes=("correct", "pending"), state=Run.State.RUNNING, reserved_usd=Decimal("0.0003"))

    text = page(operator, run, "cancel/")

    assert "at most $0.0003 more than the $0.004 spent so far, of a budget of $1.00." in text


def test_question_about_cancelling_says_what_becomes_of_a_run_that_had_finished(operator: Client) -> None:
    run = make_run(outcomes=("correct", ""), prices=PRICES, finished_at=at("2026-11-01"))
    retry_failed(run)

    text = page(operator, run, "cancel/")
    assert "What is answered stays, and counts in its score. The run is finished as it was before;" in text
    assert "not published" not in text

    response = operator.post(f"/evals/runs/{run.pk}/cancel/", follow=True)
    assert (
        "Tiny on Here is finished as before; samples without an answer are failed again." in response.content.decode()
    )
    run.refresh_from_db()
    assert (run.state, run.finished_at) == (Run.State.FINISHED, at("2026-11-01"))


def test_question_about_a_run_without_prices_says_that_no_budget_holds(operator: Client) -> None:
    run = make_run(outcomes=("correct", "pending"), state=Run.State.PAUSED, prices={"kind": "unknown", "note": ""})

    assert "What it costs is not known" in page(operator, run, "resume/")


@pytest.mark.parametrize(
    ("others", "sentence"),
    [
        ([PRICES], "1 other run that waits for Here goes on too, for at most $0.996 of its own budget."),
        ([PRICES] * 2, "2 other runs that wait for Here go on too, for at most $1.99 of their own budgets."),
        ([PRICES, {"kind": "unknown"}], "2 other runs that wait for Here go on too, and what that costs is not known."),
    ],
)
def test_question_counts_the_runs_that_go_on_too(
    operator: Client, others: list[dict[str, object]], sentence: str
) -> None:
    run = make_run(outcomes=("correct", ""), prices=PRICES)
    assert "go on too" not in page(operator, run, "retry/")
    assert "goes on too" not in page(operator, run, "retry/")
    for prices in others:
        make_run(outcomes=("pending",), state=Run.State.PAUSED, prices=prices)

    assert sentence in page(operator, run, "retry/")


def test_failed_samples_are_asked_again_and_nothing_else(operator: Client) -> None:
    run = make_run(outcomes=("correct", "incorrect", "", ""), prices=PRICES)
    run.samples.filter(position=3).update(refused=True)
    run.samples.filter(position=2).update(failures=3, attempts_made=3)

    response = operator.post(f"/evals/runs/{run.pk}/retry/", follow=True)

    assert "Tiny on Here: 1 failed sample is asked again." in response.content.decode()
    run.refresh_from_db()
    assert (run.state, run.finished_at) == (Run.State.QUEUED, None)
    assert list(run.samples.values_list("state", "failures", "attempts_made").order_by("position")) == [
        ("done", 0, 0),
        ("done", 0, 0),
        ("pending", 0, 3),
        ("failed", 0, 0),
    ]
    assert run.samples.get(position=2).attempts.count() == 1, "the failed call stays on record"


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"budget_usd": Decimal("0.0041")}, "$0.0001 is left, and one call may cost up to $0.000305."),
        ({"state": Run.State.CAPPED}, "The run is stopped at its budget"),
    ],
)
def test_samples_are_not_asked_again_without_money_or_in_another_state(
    change: dict[str, object], sentence: str
) -> None:
    run = make_run(outcomes=("correct", ""), **({"prices": PRICES} | change))  # type: ignore[arg-type]

    with pytest.raises(WrongState) as error:
        retry_failed(run)

    assert sentence in str(error.value)
    assert run.samples.filter(state=RunSample.State.FAILED).count() == 1


def test_samples_of_a_comparison_judged_at_every_look_are_not_asked_again() -> None:
    run = make_run(outcomes=("correct", ""), prices=PRICES)
    run.comparison = Comparison.objects.create(suite=run.suite, stop_early=True)
    run.save()

    with pytest.raises(WrongState, match="judged answer by answer"):
        retry_failed(run)


def test_action_that_came_too_late_says_why(operator: Client) -> None:
    run = make_run(outcomes=("correct", "incorrect"), prices=PRICES)

    text = operator.post(f"/evals/runs/{run.pk}/cancel/", follow=True).content.decode()

    assert "Tiny on Here: cancel is not possible now. It is Finished." in text
    assert operator.get(f"/evals/runs/{run.pk}/explode/").status_code == 404
