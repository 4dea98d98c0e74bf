"""Who may do what: five groups, the same in every installation, made and kept by each migration.

A group that somebody changed by hand is set back; a group of one's own, under another name, is left alone.
"""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db.models.signals import post_migrate

FACTS = (
    *("organization", "source", "model", "modelversion", "claim", "alias", "offering", "price", "benchmark", "score"),
    *("hardware", "hardwareprice", "referenceprice", "trainingrun", "trainingphase"),
)
OUR_APPS = ("catalog", "ingest", "evals", "dashboard")
# Rows that hold what somebody may use to act as another, or another's own.
NOT_FOR_READERS = {"dashboard.view_apitoken", "catalog.view_savedfilter"}

EDITOR = {
    *(f"catalog.{verb}_{name}" for name in FACTS for verb in ("add", "change")),
    "catalog.add_conflictnote",
    "catalog.add_importbatch",
    "catalog.change_report",
}
REVIEWER = EDITOR | {
    *(f"catalog.delete_{name}" for name in FACTS),
    "catalog.review_importbatch",
    "ingest.change_heldchange",
}
OPERATOR = {
    *(f"evals.{verb}_{name}" for name in ("endpoint", "suite", "sample") for verb in ("add", "change")),
    "evals.add_run",
    "evals.change_run",
    "ingest.change_feed",
    "ingest.change_feedrun",
}
# Kinds of rows that another part of the program may bring: their permissions are given where they exist.
OPERATED = ("schedule", "alert", "alertrule")
DECIDED = ("proposal",)


def wanted(known: set[str]) -> dict[str, set[str]]:
    """The permissions of each role, of those that exist, as ``app.codename``."""
    reading = {name for name in known if name.partition(".")[2].startswith("view_")}
    reading = {name for name in reading if name.partition(".")[0] in OUR_APPS} - NOT_FOR_READERS
    operated = {f"evals.{verb}_{name}" for name in OPERATED for verb in ("add", "change", "delete")}
    decided = {
        f"{app}.{verb}_{name}" for app in ("catalog", "ingest") for name in DECIDED for verb in ("add", "change")
    }
    roles = {
        "viewer": reading,
        "editor": reading | EDITOR,
        "reviewer": reading | REVIEWER | decided,
        "operator": reading | OPERATOR | operated,
        "admin": known,
    }
    return {role: names & known for role, names in roles.items()}


def keep_roles(sender: AppConfig, **_: Any) -> None:
    """Receiver of ``post_migrate``: after the last app, when all permissions are there."""
    last = [each for each in apps.get_app_configs() if each.models_module is not None][-1]
    if sender.label != last.label:
        return
    create_permissions(sender, verbosity=0)  # its own receiver may come after this one
    by_name = {
        f"{permission.content_type.app_label}.{permission.codename}": permission
        for permission in Permission.objects.select_related("content_type")
    }
    groups = {group.name: group for group in Group.objects.prefetch_related("permissions")}
    for role, names in wanted(set(by_name)).items():
        group = groups.get(role) or Group.objects.create(name=role)
        numbers = {by_name[name].pk for name in names}
        if {permission.pk for permission in group.permissions.all()} != numbers:
            group.permissions.set(numbers)


def connect() -> None:
    post_migrate.connect(keep_roles, dispatch_uid="config.roles")
