from django.apps import AppConfig


class DashboardConfig(AppConfig):
    """Pages, charts, the JSON API and exports. Owns no facts."""

    name = "dashboard"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created

        from dashboard.freshness import watch

        connection_created.connect(watch, dispatch_uid="dashboard.freshness")
