"""The queue of names that no alias explains: filling it after a reading, and finding what a name may mean."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from catalog.matching import Match, Matcher, vetoes
from catalog.models import Alias
from ingest.adapters.base import (
    FactObservation,
    Parsed,
    PriceObservation,
    Record,
    ScoreObservation,
)
from ingest.aliases import AliasBook
from ingest.batches import create_many, update_many
from ingest.models import Feed, Proposal, RawRecord
from ingest.timeline import Timeline

# Fields by which a feed itself says which weights a name stands for.
LINKS: Mapping[str, tuple[str, ...]] = {
    "openrouter": ("hugging_face_id", "canonical_slug"),
    "models-dev": ("base_model",),
    "epoch-benchmarks": ("Model",),
}
BY_LINKS = "two links of the feed"
DISPUTED = 0.5
_COUNTED = {PriceObservation: "prices", ScoreObservation: "scores", FactObservation: "facts"}
_FIELDS = ("records", *_COUNTED.values())


@dataclass(slots=True)
class _Name:
    """A name with everything that waits under it."""

    namespace: str
    raw_name: str
    record: Record
    counts: Counter[str]

    @property
    def worth(self) -> int:
        return sum(self.counts[kind] for kind in _COUNTED.values())


@dataclass(slots=True)
class Filed:
    """What filling the queue came to."""

    proposed: int = 0
    accepted: int = 0
    settled: int = 0


def file_proposals(feed: Feed, parsed: Parsed, timeline: Timeline) -> Filed:
    """Put the unexplained names of a snapshot into the queue; a number of queries that no record changes.

    A name that is known to the queue, decided or not, is not proposed again. A name on which two links of the feed
    agree is accepted without a person, unless the names differ by a word that makes another model.
    """
    names = _names(feed, parsed.records)
    book = AliasBook({name.namespace for name in names.values()})
    known = {
        (namespace, raw_name): (pk, state, worth)
        for pk, namespace, raw_name, state, worth in Proposal.objects.filter(feed=feed)
        .order_by()
        .values_list("pk", "namespace", "raw_name", "state", "worth")
    }
    filed = Filed()
    waiting = Proposal.State.WAITING
    settled = [
        known[key][0] for key in names if key in known and known[key][1] == waiting and book.knows(*key, timeline.now)
    ]
    update_many(
        Proposal.objects.all(),
        settled,
        state=Proposal.State.SETTLED,
        decided_at=timezone.now(),
        decided_by="an alias from elsewhere",
    )
    filed.settled = len(settled)
    _revalue(names, known)
    fresh = [
        name for key, name in names.items() if key not in known and name.worth and not book.knows(*key, timeline.now)
    ]
    if fresh:
        _propose(feed, fresh, filed)
    return filed


def _names(feed: Feed, records: Iterable[Record]) -> dict[tuple[str, str], _Name]:
    names: dict[tuple[str, str], _Name] = {}
    for record in records:
        key = (record.namespace(feed.slug), record.raw_name)
        name = names.setdefault(key, _Name(*key, record, Counter()))
        name.counts["records"] += 1
        for observation in record.observations:
            if kind := _COUNTED.get(type(observation)):
                name.counts[kind] += 1
    return names


def _revalue(names: Mapping[tuple[str, str], _Name], known: Mapping[tuple[str, str], tuple[int, str, int]]) -> None:
    changed = [
        Proposal(pk=known[key][0], worth=name.worth, **{kind: name.counts[kind] for kind in _FIELDS})
        for key, name in names.items()
        if key in known and known[key][1] == Proposal.State.WAITING and known[key][2] != name.worth
    ]
    Proposal.objects.bulk_update(changed, ["worth", *_FIELDS], batch_size=100)


def _propose(feed: Feed, names: list[_Name], filed: Filed) -> None:
    matcher = Matcher()
    ids = dict(RawRecord.objects.filter(feed=feed).order_by().values_list("external_key", "pk"))
    rows: list[Proposal] = []
    aliases: list[Alias] = []
    for name in names:
        if name.record.external_key not in ids:
            continue
        match, linked = _match(feed, name, matcher)
        row = Proposal(
            feed=feed,
            namespace=name.namespace,
            raw_name=name.raw_name,
            record_id=ids[name.record.external_key],
            worth=name.worth,
            **{kind: name.counts[kind] for kind in _FIELDS},
        )
        if match:
            row.version_id, row.method, row.score = match.version_id, match.method, match.score
            row.evidence = list(match.reasons)
        row.evidence = [*_asked(name.record), *row.evidence]
        if match and linked and not vetoes(name.raw_name, matcher.name_of(match.version_id)):
            row.state, row.decided_by, row.decided_at = Proposal.State.ACCEPTED, BY_LINKS, timezone.now()
            aliases.append(
                Alias(
                    namespace=name.namespace,
                    raw_name=name.raw_name,
                    version_id=match.version_id,
                    decided_by=BY_LINKS,
                    evidence="; ".join(match.reasons),
                )
            )
        rows.append(row)
    create_many(Alias, aliases)
    create_many(Proposal, rows)
    filed.proposed, filed.accepted = len(rows) - len(aliases), len(aliases)


def _asked(record: Record) -> list[str]:
    """The feed's price in the unit of the catalog, to be held against the candidate's."""
    asked: dict[str, str] = {}
    for price in record.observations:
        if not isinstance(price, PriceObservation) or price.usd_per_mtok is None:
            continue
        if price.component in ("input", "output") and price.service_class == "standard" and not price.min_input_tokens:
            asked.setdefault(price.component, f"{price.component} ${price.usd_per_mtok.normalize():f}")
    return [f"the feed asks {' and '.join(asked.values())} per million tokens"] if asked else []


def _match(feed: Feed, name: _Name, matcher: Matcher) -> tuple[Match | None, bool]:
    """The best candidate, and whether two independent links of the feed agree on it."""
    found: dict[int, list[str]] = {}
    payload: Any = name.record.payload
    for field in LINKS.get(feed.slug, ()):
        value = payload.get(field) if isinstance(payload, dict) else None
        if not isinstance(value, str) or not value:
            continue
        version_id = matcher.repository(value) if field == "hugging_face_id" else matcher.spelled(value)
        if version_id is not None:
            reason = f"the feed's {field} is {value}, a name of {matcher.name_of(version_id)}"
            found.setdefault(version_id, []).append(reason)
    if found:
        version_id, reasons = max(found.items(), key=lambda item: len(item[1]))
        # Two links that disagree are no evidence for either.
        agree = len(reasons) > 1 and len(found) == 1 and ":" not in name.raw_name
        score = 0.99 if agree else 0.95 if len(found) == 1 else DISPUTED
        extra = () if len(found) == 1 else ("the feed's links disagree",)
        return Match(version_id, score, "link of the feed", (*reasons, *extra)), agree
    return matcher.best(name.raw_name), False
