"""What the catalog can do: one verb, one transaction each."""

from catalog.services.capability_index import fit_index
from catalog.services.history import revert
from catalog.services.reports import record_report
from catalog.services.scores import record_score
from catalog.services.seed_files import seed, seed_is_current
from catalog.services.sources import record_source

__all__ = [
    "fit_index",
    "record_report",
    "record_score",
    "record_source",
    "revert",
    "seed",
    "seed_is_current",
]
