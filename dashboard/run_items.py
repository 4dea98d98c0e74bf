"""The items of a run as its page shows them: repeats of one item are one row with their spread, each to be opened."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, Min, Q, QuerySet

from dashboard import formats
from evals.models import Attempt, Run, RunSample, Sample

# What a reader can ask for, in this order: the word of the address, and the word on the page.
SHOWN = {
    "incorrect": "only wrong",
    "failed": "only errors",
    "disagree": "only where repeats disagree",
    "correct": "right",
    "refused": "refused",
    "truncated": "cut off",
    "unscored": "unscored",
    "oversize": "oversize",
    "skipped": "skipped",
    "not_asked": "not asked",
    "cancelled": "cancelled",
    "pending": "waiting",
}
MARKS = ("refused", "truncated")
JUDGED = (RunSample.Outcome.CORRECT, RunSample.Outcome.INCORRECT)
MOST_ANSWERS = 3


@dataclass(frozen=True, slots=True)
class Filter:
    """One choice among a run's items, with how many it leaves."""

    word: str
    label: str
    count: int


@dataclass(frozen=True)
class Paid:
    """Something with calls: what they used and cost, as far as known."""

    calls: Sequence[Attempt]

    @property
    def tokens(self) -> int | None:
        """Input and output of all calls, as far as reported."""
        names = ("input_tokens", "cached_input_tokens", "cache_write_tokens", "output_tokens")
        counts = [getattr(call, name) for call in self.calls for name in names]
        known = [count for count in counts if count is not None]
        return sum(known) if known else None

    @property
    def cost_usd(self) -> Decimal | None:
        """The known costs added up; None when none is known."""
        known = [call.cost_usd for call in self.calls if call.cost_usd is not None]
        return sum(known, Decimal(0)) if known else None

    @property
    def cost_is_lower_bound(self) -> bool:
        return self.cost_usd is not None and any(call.cost_usd is None for call in self.calls)


@dataclass(frozen=True)
class RepeatLine(Paid):
    """One repeat of an item."""

    sample: RunSample

    @property
    def latency_ms(self) -> float | None:
        """Of the answered call; None before one has answered."""
        return next((each.latency_ms for each in reversed(self.calls) if each.state == Attempt.State.ANSWERED), None)


@dataclass(frozen=True)
class ItemRow(Paid):
    """An item with all its repeats, in the order of sending."""

    item: Sample
    repeats: Sequence[RepeatLine]

    @property
    def only(self) -> RunSample:
        """The sample of an item that was asked once."""
        return self.repeats[0].sample

    @property
    def n_right(self) -> int:
        return sum(each.sample.outcome == RunSample.Outcome.CORRECT for each in self.repeats)

    @property
    def n_scored(self) -> int:
        return sum(each.sample.outcome in JUDGED for each in self.repeats)

    @property
    def disagree(self) -> bool:
        return 0 < self.n_right < self.n_scored

    @property
    def badge(self) -> str:
        """The class of its mark: all right, some, none, or nothing judged."""
        if not self.n_scored:
            return "is-plain"
        return "is-warn" if self.disagree else "is-good" if self.n_right else "is-bad"

    @property
    def others(self) -> str:
        """What became of the repeats that are neither right nor wrong: "1 failed, not scored"."""
        found = Counter(
            (each.sample.get_outcome_display() or each.sample.get_state_display()).lower()
            for each in self.repeats
            if each.sample.outcome not in JUDGED
        )
        return ", ".join(f"{n} {words}" for words, n in found.items())

    @property
    def answers(self) -> str:
        """The different answers, the most frequent first, with how often each came."""
        found = Counter(text for each in self.repeats if (text := answer_of(each)))
        if len(self.repeats) == 1:
            return next(iter(found), "")
        shown = [f"{text[:40]} ×{n}" for text, n in found.most_common(MOST_ANSWERS)]
        more = len(found) - len(shown)
        return "; ".join(shown) + (f"; {formats.plural(more, 'other answer')}" if more > 0 else "")

    @property
    def latency(self) -> str:
        """The shortest and the longest answered call: "210 to 340 ms"; empty before one has answered."""
        known = [each.latency_ms for each in self.repeats if each.latency_ms is not None]
        if not known:
            return ""
        low, high = f"{min(known):,.0f}", f"{max(known):,.0f}"
        return f"{low} ms" if low == high else f"{low} to {high} ms"


def filters(run: Run) -> list[Filter]:
    """What there is to choose from, with the number of items; empty kinds are left out. One query."""
    of_item: defaultdict[int, set[str]] = defaultdict(set)
    rows = run.samples.values_list("sample_id", "state", "outcome", "refused", "truncated")
    for item, state, outcome, refused, truncated in rows:
        found = of_item[item]
        found.add(outcome or (RunSample.State.PENDING if state == RunSample.State.CLAIMED else state))
        found |= {word for word, is_so in zip(MARKS, (refused, truncated), strict=True) if is_so}
    counts = Counter(word for found in of_item.values() for word in found)
    counts["disagree"] = sum(found.issuperset(JUDGED) for found in of_item.values())
    return [Filter(word, label, counts[word]) for word, label in SHOWN.items() if counts[word]]


def items_shown(run: Run, shown: str = "") -> QuerySet[Any]:
    """Ids of the items of which some repeat is ``shown`` (a word of ``SHOWN``), in the order of sending; each once."""
    items = run.samples.order_by().values("sample_id").annotate(first=Min("position"))
    if shown == "disagree":
        judged = Count("outcome", filter=Q(outcome__in=JUDGED), distinct=True)
        items = items.annotate(n_judged=judged).filter(n_judged=2)
    elif shown:
        items = items.annotate(n=Count("pk", filter=_is(shown))).filter(n__gt=0)
    return items.order_by("first").values_list("sample_id", flat=True)


def item_rows(run: Run, items: Iterable[int]) -> list[ItemRow]:
    """These items with every repeat, prompt and reply, in the order given. Two queries."""
    wanted = list(items)
    repeats: defaultdict[int, list[RepeatLine]] = defaultdict(list)
    named: dict[int, Sample] = {}
    samples = run.samples.filter(sample__in=wanted).select_related("sample").prefetch_related("attempts")
    for each in samples.order_by("repeat"):
        named[each.sample_id] = each.sample
        repeats[each.sample_id].append(RepeatLine(list(each.attempts.all()), each))
    return [
        ItemRow([call for each in repeats[item] for call in each.calls], named[item], repeats[item]) for item in wanted
    ]


def answer_of(line: RepeatLine) -> str:
    """What the scorer took as the answer, else the text of the last call, on one line."""
    text = line.sample.answer or (line.calls[-1].text if line.calls else "")
    return " ".join(text.split())


def _is(shown: str) -> Q:
    if shown in MARKS:
        return Q(**{shown: True})
    states = (RunSample.State.PENDING, RunSample.State.CLAIMED) if shown == RunSample.State.PENDING else (shown,)
    return Q(outcome=shown) | Q(state__in=states, outcome="")
