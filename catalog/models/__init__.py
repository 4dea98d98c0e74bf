"""The catalog's entities. A number that someone may question is a row with a source."""

from catalog.models.alias import Alias
from catalog.models.audit_event import AuditEvent
from catalog.models.benchmark import Benchmark, Score
from catalog.models.claim import Claim
from catalog.models.conflict_note import ConflictNote
from catalog.models.hardware import Hardware, HardwarePrice
from catalog.models.import_batch import ImportBatch
from catalog.models.index import IndexEstimate, IndexFit
from catalog.models.merge import Merge
from catalog.models.model import Model, ModelVersion
from catalog.models.offering import Offering
from catalog.models.organization import Organization
from catalog.models.price import Price
from catalog.models.reference_price import ReferencePrice
from catalog.models.report import Report
from catalog.models.saved_filter import SavedFilter
from catalog.models.seeded_row import SeededRow
from catalog.models.source import Confidence, Source
from catalog.models.training import TrainingPhase, TrainingRun

__all__ = [
    "Alias",
    "AuditEvent",
    "Benchmark",
    "Claim",
    "Confidence",
    "ConflictNote",
    "Hardware",
    "HardwarePrice",
    "ImportBatch",
    "IndexEstimate",
    "IndexFit",
    "Merge",
    "Model",
    "ModelVersion",
    "Offering",
    "Organization",
    "Price",
    "ReferencePrice",
    "Report",
    "SavedFilter",
    "Score",
    "SeededRow",
    "Source",
    "TrainingPhase",
    "TrainingRun",
]
