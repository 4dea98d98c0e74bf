"""One run as files: a table for spreadsheets, every call as JSON lines, and a log that Inspect reads."""

import json

from django.http import Http404, HttpRequest, HttpResponse

from dashboard import formats
from dashboard.charts import histogram, picture
from dashboard.charts.text import clean_text
from dashboard.run_details import distributions
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


def spread(request: HttpRequest, run_id: str, quantity: str) -> HttpResponse:
    """``/evals/runs/<id>/spread-latency.svg``: one of the run's histograms with its percentiles in words."""
    run = run_or_404(run_id)
    found = next((each for each in distributions(run) if each.name == quantity), None)
    if found is None:
        raise Http404(f"This run has no spread of {quantity}.")
    facts = ", ".join(f"{name.lower()} {value}" for name, value in found.facts)
    day = formats.day(run.created_at.date())
    about = f"{run.suite.name} on {run.endpoint.name}, {day}. {found.sentence.removesuffix('.')}: {facts}."
    scale = 2
    content = picture.framed(
        picture.Drawing(histogram.coloured(found.drawing), int(histogram.WIDTH * scale), int(histogram.HEIGHT * scale)),
        heading=found.title,
        title=f"{run.suite.name} on {run.endpoint.name}",
        note=f"{found.sentence.removesuffix('.')}: {facts}{f', {found.note}' if found.note else ''}",
        sources=f"Run of {day}, {request.get_host()}{request.path.rpartition('/')[0]}/",
        about=clean_text(about, None),
    )
    response = HttpResponse(content, content_type="image/svg+xml")
    response["Content-Disposition"] = f'attachment; filename="run-{run.pk}-{quantity}.svg"'
    response["X-Robots-Tag"] = "noindex"
    return response


def as_file(text: str, name: str, kind: str) -> HttpResponse:
    response = HttpResponse(text, content_type=f"{kind}; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["X-Robots-Tag"] = "noindex"
    return response
