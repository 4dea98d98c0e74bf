from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join

from catalog.models import Offering
from evals.endpoint_templates import TEMPLATES
from evals.errors import InvalidSetting
from evals.models import Endpoint
from evals.origins import origin_of
from evals.services.check import check_endpoint
from evals.services.keys import check_key, forget_key, keep_key

MOST_SUGGESTIONS = 5


class EndpointForm(ModelForm):  # type: ignore[type-arg]
    new_api_key = forms.CharField(
        required=False,
        strip=True,
        label="API key to keep",
        widget=forms.PasswordInput(render_value=False, attrs={"autocomplete": "off"}),
        help_text=(
            "Instead of a variable: kept encrypted, never shown again, and sent to this base URL's host only. "
            "Leave it empty to keep what is there."
        ),
    )
    forget_api_key = forms.BooleanField(required=False, label="Forget the kept key")

    class Meta:
        model = Endpoint
        exclude: list[str] = []
        labels = {"base_url": "Base URL"}
        help_texts = {
            "slug": "The short name that commands and addresses use.",
            "api_key_env": "Name of the environment variable that holds the key.",
        }

    def clean_new_api_key(self) -> str:
        key = str(self.cleaned_data.get("new_api_key") or "")
        if key:
            try:
                check_key(key)
            except InvalidSetting as error:
                raise ValidationError(str(error)) from None
        return key

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        keeps = values.get("new_api_key") or (self.instance.api_key_encrypted and not values.get("forget_api_key"))
        if values.get("api_key_env") and keeps and not self._moves(values):
            self.add_error(
                "api_key_env",
                "The key comes from this variable or is kept here, not both. Empty the variable, or forget "
                "the kept key.",
            )
        return values

    def _moves(self, values: dict[str, Any]) -> bool:
        """A kept key does not follow to another host, so it is in nobody's way there."""
        return not values.get("new_api_key") and origin_of(values.get("base_url") or "") != self.instance.api_key_origin


@admin.register(Endpoint)
class EndpointAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    form = EndpointForm
    list_display = [
        *("name", "dialect", "model_id", "base_url", "offering", "version", "machine_usd_per_hour"),
        *("concurrency", "state"),
    ]
    list_filter = ["state", "dialect"]
    list_select_related = ("offering__provider", "offering__version", "version")
    search_fields = ["name", "slug", "model_id", "base_url"]
    prepopulated_fields = {"slug": ("name",)}
    autocomplete_fields = ["offering", "version"]

    class Media:
        js = ("catalog/entry.js",)  # names the choosers for screen readers, saves by Ctrl+S

    readonly_fields = [
        *("state", "state_message", "consecutive_failures", "resume_at", "quirks", "lease_owner", "lease_until"),
        *("templates", "kept_key"),
    ]
    actions = ["test_endpoint"]
    fieldsets = [
        (None, {"fields": ["templates", "name", "slug", "dialect", "base_url", "model_id"]}),
        ("Key", {"fields": ["api_key_env", "new_api_key", "kept_key", "forget_api_key"]}),
        (
            "What it costs",
            {
                "fields": ["offering", "version", "machine_usd_per_hour", "machine_price_note", "budget_usd_per_day"],
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
        (
            "State",
            {
                "fields": [
                    "state",
                    "state_message",
                    "consecutive_failures",
                    "resume_at",
                    "quirks",
                    "lease_owner",
                    "lease_until",
                ]
            },
        ),
    ]

    @admin.action(description="Test: send one small request", permissions=["change"])
    def test_endpoint(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        for endpoint in queryset:
            result = check_endpoint(endpoint)
            self.message_user(request, result.sentence, messages.SUCCESS if result.is_ok else messages.ERROR)

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """``?template=deepseek`` fills the form."""
        template = TEMPLATES.get(request.GET.get("template", ""))
        return {**super().get_changeform_initial_data(request), **(template.initial() if template else {})}

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        template = TEMPLATES.get(request.GET.get("template", ""))
        if template and request.method == "GET":
            self.message_user(request, f"{template.name}: {template.note}", messages.INFO)
        return super().add_view(request, form_url, extra_context)

    @admin.display(description="Start from")
    def templates(self, _: Endpoint) -> str:
        address = reverse("admin:evals_endpoint_add")
        links = ((f"{address}?template={each.slug}", each.name) for each in TEMPLATES.values())
        return format_html_join(" · ", '<a href="{}">{}</a>', links)

    @admin.display(description="Kept key")
    def kept_key(self, endpoint: Endpoint) -> str:
        if not endpoint.api_key_encrypted:
            return "None."
        return format_html("Fingerprint {}, for {} only.", endpoint.api_key_fingerprint, endpoint.api_key_origin)

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        values = form.cleaned_data
        if values.get("new_api_key"):
            keep_key(obj, values["new_api_key"])
            self.message_user(
                request,
                f"The key is kept under fingerprint {obj.api_key_fingerprint} and is not shown again.",
                messages.INFO,
            )
        elif values.get("forget_api_key") and obj.api_key_encrypted:
            forget_key(obj)
        elif obj.api_key_encrypted and obj.api_key_origin != origin_of(obj.base_url):
            was = obj.api_key_origin
            forget_key(obj)
            self.message_user(
                request, f"The kept key was for {was} and has been forgotten. Enter the key for the new address.",
                messages.WARNING,
            )  # fmt: skip
        self._suggest_offering(request, obj)

    def _suggest_offering(self, request: HttpRequest, endpoint: Endpoint) -> None:
        """Without prices no run starts, so say which offerings have this model id."""
        if endpoint.offering_id or endpoint.is_self_hosted:
            return
        found = Offering.objects.select_related("provider", "version").filter(
            provider_model_id__iexact=endpoint.model_id
        )[:MOST_SUGGESTIONS]
        named = "; ".join(str(offering) for offering in found)
        self.message_user(
            request,
            f"{endpoint.name} has no price yet. Offerings with the model id {endpoint.model_id}: {named}. Choose one."
            if named
            else f"{endpoint.name} has no price yet, and no offering has the model id {endpoint.model_id}. Choose the "
            "offering that it is, add one to the catalog, or state what its machine costs.",
            messages.WARNING,
        )
