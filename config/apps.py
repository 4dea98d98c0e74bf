from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig


class SiteConfig(AppConfig):
    """Settings, system checks, and the process supervisor behind ``manage.py up``."""

    name = "config"

    def ready(self) -> None:
        from django.apps import apps

        from config import checks, roles  # noqa: F401  registers them
        from config.celery import app  # every Django process sends tasks by this application

        app.set_default()
        roles.connect()
        apps.get_app_config("axes").verbose_name = "Sign-in attempts"


class SiteAdminConfig(AdminConfig):
    """Django's own admin in the site's look; the place for data entry."""

    default_site = "dashboard.admin_site.SiteAdmin"
