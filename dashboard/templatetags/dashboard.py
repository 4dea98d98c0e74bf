"""How templates write numbers. Unknown becomes a dash that a screen reader calls unknown."""

from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from catalog.models import ModelVersion, Price, Score, Source
from dashboard import formats
from dashboard.charts import theme
from dashboard.charts.text import clean_text
from dashboard.dossier import score_setting
from evals.models import RunSample
from evals.scorers.constraints import target_trouble
from evals.scorers.in_words import instructions, rule_of, target_words

register = template.Library()

UNKNOWN = mark_safe('<span class="unknown" aria-hidden="true">–</span><span class="sr">unknown</span>')


def _number(write: Callable[[Any], str]) -> Callable[[Any], str]:
    def written(value: Any) -> str:
        return UNKNOWN if value is None or value == "" else write(value)

    return written


register.filter("usd", _number(formats.usd))
register.filter("usd_short", _number(formats.usd_short))
register.filter("short", _number(formats.short))
register.filter("times", _number(formats.times))
register.filter("percent", _number(formats.percent))
register.filter("duration", _number(formats.duration))
register.filter("no_interval", formats.no_interval)
register.filter("whole", _number(lambda value: f"{value:,.0f}"))
register.filter("tenth", _number(lambda value: f"{value:,.1f}"))


@register.filter
def exact(value: Decimal | float | None) -> str:
    """For data attributes; empty where unknown, so that sorting puts it last."""
    return formats.exact(value)


@register.filter
def or_unknown(value: object) -> object:
    return UNKNOWN if value is None or value == "" else value


@register.filter
def plain(text: object) -> str:
    """A name on one line without control and direction characters."""
    return clean_text(str(text), longest=None)


@register.filter
def day(value: date | datetime | None) -> str:
    """<time> with the ISO date behind the one people read."""
    if value is None:
        return UNKNOWN
    if isinstance(value, datetime):
        value = value.date()
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.day(value))


@register.filter
def moment(value: datetime | None) -> str:
    """Date and time in UTC; the browser adds the local time as a tooltip."""
    if value is None:
        return UNKNOWN
    text = f"{formats.day(value.date())}, {value:%H:%M} UTC"
    return format_html('<time datetime="{}" data-local>{}</time>', value.isoformat(timespec="seconds"), text)


@register.filter
def axis_text(value: float | None, axis: Any) -> str:
    return UNKNOWN if value is None else axis.text(value)


@register.simple_tag
def dot(version: ModelVersion) -> SafeString:
    """The mark that stands for a model on every chart."""
    shape = {True: " open", False: "", None: " unclear"}[version.open_weights]
    return format_html(
        '<i class="dot c-{}{}" aria-hidden="true"></i>', theme.colour_name(version.model.developer.slug), shape
    )


@register.simple_tag
def source_link(source: Source | None, text: str = "") -> str:
    """A link to where a number was read. Only web addresses and pages of this site become links."""
    if source is None:
        return UNKNOWN
    label = clean_text(text or source.publisher)
    read = source.title or source.url
    if source.retrieved_at:
        read += f", read on {formats.day(source.retrieved_at.date())}"
    elif source.published_on:
        read += f", published on {formats.day(source.published_on)}"
    if source.url.startswith(("https://", "http://", "/")) and not source.url.startswith("//"):
        return format_html('<a href="{}" title="{}" rel="noopener">{}</a>', source.url, clean_text(read, 300), label)
    return format_html('<span title="{}">{}</span>', clean_text(read, 300), label)


@register.simple_tag(takes_context=True)
def query_with(context: dict[str, Any], **changes: object) -> str:
    """The present query string with some values changed; an empty value drops the parameter."""
    values = context["request"].GET.dict() | {name: str(value) for name, value in changes.items()}
    kept = {name: value for name, value in values.items() if value}
    return f"?{urlencode(kept)}" if kept else "?"


@register.filter
def chance(share: float | None) -> str:
    return UNKNOWN if share is None else formats.chance(share)


@register.filter
def ratio(value: float | None) -> str:
    """Two decimals: 11.06×."""
    return UNKNOWN if value is None else f"{value:,.2f}×"


@register.filter
def flop(value: float | None) -> str:
    """3.3e24 FLOP."""
    return UNKNOWN if value is None else f"{value:.2e} FLOP".replace("e+", "e")


@register.filter
def conditions(price: Price) -> str:
    """What must hold for a price to apply, in words; "list price" where nothing must."""
    parts = [
        price.get_service_class_display() if price.service_class != Price.ServiceClass.STANDARD else "",
        f"from {price.min_input_tokens:,} input tokens" if price.min_input_tokens else "",
        f"{price.utc_from:%H:%M} to {price.utc_to:%H:%M} UTC" if price.utc_from and price.utc_to else "",
        formats.weekdays(price.weekdays),
        f"region {price.offering.region}" if price.offering.region else "",
        "announced" if price.announced else "",
    ]
    return clean_text(", ".join(filter(None, parts)) or "list price")


@register.filter
def setting(score: Score) -> str:
    """In which configuration a score was measured."""
    return clean_text(score_setting(score), 300)


STATE_CLASSES = {
    "finished": "is-good",
    "failed": "is-bad",
    "capped": "is-warn",
    "decided": "is-good",
    "cancelled": "is-plain",
}
OUTCOME_CLASSES = {"correct": "is-good", "incorrect": "is-bad", "unscored": "is-warn"}


@register.filter
def words(name: str) -> str:
    """A name from the code as words: "cached_input" becomes "cached input"."""
    return name.replace("_", " ")


@register.filter
def right_is(target: Any, scorer: str) -> str:
    """What a reply has to be: the target with the rule of its scorer in words."""
    if scorer == "constraints" and not target_trouble(target):
        return f"The reply has to {instructions(target)}."
    return format_html("{}: <code>{}</code>", rule_of(scorer, target), target_words(target))


@register.filter
def state_class(state: str) -> str:
    return STATE_CLASSES.get(state, "")


@register.filter
def outcome_class(sample: RunSample) -> str:
    return OUTCOME_CLASSES.get(sample.outcome, "is-warn" if sample.state == RunSample.State.FAILED else "is-plain")
