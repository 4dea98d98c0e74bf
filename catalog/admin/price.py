from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.http import HttpRequest
from django.urls import reverse

from catalog.admin.base import FactAdmin
from catalog.admin.columns import cut, day
from catalog.admin.exporting import Exporting
from catalog.admin.forms import PriceForm
from catalog.admin.queues import SellerFilter
from catalog.models import Price
from catalog.selectors.price_checks import PriceNeighbours
from catalog.services.prices import record_price, usd

PRICE_FIELDS = (
    ("component", "usd_per_mtok", "service_class"),
    ("effective_from", "effective_to", "announced"),
    ("observed_from", "last_seen", "absent_since"),
    ("min_input_tokens", "tier_scope"),
    ("utc_from", "utc_to", "weekdays"),
    ("source", "confidence"),
    "note",
)
# Where the pages would put the model with the price that is being typed; registered by whoever draws them.
PREVIEWS: list[Callable[[Price], str]] = []


@admin.register(Price)
class PriceAdmin(Exporting, FactAdmin):
    """Corrections and single entries; price lists are entered with their offering."""

    form = PriceForm
    list_display = ["named", "usd", "what", "seller", "when", "publisher", "sure"]
    list_filter = ["component", "service_class", "announced", "confidence", ("offering__provider", SellerFilter)]
    list_select_related = ("offering__provider", "offering__version__model", "source")
    search_fields = [
        *("offering__provider_model_id", "offering__version__name", "offering__provider__name"),
        *("offering__version__slug", "offering__version__model__slug"),
    ]
    date_hierarchy = "effective_from"
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "offering",
                    ("component", "usd_per_mtok"),
                    ("effective_from", "effective_to"),
                    ("source", "confidence"),
                    "note",
                )
            },
        ),
        (
            "Conditions: when and for whom it holds",
            {
                "classes": ["collapse"],
                "fields": (
                    ("service_class", "announced"),
                    ("min_input_tokens", "tier_scope"),
                    ("utc_from", "utc_to", "weekdays"),
                ),
            },
        ),
        (
            "Seen by a feed",
            {"classes": ["collapse"], "fields": (("observed_from", "last_seen", "absent_since"),)},
        ),
    )
    actions = ["edit_field", "export_csv", "export_xlsx"]

    @admin.display(description="model", ordering="offering__version__name")
    def named(self, price: Price) -> str:
        return cut(price.offering.version, price.offering)

    @admin.display(description="USD per million", ordering="usd_per_mtok")
    def usd(self, price: Price) -> str:
        return "unknown" if price.usd_per_mtok is None else f"{price.usd_per_mtok.normalize():f}"

    @admin.display(description="of", ordering="component")
    def what(self, price: Price) -> str:
        words = [price.get_component_display().lower()]
        words += [] if price.service_class == Price.ServiceClass.STANDARD else [price.service_class]
        words += [f"from {price.min_input_tokens:,} tokens"] if price.min_input_tokens else []
        words += [f"{price.utc_from:%H:%M}-{price.utc_to:%H:%M} UTC"] if price.utc_from and price.utc_to else []
        words += ["announced"] if price.announced else []
        return cut(", ".join(words))

    @admin.display(description="sold by", ordering="offering__provider__name")
    def seller(self, price: Price) -> str:
        return cut(price.offering.provider, f"{price.offering.provider}, as {price.offering.provider_model_id}")

    @admin.display(description="when", ordering="effective_from")
    def when(self, price: Price) -> str:
        said = (
            f"{day(price.effective_from)} to {day(price.effective_to, 'now')}"
            if price.effective_from or price.effective_to
            else "undated"
        )
        seen = f"seen {day(price.observed_from)} to {day(price.last_seen)}" if price.last_seen else "entered by hand"
        gone = f", gone since {day(price.absent_since)}" if price.absent_since else ""
        shown = said if said != "undated" or not price.last_seen else f"seen {price.last_seen:%-d %b %Y}"
        return cut(shown, f"{said}; {seen}{gone}")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        return {"confidence": "high", **super().get_changeform_initial_data(request)}

    def save_model(self, request: HttpRequest, obj: Price, form: Any, change: bool) -> None:  # noqa: ARG002
        if closed := record_price(obj):
            self.message_user(
                request,
                f"The price of {usd(closed)} now ends on {obj.effective_from:%-d %b %Y}.",
                messages.INFO,
            )

    def notes(self, request: HttpRequest, form: Any) -> list[str]:  # noqa: ARG002
        price: Price = form.instance
        if price.source_id is None:
            price.source = form.cleaned_data["source"]
        neighbours = PriceNeighbours([price.offering_id])
        said = []
        if last := neighbours.last(price):
            said.append(f"The last price was {usd(last)} ({last.source.publisher}).")
        if closed := neighbours.closes(price):
            said.append(f"Saving ends the price of {usd(closed)} on {price.effective_from:%-d %b %Y}.")
        return [*said, *(sentence for preview in PREVIEWS if (sentence := preview(price)))]

    def view_on_site(self, obj: Price) -> str:
        return reverse("dashboard:model", args=[obj.offering.version.model.slug])
