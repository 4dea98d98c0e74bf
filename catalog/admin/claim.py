from django.contrib import admin

from catalog.admin.base import EntryAdmin
from catalog.models import Claim


@admin.register(Claim)
class ClaimAdmin(EntryAdmin):
    list_display = ["version", "attribute", "value", "unit", "qualifier", "source", "confidence", "is_superseded"]
    list_filter = ["attribute", "confidence", "source__publisher"]
    list_select_related = ("version", "source")
    search_fields = ["version__name", "version__slug", "value", "source__publisher"]
    date_hierarchy = "observed_at"

    @admin.display(boolean=True, description="superseded")
    def is_superseded(self, claim: Claim) -> bool:
        return claim.superseded_by_id is not None
