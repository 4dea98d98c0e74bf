from django.apps import AppConfig


class IngestConfig(AppConfig):
    """Public feeds, read into the catalog without ever letting a bad one damage it."""

    name = "ingest"

    def ready(self) -> None:
        from catalog import audit
        from ingest.models import Feed, HeldChange

        audit.watch(Feed, fields=["name", "enabled", "fetch_url", "schedule"])
        audit.watch(HeldChange, fields=["state", "decided_by"])
