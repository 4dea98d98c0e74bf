from datetime import date
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from catalog.admin import price
from dashboard.models import ApiToken
from dashboard.models.api_token import SCOPES
from dashboard.price_preview import standing


class TokenForm(forms.ModelForm):  # type: ignore[type-arg]
    """A new token: what it is for, and until when."""

    scopes = forms.MultipleChoiceField(
        choices=[(scope, f"{scope}: {words}") for scope, words in SCOPES.items()],
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "The token would be for nothing. Choose at least one scope."},
        help_text="Its user must be allowed to do that too. Reading the site needs no token.",
    )

    class Meta:
        model = ApiToken
        fields = ("name", "user", "scopes", "expires_on")

    def clean_expires_on(self) -> date | None:
        day: date | None = self.cleaned_data["expires_on"]
        if day is not None and day < timezone.now().date():
            raise forms.ValidationError(f"{day} is over: the token would never work. Give a later day.")
        return day


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Tokens are made here or by ``manage.py api_token``; the secret is shown once. Later they can only be revoked."""

    list_display = ["name", "ending", "user", "what_for", "expires_on", "last_used", "created_at", "revoked_at"]
    list_select_related = ["user"]
    list_filter = [("revoked_at", admin.EmptyFieldListFilter)]
    search_fields = ["name", "user__username"]
    actions = ["revoke"]

    def get_readonly_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> list[str]:  # noqa: ARG002
        return ["user", "what_for", "expires_on", "ending", "created_at", "last_used", "revoked_at"] if obj else []

    def get_fields(self, request: HttpRequest, obj: ApiToken | None = None) -> Any:
        return ["name", *self.get_readonly_fields(request, obj)] if obj else list(TokenForm.Meta.fields)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        if obj is not None:
            return super().get_form(request, obj, change, **kwargs)
        form = super().get_form(request, obj, change, **(kwargs | {"form": TokenForm}))
        if not request.user.is_superuser:  # nobody gets the rights of another by making a token
            form.base_fields["user"] = forms.ModelChoiceField(User.objects.filter(username=request.user.get_username()))
        form.base_fields["user"].initial = request.user.pk
        return form

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        if change:
            super().save_model(request, obj, form, change)
            return
        values = form.cleaned_data
        made, secret = ApiToken.issue(
            name=values["name"], user_id=values["user"].pk, scopes=values["scopes"], expires_on=values["expires_on"]
        )
        obj.__dict__.update(made.__dict__)
        self.message_user(
            request, f"{made.name} has the token {secret} (copy it now: it is not shown again).", messages.WARNING
        )

    @admin.display(description="scopes")
    def what_for(self, token: ApiToken) -> str:
        return ", ".join(token.scopes) or "none"

    @admin.display(description="last used", ordering="last_used_at")
    def last_used(self, token: ApiToken) -> str:
        return f"{token.last_used_at:%Y-%m-%d}" if token.last_used_at else "never"

    @admin.action(description="Revoke the selected tokens", permissions=["change"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[ApiToken]) -> None:
        live = list(tokens.filter(revoked_at=None))
        ApiToken.objects.filter(pk__in=[token.pk for token in live]).update(revoked_at=timezone.now())
        self.message_user(request, f"Revoked: {', '.join(map(str, live)) or 'none, as none was live'}.")


price.PREVIEWS[:] = [standing]
