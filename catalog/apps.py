from django.apps import AppConfig


class CatalogConfig(AppConfig):
    """Facts about the world, each with its source."""

    name = "catalog"
