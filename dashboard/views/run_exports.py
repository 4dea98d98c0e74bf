"""One run as files: a table for spreadsheets, every call as JSON lines, and a log that Inspect reads."""

import json

from django.http import HttpRequest, HttpResponse

from dashboard.views.runs import run_or_404
from evals import exports


def csv(request: HttpRequest, run_id: str) -> HttpResponse:  # noqa: ARG001
    """``/evals/runs/<id>/samples.csv``."""
    run = run_or_404(run_id)
    return as_file(exports.csv_text(run), f"run-{run.pk}.csv", "text/csv")


def jsonl(request: HttpRequest, run_id: str) -> HttpResponse:  # noqa: ARG001
    """``/evals/runs/<id>/samples.jsonl``: requests, raw replies and raw usage included."""
    run = run_or_404(run_id)
    text = "".join(f"{line}\n" for line in exports.jsonl_lines(run))
    return as_file(text, f"run-{run.pk}.jsonl", "application/x-ndjson")


def inspect(request: HttpRequest, run_id: str) -> HttpResponse:  # noqa: ARG001
    """``/evals/runs/<id>/inspect.json``."""
    run = run_or_404(run_id)
    text = json.dumps(exports.inspect_log(run), ensure_ascii=False, default=str)
    return as_file(text, f"run-{run.pk}-inspect.json", "application/json")


def as_file(text: str, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Robots-Tag"] = "noindex"
    return response
