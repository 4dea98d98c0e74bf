"""How often names are resolved rightly: the accepted aliases held against a table labelled by hand."""

import csv
import io
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.utils.text import slugify

from catalog.errors import BadFact
from catalog.matching import Matcher
from catalog.models import Alias, ModelVersion

COLUMNS = ("feed", "raw_name", "canonical", "notes")
UNDECIDABLE = {"ambiguous", "composite", "not_a_model", "alias"}
# Namespace of the identifiers that people use for versions outside this installation.
PEOPLE = "labels"


@dataclass(slots=True)
class NameCounts:
    """Names of one feed: ``right`` and ``wrong`` were written without a person, ``proposed`` wait for one."""

    names: int = 0
    with_version: int = 0
    right: int = 0
    wrong: int = 0
    proposed_right: int = 0
    proposed_wrong: int = 0
    not_here: int = 0

    @property
    def precision(self) -> float | None:
        """Share of what was written that is right, 0 to 1; None when nothing was written."""
        written = self.right + self.wrong
        return self.right / written if written else None

    @property
    def recall(self) -> float | None:
        """Share of the names of one version that were written rightly, 0 to 1; None without such names."""
        return self.right / self.with_version if self.with_version else None


@dataclass(slots=True)
class Measured:
    """The result per feed and in all, with a sentence for each wrong name and each label the catalog lacks."""

    total: NameCounts = field(default_factory=NameCounts)
    by_feed: dict[str, NameCounts] = field(default_factory=lambda: defaultdict(NameCounts))
    mistakes: list[str] = field(default_factory=list)
    unknown_labels: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Meaning:
    target: str
    version_id: int | None
    since: datetime | None
    until: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        return (self.since is None or self.since <= moment) and (self.until is None or moment < self.until)


def measure_names(text: str, *, on: datetime | None = None) -> Measured:
    """Compare the accepted aliases with a table of ``feed,raw_name,canonical,notes``.

    ``canonical`` is a version or model slug of this catalog, an identifier such as ``deepseek/deepseek-v3@2024-12-26``,
    or one of ambiguous, composite, not_a_model, alias (a name that moves). ``on`` is the moment of the observation for
    all names, a column ``on`` that of one name; without either only a name that always meant one version counts as
    written, since an undated name stays open.

    :raises BadFact: for a table without these columns, naming what is missing.
    """
    rows = csv.DictReader(io.StringIO(text))
    if missing := [column for column in COLUMNS[:3] if column not in (rows.fieldnames or ())]:
        raise BadFact(f"The table has no column {missing[0]!r}. Its first line must name {','.join(COLUMNS)}.")
    book, labels, matcher = _Book(), _Labels(), Matcher()
    result = Measured()
    for row in rows:
        feed, raw_name, label = row["feed"].strip(), row["raw_name"], row["canonical"].strip()
        moment = _moment(row.get("on") or "") or on
        meant = labels.versions(label)
        kind = label.partition(":")[0].lower().replace(" ", "_").replace("-", "_")
        is_open = kind in UNDECIDABLE
        if not is_open and not meant:
            result.unknown_labels.append(label)
        written = book.version(feed, raw_name, moment)
        guess = None if written or book.is_decided(feed, raw_name, moment) else matcher.best(raw_name)
        for counts in (result.total, result.by_feed[feed.partition("/")[0]]):
            counts.names += 1
            counts.with_version += not is_open
            counts.not_here += not is_open and not meant
            if written is not None:
                # A name that moves is right where its periods give it one meaning on the day asked for.
                is_right = written in meant or (kind == "alias" and moment is not None)
                counts.right += is_right and not is_open
                counts.wrong += not is_right
            elif guess:
                counts.proposed_right += guess.version_id in meant
                counts.proposed_wrong += guess.version_id not in meant
        if written is not None and written not in meant and not (kind == "alias" and moment):
            result.mistakes.append(f"{feed}: {raw_name!r} is {label}, and would be taken for {labels.slug(written)}.")
    return result


class _Book:
    """All accepted aliases, found by a feed's name or by a feed with its provider."""

    def __init__(self) -> None:
        self._meanings: dict[tuple[str, str], list[_Meaning]] = defaultdict(list)
        self._namespaces: dict[str, set[str]] = defaultdict(set)
        rows = Alias.objects.filter(status=Alias.Status.ACCEPTED).order_by()
        columns = ("namespace", "raw_name", "target", "version_id", "valid_from", "valid_to")
        for namespace, raw_name, *meaning in rows.values_list(*columns):
            self._meanings[namespace, raw_name].append(_Meaning(*meaning))
            self._namespaces[namespace.partition("/")[0]].add(namespace)

    def version(self, feed: str, raw_name: str, moment: datetime | None) -> int | None:
        """The version that would be written, when every namespace of the feed that has the name agrees."""
        found = {self._in(namespace, name, moment) for namespace, name in self._places(feed, raw_name)}
        return found.pop() if len(found) == 1 else None

    def is_decided(self, feed: str, raw_name: str, moment: datetime | None) -> bool:
        return any(
            moment is None or meaning.holds_at(moment)
            for place in self._places(feed, raw_name)
            for meaning in self._meanings[place]
        )

    def _places(self, feed: str, raw_name: str) -> list[tuple[str, str]]:
        """Where the name may stand: in this namespace, or in one of the feed's providers."""
        if (feed, raw_name) in self._meanings:
            return [(feed, raw_name)]
        slug = {"epoch": "epoch-models"}.get(feed, feed)
        spaces = self._namespaces.get(slug, set()) if "/" not in slug else set()
        found = [(space, raw_name) for space in sorted(spaces) if (space, raw_name) in self._meanings]
        provider, _, rest = raw_name.partition("/")
        if not found and (f"{slug}/{provider}", rest) in self._meanings:
            found = [(f"{slug}/{provider}", rest)]
        return found

    def _in(self, namespace: str, raw_name: str, moment: datetime | None) -> int | None:
        meanings = self._meanings[namespace, raw_name]
        if moment is not None:
            return next((meaning.version_id for meaning in meanings if meaning.holds_at(moment)), None)
        only = meanings[0] if len(meanings) == 1 else None
        # A beginning without an end is a name that meant something else before: without a date it stays open.
        return only.version_id if only and only.since is None and only.until is None else None


class _Labels:
    """The versions that a label may mean."""

    def __init__(self) -> None:
        self._by_slug: dict[str, set[int]] = defaultdict(set)
        self._slugs: dict[int, str] = {}
        self._people: dict[str, set[int]] = defaultdict(set)
        models: dict[str, set[int]] = defaultdict(set)
        self._dates: dict[str, set[str]] = {}
        columns = ("announced_on", "api_on", "weights_on", "snapshot_on")
        for pk, slug, model, *days in ModelVersion.objects.order_by().values_list(
            "pk", "slug", "model__slug", *columns
        ):
            self._by_slug[slug].add(pk)
            self._slugs[pk] = slug
            self._dates[slug] = {day.strftime("%Y%m%d") for day in days if day}
            models[model].add(pk)
        self._models = models
        people = Alias.objects.filter(namespace=PEOPLE, status=Alias.Status.ACCEPTED).order_by()
        for raw_name, pk in people.values_list("raw_name", "version_id"):
            if pk:
                self._people[raw_name.lower()].add(pk)

    def slug(self, version_id: int) -> str:
        return self._slugs[version_id]

    def versions(self, label: str) -> set[int]:
        """The versions of a slug, a model slug or ``developer/slug@date``; none when the catalog has none."""
        if label in self._by_slug or label in self._models:
            return self._by_slug.get(label) or self._models[label]
        if label.lower() in self._people:
            return self._people[label.lower()]
        name, _, date = label.rpartition("/")[2].lower().partition("@")
        digits = date.replace("-", "")
        day = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 else digits
        for bare in _spellings(name):
            for slug in (f"{bare}-{slugify(date)}", f"{bare}-{digits}", f"{bare}-{day}") if date else (bare,):
                if slug in self._by_slug:
                    return self._by_slug[slug]
            # A version under its bare slug is meant only by a label of one of its own days.
            if digits in self._dates.get(bare, ()):
                return self._by_slug[bare]
        only = self._models.get(slugify(name.replace(".", "-")), set()) if not date else set()
        return only if len(only) == 1 else set()


def _spellings(name: str) -> Iterable[str]:
    slug = slugify(name.replace(".", "-"))
    yield from dict.fromkeys((slug, *(slug.removesuffix(ending) for ending in ("-instruct", "-it", "-chat"))))


def _moment(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise BadFact(f"{text!r} in the column on is not a day such as 2025-02-08.") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
