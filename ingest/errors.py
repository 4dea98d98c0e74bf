"""What can go wrong between a feed and the catalog.

IngestError
├── UnknownFeed        no adapter has this name
├── FetchFailed        the feed could not be read at all; nothing was stored
└── SnapshotRejected   it was read, and what it says must not reach the catalog; the last good state stays
"""

from difflib import get_close_matches


class IngestError(Exception):
    """Base of everything this app raises on purpose. The message is a sentence for a person."""


class UnknownFeed(IngestError):
    def __init__(self, slug: str, known: list[str]) -> None:
        near = get_close_matches(slug, known, n=1)
        hint = f"Did you mean {near[0]!r}?" if near else f"The feeds are: {', '.join(known)}."
        super().__init__(f"There is no feed named {slug!r}. {hint}")


class FetchFailed(IngestError):
    """The feed could not be fetched."""


class SnapshotRejected(IngestError):
    """The snapshot as a whole is not to be believed."""
