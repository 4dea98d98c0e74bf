"""Every address of this site, found in its URL configuration: a new route that nobody entered here fails a test."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import admin
from django.contrib.auth.models import User
from django.db.models import Model as Row
from django.test import RequestFactory
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from catalog.models import ImportBatch, Model, Source
from dashboard.models import SavedView
from evals.models import Comparison, Run, Suite

NONE = "00000000-0000-0000-0000-000000000000"
Arguments = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Address:
    """``name`` is the route's, as in ``dashboard:model``; ``is_there``: the thing that it names exists."""

    name: str
    path: str
    is_there: bool = True


def _model() -> list[Arguments]:
    return [{"slug": slug} for slug in Model.objects.order_by("pk").values_list("slug", flat=True)[:1]]


def _run() -> list[Arguments]:
    """A finished one and one under way."""
    found = {state: pk for pk, state in Run.objects.order_by("created_at").values_list("pk", "state")}
    return [{"run_id": str(pk)} for pk in found.values()]


def _action() -> list[Arguments]:
    """What can be done with one under way."""
    going = Run.objects.filter(state__in=Run.OPEN_STATES).values_list("pk", flat=True)
    return [{"run_id": str(pk), "action": "cancel"} for pk in going[:1]]


def _pair() -> list[Arguments]:
    slugs = list(Model.objects.order_by("pk").values_list("slug", flat=True)[:2])
    return [{"slugs": "/".join(slugs)}] if len(slugs) == 2 else []


def _source() -> list[Arguments]:
    return [{"pk": pk} for pk in Source.objects.order_by("pk").values_list("pk", flat=True)[:1]]


def _suite() -> list[Arguments]:
    return [{"slug": slug} for slug in Suite.objects.values_list("slug", flat=True)[:1]]


def _view() -> list[Arguments]:
    return [{"key": key} for key in SavedView.objects.values_list("feed_key", flat=True)[:1]]


def _comparison() -> list[Arguments]:
    return [{"comparison_id": str(pk)} for pk in Comparison.objects.values_list("pk", flat=True)[:1]]


# Routes with a part that names something: which ones there are, and one that is not there.
NAMED: dict[str, tuple[Callable[[], list[Arguments]], Arguments]] = {
    "dashboard:model": (_model, {"slug": "nothing-of-that-name"}),
    "dashboard:compare": (_pair, {"slugs": "nothing-of-that-name/neither"}),
    "dashboard:source": (_source, {"pk": 10**9}),
    "dashboard:suite": (_suite, {"slug": "nothing-of-that-name"}),
    "dashboard:view_atom": (_view, {"key": "nobody-has-this-key"}),
    **{
        f"dashboard:{name}": (_run, {"run_id": NONE})
        for name in ("run", "run_rescore", "run_csv", "run_jsonl", "run_inspect")
    },
    "dashboard:run_spread": (
        lambda: [run | {"quantity": "latency"} for run in _run()],
        {"run_id": NONE, "quantity": "latency"},
    ),
    "dashboard:run_action": (_action, {"run_id": NONE, "action": "cancel"}),
    "api:model": (_model, {"slug": "nothing-of-that-name"}),
    "api:run": (_run, {"run_id": NONE}),
    "api:run_samples": (_run, {"run_id": NONE}),
    "api:comparison": (_comparison, {"comparison_id": NONE}),
}
NAMED |= {
    f"dashboard:{page}_{form}": NAMED[f"dashboard:{page}"]
    for page, forms in (
        ("model", "csv json png svg embed"),
        ("compare", "csv json png svg embed"),
        ("source", "csv json png"),
        ("suite", "csv json png"),
    )
    for form in forms.split()
}
# Routes that only take what a form or a program sends.
POSTED = {
    *("dashboard:conflict_note", "dashboard:schedule_act", "dashboard:alert_act", "dashboard:view_save"),
    *("dashboard:view_remove", "api:start", "api:compare", "api:cancel", "api:resume", "api:retry"),
    *(
        "api:run_schedule",
        "api:pause_schedule",
        "api:go_on_with_schedule",
        "api:views",
        "api:save_a_view",
        "api:remove_view",
    ),
}
NOTHING = {"api:api-root"}  # the name of the folder, for making addresses
# The same page under other assumptions.
QUERIES = {
    "dashboard:frontier": [
        "?as_of=2024-12-01&mix=1:0:1&unknown=show",
        "?capability=benchmark:alpha&policy=median&price_policy=cheapest",
    ],
    "dashboard:prices": ["?q=model"],
    "dashboard:models": ["?q=nothing-of-that-name"],
    "dashboard:conflicts": ["?question=all"],
    "dashboard:training": ["?usd_per_gpu_hour=3"],
    "dashboard:report": ["?page=/models/&about=price&shown=1"],
}  # fmt: skip
# Tables beside the first of their page.
TABLES = {
    "model": ("history", "scores", "facts", "training"),
    "compare": ("traffic", "levels", "pairs", "mixes", "benchmarks"),
    "prices": ("history", "traffic", "announced"),
    "trends": ("cheapest",),
    "training": ("phases", "methods", "totals"),
    "whole_life": ("machine",),
    "suite": ("items",),
}
QUERIES |= {
    f"dashboard:{page}_{form}": [f"?table={table}" for table in tables]
    for page, tables in TABLES.items()
    for form in ("csv", "json")
}


def routes(resolver: URLResolver | None = None, space: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every route with its name and name space, the admin left out: that is listed by its models."""
    for pattern in (resolver or get_resolver()).url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{space}{pattern.name or ''}", pattern
        elif pattern.namespace != "admin":
            yield from routes(pattern, f"{pattern.namespace}:" if pattern.namespace else space)


def readable(space: str) -> dict[str, URLPattern]:
    """The routes of a name space that answer a GET."""
    return {
        name: pattern for name, pattern in routes() if name.startswith(f"{space}:") and name not in POSTED | NOTHING
    }


def addresses(space: str) -> list[Address]:
    """What can be read there now. Things that are not there are asked for too."""
    found = []
    for name, pattern in readable(space).items():
        if name == "dashboard:oembed":
            found.append(Address(name, f"{reverse(name)}?url=http%3A%2F%2Ftestserver%2F"))
        elif name in NAMED:
            there, absent = NAMED[name]
            paths = [reverse(name, kwargs=arguments) for arguments in there()]
            found += [Address(name, path + query) for path in paths for query in ("", *QUERIES.get(name, []))]
            found.append(Address(name, reverse(name, kwargs=absent), is_there=False))
        elif pattern.pattern.converters:
            raise LookupError(f"{name} has a part that names something: say in NAMED which there are.")
        else:
            found += [Address(name, reverse(name) + query) for query in ("", *QUERIES.get(name, []))]
    if space == "dashboard":
        found += list(_with_an_argument())
    return found


def _with_an_argument() -> Iterator[Address]:
    """Pages that say nothing without one."""
    runs = [str(pk) for pk in Run.objects.filter(comparison__isnull=False).values_list("pk", flat=True)[:2]]
    if len(runs) == 2:
        yield Address("dashboard:run_compare", f"{reverse('dashboard:run_compare')}?runs={','.join(runs)}")
    for suite in Suite.objects.all()[:1]:
        query = f"?suite={suite.slug}&endpoint=here&endpoint=there"
        yield Address("dashboard:run_new", f"{reverse('dashboard:run_new')}{query}")


def has_form_for_new(model: type[Row]) -> bool:
    request = RequestFactory().get("/")
    request.user = User(is_superuser=True, is_active=True)
    return admin.site._registry[model].has_add_permission(request)


def admin_addresses() -> Iterator[Address]:
    """The first page, and of every table its list, its form for a new row, and form and history of its last row."""
    yield Address("admin:index", reverse("admin:index"))
    yield Address("admin:ingest_proposal_review", reverse("admin:ingest_proposal_review"))
    for batch in ImportBatch.objects.all()[:1]:
        name = "admin:catalog_importbatch_change"
        yield Address(name, reverse(name, args=[batch.pk]))
    for model in admin.site._registry:
        base = f"admin:{model._meta.app_label}_{model._meta.model_name}"
        yield Address(f"{base}_changelist", reverse(f"{base}_changelist"))
        if has_form_for_new(model):
            yield Address(f"{base}_add", reverse(f"{base}_add"))
        for row in model._default_manager.order_by("-pk")[:1]:
            yield Address(f"{base}_change", reverse(f"{base}_change", args=[row.pk]))
            yield Address(f"{base}_history", reverse(f"{base}_history", args=[row.pk]))
