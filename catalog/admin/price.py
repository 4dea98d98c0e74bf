from django.contrib import admin
from django.http import HttpRequest

from catalog.admin.base import EntryAdmin
from catalog.models import Price

PRICE_FIELDS = (
    ("component", "usd_per_mtok", "service_class"),
    ("effective_from", "effective_to", "announced"),
    ("observed_from", "last_seen", "absent_since"),
    ("min_input_tokens", "tier_scope"),
    ("utc_from", "utc_to", "weekdays"),
    ("source", "confidence"),
    "note",
)


@admin.register(Price)
class PriceAdmin(EntryAdmin):
    """Corrections and single entries; price lists are entered with their offering."""

    list_display = [
        *("offering", "component", "usd_per_mtok", "service_class", "effective_from", "effective_to"),
        *("observed_from", "last_seen", "announced", "source", "confidence"),
    ]
    list_filter = ["component", "service_class", "announced", "confidence", "offering__provider"]
    list_select_related = ("offering__provider", "offering__version", "source")
    search_fields = ["offering__provider_model_id", "offering__version__name", "offering__provider__name"]
    date_hierarchy = "effective_from"
    fields = ("offering", *PRICE_FIELDS)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        return {"confidence": "high", **super().get_changeform_initial_data(request)}
