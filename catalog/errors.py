"""What can go wrong in the catalog.

    CatalogError
    ├── SeedError               a seed file has cells that cannot be read; nothing was written
    ├── UnknownCapability       no such index, benchmark or suite
    ├── UnknownModel            no model with this slug
    ├── BadFact                 a value to record that cannot be right
    ├── AliasOverlap            a name would mean two things on the same day
    ├── CannotRevert            a change that later ones or other rows rest on
    ├── BadImport               a file that cannot be read, or an import that cannot be taken or undone now
    │   └── StaleEdit           rows that changed since somebody looked at what an edit would do
    └── TooFewScores            the scores cannot carry a capability index

Every message says what is wrong, with which thing, and what to do.
"""

from collections.abc import Sequence


class CatalogError(Exception):
    """Base of everything that the catalog raises on purpose."""


class SeedError(CatalogError):
    """Cells of the seed files that cannot be read. ``problems`` holds one sentence each."""

    SHOWN = 20

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = list(problems)
        more = len(self.problems) - self.SHOWN
        lines = [*self.problems[: self.SHOWN], *([f"... and {more} more."] if more > 0 else [])]
        super().__init__("\n".join([*lines, "Nothing was written."]))


class UnknownName(CatalogError):
    """A name that nothing here has. ``near`` holds the most similar names."""

    def __init__(self, message: str, near: Sequence[str] = ()) -> None:
        self.near = list(near)
        super().__init__(f"{message} Nearest: {', '.join(self.near)}." if self.near else message)


class UnknownCapability(UnknownName):
    """No such index, benchmark or suite."""


class UnknownModel(UnknownName):
    """No model with this slug."""


class BadFact(CatalogError):
    """A value to record that cannot be right."""


class AliasOverlap(CatalogError):
    """A name would mean two things on the same day."""


class CannotRevert(CatalogError):
    """Changes that cannot be taken back as things stand. ``troubles`` holds one sentence each."""

    SHOWN = 10

    def __init__(self, troubles: Sequence[str]) -> None:
        self.troubles = list(troubles)
        more = len(self.troubles) - self.SHOWN
        lines = [*self.troubles[: self.SHOWN], *([f"... and {more} more."] if more > 0 else [])]
        super().__init__(" ".join([*lines, "Nothing was taken back."]))


class BadImport(CatalogError):
    """A file that cannot be read, or an import that cannot be taken or undone now."""


class StaleEdit(BadImport):
    """Rows changed since somebody looked at what an edit of them would do. Nothing was written."""


class TooFewScores(CatalogError):
    """The scores cannot carry a capability index."""
