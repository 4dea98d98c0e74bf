"""The queue of doubtful changes, and what each reading did. Facts themselves are edited in the catalog."""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from catalog.admin.attention import Queue, register
from ingest import feeds, services
from ingest.held_admin import HeldChangeAdmin
from ingest.models import Feed, FeedRun, HeldChange, Proposal, RawRecord, Snapshot
from ingest.review import ProposalAdmin

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
else:
    ModelAdmin = admin.ModelAdmin  # not subscriptable at run time


class ReadOnlyAdmin(ModelAdmin):
    """Rows that record what a feed said; they are evidence and not edited."""

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False


# What the form of a new feed begins with, to be changed.
EXAMPLE_MAPPING = {
    "feed": "reseller",
    "title": "Prices of our reseller",
    "name": "Model",
    "seller": "Acme",
    "source": {"url": "https://example.org/prices", "publisher": "Acme"},
    "values": [{"kind": "price", "column": "Input", "component": "input", "unit": "usd_per_mtok"}],
}


@admin.register(Feed)
class FeedAdmin(ModelAdmin):
    list_display = ["name", "enabled", "schedule", "next_due_at", "source"]
    list_filter = ["enabled"]
    list_select_related = ["source"]
    search_fields = ["slug", "name"]
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}

    def get_fields(self, request: HttpRequest, obj: Feed | None = None) -> list[Any]:  # noqa: ARG002
        """A feed with an adapter exists by itself; one is added by saying what the columns of its CSV file mean."""
        if obj is None:
            return ["mapping", "fetch_url", "schedule", "enabled"]
        shown = ["slug", "name", "source", "enabled", "fetch_url", "schedule", "next_due_at"]
        return shown if obj.mapping is None else [*shown, "mapping"]

    def get_readonly_fields(self, request: HttpRequest, obj: Feed | None = None) -> list[str]:  # noqa: ARG002
        return [] if obj is None else ["slug", "source"]

    def get_form(self, request: HttpRequest, obj: Feed | None = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        if "mapping" in form.base_fields:
            form.base_fields["mapping"].required = True
            if obj is None:
                form.base_fields["mapping"].initial = EXAMPLE_MAPPING
        return form

    def save_model(self, request: HttpRequest, obj: Feed, form: Any, change: bool) -> None:
        if obj.mapping is not None:
            feeds.prepare_mapped_feed(obj)
        if "schedule" in form.changed_data:
            services.plan_next(obj)
        super().save_model(request, obj, form, change)


@admin.register(FeedRun)
class FeedRunAdmin(ReadOnlyAdmin):
    list_display = [
        "feed",
        "started_at",
        "observed_at",
        "state",
        "created",
        "changed",
        "held",
        "rejected",
        "unresolved",
        "absent",
        "written",
    ]
    list_filter = ["state", "feed"]
    list_select_related = ["feed"]
    date_hierarchy = "started_at"


@admin.register(Snapshot)
class SnapshotAdmin(ReadOnlyAdmin):
    list_display = ["feed", "observed_at", "size_bytes", "sha256", "fetched_at"]
    list_filter = ["feed"]
    list_select_related = ["feed"]
    exclude = ["body_zlib"]


@admin.register(RawRecord)
class RawRecordAdmin(ReadOnlyAdmin):
    list_display = ["external_key", "feed", "first_seen", "last_seen", "absent_since"]
    list_filter = ["feed", ("absent_since", admin.EmptyFieldListFilter)]
    list_select_related = ["feed"]
    search_fields = ["external_key"]


def _troubled_feeds() -> int:
    """Enabled feeds whose newest reading failed, or that are more than an hour late."""
    newest = FeedRun.objects.filter(feed=OuterRef("pk")).order_by("-started_at", "-pk").values("state")[:1]
    failed = Q(newest_state__in=[FeedRun.State.FAILED, FeedRun.State.REJECTED])
    late = Q(next_due_at__lt=timezone.now() - timedelta(hours=1))
    return Feed.objects.filter(enabled=True).annotate(newest_state=Subquery(newest)).filter(failed | late).count()


register(
    Queue(
        "Changes held for a decision",
        lambda: HeldChange.objects.filter(state=HeldChange.State.WAITING).count(),
        lambda: f"{reverse('admin:ingest_heldchange_changelist')}?state__exact=waiting",
        "ingest.view_heldchange",
        "A feed says something doubtful; the old value stays until somebody decides.",
        20,
    )
)
register(
    Queue(
        "Feeds that failed or are late",
        _troubled_feeds,
        lambda: f"{reverse('admin:ingest_feedrun_changelist')}?state__in=failed,rejected",
        "ingest.view_feed",
        "Their prices and scores are as old as the last good reading.",
        50,
    )
)
register(
    Queue(
        "Names waiting for a decision",
        lambda: Proposal.objects.filter(state=Proposal.State.WAITING).count(),
        lambda: reverse("admin:ingest_proposal_changelist"),
        "ingest.view_proposal",
        "Feeds use names that are not known to mean a model; their prices and scores wait.",
        30,
    )
)
admin.site.register(Proposal, ProposalAdmin)
admin.site.register(HeldChange, HeldChangeAdmin)
