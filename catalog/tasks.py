"""Background work of the catalog."""

import logging

from celery import shared_task

from catalog import services
from catalog.errors import TooFewScores
from catalog.selectors.scores import POLICIES

logger = logging.getLogger(__name__)


@shared_task(name="catalog.fit_index")
def fit_index() -> None:
    """Fit the capability index by each policy, every night. Safe to deliver twice: unchanged scores keep their fit."""
    for policy in POLICIES:
        try:
            services.fit_index(policy=policy)
        except TooFewScores as error:
            logger.warning("The capability index was not fitted by the policy %s: %s", policy, error)
