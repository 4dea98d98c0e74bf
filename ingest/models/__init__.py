from ingest.models.feed import Feed, FeedRun
from ingest.models.held_change import HeldChange
from ingest.models.proposal import Proposal
from ingest.models.raw_record import RawRecord
from ingest.models.snapshot import Snapshot

__all__ = ["Feed", "FeedRun", "HeldChange", "Proposal", "RawRecord", "Snapshot"]
