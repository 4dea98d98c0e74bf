"""Endpoints that the installation sets up by itself."""

from datetime import date
from decimal import Decimal

from django.db import transaction

from catalog.models import Model, ModelVersion, Organization
from evals.models import Endpoint

LOCAL_SLUG = "local-smollm2"
ASSUMED_RENT = "an assumption, set by LOCAL_MODEL_USD_PER_HOUR"


@transaction.atomic
def register_local_endpoint(*, base_url: str, machine_usd_per_hour: Decimal, concurrency: int = 2) -> Endpoint:
    """Write (or bring up to date) the endpoint of the model that runs beside the service. Idempotent."""
    endpoint, _ = Endpoint.objects.update_or_create(
        slug=LOCAL_SLUG,
        defaults={
            "base_url": base_url,
            "machine_usd_per_hour": machine_usd_per_hour,
            "machine_price_note": ASSUMED_RENT,
        },
        create_defaults={
            "name": "SmolLM2 135M on this machine",
            "dialect": Endpoint.Dialect.OPENAI,
            "base_url": base_url,
            "model_id": "smollm2-135m-instruct",
            "version": _smollm2(),
            "machine_usd_per_hour": machine_usd_per_hour,
            "machine_price_note": ASSUMED_RENT,
            "concurrency": concurrency,
            "attempt_timeout_s": 120,
        },
    )
    return endpoint


def _smollm2() -> ModelVersion:
    found = ModelVersion.objects.filter(slug="smollm2-135m-instruct").first()
    if found is not None:
        return found
    developer, _ = Organization.objects.get_or_create(slug="hugging-face", defaults={"name": "Hugging Face"})
    model, _ = Model.objects.get_or_create(
        slug="smollm2-135m", defaults={"name": "SmolLM2 135M", "developer": developer}
    )
    version, _ = ModelVersion.objects.get_or_create(
        slug="smollm2-135m-instruct",
        defaults={
            "model": model,
            "name": "SmolLM2 135M Instruct",
            "open_weights": True,
            "weights_on": date(2024, 10, 31),
            "announced_on": date(2024, 11, 1),
        },
    )
    return version
