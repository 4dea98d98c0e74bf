"""The shapes that the API answers with, as its OpenAPI document states them."""

from datetime import date, datetime
from decimal import ROUND_DOWN, Decimal
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AfterValidator, Field, StrictBool, WithJsonSchema

Infinite = Literal["infinite"]


class Problem(Schema):
    """RFC 9457 problem details."""

    type: str
    title: str
    status: int
    detail: str


class SourceItem(Schema):
    """Where a number was read."""

    url: str
    publisher: str
    published_on: date | None = Field(description="The day that the document itself states.")
    retrieved_at: datetime | None = Field(description="When it was last read.")
    licence: str


class IntervalItem(Schema):
    low: float
    high: float | Infinite
    level: float
    method: str


class MeasuredCostItem(Schema):
    """What a solved task cost in a run of ours of the version, or of this setting of it: the newest of most items."""

    usd_per_solved_task: float | Infinite | None = Field(
        description='null where a price was unknown, "infinite" where nothing was solved.'
    )
    interval: IntervalItem | None
    answers: int = Field(description="Answers that count.")
    solved: int
    measured_on: date | None
    run: str
    url: str = Field(description="Address of the run's page.")


class FrontierItem(Schema):
    """One model under the assumptions of the request."""

    model: str = Field(description="Slug of the model.")
    name: str
    version: str = Field(description="Slug of the version that stands for the model on that day.")
    developer: str
    provider: str | None = Field(description="Who asks this price.")
    price_usd_per_mtok: float | None = Field(description="Blended price, US dollars per million tokens of the mix.")
    prices_usd_per_mtok: dict[str, float | None] = Field(description="The prices behind it, by component.")
    price_assumed: list[str] = Field(description="Components without a price of their own, with what stood in.")
    price_note: str | None = Field(description="Whose price it is, in words.")
    sale_note: str | None = Field(
        description="When its sale ends or ended, and at whom, in words; null: no end is known."
    )
    withdrawn_on: date | None = Field(description="Since when it is not sold; the price is the last known one then.")
    superseded_by: str | None = Field(description="The newer version that stands for the model.")
    effort: str | None = Field(description="Reasoning effort or setting, with variants=all.")
    measured_cost: MeasuredCostItem | None = Field(description="With cost=measured; null where nothing was measured.")
    capability: float | None
    capability_low: float | None = Field(description="Lower end of the 90% interval.")
    capability_high: float | None
    capability_status: str | None = Field(description="ranked, provisional (few scores) or measured.")
    on_frontier: bool | None
    frontier_probability: float | None = Field(description="Share of joint resamples in which it is on the frontier.")
    price_premium: float | Infinite | None = Field(
        description="Own price over the cheapest price among models at least as capable."
    )
    premium_set_by: str | None = Field(description="Slug of the model that asks that cheapest price.")
    premium_set_by_name: str | None = Field(description="Its name, with the setting where settings are items.")
    released_on: date | None
    open_weights: bool | None
    sources: list[SourceItem]


class NotShown(Schema):
    """Models without any mark on the chart because something is unknown; none is in two classes."""

    without_price: int = Field(description="With cost=measured: without a measured cost.")
    without_capability: int
    withdrawn: int = Field(
        description="Scored, but not sold on the day, and not drawn; with older=show they are items."
    )


class NewestScored(Schema):
    """How far the scores reach."""

    model: str = Field(description="Slug of the newest model that has a score.")
    name: str
    released_on: date
    newer_without_score: int = Field(description="Models that were released later and are sold, but have no score.")


class FrontierPage(Schema):
    """The frontier with the assumptions it rests on."""

    count: int
    next: str | None
    items: list[FrontierItem]
    mix: str
    as_of: date
    capability: str
    policy: str
    price_policy: str
    access: str
    cost: str
    task: str | None = Field(description="Slug of the suite that the measured cost is of.")
    variants: str
    older: str
    notices: list[str] = Field(description="What was asked for and could not be done, in sentences.")
    newest_scored: NewestScored | None = Field(description="null where no scored model has a known day of release.")
    not_shown: NotShown


class ModelItem(Schema):
    """A model in the list."""

    model: str
    name: str
    developer: str
    versions: list[str]
    released_on: date | None
    open_weights: bool | None
    url: str
    sources: list[SourceItem]


class ModelPage(Schema):
    count: int
    next: str | None
    items: list[ModelItem]


class ClaimItem(Schema):
    """What one source says. ``shown`` marks the one that the page shows."""

    attribute: str
    value: str
    number: float | None
    unit: str
    qualifier: str
    shown: bool
    confidence: str
    source: SourceItem


class OfferItem(Schema):
    """What one provider asks for one version now."""

    provider: str
    provider_model_id: str
    prices_usd_per_mtok: dict[str, float | None]
    not_listed_since: date | None = Field(
        description="Since when its source lists these prices no more; null while it does. They are then the last ones."
    )
    conflicts: int = Field(description="Prices of which another source states another value at the same time.")
    sources: list[SourceItem]


class ScoreItem(Schema):
    benchmark: str
    name: str
    value: float
    original_value: str
    original_unit: str
    standard_error: float | None
    n: int | None
    setting: str
    measured_by: str | None
    self_reported: bool | None
    measured_on: date | None
    confidence: str
    source: SourceItem


class VersionItem(Schema):
    version: str
    name: str
    released_on: date | None
    open_weights: bool | None
    claims: list[ClaimItem]
    offers: list[OfferItem]
    scores: list[ScoreItem]
    capability_index: float | None
    capability_index_low: float | None
    capability_index_high: float | None


class ModelDetail(Schema):
    """A model with everything known of its versions on a day."""

    model: str
    name: str
    developer: str
    description: str
    as_of: date
    notices: list[str] = Field(description="What to know of a day that has not come; empty for others.")
    url: str
    versions: list[VersionItem]
    sources: list[SourceItem]


class PhaseItem(Schema):
    name: str
    gpu_hours: float | None
    usd: float | None
    hardware: str | None
    gpus: int | None
    tokens: float | None
    precision: str
    published_cost_usd: float | None
    is_estimate: bool
    sources: list[SourceItem]


class PlausibilityItem(Schema):
    """Whether the stated hours can be true for a run of that size."""

    verdict: str
    probability: float | None
    needed_gpu_hours_low: float | None
    needed_gpu_hours_high: float | None
    implied_utilisation: float | None


class CostItem(Schema):
    """One of the four costs of a run."""

    usd: float | None = Field(description="Null where an input is not known.")
    inputs: str = Field(description="What went in, with whose number it is; or what is missing.")
    sources: list[SourceItem]


class CostItems(Schema):
    """They answer different questions and differ many times over; none replaces another."""

    rent: CostItem = Field(description="The hours at the rent asked for.")
    amortised: CostItem = Field(description="What the owner lost on chips and network during the run, and the energy.")
    acquisition: CostItem = Field(description="Buying the whole cluster.")
    cloud: CostItem = Field(description="The hours at the lower middle one of clouds' on-demand prices.")


class StatedTotal(Schema):
    """What one source states as the total of a run."""

    number: float
    qualifier: str
    comes_to: str = Field(description="The number in other terms; empty where unknown.")
    note: str
    read_on: date | None
    sources: list[SourceItem]


class TrainingItem(Schema):
    """One training run as its developer accounts for it, at the rent asked for."""

    model: str
    name: str
    version: str
    developer: str
    usd_per_gpu_hour: float
    total_usd: float | None
    total_gpu_hours: float | None
    is_lower_bound: bool = Field(description="A phase has unknown hours, so the totals leave it out.")
    gpu_hours_per_trillion_tokens: float | None
    tokens: float | None
    training_flop: float | None
    phases: list[PhaseItem]
    scope: str = Field(description="What the figure leaves out.")
    plausibility: PlausibilityItem
    costs: CostItems
    stated_gpu_hours: list[StatedTotal] = Field(description="Totals that contradict each other; empty where none do.")
    stated_usd: list[StatedTotal] = Field(description="Totals that contradict each other; empty where none do.")
    sources: list[SourceItem]


class TrainingComparison(Schema):
    """Two runs against each other: the second divided by the first."""

    first: str
    second: str
    gpu_hours_ratio: float | None
    flop_ratio: float | None
    cost_ratio: float | None
    note: str


class TrainingPage(Schema):
    count: int
    next: str | None
    items: list[TrainingItem]
    usd_per_gpu_hour: float
    comparison: TrainingComparison | None


class RunItem(Schema):
    """One run of one suite on one endpoint, finished or not."""

    id: str
    suite: str
    endpoint: str
    model: str | None
    state: str
    stop_reason: str
    samples: int
    scored: int
    correct: int
    incorrect: int
    unscored: int
    failed: int = Field(description="No answer, by an error or because the provider refused; never wrong.")
    refused: int = Field(description="Refusals: by the model, which are wrong, and by the provider, which failed.")
    skipped: int
    not_asked: int = Field(description="Left out because the comparison was decided before; never wrong.")
    comparison: str | None = Field(description="Id of the comparison it was made for: GET /api/v1/comparisons/{id}.")
    pass_rate: float | None
    pass_rate_interval: IntervalItem | None
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    cost_is_lower_bound: bool
    spent_usd: float
    budget_usd: float
    usd_per_correct_answer: float | Infinite | None
    usd_per_correct_answer_interval: IntervalItem | None
    price_usd_per_mtok: float | None
    price_note: str
    repeats: int = Field(description="How often each sample is asked.")
    lane: str = Field(description='"latency": few calls at once and nothing beside them; else "normal".')
    code_version: str | None = Field(description="Digest of the code that made the run.")
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    url: str
    sources: list[SourceItem]


def _to_twelve_decimals(usd: Decimal) -> Decimal:
    """As many as are kept; rounded down, so that nothing more is spent than was said."""
    return usd.quantize(Decimal("1e-12"), ROUND_DOWN)


# A number or a text, as careful programs send money; the document says which texts.
Budget = Annotated[
    Decimal,
    Field(ge=Decimal("0.000001"), le=1_000_000),
    AfterValidator(_to_twelve_decimals),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "number", "minimum": 0.000001, "maximum": 1_000_000},
                {"type": "string", "pattern": r"^([1-9][0-9]{0,5}(\.[0-9]{1,12})?|0\.0{0,5}[1-9][0-9]{0,6})$"},
            ]
        }
    ),
]


class RunWish(Schema):
    """What to run. Everything but suite and endpoint has a default."""

    suite: str = Field(description="Slug of a suite: GET /api/v1/suites.")
    endpoint: str = Field(description="Slug of an endpoint: GET /api/v1/endpoints.")
    limit: int | None = Field(None, ge=1, le=1_000_000, description="So many samples instead of all.")
    repeats: int = Field(1, ge=1, le=100)
    budget_usd: Budget | None = Field(
        None,
        description="Stops before spending more. Default: the installation's.",
    )
    accept_unknown_cost: StrictBool = Field(False, description="Run though the endpoint has no known price.")
    latency_lane: StrictBool = Field(False, description="Few calls at once, nothing beside them, to measure latency.")


class SampleItem(Schema):
    """One graded item of a run."""

    key: str
    category: str
    repeat: int
    state: str
    outcome: str | None = Field(description="correct, incorrect or unscored; null while open, failed or skipped.")
    prompt: str
    answer: str
    explanation: str
    truncated: bool
    refused: bool
    attempts: int
    errors: list[str]
    input_tokens: int | None
    output_tokens: int | None
    cost_usd: float | None
    latency_ms: float | None


class SamplePage(Schema):
    count: int
    next: str | None
    items: list[SampleItem]


class SuiteItem(Schema):
    """A small test of our own."""

    suite: str
    name: str
    description: str
    samples: int
    content_hash: str
    created_at: datetime
    sources: list[SourceItem]


class SuitePage(Schema):
    count: int
    next: str | None
    items: list[SuiteItem]


class EndpointItem(Schema):
    """Something that can be measured. Its address and key stay on this installation."""

    endpoint: str
    name: str
    dialect: str
    model_id: str
    model: str | None
    version: str | None
    provider: str | None
    is_self_hosted: bool
    state: str
    sources: list[SourceItem]


class EndpointPage(Schema):
    count: int
    next: str | None
    items: list[EndpointItem]


class RunPage(Schema):
    count: int
    next: str | None
    items: list[RunItem]
