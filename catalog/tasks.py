"""Background work of the catalog."""

import logging

from celery import shared_task

from catalog import services
from catalog.errors import TooFewScores

logger = logging.getLogger(__name__)


@shared_task(name="catalog.fit_index")
def fit_index() -> None:
    """Fit the capability index, each night. Safe to deliver twice: unchanged scores keep their fit."""
    try:
        services.fit_index()
    except TooFewScores as error:
        logger.warning("The capability index was not fitted: %s", error)
