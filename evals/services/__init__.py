"""Everything this app does to its rows: one verb, one transaction each."""

from evals.services.comparisons import start_comparison, stop_if_decided
from evals.services.endpoints import register_local_endpoint
from evals.services.rescore import rescore_run
from evals.services.restored import Quietened, stop_after_restore
from evals.services.runs import cancel_run, resume_run, retry_failed, start_run
from evals.services.suites import install_suite, install_suites

__all__ = [
    "Quietened",
    "cancel_run",
    "install_suite",
    "install_suites",
    "register_local_endpoint",
    "rescore_run",
    "resume_run",
    "retry_failed",
    "start_comparison",
    "start_run",
    "stop_after_restore",
    "stop_if_decided",
]
