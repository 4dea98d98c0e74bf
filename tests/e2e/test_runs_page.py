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


def test_run_page_keeps_its_last_state_when_the_server_is_away(open_page: Open) -> None:
    run = make_run(outcomes=("correct", "pending"), state=Run.State.RUNNING)
    page = open_page(f"/evals/runs/{run.pk}/")
    page.route("**/evals/**", lambda route: route.abort())

    expect(page.locator("[data-live]")).to_have_class("stale", timeout=10_000)
    assert "1 of 2 samples done" in page.locator("[data-say]").inner_text()
    assert "still trying" in str(page.locator("[data-live]").get_attribute("title"))
