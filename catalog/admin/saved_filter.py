from django.contrib import admin

from catalog.models import SavedFilter


@admin.register(SavedFilter)
class SavedFilterAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """All kept filters. They are made and forgotten on their lists."""

    list_display = ["name", "list_name", "user", "is_shared", "query"]
    list_filter = ["list_name", "is_shared"]
    list_select_related = ("user",)
    search_fields = ["name", "list_name", "user__username"]
    autocomplete_fields = ["user"]
