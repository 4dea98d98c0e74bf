from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.urls import reverse

from catalog.admin.base import EntryAdmin, StackedEntryInline
from catalog.admin.forms import PriceFormSet
from catalog.admin.price import PRICE_FIELDS
from catalog.admin.queues import SellerFilter
from catalog.models import Offering, Price
from catalog.services.prices import record_price


class PriceInline(StackedEntryInline):
    model = Price
    formset = PriceFormSet
    fields = PRICE_FIELDS


@admin.register(Offering)
class OfferingAdmin(EntryAdmin):
    requires_source = False  # only the end of a sale has one; the model asks for it then
    list_display = ["provider_model_id", "provider", "version", "quantisation", "region", "speed_class", "retired_on"]
    list_filter = [("provider", SellerFilter), "version__model__developer"]
    list_select_related = ("provider", "version__model")
    search_fields = ["provider_model_id", "provider__name", "version__name", "version__slug"]
    date_hierarchy = "retired_on"
    inlines = [PriceInline]

    def save_inline(self, request: HttpRequest, row: Model) -> None:
        if isinstance(row, Price):
            record_price(row)
        else:
            super().save_inline(request, row)

    def view_on_site(self, obj: Offering) -> str:
        return reverse("dashboard:model", args=[obj.version.model.slug])
