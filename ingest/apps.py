from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Public feeds, read into the catalog without ever letting a bad one damage it."""

    name = "ingest"
