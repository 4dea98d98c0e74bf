from django.contrib import admin
from django.urls import reverse

from catalog.admin.base import EntryAdmin, EntryInline, FactAdmin
from catalog.admin.exporting import Exporting
from catalog.admin.merge import merge_selected
from catalog.admin.queues import PricedFilter
from catalog.models import Alias, Claim, Model, ModelVersion


class VersionInline(EntryInline):
    model = ModelVersion
    fields = ["slug", "name", "kind", "open_weights", "announced_on", "source"]
    prepopulated_fields = {"slug": ["name"]}


class ClaimInline(EntryInline):
    model = Claim
    fk_name = "version"
    fields = ["attribute", "value", "unit", "qualifier", "source", "confidence", "note"]


class AliasInline(EntryInline):
    model = Alias
    fields = ["namespace", "raw_name", "valid_from", "valid_to", "status", "evidence"]


@admin.register(Model)
class ModelAdmin(Exporting, EntryAdmin):
    list_display = ["name", "slug", "developer"]
    list_filter = [PricedFilter, "developer"]
    list_select_related = ("developer",)
    search_fields = ["name", "slug", "developer__name"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [VersionInline]
    actions = ["edit_field", "export_csv", "export_xlsx", merge_selected]

    def view_on_site(self, obj: Model) -> str:
        return reverse("dashboard:model", args=[obj.slug])


@admin.register(ModelVersion)
class ModelVersionAdmin(Exporting, FactAdmin):
    list_display = ["name", "slug", "model", "kind", "open_weights", "announced_on", "snapshot_on"]
    list_filter = ["kind", "open_weights", "model__developer"]
    list_select_related = ("model__developer", "source")
    search_fields = ["name", "slug", "model__name", "aliases__raw_name"]
    date_hierarchy = "announced_on"
    inlines = [ClaimInline, AliasInline]
    actions = ["edit_field", "export_csv", "export_xlsx", merge_selected]

    def view_on_site(self, obj: ModelVersion) -> str:
        return reverse("dashboard:model", args=[obj.model.slug])
