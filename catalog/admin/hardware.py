from django.contrib import admin

from catalog.admin.base import EntryInline, FactAdmin
from catalog.admin.exporting import Exporting
from catalog.models import Hardware, HardwarePrice, ReferencePrice


class HardwarePriceInline(EntryInline):
    model = HardwarePrice
    fields = ["provider", "usd_per_gpu_hour", "terms", "quoted_on", "source", "note"]


@admin.register(Hardware)
class HardwareAdmin(Exporting, FactAdmin):
    list_display = ["name", "vendor", "peak_bf16_flop_per_s", "peak_fp8_flop_per_s", "memory_bytes", "tdp_w"]
    list_filter = ["vendor"]
    search_fields = ["name", "slug", "vendor"]
    date_hierarchy = "released_on"
    prepopulated_fields = {"slug": ["name"]}
    inlines = [HardwarePriceInline]
    actions = ["edit_field", "export_csv", "export_xlsx"]


@admin.register(HardwarePrice)
class HardwarePriceAdmin(Exporting, FactAdmin):
    list_display = ["hardware", "provider", "usd_per_gpu_hour", "terms", "quoted_on", "publisher"]
    list_filter = ["terms", "hardware"]
    list_select_related = ("hardware", "source")
    search_fields = ["hardware__name", "provider"]
    date_hierarchy = "quoted_on"
    actions = ["edit_field", "export_csv", "export_xlsx"]


@admin.register(ReferencePrice)
class ReferencePriceAdmin(Exporting, FactAdmin):
    list_display = ["what", "kind", "hardware", "usd", "quoted_on", "publisher"]
    list_filter = ["kind", "hardware"]
    list_select_related = ("hardware", "source")
    search_fields = ["what", "hardware__name"]
    date_hierarchy = "quoted_on"
    actions = ["edit_field", "export_csv", "export_xlsx"]
