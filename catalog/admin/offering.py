from django.contrib import admin

from catalog.admin.base import EntryAdmin, StackedEntryInline
from catalog.admin.price import PRICE_FIELDS
from catalog.models import Offering, Price


class PriceInline(StackedEntryInline):
    model = Price
    fields = PRICE_FIELDS


@admin.register(Offering)
class OfferingAdmin(EntryAdmin):
    list_display = ["provider_model_id", "provider", "version", "quantisation", "region", "speed_class", "retired_on"]
    list_filter = ["provider", "version__model__developer"]
    list_select_related = ("provider", "version__model")
    search_fields = ["provider_model_id", "provider__name", "version__name", "version__slug"]
    date_hierarchy = "retired_on"
    inlines = [PriceInline]
