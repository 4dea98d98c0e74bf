"""Background work of the catalog."""

from celery import shared_task

from catalog import services


@shared_task(name="catalog.fit_index")
def fit_index() -> None:
    """Fit the capability index to today's scores. Safe to deliver twice: unchanged scores keep their fit."""
    services.fit_index()
