"""How the comparison, price, trend and source pages write what only they show."""

from datetime import datetime
from typing import Any

from django import template
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode
from django.utils.safestring import SafeString
from django.utils.text import slugify

from catalog.models import Claim, Price, Score
from dashboard import formats
from dashboard.answer import Comparison
from dashboard.axis import CapabilityAxis
from dashboard.charts.text import clean_text
from dashboard.lineup import Entrant
from dashboard.metrics_help import METRICS
from dashboard.shared_results import SharedBenchmark
from dashboard.templatetags.dashboard import UNKNOWN, conditions, source_link
from evals.schedule_times import words

register = template.Library()


@register.filter
def dash(text: str) -> str:
    """Text that is already written for readers; the dash of the unknown gets its spoken form."""
    return UNKNOWN if text == formats.UNKNOWN else clean_text(text, longest=None)


@register.filter
def gap(pair: Comparison, axis: CapabilityAxis) -> str:
    """A signed distance in the unit of the axis: +1.1, −4.2 points."""
    value = axis.gap(pair.first.value, pair.second.value)
    size = f"{abs(value):.1f} points" if axis.is_share else f"{abs(value):.1f}"
    return f"{formats.MINUS if value < 0 else '+'}{size}"


@register.filter
def signed_percent(share: float | None) -> str:
    """+4.2 points, the difference of two shares."""
    if share is None:
        return UNKNOWN
    return f"{formats.MINUS if share < 0 else '+'}{abs(share) * 100:.1f} points"


@register.filter
def change(share: Any) -> str:
    """A relative change: +93%, −80%, and above tenfold 12×."""
    if share is None:
        return UNKNOWN
    value = float(share)
    if value == 0:
        return "0%"
    if value >= 9:
        return formats.times(value + 1)
    return f"{formats.MINUS if value < 0 else '+'}{abs(value) * 100:.{0 if abs(value) >= 0.0995 else 1}f}%"


@register.filter
def p_value(value: float | None) -> str:
    """0.031; very small ones as a bound, since the last digits mean nothing."""
    if value is None:
        return UNKNOWN
    return "under 0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


@register.simple_tag
def score_cell(line: SharedBenchmark, entrant: Entrant) -> SafeString | str:
    """A score with who measured it, linked to the source."""
    score = line.scores.get(entrant.version.pk)
    if score is None:
        return UNKNOWN
    value = formats.percent(score.value) if line.is_share else f"{score.value:,.1f}"
    return format_html('{} <small class="how">{}</small>', value, source_link(score.source, _measurer(score)))


def _measurer(score: Score) -> str:
    name = score.measured_by.name if score.measured_by else score.source.publisher
    return f"{name}, own result" if score.self_reported else name


@register.filter
def component(name: str) -> str:
    """cached_input becomes cached input."""
    return name.replace("_", " ")


@register.simple_tag(takes_context=True)
def page_address(context: dict[str, Any], number: int) -> str:
    """The present address at another page; parameters that stand several times all stay."""
    values = context["request"].GET.copy()
    values["page"] = str(number)
    return f"?{values.urlencode(safe=':')}"


@register.filter
def slug_of(key: str) -> str:
    """A key as the id of an element."""
    return slugify(key.replace(":", "-"))


@register.filter
def slot_words(moment: datetime) -> str:
    """Monday 30 November 2026, 06:00 CET (05:00 UTC)."""
    return words(moment)


@register.filter
def mtok(value: Any) -> str:
    """Million tokens as tokens: 16.2T."""
    return UNKNOWN if value is None else formats.short(value * 1_000_000)


@register.simple_tag(takes_context=True)
def report_link(context: dict[str, Any], about: Price | Score | Claim, version: str) -> SafeString:
    """A link to the form for reporting a wrong number, filled in with whose and which it is, and its unit."""
    name, shown = _named(about)
    # An editor finds the row by its number.
    number = clean_text(f"{name} of {version}"[:260], None) + f" ({about._meta.verbose_name} {about.pk})"
    query = urlencode({"page": context["request"].path, "about": number, "shown": clean_text(shown[:120], None)})
    return format_html(
        '<a class="report" href="{}?{}" rel="nofollow" title="Report a wrong number: {}">wrong?</a>',
        reverse("dashboard:report"),
        query,
        number,
    )


def _named(about: Price | Score | Claim) -> tuple[str, str]:
    """What a number is, and the number with its unit: "MMLU", "59.4 %"."""
    if isinstance(about, Price):
        usd = formats.UNKNOWN if about.usd_per_mtok is None else f"{formats.usd(about.usd_per_mtok)} per 1M tokens"
        terms = conditions(about)
        listed = "" if terms == "list price" else f" ({terms})"
        return f"{about.get_component_display()} price{listed} by {about.offering.provider.name}", usd
    if isinstance(about, Score):
        unit = {"percent": "%", "fraction": "as a share from 0 to 1"}.get(about.original_unit, about.original_unit)
        return str(about.benchmark), f"{about.original_value} {unit}".strip()
    return about.get_attribute_display(), f"{about.value} {about.unit}".strip()


@register.simple_tag
def about(metric: str, where: str = "") -> SafeString:
    """The "i" beside a metric's name: a button that opens what it measures, without script.

    ``where`` keeps the id apart if a page shows the same metric twice.

    :raises KeyError: a metric that :data:`dashboard.metrics_help.METRICS` does not have.
    """
    found = METRICS[metric]
    return format_html(
        '<button class="explain" type="button" popovertarget="{id}" aria-label="About: {name}">i</button>'
        '<span class="explained" popover id="{id}" role="note"><b>{name}</b> {text} '
        '<a href="{method}#{anchor}">How it is computed</a></span>',
        id=f"about-{metric}{'-' if where else ''}{where}",
        name=found.name,
        text=found.text,
        method=reverse("dashboard:method"),
        anchor=found.anchor,
    )


@register.simple_tag(takes_context=True)
def table_files(context: dict[str, Any], name: str) -> SafeString:
    """Links to one table of the page as CSV and JSON.

    :raises KeyError: a table that the page's exhibit does not have.
    """
    files = context["shared"].table_files[name]
    return format_html(
        '<span class="files" data-share><a href="{}" download aria-label="{label} as CSV">CSV</a> '
        '<a href="{}" aria-label="{label} as JSON">JSON</a></span>',
        files.csv,
        files.json,
        label=f"Table of {name}",
    )
