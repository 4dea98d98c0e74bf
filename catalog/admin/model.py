from django.contrib import admin

from catalog.admin.base import EntryAdmin, EntryInline
from catalog.admin.merge import merge_selected
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
class ModelAdmin(EntryAdmin):
    list_display = ["name", "slug", "developer"]
    list_filter = ["developer"]
    list_select_related = ("developer",)
    search_fields = ["name", "slug", "developer__name"]
    prepopulated_fields = {"slug": ["name"]}
    inlines = [VersionInline]
    actions = [merge_selected]


@admin.register(ModelVersion)
class ModelVersionAdmin(EntryAdmin):
    list_display = ["name", "slug", "model", "kind", "open_weights", "announced_on", "snapshot_on"]
    list_filter = ["kind", "open_weights", "model__developer"]
    list_select_related = ("model__developer", "source")
    search_fields = ["name", "slug", "model__name", "aliases__raw_name"]
    date_hierarchy = "announced_on"
    inlines = [ClaimInline, AliasInline]
    actions = [merge_selected]
