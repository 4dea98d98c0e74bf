"""Deciding what a name means: each decision makes aliases, reads the waiting records again, and can be taken back."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import ProtectedError
from django.utils import timezone
from django.utils.text import slugify

from catalog.models import Alias, Claim, Model, ModelVersion, Offering, Organization, Price, Score
from ingest.adapters.base import Parsed, ParseError
from ingest.errors import IngestError
from ingest.feeds import adapter_of
from ingest.models import Feed, FeedRun, Proposal, Snapshot
from ingest.proposals import Filed, file_proposals
from ingest.services import replay_run
from ingest.timeline import Timeline

Target = Literal["version", "not_a_model", "composite", "ambiguous"]
# So many snapshots are read again while somebody waits; further back it is history that --replay reads.
MOST_SNAPSHOTS = 30


class BadDecision(IngestError):
    """A decision that cannot be taken as it stands. The message says what to change."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a name means in a period; an open end is None. ``version`` only with the target "version"."""

    target: Target = "version"
    version: ModelVersion | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewVersion:
    """A version to add for a name that no version of the catalog has. A model of that slug is used if it exists."""

    model_slug: str
    model_name: str
    developer: Organization
    version_slug: str
    version_name: str
    announced_on: Any = None
    open_weights: bool | None = None


def propose_names(slug: str, *, run: FeedRun | None = None) -> Filed:
    """Fill the queue from a reading of a feed, else from its newest. A second run changes nothing."""
    run = run or _runs(slug).first()
    if run is None or run.snapshot is None or run.observed_at is None:
        return Filed()
    try:
        parsed = adapter_of(slug).parse(run.snapshot.body)
    except ParseError:
        return Filed()
    with transaction.atomic():
        feed = Feed.objects.select_for_update(of=("self",)).get(slug=slug)
        filed = file_proposals(feed, parsed, Timeline.of(feed, run.observed_at))
    if filed.accepted:
        replay_run(slug, run)
    return filed


def decide(proposal: Proposal, meanings: Sequence[Meaning], *, by: str, reason: str = "") -> Proposal:
    """Say what a waiting name means, in one or several periods, and write what waited for it.

    :raises BadDecision: when it was decided already, or the periods overlap or clash with an alias.
    """
    with transaction.atomic():
        waiting = _claim(proposal)
        _decide(waiting, meanings, by=by, reason=reason, what=_words(meanings), created=[])
    return waiting


def create_version(proposal: Proposal, new: NewVersion, *, by: str, reason: str = "") -> Proposal:
    """Add a version, with its model if that is new, and let the name mean it.

    :raises BadDecision: for a slug or name that cannot be used, in words.
    """
    with transaction.atomic():
        waiting = _claim(proposal)
        created: list[tuple[str, int]] = []
        model = Model.objects.filter(slug=new.model_slug).first()
        if model is None:
            model = Model(slug=slugify(new.model_slug), name=new.model_name.strip(), developer=new.developer)
            _save(model)
            created.append(("model", model.pk))
        version = ModelVersion(
            model=model,
            slug=slugify(new.version_slug),
            name=new.version_name.strip(),
            announced_on=new.announced_on,
            open_weights=new.open_weights,
            source=waiting.feed.source,
        )
        _save(version)
        created.append(("version", version.pk))
        meanings = [Meaning(version=version)]
        _decide(waiting, meanings, by=by, reason=reason, what=f"created {version.slug}", created=created)
    return waiting


def reject(proposal: Proposal, *, by: str, reason: str = "") -> Proposal:
    """Say that the name is not to be asked about again. Nothing is written and nothing of the feed is lost."""
    with transaction.atomic():
        waiting = _claim(proposal)
        _close(waiting, Proposal.State.REJECTED, by=by, reason=reason, what="rejected")
    return waiting


def undo(proposal: Proposal, *, by: str, reason: str = "") -> list[str]:
    """Take a decision back: its aliases and what was written through them go, and the name waits again.

    Returns a sentence for everything that had to stay because something else rests on it. The feed's records are
    kept, so a new decision writes the same facts again.

    :raises BadDecision: when the name is waiting, or was settled by an alias from elsewhere.
    """
    with transaction.atomic():
        decided = Proposal.objects.select_for_update(of=("self",)).select_related("feed__source").get(pk=proposal.pk)
        if decided.state not in {Proposal.State.ACCEPTED, Proposal.State.REJECTED}:
            raise BadDecision(f"{decided} is {decided.get_state_display()}; there is no decision to take back.")
        remarks = _unwrite(decided)
        decided.written = {}
        decided.state, decided.decided_by, decided.decided_at, decided.reason = Proposal.State.WAITING, "", None, ""
        _note(decided, by=by, what="taken back", reason=reason)
        decided.save()
    return remarks


def _claim(proposal: Proposal) -> Proposal:
    row = Proposal.objects.select_for_update(of=("self",)).select_related("feed__source", "record").get(pk=proposal.pk)
    if row.state != Proposal.State.WAITING:
        raise BadDecision(
            f"{row} was decided already by {row.decided_by or 'somebody'}. Take that decision back first."
        )
    return row


def _decide(
    row: Proposal, meanings: Sequence[Meaning], *, by: str, reason: str, what: str, created: list[tuple[str, int]]
) -> None:
    if not meanings:
        raise BadDecision(f"{row}: say what the name means, or reject it.")
    aliases = []
    for meaning in meanings:
        if (meaning.target == "version") != (meaning.version is not None):
            raise BadDecision(f"{row}: choose the version that the name means, or another answer and no version.")
        alias = Alias(
            namespace=row.namespace,
            raw_name=row.raw_name,
            target=meaning.target,
            version=meaning.version,
            valid_from=meaning.since,
            valid_to=meaning.until,
            decided_by=by[:150],
            evidence=reason or "; ".join(row.evidence) or "decided in the review queue",
        )
        _save(alias)
        aliases.append(alias.pk)
    before = _marks()
    if any(meaning.version for meaning in meanings):
        _replay(row)
    row.written = {
        "aliases": aliases,
        **dict(_since(row, before)),
        "created": [list(item) for item in created],
    }
    _close(row, Proposal.State.ACCEPTED, by=by, reason=reason, what=what)


def _close(row: Proposal, state: str, *, by: str, reason: str, what: str) -> None:
    row.state, row.decided_by, row.decided_at, row.reason = state, by[:150], timezone.now(), reason[:500]
    _note(row, by=by, what=what, reason=reason)
    row.save()


def _note(row: Proposal, *, by: str, what: str, reason: str) -> None:
    row.log = [*row.log, {"at": timezone.now().isoformat(timespec="seconds"), "by": by, "what": what, "why": reason}]


def _words(meanings: Sequence[Meaning]) -> str:
    return "; ".join(meaning.version.slug if meaning.version else meaning.target for meaning in meanings)


def _save(row: models.Model) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise BadDecision(" ".join(error.messages)) from None
    row.save()


def _runs(slug: str) -> "models.QuerySet[FeedRun]":
    rows = FeedRun.objects.filter(feed__slug=slug, state=FeedRun.State.APPLIED, snapshot__isnull=False)
    return rows.select_related("snapshot").order_by("-observed_at", "-pk")


def _replay(row: Proposal) -> None:
    """Read the kept snapshots that have the name again, the oldest first, so that its history is whole."""
    newest: dict[int, FeedRun] = {}
    for run in _runs(row.feed.slug):
        if run.snapshot_id is not None and len(newest) < MOST_SNAPSHOTS:
            newest.setdefault(run.snapshot_id, run)
    for run in reversed(newest.values()):
        if run.snapshot is not None and _has(run.snapshot, row):
            read = replay_run(row.feed.slug, run)
            if read.state != FeedRun.State.APPLIED:
                raise BadDecision(f"The records of {row} could not be read again: {read.message}")


def _has(snapshot: Snapshot, row: Proposal) -> bool:
    try:
        parsed: Parsed = adapter_of(row.feed.slug).parse(snapshot.body)
    except ParseError:
        return False
    return any(
        record.raw_name == row.raw_name and record.namespace(row.feed.slug) == row.namespace
        for record in parsed.records
    )


_WRITTEN: dict[str, Any] = {"prices": Price, "scores": Score, "claims": Claim}


def _marks() -> dict[str, int]:
    """The last primary key of each table, so that what a replay adds can be told from what was there."""
    tables = {**_WRITTEN, "offerings": Offering}
    return {
        name: model.objects.order_by("-pk").values_list("pk", flat=True).first() or 0 for name, model in tables.items()
    }


def _since(row: Proposal, before: dict[str, int]) -> Iterator[tuple[str, list[int]]]:
    for name, model in _WRITTEN.items():
        rows = model.objects.filter(pk__gt=before[name], source=row.feed.source)
        yield name, list(rows.order_by("pk").values_list("pk", flat=True))
    offerings = Offering.objects.filter(pk__gt=before["offerings"])
    yield "offerings", list(offerings.order_by("pk").values_list("pk", flat=True))


def _unwrite(row: Proposal) -> list[str]:
    written: dict[str, list[Any]] = row.written or {}
    if not written and row.state == Proposal.State.ACCEPTED:
        # Accepted by two links: the alias is all that is known of it.
        written = {
            "aliases": list(
                Alias.objects.filter(namespace=row.namespace, raw_name=row.raw_name).values_list("pk", flat=True)
            )
        }
    remarks: list[str] = []
    Alias.objects.filter(pk__in=written.get("aliases", [])).delete()
    offerings = written.get("offerings", [])
    # What later readings added to the decision's own offerings goes with it.
    prices = models.Q(pk__in=written.get("prices", [])) | models.Q(offering__in=offerings, source=row.feed.source)
    Price.objects.filter(prices).delete()
    for name in ("scores", "claims"):
        table, ids = _WRITTEN[name].objects, written.get(name, [])
        table.filter(superseded_by__in=ids).update(superseded_by=None)
        table.filter(pk__in=ids).delete()
    for pk in offerings:
        remarks += _try_to_delete(Offering.objects.filter(pk=pk))
    for kind, pk in reversed(written.get("created", [])):
        made: models.QuerySet[Any] = Model.objects.filter(pk=pk)
        if kind == "version":
            made = ModelVersion.objects.filter(pk=pk)
            Proposal.objects.filter(version_id=pk).update(version=None)
        remarks += _try_to_delete(made)
    return remarks


def _try_to_delete(rows: "models.QuerySet[Any]") -> list[str]:
    try:
        with transaction.atomic():
            rows.delete()
    except ProtectedError as error:
        names = sorted({str(item._meta.verbose_name) for item in error.protected_objects})
        kept = rows.first()
        return [f"{kept} stays, since {' and '.join(names)} of another origin rest on it. Correct those by hand."]
    return []
