"""What the catalog can do: one verb, one transaction each."""

from catalog.services.seed_files import seed, seed_is_current

__all__ = ["seed", "seed_is_current"]
