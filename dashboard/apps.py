from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Pages, charts, the JSON API and exports. Owns no facts."""

    name = "dashboard"
