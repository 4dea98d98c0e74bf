"""One point of the frontier page, with what is known about it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from catalog.models import ModelVersion, Offering, Source
from catalog.selectors.capabilities import Capability
from catalog.selectors.models import version_words
from catalog.selectors.prices import OfferingPrice, PriceInForce, VersionPrice
from catalog.selectors.sales import EndOfSale
from dashboard import formats
from dashboard.charts import theme
from dashboard.measured_costs import MeasuredCost

LIKELY = 0.8
POSSIBLE = 0.2


@dataclass(frozen=True, slots=True)
class FrontierRow:
    """One model, or one setting of it, as the visitor's assumptions show it. None is unknown.

    ``cost``           USD on the x axis: the blended list price, or the measured cost of a solved task
    ``variant``        the reasoning effort, where several settings are points of their own
    ``withdrawn_on``   since when it is not sold any more; its price is then the last known one
    ``is_retired``     withdrawn as its seller says, which was read at ``end_source``; not only missing from a list
    ``superseded_by``  the name of the newer version that stands for the model
    ``is_usual``       its version is the one that stands for the model on the other pages
    ``offers``         what its price was chosen from, for the price of another mix
    ``by_developer``   its developer sells it on the day, whoever's price is shown
    ``left_by``        "no longer sold by Google", its developer; empty where that sells it or never did
    ``ends``           "ends 11 Dec 2026 at OpenAI", as far as it was known on the day

    What is withdrawn or superseded is never on the frontier. A premium may be ``math.inf``.
    """

    version: ModelVersion
    price: VersionPrice | None
    capability: Capability | None
    cost: Decimal | None = None
    measured: MeasuredCost | None = None
    variant: str = ""
    withdrawn_on: date | None = None
    is_retired: bool = False
    end_source: Source | None = None
    superseded_by: str = ""
    is_usual: bool = True
    by_developer: bool = False
    left_by: str = ""
    ends: str = ""
    offers: tuple[OfferingPrice, ...] = ()
    on_frontier: bool | None = None
    frontier_probability: float | None = None
    price_premium: float | None = None
    premium_set_by: str | None = None
    premium_set_by_name: str | None = None

    @property
    def slug(self) -> str:
        return self.version.model.slug

    @property
    def id(self) -> str:
        """Tells points apart: one model may have several. A version may be called what another model is."""
        if self.variant:
            return f"{self.version.slug}~{self.variant}"
        return f"{self.slug}@{self.version.slug}" if self.superseded_by else self.slug

    @property
    def name(self) -> str:
        """The model, its version where it is not the usual one, and its setting: "GPT-5 (high)"."""
        if self.superseded_by:
            name = self.version.name
        else:
            name = self.version.model.name if self.is_usual else version_words(self.version)
        return f"{name} ({self.variant})" if self.variant else name

    @property
    def key(self) -> str:
        """The entry of the chart's key it belongs to: a developer with a colour of its own, or "other"."""
        return theme.colour_name(self.version.model.developer.slug)

    @property
    def developer(self) -> str:
        return self.version.model.developer.name

    @property
    def usd_per_mtok(self) -> Decimal | None:
        """The blended list price, whatever the x axis shows."""
        return self.price.usd_per_mtok if self.price else None

    @property
    def value(self) -> float | None:
        return self.capability.value if self.capability else None

    @property
    def is_complete(self) -> bool:
        return self.cost is not None and self.value is not None

    @property
    def is_past(self) -> bool:
        """Drawn pale, beside the frontier."""
        return self.withdrawn_on is not None or bool(self.superseded_by)

    @property
    def end(self) -> EndOfSale | None:
        """How its sale ended."""
        return EndOfSale(self.withdrawn_on, self.is_retired, self.end_source) if self.withdrawn_on else None

    @property
    def past_words(self) -> str:
        """ "withdrawn on 28 Oct 2025", "not listed since ...", "superseded by ..."; empty for what is on sale."""
        if self.end:
            return self.end.words
        return f"superseded by {self.superseded_by}" if self.superseded_by else ""

    @property
    def offering(self) -> Offering | None:
        """The one whose price is shown."""
        return self.price.offering_price.offering if self.price and self.price.offering_price else None

    @property
    def is_of_others(self) -> bool:
        """Whether the shown price is asked by somebody who did not develop the model."""
        return self.offering is not None and not self.offering.is_first_party

    @property
    def price_words(self) -> str:
        """Whose price is shown and why: "OpenRouter, median of 5 providers", "OpenAI, the developer's own price"."""
        if self.price is None:
            return ""
        return ", ".join(filter(None, (self.price.provider, self.price.policy_note)))

    @property
    def sale_words(self) -> str:
        """What a buyer has to know: ``past_words``, else ``ends``, else ``left_by``; or nothing."""
        return self.past_words or self.ends or self.left_by

    @property
    def is_provisional(self) -> bool:
        return self.capability is not None and self.capability.status == "provisional"

    @property
    def components(self) -> dict[str, PriceInForce]:
        """The prices behind the blended one; empty where it is a median over providers."""
        return self.price.offering_price.components if self.price and self.price.offering_price else {}

    def component_usd(self, name: str) -> Decimal | None:
        found = self.components.get(name)
        return found.usd_per_mtok if found else None

    @property
    def is_cached_assumed(self) -> bool:
        """Whether the list price rests on the price of input where none of cached input is known."""
        return self.measured is None and self.price is not None and "cached_input" in self.price.assumed

    @property
    def is_anchor(self) -> bool:
        """Whether its level is fixed by definition, so that it has no interval."""
        found = self.capability
        return found is not None and found.status == "ranked" and found.low is None

    @property
    def input_usd(self) -> Decimal | None:
        return self.component_usd("input")

    @property
    def output_usd(self) -> Decimal | None:
        return self.component_usd("output")

    @property
    def price_sources(self) -> list[Source]:
        return unique(found.source for found in self.components.values())

    @property
    def read_at(self) -> datetime | None:
        """The newest reading of one of its prices."""
        return max((at for found in self.components.values() if (at := found.read_at)), default=None)

    @property
    def sources(self) -> list[Source]:
        ends = [self.end_source] if self.end_source else []
        return unique([*self.price_sources, *(self.capability.sources if self.capability else []), *ends])

    @property
    def price_since(self) -> date | None:
        """The latest day on which one of the components began to apply or was first seen."""
        return self._newest_start[0]

    @property
    def since_words(self) -> str:
        """ "since 8 Feb 2025", or "seen since ..." where no source states when the price began; empty if unknown."""
        day, stated = self._newest_start
        return "" if day is None else f"{'since' if stated else 'seen since'} {formats.day(day)}"

    @property
    def _newest_start(self) -> tuple[date | None, bool]:
        starts = [
            (begun.date(), found.effective_from is not None)
            for found in self.components.values()
            if (begun := found.effective_from or found.observed_from)
        ]
        return max(starts, key=lambda start: (start[0], not start[1])) if starts else (None, False)

    @property
    def standing(self) -> str:
        """ "likely", "possible" or nothing: how sure the place on the frontier is (limits as in docs/metrics.md)."""
        share = self.frontier_probability
        if share is None or share < POSSIBLE:
            return ""
        return "likely" if share >= LIKELY else "possible"


def unique(sources: Iterable[Source]) -> list[Source]:
    return list({source.pk: source for source in sources}.values())
