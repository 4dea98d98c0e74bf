"""What passes between the database thread and the event loop: plain values, no rows."""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from evals.clients import Reply, Request
from evals.clients.errors import EndpointError
from evals.money import FrozenPrices
from evals.scorers import Judgement


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One call that may be made: its Attempt row is written and its money is reserved."""

    run_sample_id: int
    run_id: UUID
    attempts_made: int  # this one included: the number of its Attempt row
    calls: int  # of these, the ones since its sample was last asked again
    failures: int
    request: Request
    prices: FrozenPrices
    reserved_usd: Decimal
    tokens: int  # what it counts against the tokens per minute
    on: date  # the day whose budget it is taken from
    scorer: str
    scorer_options: dict[str, Any]
    target: Any


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What came of a claim: a reply with its judgement, or an error."""

    claim: Claim
    started_at: datetime
    machine_s: float
    loop_lag_ms: float
    latency_ms: float
    reply: Reply | None = None
    judgement: Judgement | None = None
    scorer_label: str = ""
    error: EndpointError | None = None


@dataclass(slots=True, kw_only=True)
class Turn:
    """What the database gave back: new claims, and when there may be more."""

    claims: list[Claim] = field(default_factory=list)
    next_at: datetime | None = None
    waiting_for_money: bool = False
    waiting_for_tokens: bool = False  # of this minute
    has_work: bool = False
    is_ready: bool = False  # something is due now, not only later
    resume_at: datetime | None = None
    stopped: str = ""
    comparisons: set[UUID] = field(default_factory=set)  # that runs with work belong to
