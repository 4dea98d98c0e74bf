"""What the catalog can do: one verb, one transaction each."""

from catalog.services.capability_index import fit_index
from catalog.services.seed_files import seed, seed_is_current

__all__ = ["fit_index", "seed", "seed_is_current"]
