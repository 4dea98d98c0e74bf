from django.contrib import admin
from django.db.models import URLField

from catalog.admin.base import EntryAdmin
from catalog.admin.exporting import Exporting
from catalog.models import Organization


@admin.register(Organization)
class OrganizationAdmin(Exporting, EntryAdmin):
    list_display = ["name", "slug", "url"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
    actions = ["edit_field", "export_csv", "export_xlsx"]
