"""``python -m config.supervisor.follow_up``: what a start does after READY, beside the running site."""

import argparse
import sys
import time
import urllib.request
from decimal import Decimal

import django
from django.conf import settings

from config.supervisor import prepare

SUITE = "everyday-v1"
FIRST_RUN = "first-run"  # the idempotency key: there is one first run, however often this is started
FIRST_RUN_BUDGET_USD = Decimal("0.05")
MODEL_TIMEOUT_S = 60


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model-url", help="Where the local language model answers.")
    parser.add_argument("--evaluate", action="store_true", help="Measure it when it was never measured.")
    options = parser.parse_args()
    django.setup()
    prepare.migrate()  # a database restored from a backup may be older than this code
    if options.model_url:
        return evaluate_local_model(options.model_url, is_evaluating=options.evaluate)
    return 0


def evaluate_local_model(url: str, *, is_evaluating: bool) -> int:
    """Tell the site where the model answers, and have it measured once by the worker."""
    from evals import services
    from evals.models import Run, Suite

    if not wait_for(f"{url.removesuffix('/v1')}/health"):
        print(f"The local model did not answer at {url} within {MODEL_TIMEOUT_S} s; it is not measured.", flush=True)
        return 1
    endpoint = services.register_local_endpoint(base_url=url, machine_usd_per_hour=settings.LOCAL_MODEL_USD_PER_HOUR)
    if is_evaluating and not Run.objects.filter(idempotency_key=FIRST_RUN).exists():
        suite = Suite.objects.get(slug=SUITE)
        services.start_run(
            suite=suite,
            endpoint=endpoint,
            budget_usd=FIRST_RUN_BUDGET_USD,
            idempotency_key=FIRST_RUN,
            requested_by="first start",
        )
        print(f"Measuring {endpoint} with {suite.samples.count()} samples of {suite}: see /evals/.", flush=True)
    return 0


def wait_for(url: str) -> bool:
    deadline = time.monotonic() + MODEL_TIMEOUT_S
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2):  # noqa: S310  our own loopback address
                return True
        except OSError:
            time.sleep(0.2)
    return False


if __name__ == "__main__":
    sys.exit(main())
