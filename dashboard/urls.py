"""Pages and the API, as readers see them."""

from collections.abc import Callable

from django.urls import URLPattern, URLResolver, include, path

from dashboard.api.access import open_read
from dashboard.api.app import api
from dashboard.kept import View, counted, kept
from dashboard.views import (
    alerts,
    changes,
    compare,
    conflicts,
    frontier,
    method,
    models,
    prices,
    report,
    routing,
    run_actions,
    run_compare,
    run_exports,
    run_new,
    runs,
    saved_views,
    schedules,
    share,
    sources,
    suites,
    training,
    trends,
    whole_life,
)


def files(name: str, address: str, *, chart: bool = True, keep: Callable[[View], View] = kept) -> list[URLPattern]:
    """What others take away from a page, at its address with other endings."""
    about = {"name": name}
    routes = [
        path(f"{address}.csv", keep(share.csv), about, name=f"{name}_csv"),
        path(f"{address}.json", open_read(keep(share.json)), about, name=f"{name}_json"),
        path(f"{address}.png", kept(share.png), about, name=f"{name}_png"),
    ]
    if chart:
        routes.append(path(f"{address}.svg", kept(share.svg), about, name=f"{name}_svg"))
        routes.append(path(f"embed/{address}/", share.embed, about, name=f"{name}_embed"))
    return routes


pages: list[URLPattern | URLResolver] = [
    path("", kept(frontier.page), name="frontier"),
    path("preview.png", kept(share.png), {"name": "frontier"}, name="preview"),
    path("oembed", kept(share.oembed), name="oembed"),
    *files("frontier", "frontier"),
    *files("models", "models", chart=False),
    *files("model", "models/<slug:slug>"),
    *files("compare", "compare/<path:slugs>"),
    *files("prices", "prices"),
    *files("trends", "trends"),
    *files("training", "training"),
    *files("routing", "routing"),
    *files("whole_life", "whole-life"),
    *files("conflicts", "conflicts", chart=False),
    *files("changes", "changes", chart=False, keep=counted),  # what happens counts from this moment, not this day
    *files("sources", "sources", chart=False),
    *files("source", "sources/<int:pk>", chart=False),
    *files("runs", "evals", chart=False, keep=counted),  # a run under way moves between two writes of facts
    *files("suite", "evals/suites/<slug:slug>", chart=False, keep=counted),
    path("models/", kept(models.listing), name="models"),
    path("models/<slug:slug>/", kept(models.detail), name="model"),
    path("compare/", compare.choose, name="compare_choose"),
    path("compare/<path:slugs>/", kept(compare.page), name="compare"),
    path("prices/", kept(prices.page), name="prices"),
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
    path("report/", report.page, name="report"),
    path("evals/suites/<slug:slug>/", suites.suite, name="suite"),
    path("evals/endpoints/", suites.endpoints, name="endpoints"),
    path("evals/schedules/", schedules.page, name="schedules"),
    path("evals/schedules/<slug:slug>/<str:action>/", schedules.act, name="schedule_act"),
    path("evals/alerts/", alerts.page, name="alerts"),
    path("evals/alerts.atom", alerts.atom, name="alerts_atom"),
    path("evals/alerts/<int:pk>/<str:action>/", alerts.act, name="alert_act"),
    path("views/", saved_views.page, name="views"),
    path("views/save/", saved_views.save, name="view_save"),
    path("views/<int:pk>/remove/", saved_views.remove, name="view_remove"),
    path("views/<str:key>.atom", saved_views.atom, name="view_atom"),
    path("evals/runs/<str:run_id>/rescore/", runs.rescore, name="run_rescore"),
    path("evals/runs/<str:run_id>/<slug:action>/", run_actions.page, name="run_action"),
    path("evals/runs/<str:run_id>/samples.csv", run_exports.csv, name="run_csv"),
    path("evals/runs/<str:run_id>/samples.jsonl", run_exports.jsonl, name="run_jsonl"),
    path("evals/runs/<str:run_id>/spread-<slug:quantity>.svg", run_exports.spread, name="run_spread"),
    path("evals/runs/<str:run_id>/inspect.json", run_exports.inspect, name="run_inspect"),
    path("method/", kept(method.page), name="method"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include((pages, "dashboard"))),
]
