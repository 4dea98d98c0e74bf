from django.apps import AppConfig


class EvalsConfig(AppConfig):
    """Endpoints, suites, runs, and the money they cost."""

    name = "evals"

    def ready(self) -> None:
        from catalog import audit
        from evals.models import Endpoint

        # What an endpoint reaches, spends and by whose key; its state changes by itself.
        names = ["name", "dialect", "base_url", "model_id", "api_key_env", "machine_usd_per_hour", "budget_usd_per_day"]
        audit.watch(Endpoint, fields=[*names, "offering", "version", "concurrency", "requests_per_minute"])
