from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from evals.models import Endpoint
from evals.services.check import check_endpoint


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    list_display = [
        *("name", "dialect", "model_id", "base_url", "offering", "version", "machine_usd_per_hour"),
        *("concurrency", "state"),
    ]
    list_filter = ["state", "dialect"]
    list_select_related = ("offering__provider", "offering__version", "version")
    search_fields = ["name", "slug", "model_id", "base_url"]
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ["offering", "version"]
    readonly_fields = [
        *("state", "state_message", "consecutive_failures", "resume_at", "quirks", "lease_owner", "lease_until"),
    ]
    actions = ["test_endpoint"]
    fieldsets = [
        (None, {"fields": ["name", "slug", "dialect", "base_url", "model_id", "api_key_env"]}),
        (
            "What it costs",
            {
                "fields": ["offering", "version", "machine_usd_per_hour", "budget_usd_per_day"],
                "description": (
                    "Sold: choose the offering, and the catalog's prices apply. Self-hosted: state what the machine "
                    "costs per hour and which version it serves; the price per token follows from the throughput "
                    "that runs measure."
                ),
            },
        ),
        (
            "How fast",
            {
                "fields": [
                    "concurrency",
                    "requests_per_minute",
                    "tokens_per_minute",
                    "context_tokens",
                    "attempt_timeout_s",
                ]
            },
        ),
        ("State", {"fields": [*readonly_fields]}),
    ]

    @admin.action(description="Test: send one small request", permissions=["change"])
    def test_endpoint(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in queryset:
            result = check_endpoint(endpoint)
            self.message_user(request, result.sentence, messages.SUCCESS if result.is_ok else messages.ERROR)
