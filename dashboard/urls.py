"""Pages and the API, as readers see them."""

from django.urls import URLPattern, URLResolver, include, path

from dashboard.api.app import api
from dashboard.kept import kept
from dashboard.views import (
    changes,
    compare,
    conflicts,
    frontier,
    method,
    models,
    prices,
    routing,
    run_compare,
    run_exports,
    run_new,
    runs,
    share,
    sources,
    training,
    trends,
    whole_life,
)

pages: list[URLPattern | URLResolver] = [
    path("", kept(frontier.page), name="frontier"),
    path("frontier.csv", frontier.csv, name="frontier_csv"),
    path("frontier.svg", kept(share.svg), name="frontier_svg"),
    path("preview.png", kept(share.preview), name="preview"),
    path("embed/frontier/", share.embed, name="embed"),
    path("oembed", share.oembed, name="oembed"),
    path("models/", kept(models.listing), name="models"),
    path("models/<slug:slug>/", kept(models.detail), name="model"),
    path("compare/", compare.choose, name="compare_choose"),
    path("compare/<path:slugs>/", kept(compare.page), name="compare"),
    path("prices/", kept(prices.page), name="prices"),
    path("prices.csv", prices.csv, name="prices_csv"),
    path("sources/", kept(sources.listing), name="sources"),
    path("sources/<int:pk>/", kept(sources.detail), name="source"),
    path("conflicts/", conflicts.page, name="conflicts"),
    path("conflicts/note/", conflicts.note, name="conflict_note"),
    path("changes/", changes.page, name="changes"),
    path("changes.atom", changes.atom, name="changes_atom"),
    path("trends/", kept(trends.page), name="trends"),
    path("routing/", kept(routing.page), name="routing"),
    path("whole-life/", kept(whole_life.page), name="whole_life"),
    path("training/", kept(training.page), name="training"),
    path("evals/", runs.listing, name="runs"),
    path("evals/compare/", run_compare.page, name="run_compare"),
    path("evals/new/", run_new.page, name="run_new"),
    path("evals/runs/<str:run_id>/", runs.detail, name="run"),
    path("evals/runs/<str:run_id>/rescore/", runs.rescore, name="run_rescore"),
    path("evals/runs/<str:run_id>/samples.csv", run_exports.csv, name="run_csv"),
    path("evals/runs/<str:run_id>/samples.jsonl", run_exports.jsonl, name="run_jsonl"),
    path("evals/runs/<str:run_id>/inspect.json", run_exports.inspect, name="run_inspect"),
    path("method/", kept(method.page), name="method"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include((pages, "dashboard"))),
]
