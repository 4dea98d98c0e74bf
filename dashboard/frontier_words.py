"""The frontier page in words: how many, how old, what is not shown and why, and the chart for those who hear it."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from catalog.models import Source
from catalog.selectors.capabilities import scored_versions
from catalog.selectors.price_timeline import price_timelines
from dashboard import answer, formats
from dashboard.frontier import TRIO, Frontier
from dashboard.frontier_row import FrontierRow, unique
from dashboard.price_list import first_price_day
from dashboard.query import future_notice

SCORE_POLICIES = (
    ("independent", "independent first"),
    ("vendor", "the developer's own first"),
    ("median", "median of sources"),
    ("worst", "worst of sources"),
)


def counts(found: Frontier) -> str:
    """ "47 of 136 models · 9 on the frontier"; with variants, how many points they are."""
    points = f" in {formats.plural(len(found.rows), 'setting')}" if found.has_variants else ""
    of = formats.plural(len(found.catalog), "model")
    return f"{found.models} of {of}{points} · {len(found.frontier)} on the frontier"


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the scores reach: the newest model that has one, and how many newer ones are sold without."""

    newest: FrontierRow
    released_on: date
    newer: int

    @property
    def newer_words(self) -> str:
        """ "18 newer models on sale have no score"; empty where there is none."""
        if not self.newer:
            return ""
        has = "has" if self.newer == 1 else "have"
        return f"{formats.plural(self.newer, 'newer model')} on sale {has} no score"


def reach(found: Frontier) -> Reach | None:
    """None where no scored model has a known day of release. Models without one count as neither."""
    scored = [row for row in (*found.rows, *found.without_cost, *found.withdrawn) if row.version.released_on]
    newest = max(scored, key=_release, default=None)
    if newest is None:
        return None
    day = _release(newest)
    newer = {
        row.slug
        for row in found.without_capability
        if row.usd_per_mtok is not None and not row.is_past and _release(row) > day
    }
    return Reach(newest, day, len(newer))


def _release(row: FrontierRow) -> date:
    return row.version.released_on or date.min


@dataclass(frozen=True, slots=True)
class Reading:
    """How old the prices are that the frontier rests on; ``is_old``: more days than ``PRICES_OLD_AFTER_DAYS``."""

    words: str
    is_old: bool


def reading(found: Frontier) -> Reading:
    """Against the day asked for: a view of the past is not old because time went on."""
    if found.cost.is_measured:
        return Reading("", is_old=False)
    if found.read_on is None:
        return Reading("no reading of these prices is known" if found.rows else "", is_old=bool(found.rows))
    age = (found.query.day - found.read_on).days
    if age <= 0:
        return Reading("", is_old=False)
    return Reading(
        f"oldest price on the frontier read {formats.plural(age, 'day')} before, on {formats.day(found.read_on)}"
        if found.query.as_of
        else f"oldest price on the frontier read {formats.plural(age, 'day')} ago",
        is_old=age > settings.PRICES_OLD_AFTER_DAYS,
    )


def not_shown(found: Frontier) -> str:
    """ "5 models are not on the chart: 4 without a price, 1 without a score.", or nothing.

    With the ones on the chart they add up to the models of the catalog.
    """
    unseen = found.unseen
    costless = "not measured" if found.cost.is_measured else "without a price"
    classes = (
        (unseen.costless, costless),
        (unseen.unpriced, "measured, but without a known cost"),
        (unseen.unsolved, "measured, but without a solved task, so its cost is infinite"),
        (unseen.withdrawn, "no longer sold"),
        (unseen.unscored, "without a score"),
        (found.with_neither, f"with neither {'cost' if found.cost.is_measured else 'price'} nor score"),
        (found.later, f"released after {formats.day(found.query.day)}"),
        (found.left_out, "left out by the filters"),
    )
    missing = [f"{count} {what}" for count, what in classes if count]
    if not missing:
        return ""
    total = sum(count for count, _ in classes)
    return f"{formats.plural(total, 'model')} not on the chart: {', '.join(missing)}."


def notices(found: Frontier) -> list[str]:
    """What was asked for and could not be done, each in a sentence that says what to do instead."""
    query, said = found.query, []
    if notice := future_notice(query.as_of):
        said.append(notice)
    if query.variants == "all" and not found.has_variants:
        said.append(
            "The capability index is fitted on the best published setting of each model, so it has one point per "
            "model: choose a benchmark or a suite to see every reasoning effort."
            if query.capability == "index"
            else "A measured cost belongs to the setting of its run: choose the suite as capability, so that both come "
            "from the same run, to see every setting. Shown is the best published setting."
        )
    if found.cost.is_measured and found.measurement.suite is None:
        said.append(
            f"No run on {query.suite or query.task or 'any suite'} was finished by {formats.day(query.day)}, so no "
            "cost of a solved task is known: start one on the page for a new run."
        )
    if found.cost.is_measured and query.suite and query.task not in ("", query.suite):
        said.append(f"task={query.task} is left aside: cost and capability come from the same suite, {query.suite}.")
    scored = found.rows or found.without_cost or found.withdrawn
    if query.capability == "index" and query.policy != "independent" and not scored:
        said.append(
            f"The index was not worked out with these scores: choose a benchmark, or run "
            f"python manage.py fit_index --policy {query.policy}."
        )
    return said


def first_day(found: Frontier) -> date | None:
    """Where a past day has nothing: the first one on which a scored model is out and has a price. Three queries."""
    query = found.query
    if found.rows or query.as_of is None or found.cost.is_measured:
        return None
    timelines = price_timelines(version_ids=scored_versions(query.capability, policy=query.policy))
    day = first_price_day(timeline for each in timelines.values() for timeline in each)
    return day if day and day > query.day else None


def policy_words(found: Frontier) -> str:
    """Whose scores count, for the line under the title; nothing for our own runs, which no policy chooses among."""
    if found.query.suite:
        return ""
    return f"scores: {dict(SCORE_POLICIES)[found.query.policy]}"


def summary(found: Frontier) -> str:
    """The chart in words, for those who do not see it."""
    steps = "; ".join(
        f"{row.name}, {formats.usd(row.cost)}{found.cost.less}, {found.axis.short} {found.axis.text(row.value)}"
        for row in found.frontier
    )
    pale = "; ".join(f"{row.name}, {row.past_words}" for row in found.past[:10])
    beside = f" Not on sale, drawn pale: {pale}." if pale else ""
    many = formats.plural(found.models, "model")
    if found.has_variants:
        many += f" in {formats.plural(len(found.rows), 'setting')}"
    return f"{many}. Frontier from the cheapest up: {steps or 'none'}.{beside}"


def measured_words(found: Frontier) -> str:
    """ "3 models, 180 answers, measured from 3 to 26 Nov 2026"; empty where nothing was measured."""
    costs = [row.measured for row in found.rows if row.measured]
    days = sorted({cost.measured_on for cost in costs if cost.measured_on})
    if not days:
        return ""
    when = f"on {formats.day(days[0])}" if len(days) == 1 else f"{formats.day(days[0])} to {formats.day(days[-1])}"
    answers = formats.plural(sum(cost.n for cost in costs), "answer")
    return f"{formats.plural(len(costs), 'run')}, {answers}, measured {when}"


def assumed_words(found: Frontier) -> str:
    """How many list prices rest on an assumption, under a mix that reads from the cache; else nothing."""
    count = sum(row.is_cached_assumed for row in found.rows)
    if not count or not found.query.mix.cached_input:
        return ""
    return (
        f"For {count} of {formats.plural(len(found.rows), 'model')} no price of cached input is known: the price of "
        "input stands in for it, marked assumed."
    )


@dataclass(frozen=True, slots=True)
class FirstPair:
    """The pair that this site was built to compare, where it is not the headline any more."""

    words: str
    path: str
    sources: list[Source]


def first_pair(found: Frontier) -> FirstPair | None:
    """None while it is the headline, or where one of the two has no known cost or level."""
    pale = {row.id: row for row in found.past}
    pair = [found.row(slug) or pale.get(slug) for slug in TRIO[:2]]
    first, second = pair
    headline = answer.favourite_comparison(found)
    if first is None or second is None or (headline and (headline.first, headline.second) == (first, second)):
        return None
    standing = answer.comparison_sentence(found, answer.compare(first, second))
    if (first.is_past or second.is_past) and not found.cost.is_measured:
        standing = f"At last known prices, {standing}"
    why = [words for row in (first, second) if (words := _sale_words(row))]
    sources = unique(row.end_source for row in (first, second) if row.end_source)
    return FirstPair(" ".join([*why, standing]), f"{first.slug}/{second.slug}", sources)


def _sale_words(row: FrontierRow) -> str:
    if row.is_past:
        return f"{row.name} was {row.past_words}."
    return "" if row.by_developer else f"{row.name} is no longer sold by {row.developer}, but by others."


def price_sources(found: Frontier, limit: int = 3) -> dict[str, Any]:
    """The sources behind the most prices, most used first."""
    used = [source for row in found.rows for source in row.price_sources]
    by_publisher = {source.publisher: source for source in reversed(unique(used))}
    often = sorted(by_publisher, key=lambda name: (-sum(source.publisher == name for source in used), name))
    return {
        "price_sources": [by_publisher[name] for name in often[:limit]],
        "more_price_sources": max(0, len(often) - limit),
    }


def measured_rows(found: Frontier, limit: int = 6) -> list[FrontierRow]:
    """Some of the rows with their runs, for links under the chart."""
    return [row for row in found.rows if row.measured][:limit]
