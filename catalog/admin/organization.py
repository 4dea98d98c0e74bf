from django.contrib import admin
from django.db.models import URLField

from catalog.admin.base import EntryAdmin
from catalog.models import Organization


@admin.register(Organization)
class OrganizationAdmin(EntryAdmin):
    list_display = ["name", "slug", "url"]
    search_fields = ["name", "slug"]
    prepopulated_fields = {"slug": ["name"]}
    formfield_overrides = {URLField: {"assume_scheme": "https"}}
