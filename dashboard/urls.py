"""Pages and the API, as readers see them."""

from django.urls import URLPattern, URLResolver, include, path

from dashboard.api.app import api
from dashboard.views import (
    changes,
    compare,
    conflicts,
    frontier,
    method,
    models,
    prices,
    routing,
    runs,
    sources,
    training,
    trends,
    whole_life,
)

pages: list[URLPattern | URLResolver] = [
    path("", frontier.page, name="frontier"),
    path("frontier.csv", frontier.csv, name="frontier_csv"),
    path("models/", models.listing, name="models"),
    path("models/<slug:slug>/", models.detail, name="model"),
    path("compare/", compare.choose, name="compare_choose"),
    path("compare/<path:slugs>/", compare.page, name="compare"),
    path("prices/", prices.page, name="prices"),
    path("prices.csv", prices.csv, name="prices_csv"),
    path("sources/", sources.listing, name="sources"),
    path("sources/<int:pk>/", sources.detail, name="source"),
    path("conflicts/", conflicts.page, name="conflicts"),
    path("conflicts/note/", conflicts.note, name="conflict_note"),
    path("changes/", changes.page, name="changes"),
    path("changes.atom", changes.atom, name="changes_atom"),
    path("trends/", trends.page, name="trends"),
    path("routing/", routing.page, name="routing"),
    path("whole-life/", whole_life.page, name="whole_life"),
    path("training/", training.page, name="training"),
    path("evals/", runs.listing, name="runs"),
    path("evals/runs/<str:run_id>/", runs.detail, name="run"),
    path("method/", method.page, name="method"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include((pages, "dashboard"))),
]
