"""The admin in the site's own look: its first page says what waits for somebody, and every change has a name to it."""

from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.admin import AdminSite
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse

from catalog import audit
from catalog.models import AuditEvent

QUICK = (
    ("Add a price", "admin:catalog_price_add", "catalog.add_price"),
    ("Import a file", "admin:catalog_importbatch_add", "catalog.add_importbatch"),
    ("Add a model", "admin:catalog_model_add", "catalog.add_model"),
    ("Add a score", "admin:catalog_score_add", "catalog.add_score"),
    ("Add a claim", "admin:catalog_claim_add", "catalog.add_claim"),
    ("Add a source", "admin:catalog_source_add", "catalog.add_source"),
    ("Add an endpoint", "admin:evals_endpoint_add", "evals.add_endpoint"),
)
# Why a page asks who somebody is, by the beginning of its address.
PURPOSES = (
    ("/views/", "To save a view and be told when it changes, log in: views belong to an account of this site."),
    ("/evals/schedules/", "To change when suites run by themselves, log in: runs spend money."),
    ("/evals/alerts/", "To acknowledge an alert, log in: the answer bears a name."),
    ("/evals/", "To start, stop or judge a run, log in: runs spend money. Their results can be read without."),
    ("/conflicts/", "To write a note on a conflict, log in: notes bear a name."),
    ("/admin/", "To enter and correct facts, log in as an editor. Everything can be read without."),
)
ORDER = ["catalog", "ingest", "evals", "dashboard", "auth"]
RECENT = 12


class SiteAdmin(AdminSite):
    """Django's admin with a first page of queues."""

    site_title = site_header = "Capability per Dollar"
    index_title = "What needs attention"
    index_template = "admin/home.html"
    enable_nav_sidebar = True

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        """Whatever a page of the admin changes, its user changed."""

        @wraps(view)
        def named(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
            with audit.changes_by(request.user.get_username() or "nobody", origin=AuditEvent.Origin.ADMIN):
                response: HttpResponse = view(request, *args, **kwargs)
                return response

        return super().admin_view(named, cacheable)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """With a sentence of what it is for, known by the page that comes next; the address itself is never shown."""
        path = urlsplit(request.GET.get(REDIRECT_FIELD_NAME, "")[:2000]).path
        purpose = next((sentence for start, sentence in PURPOSES if path.startswith(start)), "")
        response: HttpResponse = super().login(request, {"purpose": purpose} | (extra_context or {}))
        return response

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """Facts first, users and locks last."""
        found = super().get_app_list(request, app_label)
        return sorted(found, key=lambda app: ORDER.index(app["app_label"]) if app["app_label"] in ORDER else len(ORDER))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        # Imported late: a site is made before the models of its queues are there.
        from catalog.admin.attention import waiting

        queues = waiting(request)
        extra = {
            "queues": [queue for queue in queues if queue.count],
            "empty_queues": [queue for queue in queues if not queue.count],
            "quick": [(title, reverse(name)) for title, name, needed in QUICK if request.user.has_perm(needed)],
            "recent": recent(request),
        }
        return super().index(request, extra | (extra_context or {}))


def recent(request: HttpRequest) -> list[tuple[AuditEvent, str]]:
    """The newest changes with the address of their row; nothing for those who may not see the history."""
    if not request.user.has_perm("catalog.view_auditevent"):
        return []
    events = AuditEvent.objects.exclude(origin=AuditEvent.Origin.SEED).defer("before", "after")[:RECENT]
    return [(event, _address(event)) for event in events]


def _address(event: AuditEvent) -> str:
    try:
        return reverse("admin:catalog_auditevent_change", args=[event.pk])
    except NoReverseMatch:
        return ""
