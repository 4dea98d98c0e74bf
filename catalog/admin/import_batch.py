from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from catalog.admin.exporting import download
from catalog.errors import BadImport
from catalog.importing.cells import TABLE_OF
from catalog.importing.files import ABOUT_SOURCE, MAX_BYTES, MAX_LINES, REASON, REFUSED_BECAUSE, write_file
from catalog.models import AuditEvent, ImportBatch
from catalog.services import imports

LINES_PER_PAGE = 100
STATUSES = ("new", "changed", "same", "refused")
MODEL_OF = {name: model for model, name in TABLE_OF.items()}


def why_undone(batch: ImportBatch) -> str:
    """The reason of the undo, which the history keeps; empty while it is in force."""
    if batch.state != ImportBatch.State.UNDONE:
        return ""
    taken_back = batch.events.filter(origin=AuditEvent.Origin.REVERT)
    return taken_back.values_list("reason", flat=True).first() or ""


class UploadForm(forms.Form):
    """A file and what it lists. Whoever may not write that kind of fact is not offered it."""

    table = forms.ChoiceField(label="What it lists")
    file = forms.FileField(
        label="File", help_text=f"CSV (UTF-8) or XLSX, at most {MAX_BYTES // 1024**2} MB and {MAX_LINES:,} lines."
    )

    def __init__(self, *args: Any, tables: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["table"].choices = [(name, name.replace("_", " ")) for name in tables]  # type: ignore[attr-defined]


@admin.register(ImportBatch)
class ImportBatchAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """Upload, look at what would change, take it; later review it, or take it back."""

    list_display = [
        *("file_name", "kind", "table", "state", "new", "changed", "same", "refused"),
        *("uploaded_by", "uploaded_at", "finished_by", "reviewed_by"),
    ]
    list_filter = ["state", "kind", "table", ("reviewed_at", admin.EmptyFieldListFilter)]
    list_select_related = ("uploaded_by",)
    search_fields = ["file_name", "table", "uploaded_by__username", "reason"]
    date_hierarchy = "uploaded_at"
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).defer("lines")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False  # what a file said stays as it was; see has_take_permission

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:  # noqa: ARG002
        return False

    def has_take_permission(self, request: HttpRequest, batch: ImportBatch) -> bool:
        """Who may take an import or take it back: whoever may import, and write that kind of fact by hand."""
        return request.user.has_perm("catalog.add_importbatch") and batch.table in tables_for(request)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        own = [
            path("template/<slug:table>.<slug:kind>", view(self.template_view), name="catalog_importbatch_template"),
            path("<int:pk>/do/", view(self.do_view), name="catalog_importbatch_do"),
            path("<int:pk>/refused.<slug:kind>", view(self.refused_view), name="catalog_importbatch_refused"),
        ]
        return [*own, *super().get_urls()]

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",  # noqa: ARG002  Django names them
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        tables = tables_for(request)
        if not self.has_add_permission(request) or not tables:
            raise PermissionDenied
        initial = {"table": request.GET.get("table", "prices")}
        form = UploadForm(request.POST or None, request.FILES or None, tables=tables, initial=initial)
        if request.method == "POST" and form.is_valid():
            file = form.cleaned_data["file"]
            try:
                batch = imports.check_import(
                    table=form.cleaned_data["table"],
                    file_name=file.name,
                    content=file.read(MAX_BYTES + 1),
                    uploaded_by=request.user,  # type: ignore[arg-type]
                )
            except BadImport as error:
                form.add_error("file", str(error))
            else:
                return redirect("admin:catalog_importbatch_change", batch.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Import facts from a file",
            "opts": self.opts,
            "form": form,
            "tables": [(name.replace("_", " "), name, imports.TABLES_BY_NAME[name].columns) for name in tables],
            "about_source": ", ".join(ABOUT_SOURCE),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/catalog/import_upload.html", context)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",  # noqa: ARG002  Django names them
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        batch = self.get_object(request, object_id)
        if batch is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined, no-any-return]
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        wanted = request.GET.get("status", "")
        wanted = wanted if wanted in STATUSES else ""
        lines = [line for line in batch.lines if not wanted or line["status"] == wanted]
        may_take = self.has_take_permission(request, batch)
        context = {
            **self.admin_site.each_context(request),
            "title": f"{'Change' if batch.kind == ImportBatch.Kind.EDIT else 'Import'} of {batch.file_name}",
            "opts": self.opts,
            "original": batch,
            "why_undone": why_undone(batch),
            "status": wanted,
            "counts": [(status, getattr(batch, status)) for status in STATUSES],
            "page": Paginator(lines, LINES_PER_PAGE).get_page(request.GET.get("page")),
            "first_columns": batch.columns[:6],
            "may_take": may_take and batch.state == ImportBatch.State.CHECKED,
            "may_undo": may_take and batch.state == ImportBatch.State.TAKEN,
            "may_review": batch.state == ImportBatch.State.TAKEN
            and batch.reviewed_at is None
            and request.user.has_perm("catalog.review_importbatch"),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/catalog/import_batch.html", context)

    def do_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Take, undo, discard or review: one button each."""
        batch = self.get_object(request, str(pk))
        if batch is None:
            raise Http404
        verb, reason, actor = request.POST.get("do"), request.POST.get("reason", ""), request.user.get_username()
        is_reviewer = request.user.has_perm("catalog.review_importbatch")
        if request.method != "POST" or not (
            is_reviewer if verb == "review" else self.has_take_permission(request, batch)
        ):
            raise PermissionDenied
        try:
            if verb == "take":
                taken = imports.take_import(batch, actor=actor, reason=reason)
                said = f"Taken: {taken.created} rows are new, {taken.changed} changed."
            elif verb == "undo":
                count = imports.undo_import(batch, actor=actor, reason=reason)
                said = f"Undone: {count} {'change was' if count == 1 else 'changes were'} taken back."
            elif verb == "review":
                imports.review_import(batch, actor=actor)
                said = f"{batch.file_name} is reviewed."
            else:
                imports.discard_import(batch, actor=actor)
                said = f"{batch.file_name} is put aside. Nothing was written."
        except BadImport as error:
            self.message_user(request, str(error), messages.ERROR)
        else:
            self.message_user(request, said, messages.SUCCESS)
        return redirect("admin:catalog_importbatch_change", pk)

    def refused_view(self, request: HttpRequest, pk: int, kind: str) -> HttpResponse:
        """The refused lines as a file, each with its reason, to be corrected and uploaded again."""
        batch = self.get_object(request, str(pk))
        if batch is None or kind not in ("csv", "xlsx"):
            raise Http404
        if not self.has_view_permission(request, batch):
            raise PermissionDenied
        lines = [line for line in batch.lines if line["status"] == "refused"]
        rows = [
            [*(line["cells"].get(name, "") for name in batch.columns), " ".join(line["problems"])] for line in lines
        ]
        return download(f"refused-{pk}", write_file([*batch.columns, REFUSED_BECAUSE], rows, kind=kind), kind)

    def template_view(self, request: HttpRequest, table: str, kind: str) -> HttpResponse:
        """An empty file with the columns of a table."""
        if table not in imports.TABLES_BY_NAME or kind not in ("csv", "xlsx"):
            raise Http404
        if not self.has_view_permission(request):
            raise PermissionDenied
        columns = [*imports.TABLES_BY_NAME[table].columns]
        if "source_url" in columns:
            columns += ABOUT_SOURCE
        return download(table, write_file([*columns, REASON], [], kind=kind), kind)


def tables_for(request: HttpRequest) -> list[str]:
    """The tables whose facts this user may enter."""
    return [
        name
        for name in imports.TABLES_BY_NAME
        if all(request.user.has_perm(f"catalog.{verb}_{MODEL_OF[name]._meta.model_name}") for verb in ("add", "change"))
    ]
