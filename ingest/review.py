"""The review queue: names that wait for a person, dearest first, each with its evidence and one key per answer."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.text import slugify

from catalog.matching import normalise
from catalog.models import Claim, ModelVersion, Organization, Price
from ingest import naming
from ingest.errors import IngestError
from ingest.models import Feed, Proposal

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Proposal]
else:
    ModelAdmin = admin.ModelAdmin  # not subscriptable at run time

CARDS = 10
MOST_FIELDS = 12
LONGEST_VALUE = 120
# What helps to tell a model, first; the rest of a record follows in its own order.
TELLING = (
    *("name", "Model", "model", "display_name", "canonical_slug", "hugging_face_id", "base_model", "Organization"),
    *("release_date", "Publication date", "created", "Parameters", "context_length", "max_input_tokens", "source"),
)
TARGETS: dict[str, naming.Target] = {
    "not_a_model": "not_a_model",
    "composite": "composite",
    "ambiguous": "ambiguous",
}


class CreateForm(forms.Form):
    """A version to add, prefilled from the feed's name."""

    developer = forms.ModelChoiceField(Organization.objects.all())
    model_name = forms.CharField(max_length=200, help_text="As its developer announces it.")
    model_slug = forms.SlugField(max_length=120, help_text="A model that has this slug gets a further version.")
    version_name = forms.CharField(max_length=200, help_text="One set of weights or one dated snapshot.")
    version_slug = forms.SlugField(max_length=160)
    announced_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}))
    open_weights = forms.NullBooleanField(required=False)
    reason = forms.CharField(max_length=500, required=False, label="Why")


class PeriodForm(forms.Form):
    """One meaning of a name that moves."""

    version = forms.SlugField(max_length=160, required=False, widget=forms.TextInput(attrs={"list": "versions"}))
    since = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), label="From, inclusive")
    until = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), label="To, exclusive")


Periods = forms.formset_factory(PeriodForm, extra=4)


@dataclass(frozen=True, slots=True)
class Card:
    """One waiting name as the page shows it."""

    proposal: Proposal
    said: list[tuple[str, str]]
    known: list[tuple[str, str]]

    @property
    def waits(self) -> str:
        parts = [
            f"{count} {word if count == 1 else word + 's'}"
            for count, word in (
                (self.proposal.prices, "price"),
                (self.proposal.scores, "score"),
                (self.proposal.facts, "fact"),
            )
            if count
        ]
        return ", ".join(parts) or "nothing"

    @property
    def percent(self) -> str:
        return f"{self.proposal.score:.0%}"


def queue(feed: str = "") -> "QuerySet[Proposal]":
    """What waits, dearest first."""
    rows = Proposal.objects.filter(state=Proposal.State.WAITING).select_related(
        "feed", "record", "version__model__developer"
    )
    rows = rows.filter(feed__slug=feed) if feed else rows
    prices = Price.objects.filter(
        component__in=("input", "output"), min_input_tokens=0, service_class="standard", absent_since=None
    ).select_related("offering__provider")
    return rows.prefetch_related(
        Prefetch("version__claims", Claim.objects.filter(superseded_by=None)),
        Prefetch("version__offerings__prices", prices.order_by("pk")),
    ).order_by("-worth", "-score", "namespace", "raw_name")


def card(proposal: Proposal) -> Card:
    """The feed's facts beside those of the candidate."""
    return Card(proposal, said(proposal.record.payload), _known(proposal.version) if proposal.version else [])


def said(payload: Any) -> list[tuple[str, str]]:
    """What a record of a feed says, the telling fields first, each short enough to be read."""
    if not isinstance(payload, dict):
        return [("record", str(payload)[:LONGEST_VALUE])]
    order = [key for key in TELLING if key in payload] + [key for key in payload if key not in TELLING]
    shown = [(key, _text(payload[key])) for key in order]
    return [(key, text) for key, text in shown if text][:MOST_FIELDS]


def _text(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, dict):
        value = ", ".join(f"{key} {item}" for key, item in value.items() if not isinstance(item, dict | list))
    elif isinstance(value, list):
        plain = [str(item) for item in value if not isinstance(item, dict | list)]
        value = ", ".join(plain) if plain else f"{len(value)} {'entry' if len(value) == 1 else 'entries'}"
    text = str(value)
    return text if len(text) <= LONGEST_VALUE else f"{text[:LONGEST_VALUE]}…"


def _known(version: ModelVersion) -> list[tuple[str, str]]:
    facts = [("developer", version.model.developer.name), ("model", version.model.name)]
    facts += [
        (label, day.isoformat())
        for label, day in (
            ("announced on", version.announced_on),
            ("on its API since", version.api_on),
            ("weights since", version.weights_on),
            ("date in its id", version.snapshot_on),
        )
        if day
    ]
    weights = {True: "open", False: "closed", None: "unknown"}[version.open_weights]
    facts.append(("weights", weights))
    facts += [(claim.get_attribute_display(), f"{claim.value} {claim.unit}".strip()) for claim in version.claims.all()][
        :5
    ]
    prices = {
        (price.offering.provider.name, price.component): price.usd_per_mtok
        for offering in version.offerings.all()
        for price in offering.prices.all()
        if price.usd_per_mtok is not None
    }
    facts += [
        (f"{component}, {provider}", f"${usd.normalize():f} per million tokens")
        for (provider, component), usd in sorted(prices.items())
    ][:6]
    return facts


class ProposalAdmin(ModelAdmin):
    """The list of names, and the queue under ``review/``. Decisions go through ``ingest.naming``."""

    list_display = ["raw_name", "namespace", "version", "score", "worth", "state", "decided_by", "decided_at"]
    list_filter = ["state", "feed", "method"]
    list_select_related = ["version"]
    list_per_page = 50
    show_full_result_count = False
    search_fields = ["raw_name", "namespace", "version__slug"]
    actions = ["take_back"]
    change_list_template = "admin/ingest/proposal/change_list.html"

    def has_add_permission(self, request: HttpRequest) -> bool:  # noqa: ARG002
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        own = [
            path("review/", wrap(self.review), name="ingest_proposal_review"),
            path("<int:pk>/decide/", wrap(self.decide), name="ingest_proposal_decide"),
            path("<int:pk>/create/", wrap(self.create), name="ingest_proposal_create"),
            path("<int:pk>/split/", wrap(self.split), name="ingest_proposal_split"),
            path("<int:pk>/undo/", wrap(self.undo), name="ingest_proposal_undo"),
        ]
        return own + super().get_urls()

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """One name as its card, with the same answers as in the queue; a decided one with what was decided."""
        proposal = Proposal.objects.filter(pk=object_id).first() if object_id.isdecimal() else None
        if proposal is None:
            return super().change_view(request, object_id, form_url, extra_context)
        if not self.has_view_permission(request, proposal):
            raise PermissionDenied
        may_change = self.has_change_permission(request)
        context = {
            **self.admin_site.each_context(request),
            "title": str(proposal),
            "opts": self.opts,
            "card": card(proposal),
            "is_waiting": proposal.state == Proposal.State.WAITING,
            "may_decide": may_change and proposal.state == Proposal.State.WAITING,
            "may_take_back": may_change and proposal.state in (Proposal.State.ACCEPTED, Proposal.State.REJECTED),
            "versions": _versions(),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/ingest/proposal/one.html", context)

    @admin.action(description="Take the decision back", permissions=["change"])
    def take_back(self, request: HttpRequest, proposals: "QuerySet[Proposal]") -> None:
        for proposal in proposals:
            self._undo(request, proposal)

    def review(self, request: HttpRequest) -> HttpResponse:
        """The queue. ``?feed=`` narrows it, ``?page=`` turns pages, ``?at=`` puts one card first in line for keys."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        feed = request.GET.get("feed", "")[:60]
        pages = Paginator(queue(feed), CARDS).get_page(request.GET.get("page"))
        waiting = Proposal.objects.filter(state=Proposal.State.WAITING)
        context = {
            **self.admin_site.each_context(request),
            "title": "Names to review",
            "opts": self.opts,
            "cards": [card(proposal) for proposal in pages.object_list],
            "pages": pages,
            "feed": feed,
            "feeds": Feed.objects.filter(proposals__in=waiting).annotate(waiting=Count("proposals")).order_by("slug"),
            "versions": _versions(),
            "may_decide": self.has_change_permission(request),
            "decided": Proposal.objects.filter(
                state__in=(Proposal.State.ACCEPTED, Proposal.State.REJECTED), decided_at__isnull=False
            )
            .select_related("version")
            .order_by("-decided_at")[:5],
        }
        return TemplateResponse(request, "admin/ingest/proposal/review.html", context)

    def decide(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One answer of the queue: accept (the candidate, or another version), reject, or why it is no version."""
        proposal = self._posted(request, pk)
        answer, reason, by = request.POST.get("answer", ""), request.POST.get("reason", ""), request.user.get_username()

        def take() -> str:
            if answer == "reject":
                naming.reject(proposal, by=by, reason=reason)
                return f"{proposal} is rejected and will not be asked about again."
            if answer in TARGETS:
                naming.decide(proposal, [naming.Meaning(TARGETS[answer])], by=by, reason=reason)
                return f"{proposal} is noted as {answer.replace('_', ' ')}."
            version = _version(request.POST.get("version", "")) or proposal.version
            if answer != "accept" or version is None:
                raise naming.BadDecision(f"{proposal}: choose a version to accept, or another answer.")
            decided = naming.decide(proposal, [naming.Meaning(version=version)], by=by, reason=reason)
            return f"{proposal} means {version}. {_counted(decided)}"

        return self._answer(request, take)

    def create(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Add a version for the name; the form is prefilled from it."""
        proposal = get_object_or_404(Proposal.objects.select_related("record", "version__model"), pk=pk)
        self._check(request)
        form = CreateForm(request.POST or None, initial=_prefilled(proposal))
        if request.method == "POST" and form.is_valid():
            data = form.cleaned_data
            reason = data.pop("reason")
            try:
                decided = naming.create_version(
                    proposal, naming.NewVersion(**data), by=request.user.get_username(), reason=reason
                )
            except IngestError as error:
                form.add_error(None, str(error))
            else:
                self.message_user(request, f"{data['version_name']} added. {_counted(decided)}", messages.SUCCESS)
                return self._back(request)
        return self._form(request, proposal, "Add a model for this name", form=form)

    def split(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Let the name mean several versions, each in its period."""
        proposal = get_object_or_404(Proposal.objects.select_related("record", "version"), pk=pk)
        self._check(request)
        initial = [{"version": proposal.version.slug}] if proposal.version else []
        periods = Periods(request.POST or None, initial=initial)
        errors: list[str] = []
        if request.method == "POST" and periods.is_valid():
            try:
                meanings = list(_meanings(periods.cleaned_data))
                decided = naming.decide(
                    proposal, meanings, by=request.user.get_username(), reason=request.POST.get("reason", "")
                )
            except IngestError as error:
                errors.append(str(error))
            else:
                self.message_user(request, f"{proposal} has {len(meanings)} meanings. {_counted(decided)}")
                return self._back(request)
        title = "Give this name a meaning per period"
        return self._form(request, proposal, title, periods=periods, errors=errors, versions=_versions())

    def undo(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take a decision back; the name waits again."""
        self._undo(request, self._posted(request, pk))
        return self._back(request)

    def _undo(self, request: HttpRequest, proposal: Proposal) -> None:
        try:
            remarks = naming.undo(proposal, by=request.user.get_username())
        except IngestError as error:
            self.message_user(request, str(error), messages.ERROR)
            return
        self.message_user(request, f"{proposal} waits again.", messages.SUCCESS)
        for remark in remarks:
            self.message_user(request, remark, messages.WARNING)

    def _answer(self, request: HttpRequest, take: Callable[[], str]) -> HttpResponse:
        try:
            self.message_user(request, take(), messages.SUCCESS)
        except IngestError as error:
            self.message_user(request, str(error), messages.ERROR)
        return self._back(request)

    def _form(self, request: HttpRequest, proposal: Proposal, title: str, **context: Any) -> HttpResponse:
        page = {**self.admin_site.each_context(request), "title": title, "opts": self.opts, "card": card(proposal)}
        return TemplateResponse(request, "admin/ingest/proposal/answer.html", {**page, **context})

    def _check(self, request: HttpRequest) -> None:
        if not self.has_change_permission(request):
            raise PermissionDenied

    def _posted(self, request: HttpRequest, pk: int) -> Proposal:
        self._check(request)
        if request.method != "POST":
            raise PermissionDenied("Decisions are sent by a button, not followed as a link.")
        return get_object_or_404(Proposal.objects.select_related("version"), pk=pk)

    def _back(self, request: HttpRequest) -> HttpResponse:
        page = reverse("admin:ingest_proposal_review")
        wanted = request.POST.get("next", "")
        own = reverse("admin:ingest_proposal_changelist")
        safe = url_has_allowed_host_and_scheme(wanted, {request.get_host()}) and wanted.startswith(own)
        return HttpResponseRedirect(wanted if safe else page)


def _versions() -> "QuerySet[ModelVersion, tuple[str, str]]":
    return ModelVersion.objects.order_by("slug").values_list("slug", "name")


def _version(slug: str) -> ModelVersion | None:
    if not slug.strip():
        return None
    if found := ModelVersion.objects.filter(slug=slug.strip()).first():
        return found
    raise naming.BadDecision(f"There is no version {slug!r}. Choose one of the list, or add it with Create.")


def _meanings(rows: Iterable[dict[str, Any]]) -> Iterable[naming.Meaning]:
    for row in rows:
        if version := _version(row.get("version") or ""):
            yield naming.Meaning("version", version, _start(row.get("since")), _start(row.get("until")))


def _start(day: Any) -> datetime | None:
    return datetime(day.year, day.month, day.day, tzinfo=UTC) if day else None


def _counted(decided: Proposal) -> str:
    counts = [(len(decided.written.get(name, [])), name) for name in ("prices", "scores", "claims")]
    written = [f"{count} {name if count != 1 else name[:-1]}" for count, name in counts if count]
    return f"Written: {', '.join(written)}." if written else "Nothing new was written."


def _prefilled(proposal: Proposal) -> dict[str, Any]:
    spelling = normalise(proposal.raw_name)
    slug = slugify(spelling)[:120]
    name = spelling.replace("-", " ").title()[:200]
    payload = proposal.record.payload if isinstance(proposal.record.payload, dict) else {}
    said = str(payload.get("name") or "")[:200]
    return {
        "developer": proposal.version.model.developer_id if proposal.version else None,
        "model_name": said or name,
        "version_name": said or name,
        "model_slug": slug,
        "version_slug": slug,
        "announced_on": payload.get("release_date") if len(str(payload.get("release_date", ""))) == 10 else None,
    }
