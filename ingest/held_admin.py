"""The queue of doubtful changes: each with what would change, who says so and its two answers on one page."""

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from catalog.admin.columns import cut
from catalog.models import ModelVersion
from ingest import services
from ingest.errors import IngestError
from ingest.models import HeldChange
from ingest.review import said

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[HeldChange]
else:
    ModelAdmin = admin.ModelAdmin  # not subscriptable at run time

PER_MILLION = " per million tokens"


@dataclass(frozen=True, slots=True)
class ReadableChange:
    """What would change, as a person reads it."""

    what: str
    before: str
    after: str

    @classmethod
    def of(cls, change: HeldChange) -> "ReadableChange":
        """From the stored texts, by what was observed."""
        stored = change.proposal if isinstance(change.proposal, dict) else {}
        observation = stored.get("observation") or {}
        if "missing" in stored:
            return cls("Whether the feed still lists it", "listed", "gone")
        if "usd_per_mtok" in observation:
            shape, none = "${}" + PER_MILLION, "no price recorded before"
            seller = (stored.get("offering") or {}).get("provider", "")
            what = f"Price of {change.field}" + (f", sold by {seller}" if seller else "")
        elif "original_value" in observation:
            shape, none, what = "{}", "no score recorded before", change.field.replace("_", " ").capitalize()
        else:
            shape, none, what = "{}", "see the reason", change.field.replace("_", " ").capitalize()
        before, after = (shape.format(number(text)) if text else "" for text in (change.old_value, change.new_value))
        return cls(what, before or none, after or "unknown")

    @property
    def sentence(self) -> str:
        return f"{self.what}: {self.before} → {self.after}"


def number(text: str) -> str:
    """A stored number in digits, with commas in front of the point; any other text as it is."""
    try:
        value = Decimal(text)
    except InvalidOperation:
        return text
    return f"{value.normalize():,f}" if value.is_finite() else text


class HeldChangeAdmin(ModelAdmin):
    """What a feed said stays as it was; a decision is one of two buttons, here or for many rows in the list."""

    list_display = ["about", "what", "change", "why", "now", "held_since"]
    list_filter = ["state", "record__feed"]
    list_select_related = ["record__feed"]
    search_fields = ["record__external_key"]
    actions = ["accept", "reject"]

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("ingest.change_heldchange")

    @admin.display(description="record of the feed", ordering="record__external_key")
    def about(self, change: HeldChange) -> str:
        return cut(change.record)

    @admin.display(description="what would change", ordering="field")
    def what(self, change: HeldChange) -> str:
        return cut(ReadableChange.of(change).what)

    @admin.display(description="from what to what", ordering="new_value")
    def change(self, change: HeldChange) -> str:
        readable = ReadableChange.of(change)
        return cut(f"{readable.before} → {readable.after}")

    @admin.display(description="state", ordering="state")
    def now(self, change: HeldChange) -> str:
        return cut(change.get_state_display().lower(), f"{change.state}, {change.decided_by or 'nobody decided'}")

    @admin.display(description="why it waits", ordering="reason")
    def why(self, change: HeldChange) -> str:
        return cut(change.reason)

    @admin.display(description="held since", ordering="created_at")
    def held_since(self, change: HeldChange) -> str:
        return f"{change.created_at:%-d %b %Y}"

    @admin.action(description="Accept: the new value is right", permissions=["decide"])
    def accept(self, request: HttpRequest, queryset: QuerySet[HeldChange]) -> None:
        self._decide(request, list(queryset), accept=True)

    @admin.action(description="Reject: keep the old value and do not ask again", permissions=["decide"])
    def reject(self, request: HttpRequest, queryset: QuerySet[HeldChange]) -> None:
        self._decide(request, list(queryset), accept=False)

    def get_urls(self) -> list[URLPattern]:
        decide = path("<int:pk>/decide/", self.admin_site.admin_view(self.decide_view), name="ingest_heldchange_decide")
        return [decide, *super().get_urls()]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002  Django names them
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """What would change, why it waits, what the feed says, and the two answers."""
        change = self.get_object(request, object_id)
        if change is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        if not self.has_view_permission(request, change):
            raise PermissionDenied
        stored = change.proposal if isinstance(change.proposal, dict) else {}
        offering, observation = stored.get("offering") or {}, stored.get("observation") or {}
        version = ModelVersion.objects.filter(pk=offering.get("version_id") or stored.get("version") or 0).first()
        others = HeldChange.objects.filter(state=HeldChange.State.WAITING).exclude(pk=change.pk).order_by("pk")
        context = {
            **self.admin_site.each_context(request),
            "title": f"{change.record}: {change.field}",
            "opts": self.opts,
            "original": change,
            "source": change.record.feed.source,
            "readable": ReadableChange.of(change),
            "version": version,
            "model_id": offering.get("provider_model_id", ""),
            "note": observation.get("note", ""),
            "said": said(change.record.payload),
            "is_waiting": change.state == HeldChange.State.WAITING,
            "may_decide": self.has_decide_permission(request),
            "waiting": others.count(),
            "next_one": others.filter(pk__gt=change.pk).first() or others.first(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/ingest/heldchange/decide.html", context)

    def decide_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One answer, sent by a button of the page of this change."""
        if request.method != "POST" or not self.has_decide_permission(request):
            raise PermissionDenied
        change = get_object_or_404(HeldChange.objects.select_related("record__feed"), pk=pk)
        answer = request.POST.get("answer", "")
        if answer not in ("accept", "reject"):
            self.message_user(request, "Nothing was decided. Choose Accept or Reject.", messages.ERROR)
        else:
            self._decide(request, [change], accept=answer == "accept", reason=request.POST.get("reason", "").strip())
        return redirect("admin:ingest_heldchange_change", pk)

    def _decide(self, request: HttpRequest, changes: list[HeldChange], *, accept: bool, reason: str = "") -> None:
        by = request.user.get_username()
        try:
            count = services.decide_held_changes(changes, accept=accept, decided_by=by, reason=reason)
        except IngestError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        if len(changes) == 1 and count:
            verb = "Accepted" if accept else "Rejected, and not asked again"
            self.message_user(request, f"{verb}: {changes[0].record}, {changes[0].field}.", messages.SUCCESS)
        elif count:
            self.message_user(request, f"{count} decided.", messages.SUCCESS)
        else:
            self.message_user(request, "Somebody had decided already; nothing was changed.", messages.WARNING)
