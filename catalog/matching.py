"""What a feed's unknown name may mean: candidates for a person to decide on. Nothing here writes or decides.

Measured on 557 labelled names: dropping dates and "-instruct" to make names meet gives a precision of 0.51, and even
lower case with one separator merges DeepSeek's moving alias with V3. So a likeness is only ever a proposal, and any
token of ``VETO`` by which two names differ keeps it from more than that.
"""

import re
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from catalog.models import Alias, ModelVersion

# Words that make another model of the same family. Numbers, dates and sizes do so too.
VETO = frozenset(
    {
        *("mini", "nano", "pro", "turbo", "lite", "flash", "air", "max", "fast", "instant", "base", "distill"),
        *("thinking", "preview", "exp", "coder", "codex", "vl", "vision", "audio", "image", "live", "tts", "realtime"),
        *("search", "chat", "guard", "safeguard", "speciale"),
    }
)
# Words about how weights are served or set, not about which they are.
SERVING = frozenset(
    {
        *("instruct", "it", "hf", "fp8", "bf16", "fp16", "int8", "int4", "awq", "gptq", "maas", "tput", "tee", "v1"),
        *("high", "low", "medium", "xhigh", "minimal", "effort", "free", "exacto", "latest", "nothinking"),
        *("diff", "whole"),
    }
)
LEAST_SCORE = 0.5
_SEPARATORS = re.compile(r"[\s._@,()+-]+")
_BEDROCK_SUFFIX = re.compile(r"-v\d+:\d+$")
_PLACES = re.compile(r"^(?:(?:us|eu|apac|au|jp|ca|global|regional)\.)?(?:[a-z0-9]+)\.(?=[a-z])")
_DATE = re.compile(r"\b(20\d\d)-(\d\d)-(\d\d)\b")
_DIGIT_P_DIGIT = re.compile(r"(?<=\d)p(?=\d)")


def normalise(raw_name: str) -> str:
    """The name in lower case with one separator, without the path before it and the ``:variant`` after it."""
    name = _BEDROCK_SUFFIX.sub("", raw_name.strip().lower())
    name = name.rpartition("/")[2].partition(":")[0]
    name = _DIGIT_P_DIGIT.sub("-", _PLACES.sub("", name))
    return _SEPARATORS.sub("-", name).strip("-")


def tokens(raw_name: str) -> frozenset[str]:
    """The words of a name that say which weights are meant; words about serving and settings are left out."""
    return frozenset(_DATE.sub(r"\1\2\3", normalise(raw_name)).split("-")) - SERVING


def vetoes(raw_name: str, other: str) -> list[str]:
    """The tokens by which two names differ and that forbid taking one for the other without a person."""
    return sorted(
        token for token in tokens(raw_name) ^ tokens(other) if token in VETO or any(c.isdigit() for c in token)
    )


class Match(NamedTuple):
    """A version that a name may mean, how sure that is from 0 to 1, and why, in words."""

    version_id: int
    score: float
    method: str
    reasons: tuple[str, ...]


@dataclass(slots=True)
class _Candidate:
    version_id: int
    name: str
    developer_id: int
    spellings: dict[frozenset[str], str] = field(default_factory=dict)


class Matcher:
    """Every version under every name it is known by, read with two queries and asked as often as needed."""

    def __init__(self) -> None:
        self._candidates: dict[int, _Candidate] = {}
        self._by_spelling: dict[str, set[int]] = defaultdict(set)
        self._by_family: dict[str, set[int]] = defaultdict(set)
        self._by_link: dict[str, set[int]] = defaultdict(set)
        rows = ModelVersion.objects.order_by().values_list("pk", "slug", "name", "model__developer_id")
        for pk, slug, name, developer_id in rows:
            self._candidates[pk] = _Candidate(pk, name, developer_id)
            for spelling in (slug, name):
                self._learn(pk, spelling)
        aliases = Alias.objects.filter(
            status=Alias.Status.ACCEPTED, target=Alias.Target.VERSION, valid_from__isnull=True, valid_to__isnull=True
        ).order_by()
        for namespace, raw_name, version_id in aliases.values_list("namespace", "raw_name", "version_id"):
            if version_id in self._candidates:
                self._learn(version_id, raw_name)
                if namespace == "hf-hub":
                    self._by_link[raw_name.casefold()].add(version_id)

    def _learn(self, version_id: int, spelling: str) -> None:
        known = normalise(spelling)
        if not known:
            return
        self._candidates[version_id].spellings.setdefault(tokens(known), known)
        self._by_spelling[known].add(version_id)
        if family := _family(known):
            self._by_family[family].add(version_id)

    def name_of(self, version_id: int) -> str:
        return self._candidates[version_id].name

    def repository(self, repository_id: str) -> int | None:
        """The version whose weights are in this Hugging Face repository, by an accepted alias; None when unknown."""
        found = self._by_link.get(repository_id.strip().casefold(), set())
        return next(iter(found)) if len(found) == 1 else None

    def spelled(self, raw_name: str) -> int | None:
        """The one version known by exactly this spelling, once written alike; None for none or several."""
        found = self._by_spelling.get(normalise(raw_name), set())
        return next(iter(found)) if len(found) == 1 else None

    def best(self, raw_name: str) -> Match | None:
        """The likeliest version by spelling alone, or None when nothing of the same developer comes near."""
        spelling = normalise(raw_name)
        if (version_id := self.spelled(raw_name)) is not None:
            reason = f"written alike, this is a name of {self.name_of(version_id)} elsewhere"
            return Match(version_id, 0.9, "same spelling", (reason,))
        own = tokens(raw_name)
        families = {family for token in own if (family := _family(token)) in self._by_family}
        best: Match | None = None
        for version_id in sorted({pk for family in families for pk in self._by_family[family]}):
            candidate = self._candidates[version_id]
            for theirs, known in candidate.spellings.items():
                score = 0.85 * len(own & theirs) / len(own | theirs)
                if score >= LEAST_SCORE and (best is None or score > best.score):
                    best = Match(version_id, round(score, 3), "shared words", self._differences(spelling, known))
        return best

    def _differences(self, spelling: str, known: str) -> tuple[str, ...]:
        only_here, only_there = tokens(spelling) - tokens(known), tokens(known) - tokens(spelling)
        reasons = [f"nearest known spelling: {known}"]
        if only_here:
            reasons.append(f"only in the feed's name: {', '.join(sorted(only_here))}")
        if only_there:
            reasons.append(f"only in the known name: {', '.join(sorted(only_there))}")
        if forbidding := vetoes(spelling, known):
            reasons.append(f"such words usually mean another model: {', '.join(forbidding)}")
        return tuple(reasons)


def _family(spelling: str) -> str:
    """The word that opens a family of names: llama of llama-3-1-8b and of llama3; o1 stays whole."""
    first = spelling.partition("-")[0]
    letters = re.match(r"[a-z]*", first)
    return letters.group() if letters and len(letters.group()) >= 3 else first
