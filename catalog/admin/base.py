"""What all entry forms of the catalog have in common."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import ChangeList
from django.contrib.admin.widgets import AdminSplitDateTime
from django.core.exceptions import PermissionDenied
from django.db.models import DateTimeField, Field, ForeignKey, Model, QuerySet, TextField
from django.forms import Field as FormField
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import urlencode

from catalog import audit
from catalog.admin.bulk_edit import BulkEditing
from catalog.admin.columns import cut
from catalog.admin.forms import DayAndTime, EntryForm, EntryFormSet, FactForm
from catalog.models import AuditEvent, SavedFilter
from catalog.services.sources import save_source

REASON = ("Why", {"fields": ["reason"], "classes": ["why"]})
PASTE = (
    "If the source is not listed yet, or was read again",
    {
        "fields": [("source_url", "retrieved_on")],
        "classes": ["paste"],
        "description": "Paste the address. Its publisher is taken from other sources of the same host.",
    },
)
EXTRA = {"reason", "source_url", "retrieved_on"}
NEIGHBOURS_IN = 20_000
Names = dict[tuple[type[Model], Any], str]


class _Entry:
    """Autocomplete for every reference, and a source for every fact."""

    requires_source = True

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:  # noqa: ARG002  Django's signature
        model = self.model  # type: ignore[attr-defined]
        return [field.name for field in model._meta.fields if isinstance(field, ForeignKey)]

    def formfield_for_dbfield(self, db_field: Field[Any, Any], request: HttpRequest, **kwargs: Any) -> FormField | None:
        if isinstance(db_field, DateTimeField):
            kwargs["form_class"] = DayAndTime
        field: FormField | None = super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and db_field.name == "source" and self.requires_source:
            field.required = True
        if field and isinstance(db_field, TextField):
            field.widget.attrs["rows"] = 3
        if field and isinstance(field.widget, AdminSplitDateTime):
            for part, word in zip(field.widget.widgets, ("date", "time"), strict=True):
                part.attrs["aria-label"] = f"{db_field.verbose_name}, {word}"
            field.widget.widgets[1].attrs["placeholder"] = "00:00 UTC"
        if field and isinstance(field.label, str):
            field.label = field.label.replace("Utc", "UTC")
        return field


class EntryAdmin(BulkEditing, _Entry, admin.ModelAdmin):  # type: ignore[type-arg]
    """A list that costs the same number of queries whatever it shows, and a form that can be saved as a new row.

    Every change has its history; what is being typed is checked by the same form that saves it.
    """

    form = EntryForm
    save_as = True
    list_per_page = 50
    show_full_result_count = False
    list_select_related: ClassVar[tuple[str, ...]] = ()
    change_form_template = "admin/catalog/entry_form.html"
    change_list_template = "admin/catalog/entry_list.html"

    class Media:
        js = ["catalog/entry.js"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        # Also what autocomplete lists and names its rows from.
        return super().get_queryset(request).select_related(*self.list_select_related)

    # ---- the form ---------------------------------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        sets = [
            (title, options | {"fields": [name for name in options["fields"] if name not in EXTRA]})
            for title, options in super().get_fieldsets(request, obj)
        ]
        if not self._may_write(request, obj):
            return sets
        # What every entry needs stands first; the rest of a long form may be folded away below it.
        return [*sets[:1], *([PASTE] if issubclass(self.form, FactForm) else []), REASON, *sets[1:]]

    def _may_write(self, request: HttpRequest, obj: Any) -> bool:
        return self.has_add_permission(request) if obj is None else self.has_change_permission(request, obj)

    def save_form(self, request: HttpRequest, form: Any, change: bool) -> Any:
        audit.give_reason(getattr(form.instance, "change_reason", ""))
        return super().save_form(request, form, change)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        save_source(obj)
        super().save_model(request, obj, form, change)

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:  # noqa: ARG002
        for row in formset.save(commit=False):
            save_source(row)
            self.save_inline(request, row)
        for row in formset.deleted_objects:
            row.delete()
        formset.save_m2m()

    def save_inline(self, request: HttpRequest, row: Model) -> None:  # noqa: ARG002
        row.save()

    def notes(self, request: HttpRequest, form: Any) -> list[str]:  # noqa: ARG002
        """What is worth knowing about a valid form before it is saved."""
        return []

    # ---- pages ------------------------------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}"
        own = [
            path("check/", self.admin_site.admin_view(self.check_view), name=f"{name}_check"),
            path("save-filter/", self.admin_site.admin_view(self.save_filter_view), name=f"{name}_save_filter"),
            path(
                "drop-filter/<int:pk>/", self.admin_site.admin_view(self.drop_filter_view), name=f"{name}_drop_filter"
            ),
        ]
        return [*own, *super().get_urls()]

    def check_view(self, request: HttpRequest) -> HttpResponse:
        """What the form would say if it were saved now, as JSON. Nothing is written."""
        if request.method != "POST":
            raise PermissionDenied
        number = request.GET.get("pk", "")
        obj = self.get_object(request, unquote(number)) if number else None
        if (number and obj is None) or not self._may_write(request, obj):
            raise PermissionDenied
        form = self.get_form(request, obj, change=obj is not None)(request.POST, instance=obj)
        errors = {name: [str(each) for each in found] for name, found in form.errors.items()}
        return JsonResponse({"errors": errors, "notes": [] if errors else self.notes(request, form)})

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        name = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        query = urlencode({"pk": object_id}) if object_id else ""
        extra = {"check_url": f"{reverse(f'{name}_check')}?{query}"}
        if object_id and request.method == "GET":
            extra |= self._neighbours(request, unquote(object_id))
        return super().changeform_view(request, object_id, form_url, extra | (extra_context or {}))

    def _neighbours(self, request: HttpRequest, pk: str) -> dict[str, str]:
        """Addresses of the rows before and after this one in the list that the reader came from."""
        kept = self.get_preserved_filters(request)
        wanted = QueryDict(QueryDict(kept).get("_changelist_filters", "")).copy()
        wanted.pop("p", None)
        as_list = HttpRequest()
        as_list.method, as_list.user, as_list.GET = "GET", request.user, wanted  # type: ignore[assignment]
        as_list.path = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        try:
            changelist: ChangeList = self.get_changelist_instance(as_list)
        except Exception:
            return {}
        numbers = [str(each) for each in changelist.queryset.values_list("pk", flat=True)[:NEIGHBOURS_IN]]
        if pk not in numbers:
            return {}
        here = numbers.index(pk)
        found = {"place_in_list": f"{here + 1:,} of {len(numbers):,}"}
        for word, at in (("previous", here - 1), ("next", here + 1)):
            if 0 <= at < len(numbers):
                url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[numbers[at]])
                found[f"{word}_url"] = f"{url}?{kept}" if kept else url
        return found

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed this row, when, from what to what, and why."""
        obj = self.get_object(request, unquote(object_id))
        if obj is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        if not self.has_view_permission(request, obj):
            raise PermissionDenied
        names: Names = {}
        events = AuditEvent.objects.filter(table=self.opts.label_lower, row=str(obj.pk)).select_related("batch")
        context = {
            **self.admin_site.each_context(request),
            "title": f"History of {obj}",
            "object": obj,
            "opts": self.opts,
            "events": [(event, differences(event, names)) for event in events[:200]],
            "may_revert": self.has_change_permission(request, obj),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/catalog/history.html", context)

    # ---- saved filters ----------------------------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        saved = SavedFilter.objects.filter(list_name=self.opts.label_lower).select_related("user")
        shown = [each for each in saved if each.is_shared or each.user_id == request.user.pk]
        extra = {"saved_filters": shown, "filter_query": request.GET.urlencode()}
        return super().changelist_view(request, extra | (extra_context or {}))

    def save_filter_view(self, request: HttpRequest) -> HttpResponse:
        """Keep the list as it is now under a name, for oneself or for everybody."""
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        name, query = request.POST.get("name", "").strip()[:60], request.POST.get("query", "")[:1000]
        if not name:
            self.message_user(request, "The filter has no name. Write what the list shows.", "ERROR")
        else:
            SavedFilter.objects.update_or_create(
                user_id=request.user.pk or 0,
                list_name=self.opts.label_lower,
                name=name,
                defaults={"query": query, "is_shared": "shared" in request.POST},
            )
            self.message_user(request, f"The filter “{name}” is kept.", "SUCCESS")
        return self._back_to_list(query)

    def drop_filter_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Forget a filter of one's own."""
        if request.method != "POST":
            raise PermissionDenied
        found = SavedFilter.objects.filter(pk=pk, user_id=request.user.pk or 0, list_name=self.opts.label_lower).first()
        if found:
            found.delete()
            self.message_user(request, f"The filter “{found}” is forgotten.", "SUCCESS")
        return self._back_to_list(request.POST.get("query", ""))

    def _back_to_list(self, query: str) -> HttpResponse:
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        response = HttpResponse(status=302)
        response["Location"] = f"{url}?{QueryDict(query).urlencode()}" if query else url
        return response


class FactAdmin(EntryAdmin):
    """A fact with a source of its own."""

    form = FactForm

    @admin.display(description="source", ordering="source__publisher")
    def publisher(self, fact: Any) -> str:
        """Who says so; the title of the source for whoever points at it."""
        return cut(fact.source.publisher, fact.source)

    @admin.display(description="sure", ordering="confidence")
    def sure(self, fact: Any) -> str:
        """One word; what it means for whoever points at it."""
        return cut(fact.confidence, fact.get_confidence_display())


def differences(
    event: AuditEvent, names: dict[tuple[type[Model], Any], str] | None = None
) -> list[tuple[str, str, str]]:
    """Field by field what an event changed, in words: unknown is said, what was not there is empty.

    ``names`` keeps the names of rows that were looked up, so that a long history asks for each once.
    """
    model = audit.watched_models().get(event.table)
    fields = {field.attname: field for field in model._meta.concrete_fields} if model else {}
    names = {} if names is None else names
    found = []
    for name in dict.fromkeys([*(event.before or {}), *(event.after or {})]):
        before, after = (
            "" if values is None or name not in values else _said(fields.get(name), values[name], names)
            for values in (event.before, event.after)
        )
        if before != after and {before, after} not in ({"", "unknown"}, {"", "none"}):
            found.append((str(fields[name].verbose_name) if name in fields else name, before, after))
    return found


def _said(field: Field[Any, Any] | None, value: Any, names: Names) -> str:
    if value is None:
        return "unknown"
    if value == "":
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(field, ForeignKey):
        other: type[Model] = field.related_model
        if (other, value) not in names:
            row = other._base_manager.filter(pk=value).first()
            names[other, value] = f"number {value}, deleted" if row is None else str(row)
        return names[other, value]
    return str(value)


class EntryInline(_Entry, admin.TabularInline):  # type: ignore[type-arg]
    extra = 0
    show_change_link = True
    formset = EntryFormSet


class StackedEntryInline(_Entry, admin.StackedInline):  # type: ignore[type-arg]
    extra = 0
    show_change_link = True
    formset = EntryFormSet
