from django.contrib import admin
from django.urls import reverse

from catalog.admin.base import FactAdmin
from catalog.admin.columns import cut
from catalog.admin.exporting import Exporting
from catalog.models import Claim


@admin.register(Claim)
class ClaimAdmin(Exporting, FactAdmin):
    list_display = ["version", "attribute", "says", "qualifier", "publisher", "sure", "is_superseded"]
    list_filter = ["attribute", "confidence", "source__publisher"]
    list_select_related = ("version", "source")
    search_fields = ["version__name", "version__slug", "value", "source__publisher"]
    date_hierarchy = "observed_at"
    actions = ["edit_field", "export_csv", "export_xlsx"]

    @admin.display(description="value", ordering="value")
    def says(self, claim: Claim) -> str:
        return cut(f"{claim.value} {claim.unit}".strip())

    @admin.display(boolean=True, description="superseded")
    def is_superseded(self, claim: Claim) -> bool:
        return claim.superseded_by_id is not None

    def view_on_site(self, obj: Claim) -> str:
        return reverse("dashboard:model", args=[obj.version.model.slug])
