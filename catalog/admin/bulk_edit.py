"""One field of the selected rows: chosen, looked at row by row, then taken as one batch that can be undone."""

from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import helpers
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db.models import Field, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from catalog.errors import BadImport, StaleEdit
from catalog.importing.edits import fields_to_edit, plan_edit, rows_to_edit
from catalog.importing.planning import CHANGED
from catalog.models import Source
from catalog.services.imports import take_edit

MOST_ROWS = 500


class BulkEditing:
    """Mixin: one action, for those who may change such rows and may import."""

    not_in_bulk: ClassVar[tuple[str, ...]] = ()  # fields that only mean something together with others

    def has_bulk_permission(self, request: HttpRequest) -> bool:
        may_change: bool = self.has_change_permission(request)  # type: ignore[attr-defined]
        return may_change and request.user.has_perm("catalog.add_importbatch")

    @admin.action(description="Change one field of the selected rows", permissions=["bulk"])
    def edit_field(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        """Asked in three steps on one page: which field, which value and why, and whether that is what was meant."""
        count = queryset.count()
        if count > MOST_ROWS:
            self._say(request, f"{count:,} rows are selected; at most {MOST_ROWS} are changed at once. Select fewer.")
            return None
        rows = rows_to_edit(queryset.model._default_manager.filter(pk__in=list(queryset.values_list("pk", flat=True))))
        fields = {each.name: each for each in fields_to_edit(queryset.model, but=self.not_in_bulk)}
        field = fields.get(request.POST.get("field", ""))
        form = plan = None
        is_stale = False
        if field is not None:
            form = self._form(request, field, request.POST if "preview" in request.POST else None)
            if form.is_bound and form.is_valid():
                value, reason = form.cleaned_data[field.name], form.cleaned_data["reason"]
                if "take" in request.POST:
                    try:
                        return self._take(request, rows, field, value, reason)
                    except StaleEdit:
                        is_stale = True
                plan = plan_edit(rows, field, value, reason=reason)
        context = {
            **self.admin_site.each_context(request),  # type: ignore[attr-defined]
            "title": f"Change one field of {count} {self._noun(count)}",
            "opts": self.opts,  # type: ignore[attr-defined]
            "media": self.media + (form.media if form else forms.Media()),  # type: ignore[attr-defined]
            "rows": list(rows) if plan is None else [],
            "fields": fields.values(),
            "field": field,
            "form": form,
            "plan": plan,
            "changed": plan.count(CHANGED) if plan else 0,
            "seal": plan.seal if plan else "",
            "is_stale": is_stale,
            "selected": list(queryset.values_list("pk", flat=True)),
            "action_checkbox_name": helpers.ACTION_CHECKBOX_NAME,
        }
        return TemplateResponse(request, "admin/catalog/bulk_edit.html", context)

    def _form(self, request: HttpRequest, field: "Field[Any, Any]", data: Any) -> forms.Form:
        own = self.formfield_for_dbfield(field, request)  # type: ignore[attr-defined]
        if isinstance(own.widget, RelatedFieldWidgetWrapper):
            own.widget = own.widget.widget
        made = type("BulkForm", (_BulkForm,), {field.name: own})(data)
        made.order_fields([field.name, "reason"])
        return made  # type: ignore[no-any-return]

    def _take(
        self, request: HttpRequest, rows: "QuerySet[Any]", field: "Field[Any, Any]", value: Any, reason: str
    ) -> HttpResponse | None:
        try:
            seen = request.POST.get("seen", "")
            batch = take_edit(rows, field, value, by=request.user, reason=reason, seen=seen)  # type: ignore[arg-type]
        except StaleEdit:
            raise
        except BadImport as error:
            self._say(request, str(error))
            return None
        refused = f"; {batch.refused} refused, with the reason beside each" if batch.refused else ""
        self._say(request, f"Changed: {batch.file_name}{refused}. It can be undone here.", messages.SUCCESS)
        return redirect("admin:catalog_importbatch_change", batch.pk)

    def _say(self, request: HttpRequest, text: str, level: int = messages.ERROR) -> None:
        self.message_user(request, text, level)  # type: ignore[attr-defined]

    def _noun(self, count: int) -> str:
        opts = self.opts  # type: ignore[attr-defined]
        return str(opts.verbose_name if count == 1 else opts.verbose_name_plural)


class _BulkForm(forms.Form):
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        error_messages={"required": "Say why the rows change. The reason stays in the history."},
    )

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        for name, value in list(values.items()):
            if isinstance(value, Source) and value.retrieved_at is None:
                self.add_error(name, f"It is not known when {value} was read. Give the day on its own page first.")
        return values
