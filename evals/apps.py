from django.apps import AppConfig


class EvalsConfig(AppConfig):
    """Endpoints, suites, runs, and the money they cost."""

    name = "evals"
