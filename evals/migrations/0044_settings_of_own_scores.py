"""Scores of our own runs name the longest answer that was allowed, and each run has one score in force."""

from typing import Any

from django.db import migrations

PATH = "/evals/runs/"


def complete(apps: Any, schema_editor: Any) -> None:
    scores = apps.get_model("catalog", "Score").objects.filter(source__url__startswith=PATH).select_related("source")
    runs = {f"{PATH}{run.pk}/": run for run in apps.get_model("evals", "Run").objects.all()}
    newest: dict[int, Any] = {}
    for score in scores.filter(superseded_by=None).order_by("-pk"):
        if score.source_id in newest:
            score.superseded_by = newest[score.source_id]
            score.save(update_fields=["superseded_by"])
        else:
            newest[score.source_id] = score
    for score in scores.filter(configuration__startswith="endpoint ").exclude(configuration__contains="output tokens"):
        if run := runs.get(score.source.url):
            score.configuration = f"{score.configuration}, at most {run.max_output_tokens} output tokens"[:300]
            score.save(update_fields=["configuration"])


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("evals", "0043_calls_before_asking_again"),
    ]

    operations = [migrations.RunPython(complete, migrations.RunPython.noop)]
