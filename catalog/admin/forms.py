"""Entry forms: a reason for every changed number, a source with its address and day for every fact."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any

from django import forms
from django.contrib.admin.widgets import AdminDateWidget
from django.core.exceptions import ValidationError
from django.db.models import DecimalField, Field, FloatField, IntegerField
from django.forms.models import BaseInlineFormSet
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from catalog import audit
from catalog.models import Price, Source
from catalog.selectors.price_checks import PriceNeighbours, jump
from catalog.selectors.source_hints import source_hint
from catalog.services.prices import jump_words, overlap_sentence

# Numbers that are kept as text, because a source's own digits matter, and numbers that only put rows in order.
TEXT_NUMBERS = {"catalog.claim": {"value"}, "catalog.score": {"original_value"}}
NO_FACTS = {"position", "rank"}


def is_number(field: "Field[Any, Any]") -> bool:
    """Whether a change of this field is a change of a number that somebody may rest on."""
    if field.name in TEXT_NUMBERS.get(field.model._meta.label_lower, ()):
        return True
    is_numeric = isinstance(field, DecimalField | FloatField | IntegerField)
    return is_numeric and not field.primary_key and not field.is_relation and field.name not in NO_FACTS


class DayAndTime(forms.SplitDateTimeField):
    """A moment; a day without a time is its first moment in UTC, as in imported files."""

    def compress(self, data_list: Any) -> datetime | None:
        if data_list and data_list[0] not in self.empty_values and data_list[1] in self.empty_values:
            data_list = [data_list[0], time(0)]
        return super().compress(data_list)


class EntryForm(forms.ModelForm):  # type: ignore[type-arg]
    """Any row of the catalog. Changing a number asks why."""

    reason = forms.CharField(
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        label="Reason",
        help_text="Kept in the history. Needed when a recorded number changes.",
    )

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        reason = (cleaned.get("reason") or "").strip()
        self.instance.change_reason = reason
        if not reason and (change := changed_number(self)):
            self.add_error("reason", f"Say why the {change}. The reason stays in the history.")
        return cleaned


class FactForm(EntryForm):
    """A fact: it names a source with a day of retrieval, or the address of one that is made from what is known."""

    source_url = forms.URLField(
        required=False,
        max_length=1000,
        assume_scheme="https",
        label="Address",
        widget=forms.URLInput(attrs={"class": "vURLField"}),
    )
    retrieved_on = forms.DateField(required=False, label="Read on", widget=AdminDateWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "source" in self.fields:
            self.fields["source"].required = False  # an address does as well; clean() asks for one of the two

    def _get_validation_exclusions(self) -> set[str]:
        # A source that the form makes has no number yet, and the model would call that missing; clean() has judged it.
        excluded: set[str] = super()._get_validation_exclusions()  # type: ignore[misc]
        return excluded | {"source"}

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if "source" not in self.fields or "source" in self.errors or "source_url" in self.errors:
            return cleaned
        try:
            cleaned["source"] = chosen_source(
                cleaned.get("source"), cleaned.get("source_url") or "", cleaned.get("retrieved_on")
            )
        except ValidationError as error:
            self.add_error("source", error)
        return cleaned


def chosen_source(source: Source | None, url: str, retrieved_on: date | None) -> Source:
    """The source chosen or pasted, with its day; one that is new is not saved yet.

    :raises ValidationError: in words, when there is none, when nothing is known about its host, or when its day is not.
    """
    retrieved_at = datetime.combine(retrieved_on, time(0), UTC) if retrieved_on else None
    if source is None and url:
        hint = source_hint(url)
        if hint.source is None and not hint.publisher:
            add = f"{reverse('admin:catalog_source_add')}?{urlencode({'url': url})}"
            raise ValidationError(
                format_html(
                    'No source of this host is known yet, so its publisher is not. <a href="{}">Add it as a source</a>,'
                    " then choose it here.",
                    add,
                )
            )
        source = hint.source or Source(url=url, publisher=hint.publisher, kind=hint.kind, licence=hint.licence)
    if source is None:
        raise ValidationError(
            "Every fact needs a source. Choose one, or paste its address under “Address”.", code="required"
        )
    if source.retrieved_at is None and retrieved_at is None:
        raise ValidationError(
            f"It is not known when {source} was read. Give the day in “Read on”.", code="retrieved_on"
        )
    if retrieved_at and (source.retrieved_at is None or source.retrieved_at < retrieved_at):
        source.retrieved_at = retrieved_at
        source.is_newly_read = True  # type: ignore[attr-defined]
    return source


def changed_number(form: "forms.ModelForm[Any]") -> str:
    """The first recorded number that the form changes, in words: "price changes from 1 to 2"; or an empty text."""
    if not form.instance.pk:
        return ""
    for name in form.changed_data:
        field = next((each for each in form._meta.model._meta.concrete_fields if each.name == name), None)
        if field is None or not is_number(field) or (old := form.initial.get(name)) in (None, ""):
            continue
        new = form.cleaned_data.get(name)
        if name in form.cleaned_data and audit.plain(field, old) != audit.plain(field, new):
            return f"{field.verbose_name} changes from {_text(old)} to {_text(new)}"
    return ""


def _text(value: Any) -> str:
    if value is None or value == "":
        return "unknown"
    return f"{value.normalize():f}" if isinstance(value, Decimal) else str(value)


def check_price(form: "forms.ModelForm[Any]", neighbours: PriceNeighbours, *, reason: str, reason_field: str) -> None:
    """Add what is wrong with the price of a valid form: an overlap, or a jump that nobody explains."""
    price: Price = form.instance
    if price.source_id is None and "source" in form.cleaned_data:
        price.source = form.cleaned_data["source"]
    if form.has_changed() and (clash := neighbours.overlaps(price)):
        form.add_error(
            "effective_from",
            ValidationError(
                format_html(
                    '{} <a href="{}">Open it</a>.',
                    overlap_sentence(clash),
                    reverse("admin:catalog_price_change", args=[clash.pk]),
                )
                if clash.pk
                else overlap_sentence(clash)
            ),
        )
    if "usd_per_mtok" in form.changed_data and not reason and (sentence := jump_sentence(price, neighbours)):
        form.add_error(reason_field, sentence)


def jump_sentence(price: Price, neighbours: PriceNeighbours) -> str:
    """What to say about a price that is more than ten times the last one or less than a tenth; or an empty text."""
    last = neighbours.last(price)
    ratio = jump(last.usd_per_mtok, price.usd_per_mtok) if last else None
    if last is None or ratio is None:
        return ""
    return f"{jump_words(price, last, ratio)} Prices are per million tokens. Correct it, or say why under “Reason”."


class PriceForm(FactForm):
    class Meta:
        model = Price
        fields = "__all__"  # noqa: DJ007  the admin chooses

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if (usd := self.initial.get("usd_per_mtok")) is not None:
            self.initial["usd_per_mtok"] = f"{Decimal(usd).normalize():f}"  # 0.27, not 0.270000000000

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not self.errors and self.instance.offering_id:
            neighbours = PriceNeighbours([self.instance.offering_id])
            check_price(self, neighbours, reason=self.instance.change_reason, reason_field="reason")


class EntryFormSet(BaseInlineFormSet):  # type: ignore[type-arg]
    """Rows edited below their parent. The parent's reason counts for them."""

    def clean(self) -> None:
        super().clean()
        if getattr(self.instance, "change_reason", ""):
            return
        for form in self.forms:
            if form.is_valid() and (change := changed_number(form)):
                raise ValidationError(f"Say under “Reason” why the {change}. The reason stays in the history.")


class PriceFormSet(EntryFormSet):
    def clean(self) -> None:
        super().clean()
        neighbours = PriceNeighbours([self.instance.pk] if self.instance.pk else [])
        reason = getattr(self.instance, "change_reason", "")
        filled = [form for form in self.forms if form.is_valid() and form.has_changed()]
        kept = [form for form in filled if not form.cleaned_data.get("DELETE")]
        for form in sorted(kept, key=lambda each: str(each.instance.effective_from)):
            if form.instance.source_id is not None:
                check_price(form, neighbours, reason=reason, reason_field="usd_per_mtok")
                if form.instance.pk is None:
                    if closed := neighbours.closes(form.instance):
                        closed.effective_to = form.instance.effective_from
                    neighbours.add(form.instance)
