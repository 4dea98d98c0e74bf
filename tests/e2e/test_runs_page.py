"""A run that is under way moves on the page without a reload."""

from playwright.sync_api import expect

from evals.models import Run
from tests.dashboard.test_runs import make_run
from tests.e2e.conftest import Open


def test_open_run_advances_on_the_page_and_stops_asking_at_its_end(open_page: Open) -> None:
    run = make_run(outcomes=("correct", "pending"), state=Run.State.RUNNING)
    page = open_page(f"/evals/runs/{run.pk}/")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    progress = page.locator("[data-say]")
    expect(progress).to_contain_text("1 of 2 samples done")

    run.samples.filter(state="pending").update(state="done", outcome="correct")
    expect(progress).to_contain_text("2 of 2 samples done", timeout=10_000)
    expect(page.locator("p.result")).to_contain_text("Here has answered 2 of 2 right, 100.0%, at $0.0")
    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)
    expect(page.locator(".badge").first).to_have_text("Finished", timeout=10_000)

    asked.clear()
    page.wait_for_timeout(2500)
    assert asked == []


def test_page_of_a_run_ends_complete_without_a_reload(open_page: Open) -> None:
    run = make_run(outcomes=("correct", "pending", "pending"), state=Run.State.RUNNING)
    page = open_page(f"/evals/runs/{run.pk}/")
    judged = page.locator("table.samples tbody tr td:nth-child(2)")
    expect(judged).to_have_text(["Correct", "Pending", "Pending"])
    expect(page.locator("#samples .sub")).to_contain_text("brought up to date when the run ends")
    page.locator("table.samples summary").nth(1).click()
    # As after starting it from a form: the sentence of the moment is on the page.
    page.evaluate(
        """document.querySelector('[data-at-end="messages"]').innerHTML = '<p class="notice">It is started.</p>'"""
    )

    run.samples.filter(state="pending").update(state="done", outcome="correct")
    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)

    expect(page.locator(".run-progress .badge")).to_have_text("Finished", timeout=10_000)
    expect(judged).to_have_text(["Correct", "Correct", "Correct"])
    expect(page.get_by_role("link", name="right 3", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="waiting")).to_have_count(0)
    expect(page.get_by_role("link", name="Judge again")).to_be_visible()
    expect(page.locator("#samples .sub")).not_to_contain_text("brought up to date")
    expect(page.get_by_text("It is started.")).to_have_count(0)
    assert [each.get_attribute("open") is not None for each in page.locator("table.samples details").all()] == [
        False,
        True,
        False,
    ]


def test_page_of_a_run_without_scripts_says_how_to_see_its_end(open_page: Open) -> None:
    run = make_run(outcomes=("correct", "pending"), state=Run.State.RUNNING)
    page = open_page(f"/evals/runs/{run.pk}/", script=False)
    run.samples.filter(state="pending").update(state="done", outcome="correct")
    Run.objects.filter(pk=run.pk).update(state=Run.State.FINISHED)

    page.get_by_role("link", name="Load it again").click()

    expect(page.locator(".run-progress .badge")).to_have_text("Finished")
    expect(page.locator("table.samples tbody tr td:nth-child(2)")).to_have_text(["Correct", "Correct"])
    expect(page.get_by_role("link", name="Load it again")).to_have_count(0)


def test_run_page_keeps_its_last_state_when_the_server_is_away(open_page: Open) -> None:
    run = make_run(outcomes=("correct", "pending"), state=Run.State.RUNNING)
    page = open_page(f"/evals/runs/{run.pk}/")
    page.route("**/evals/**", lambda route: route.abort())

    expect(page.locator("[data-live]")).to_have_class("stale", timeout=10_000)
    assert "1 of 2 samples done" in page.locator("[data-say]").inner_text()
    assert "still trying" in str(page.locator("[data-live]").get_attribute("title"))
