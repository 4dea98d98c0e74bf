"""``make test``: the whole suite on SQLite, then what touches the database again on PostgreSQL.

``python -m tests [pytest arguments]``. Tests that kill and freeze processes run alone, the others on every core.
The last lines say what was really exercised; where CI is set, something missing is a failure.
"""

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from tests.support.exercised import Tally
from tests.support.postgres import postgres_server, server_folder

ROOT = Path(__file__).resolve().parent.parent
NO_TESTS = 5  # pytest's exit code
IN_CI = os.environ.get("CI", "").lower() in {"1", "true"}


def main(arguments: Sequence[str]) -> int:
    tally = Tally()
    codes = []
    with postgres() as postgres_url:
        passes = [
            ("SQLite", "", ["-m", "not fault and not e2e", "-n", "2"]),
            # One at a time to whoever is free: a single one of these tests may look at every page.
            ("Browser", "", ["-m", "e2e and not fault", "-n", "2", "--maxschedchunk", "1"]),
            ("SQLite, faults", "", ["-m", "fault"]),
        ]
        if postgres_url:
            passes += [
                ("PostgreSQL", postgres_url, ["-m", "not fault and not e2e", "-n", "2", "--only-database"]),
                ("PostgreSQL, faults", postgres_url, ["-m", "fault", "--only-database"]),
            ]
        for name, url, options in passes:
            print(f"\n=== {name}", flush=True)
            codes.append(run(url, [*options, *arguments], tally))
    print(tally.sentence())
    missing = tally.missing()
    if missing:
        print(f"Not exercised: {', '.join(missing)}.{' In CI that is a failure.' if IN_CI else ''}")
    failed = tally.outcomes["failed"]
    print(f"{tally.outcomes['passed']} passed, {failed} failed, {tally.outcomes['skipped']} skipped")
    everything_ran = not missing or not IN_CI or bool(arguments)
    return 0 if set(codes) <= {0, NO_TESTS} and tally.outcomes["passed"] and everything_ran else 1


@contextlib.contextmanager
def postgres() -> Iterator[str]:
    """The second database: given, started for the occasion, or an empty string."""
    if url := os.environ.get("TEST_DATABASE_URL"):
        yield url
    elif server_folder() is None:
        yield ""
    else:
        with postgres_server() as url:
            yield url


def run(database_url: str, arguments: Sequence[str], tally: Tally) -> int:
    with tempfile.NamedTemporaryFile(suffix=".json") as file:
        environment = os.environ | {
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "TEST_DATABASE_URL": database_url,
            "TEST_TALLY": file.name,
        }
        environment.setdefault("OPENBLAS_NUM_THREADS", "1")  # two test processes on two cores
        code = subprocess.call([sys.executable, "-m", "pytest", "-q", *arguments], cwd=ROOT, env=environment)
        if Path(file.name).stat().st_size:
            tally.read(Path(file.name))
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
