"""``python -m config.supervisor.prepare``: the database and the starting facts, as this code wants them.

Every step does nothing when it has nothing to do.
"""

import sys
import time
from collections.abc import Callable, Sequence

import django
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection
from django.db.migrations.loader import MigrationLoader

from config.supervisor import state


class CannotPrepare(Exception):
    """Says what is wrong and what to do."""


def main(arguments: Sequence[str] = ()) -> int:
    django.setup()
    try:
        for sentence, step in STEPS:
            started_at = time.monotonic()
            step()
            if time.monotonic() - started_at > SLOW_S:
                print(f"{sentence}: {time.monotonic() - started_at:.1f} s", flush=True)
    except CannotPrepare as error:
        print(error, flush=True)
        return 1
    except OperationalError as error:
        print(f"The database of DATABASE_URL cannot be used: {str(error).strip()}", flush=True)
        return 1
    if "--print-admin-link" in arguments and (link := state.take_admin_link()):
        print(
            f"To enter facts, set the password of the user admin here (works once): {settings.APP_URL}{link}",
            flush=True,
        )
    return 0


def migrate() -> None:
    """Apply what is pending; refuse a database that a newer version of the code has changed."""
    try:
        connection.ensure_connection()
        loader = MigrationLoader(connection)
    except DatabaseError as error:
        raise CannotPrepare(
            f"The database of DATABASE_URL cannot be used: {str(error).strip()} Is it running, and is the URL right?"
        ) from error
    unknown = set(loader.applied_migrations) - set(loader.disk_migrations) - set(loader.replacements)
    ours = sorted(f"{app}.{name}" for app, name in unknown if app in loader.migrated_apps)
    if ours:
        raise CannotPrepare(
            f"The database is newer than this code: it has {', '.join(ours)}. "
            "Start the newer version, or restore an older backup."
        )
    call_command("migrate", interactive=False, verbosity=0)


def seed() -> None:
    from catalog import services

    if not services.seed_is_current():
        services.seed()


def install_suites() -> None:
    from evals import services

    services.install_suites()


def read_prices() -> None:
    """The price table inside an installed package: needs no network. Old prices are better than no start."""
    from ingest.models import FeedRun
    from ingest.services import read_feed

    run = read_feed(BUNDLED_FEED)
    if run.state != FeedRun.State.APPLIED:
        print(f"The bundled prices were not taken ({run.get_state_display()}): {run.message}", flush=True)


def fit_index() -> None:
    from catalog import services
    from catalog.errors import CatalogError

    try:
        services.fit_index()
    except CatalogError as error:
        print(f"The capability index was not fitted: {error}", flush=True)


def invite_admin() -> None:
    from config.admin_link import make_first_admin

    link = make_first_admin()
    if link:
        state.leave_admin_link(link)


BUNDLED_FEED = "genai-prices"
SLOW_S = 0.5
STEPS: tuple[tuple[str, Callable[[], None]], ...] = (
    ("Database up to date", migrate),
    ("Starting facts loaded", seed),
    ("Built-in suites installed", install_suites),
    ("Bundled prices read", read_prices),
    ("Capability index fitted", fit_index),
    ("Administrator made", invite_admin),
)

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
