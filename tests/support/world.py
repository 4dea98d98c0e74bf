"""A small world with a row of everything that a page can show. Names go through a function, so they may be hostile."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from django.utils import timezone

from catalog.models import (
    Alias,
    Claim,
    ConflictNote,
    Hardware,
    HardwarePrice,
    IndexFit,
    Model,
    ModelVersion,
    Organization,
    Report,
    SavedFilter,
    Source,
)
from catalog.services.imports import check_import
from dashboard.models import ApiToken, SavedView, ViewChange
from dashboard.models.api_token import SCOPES
from evals.models import (
    Alert,
    AlertRule,
    Attempt,
    Channel,
    Comparison,
    Delivery,
    Endpoint,
    Look,
    Run,
    RunSample,
    Sample,
    Schedule,
    ScheduleSlot,
    SlotRun,
    Suite,
)
from ingest import naming
from ingest.models import Proposal
from tests import factories as make
from tests.ingest.support import flat, read, table

Named = Callable[[str], str]
LINES = "slug,name,developer\nnew-model,New Model,{developer}\nnobodys,Nobody's,nobody\n"
QUESTIONS = 6


@dataclass(frozen=True, slots=True)
class World:
    """What tests ask for by name; the rest is found in the database."""

    user: User
    token: str
    finished: Run
    running: Run


def make_world(named: Named = lambda plain: plain) -> World:
    """Two models with everything about them, two endpoints that were measured, and what people made of it."""
    user = User.objects.create_superuser("root", password="a long password")
    versions = _models(named)
    _training(named, versions[0])
    endpoints, runs = _evals(named, versions[0])
    _watching(named, endpoints[0], runs)
    _desk(named, user, versions[0])
    _, token = ApiToken.issue(name=named("Notebook")[:100], user_id=user.pk, scopes=SCOPES)
    return World(user=user, token=token, finished=runs[0], running=runs[2])


def _models(named: Named) -> list[ModelVersion]:
    developer = Organization.objects.create(slug="maker", name=named("Maker")[:200])
    other = Organization.objects.create(slug="other-maker", name=named("Other maker")[:200])
    reseller = Organization.objects.create(slug="reseller", name=named("Reseller")[:200])
    source = make.make_source(
        "https://example.org/prices", publisher=named("Publisher")[:200], title=named("Price page")[:300],
        licence=named("CC-BY-4.0")[:200], attribution=named("By the publisher"),
    )  # fmt: skip
    measured = make.make_source(
        "https://example.org/scores", publisher=named("Tester")[:200], kind=Source.Kind.INDEPENDENT, rank=20
    )
    benchmarks = [make.make_benchmark(named(name)[:200], slug=name.lower()) for name in ("Alpha", "Beta")]
    versions = []
    for n, (slug, owner) in enumerate((("one", developer), ("two", other))):
        model = Model.objects.create(
            slug=slug, name=named(f"Model {slug}")[:200], developer=owner, description=named("A model.")
        )
        version = ModelVersion.objects.create(
            model=model, slug=slug, name=named(f"Model {slug}")[:200], open_weights=n == 0,
            announced_on=datetime(2024, 6 + n, 1, tzinfo=UTC).date(), note=named("A note."),
        )  # fmt: skip
        for seller in (owner, reseller):
            offering = make.make_offering(version, model_id=named(f"{slug}-id")[:300])
            if seller is reseller:
                offering = type(offering).objects.create(
                    provider=reseller, version=version, provider_model_id=named(f"{slug}-resold")[:300]
                )
            for component, usd in (("input", 1 + 2 * n), ("cached_input", Decimal("0.1")), ("output", 4 + 8 * n)):
                make.make_price(
                    offering, component, str(usd * 2), since="2024-07-01", until="2025-01-01", source=source
                )
                make.make_price(offering, component, str(usd), since="2025-01-01", source=source)
        for m, benchmark in enumerate(benchmarks):
            make.make_score(
                version, benchmark, 0.5 + 0.2 * n + 0.1 * m, source=source, configuration=named("5-shot")[:200]
            )
            make.make_score(version, benchmark, 0.55 + 0.2 * n, source=measured)
        Alias.objects.create(namespace="genai-prices/openai", raw_name=named(f"alias-{slug}")[:300], version=version)
        versions.append(version)
    for policy in ("independent", "vendor", "median", "worst"):
        make.make_index(
            {versions[0]: [120.0, 121.0, 119.0], versions[1]: [130.0, 131.0, 129.0]}, policy=policy,
            data_hash=policy.ljust(64, "0"), anchor_benchmark=benchmarks[0],
        )  # fmt: skip
    assert IndexFit.objects.count() == 4
    return versions


def _training(named: Named, version: ModelVersion) -> None:
    source = Source.objects.get(url="https://example.org/prices")
    second = Source.objects.get(url="https://example.org/scores")
    for attribute, value in (
        ("total_params", "671000000000"), ("active_params", "37000000000"), ("training_tokens", "14800000000000"),
        ("context_tokens", "128000"), ("licence", named("MIT")[:200]), ("training_gpu_hours", "2788000"),
        ("training_cost_usd", "5576000"),
    ):  # fmt: skip
        make.make_claim(version, attribute, value, source=source, qualifier=named("as published")[:200])
    make.make_claim(version, "total_params", "685000000000", source=second, qualifier=named("as published")[:200])
    hardware = Hardware.objects.create(
        slug="chip", name=named("Chip")[:200], vendor=named("Vendor")[:100], peak_bf16_flop_per_s=989e12, source=source
    )
    HardwarePrice.objects.create(
        hardware=hardware, provider=named("Cloud")[:200], usd_per_gpu_hour=2, terms="on_demand", source=source,
        quoted_on=datetime(2025, 1, 1, tzinfo=UTC).date(),
    )  # fmt: skip
    make.make_training_run(
        version, {named("pre-training")[:80]: 2_664_000, "context extension": None}, hardware=hardware, source=source,
        scope=named("Leaves research out."), tokens=14.8e12,
    )  # fmt: skip


def _evals(named: Named, version: ModelVersion) -> tuple[list[Endpoint], list[Run]]:
    suite = Suite.objects.create(
        slug="tiny-v1", name=named("Tiny")[:200], description=named("A few sums."), content_hash="a" * 64
    )
    for n in range(QUESTIONS):
        Sample.objects.create(
            suite=suite, key=f"q{n}", position=n, category=named("sums")[:60], prompt=named(f"What is {n}?"),
            target=n, scorer="numeric",
        )  # fmt: skip
    endpoints = [
        Endpoint.objects.create(
            slug=slug, name=named(f"Endpoint {slug}")[:200], base_url="http://127.0.0.1:1/v1",
            model_id=named(slug)[:300], version=version, machine_usd_per_hour=Decimal("0.5"),
            machine_price_note=named("An assumption")[:200],
        )
        for slug in ("here", "there")
    ]  # fmt: skip
    comparison = Comparison.objects.create(suite=suite, requested_by=named("ada")[:150])
    runs = [
        _run(named, endpoints[0], suite, right=5, comparison=comparison),
        _run(named, endpoints[1], suite, right=2, comparison=comparison),
        _run(named, endpoints[0], suite, right=2, waiting=3, state=Run.State.RUNNING),
    ]
    return endpoints, runs


def _run(
    named: Named, endpoint: Endpoint, suite: Suite, *, right: int, waiting: int = 0, state: str = Run.State.FINISHED,
    **fields: Any,
) -> Run:  # fmt: skip
    """The first ``right`` answers are right, the last ``waiting`` not there yet, one failed, the others wrong."""
    now = timezone.now()
    run = Run.objects.create(
        endpoint=endpoint, suite=suite, state=state, max_output_tokens=16, budget_usd=1, spent_usd=Decimal("0.006"),
        started_at=now - timedelta(minutes=2), finished_at=None if waiting else now, requested_by=named("ada")[:150],
        prices={"kind": "self_hosted", "machine_usd_per_hour": "0.5", "note": named("Rent by throughput.")},
        busy_s=60, **fields,
    )  # fmt: skip
    for n, sample in enumerate(suite.samples.order_by("position")):
        is_waiting, failed = n >= QUESTIONS - waiting, n == right
        row = RunSample.objects.create(
            run=run, sample=sample, position=n,
            state="pending" if is_waiting else "failed" if failed else "done",
            outcome="" if is_waiting or failed else "correct" if n < right else "incorrect",
            answer="" if is_waiting else named(f"{n}"), explanation=named("Compared as numbers."),
        )  # fmt: skip
        if not is_waiting:
            Attempt.objects.create(
                run_sample=row, n=1, state="error" if failed else "answered", request={}, text=named(f"It is {n}."),
                reasoning=named("Counting."), input_tokens=10, output_tokens=5, reserved_usd=Decimal("0.01"),
                cost_usd=Decimal("0.001"), started_at=now, latency_ms=100 + n, error_code="timeout" if failed else "",
                error_message=named("No answer in 120 s.") if failed else "", reply_model=named("m")[:300],
            )  # fmt: skip
    return run


def _watching(named: Named, endpoint: Endpoint, runs: list[Run]) -> None:
    now = timezone.now()
    schedule = Schedule.objects.create(
        slug="daily", name=named("Daily")[:200], suite=runs[0].suite, cron="0 7 * * *",
        next_due_at=now + timedelta(days=1), created_by=named("ada")[:150],
    )  # fmt: skip
    schedule.endpoints.add(endpoint)
    slot = ScheduleSlot.objects.create(schedule=schedule, due_at=now, state="started")
    SlotRun.objects.create(slot=slot, endpoint=endpoint, run=runs[0])
    late = ScheduleSlot.objects.create(schedule=schedule, due_at=now - timedelta(days=1), state="missed")
    SlotRun.objects.create(slot=late, endpoint=endpoint, problem=named("The endpoint did not answer."))
    channel = Channel.objects.create(name=named("Hook")[:100], kind="webhook", address="https://example.org/hook")
    rule = AlertRule.objects.create(name=named("Score")[:200], kind="score", schedule=schedule)
    rule.channels.add(channel)
    Look.objects.create(rule=rule, run=runs[0], words=named("5 points lower."))
    for subject, over in (("a", None), ("b", now)):
        Alert.objects.create(
            rule=rule, endpoint=endpoint, suite=runs[0].suite, subject=subject, run=runs[0],
            title=named("Score fell")[:300], detail=named("By 5 points."), url=f"/evals/runs/{runs[0].pk}/",
            opened_at=now, recovered_at=over, recovery=named("It is back.") if over else "",
        )  # fmt: skip
    Delivery.objects.create(
        channel=channel, event="e", title=named("Score fell")[:300], text=named("By 5 points."), kind="score",
        happened_at=now, next_attempt_at=now, last_error=named("refused"),
    )  # fmt: skip


def _desk(named: Named, user: User, version: ModelVersion) -> None:
    """What people write and what waits for them."""
    view = SavedView.objects.create(user=user, name=named("Cheap ones")[:100], address="/models/one/")
    ViewChange.objects.create(view=view, at=timezone.now(), title=named("A price fell")[:300], text=named("1 to 0.5"))
    claim = Claim.objects.filter(version=version, attribute="total_params").first()
    assert claim is not None
    ConflictNote.objects.create(key="claim:one:total_params", text=named("Counts the heads."), written_by=user)
    Report.objects.create(
        page="/models/one/", about=named("input price")[:300], shown=named("$1")[:120], text=named("No.")
    )
    SavedFilter.objects.create(user=user, list_name="catalog.price", name=named("Mine")[:60], query="q=one")
    check_import(
        table="models", file_name="models.csv", content=LINES.format(developer="maker").encode(), uploaded_by=user
    )
    version.note = named("Changed.")
    version.save()
    read(table(**{"gpt-9-mini": flat(1, 4)}), "2026-01-01")
    naming.propose_names("genai-prices")
    Proposal.objects.update(raw_name=named("gpt-9-mini")[:300], evidence=[named("It looks like it.")])
