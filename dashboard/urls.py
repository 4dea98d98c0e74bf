"""Pages and the API, as readers see them."""

from django.urls import URLPattern, URLResolver, include, path

from dashboard.api.app import api
from dashboard.kept import kept
from dashboard.views import frontier, method, models, runs, share, training

pages: list[URLPattern | URLResolver] = [
    path("", kept(frontier.page), name="frontier"),
    path("frontier.csv", frontier.csv, name="frontier_csv"),
    path("frontier.svg", kept(share.svg), name="frontier_svg"),
    path("preview.png", kept(share.preview), name="preview"),
    path("embed/frontier/", share.embed, name="embed"),
    path("oembed", share.oembed, name="oembed"),
    path("models/", kept(models.listing), name="models"),
    path("models/<slug:slug>/", kept(models.detail), name="model"),
    path("training/", kept(training.page), name="training"),
    path("evals/", runs.listing, name="runs"),
    path("evals/runs/<str:run_id>/", runs.detail, name="run"),
    path("method/", kept(method.page), name="method"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    path("", include((pages, "dashboard"))),
]
