"""What a run measured: noted at its start, because an endpoint may be given another model later."""

from catalog.models import ModelVersion, Score
from evals.models import Run


def measured_version(run: Run) -> ModelVersion | None:
    """The weights that answered in a run: noted at its start, else those of its score, else those served now.

    None for an endpoint that was linked to no version, and for one that has been given another model since.
    """
    if known := _noted(run):
        return known
    return None if _other_model(run) else run.endpoint.served_version


def changed_since(run: Run) -> str:
    """Why no more answers belong into this run: its endpoint serves something else now. Empty when it does not."""
    endpoint, version = run.endpoint, _noted(run)
    then = now = ""
    if _other_model(run):
        then, now = run.model_id, endpoint.model_id
    elif version is not None and version != endpoint.served_version:
        then, now = str(version), str(endpoint.served_version or "no known version")
    if not then:
        return ""
    return (
        f"{endpoint.name} served {then} when the run was started and serves {now} now, so further answers would not "
        "belong to it. Start a new run."
    )


def run_address(run: Run) -> str:
    """Of the run's own page: the source of its score."""
    return f"/evals/runs/{run.pk}/"


def _noted(run: Run) -> ModelVersion | None:
    if run.version is not None or run.model_id:
        return run.version
    # Older than this was noted: its score says it, where there is one.
    score = Score.objects.select_related("version").filter(source__url=run_address(run), superseded_by=None).first()
    return score.version if score else None


def _other_model(run: Run) -> bool:
    return bool(run.model_id) and run.model_id != run.endpoint.model_id
