"""What an endpoint's state means for its runs."""

from datetime import datetime

from evals.models import Endpoint, Run


def follow_endpoint(endpoint: Endpoint, now: datetime) -> None:
    """Let an endpoint's state reach its runs: pause them, stop them, or let them go on."""
    runs = Run.objects.filter(endpoint=endpoint)
    if endpoint.state == Endpoint.State.PAUSED:
        probe = f" Next probe at {endpoint.resume_at:%H:%M:%S} UTC." if endpoint.resume_at else ""
        n = endpoint.consecutive_failures
        failed = f"{n} calls in a row failed (a sample may be called several times). The last: " if n else ""
        runs.filter(state__in=Run.CLAIMABLE_STATES).update(
            state=Run.State.PAUSED,
            stop_reason=f"{failed}{endpoint.state_message}{probe}",
        )
    elif endpoint.state in {Endpoint.State.NO_CREDIT, Endpoint.State.REFUSED}:
        runs.filter(state__in=Run.OPEN_STATES).update(
            state=Run.State.FAILED, stop_reason=endpoint.state_message, finished_at=now
        )
    else:
        runs.filter(state=Run.State.PAUSED).update(state=Run.State.RUNNING, stop_reason="")
