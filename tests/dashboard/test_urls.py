"""Every address answers for each size of the database, and none is forgotten here."""

import pytest
from django.test import Client
from django.urls import URLPattern

from catalog.models import ModelVersion
from dashboard.urls import pages
from tests import factories as make

ADDRESSES = {
    "frontier": "/",
    "preview": "/preview.png",
    "embed": "/embed/frontier/",
    "oembed": "/oembed?url=http://testserver/",
    "models": "/models/",
    "model": "/models/model-0/",
    "compare_choose": "/compare/",
    "compare": "/compare/model-0/model-1/",
    "prices": "/prices/",
    "sources": "/sources/",
    "source": "/sources/{source}/",
    "conflicts": "/conflicts/",
    "changes": "/changes/",
    "changes_atom": "/changes.atom",
    "trends": "/trends/",
    "routing": "/routing/",
    "whole_life": "/whole-life/",
    "training": "/training/",
    "runs": "/evals/",
    "method": "/method/",
    "report": "/report/",
    "run_compare": "/evals/compare/",
    "endpoints": "/evals/endpoints/",
    "schedules": "/evals/schedules/",
    "alerts": "/evals/alerts/",
    "alerts_atom": "/evals/alerts.atom",
}
# What others take away from a page, at its address with other endings.
TAKEN = {
    **{name: ADDRESSES[name] for name in ("model", "compare", "prices", "trends", "training", "routing", "whole_life")},
    "frontier": "/frontier/",
}
ADDRESSES |= {f"{name}_svg": f"{address[:-1]}.svg" for name, address in TAKEN.items()}
ADDRESSES |= {f"{name}_embed": f"/embed{address}" for name, address in TAKEN.items()}
TAKEN |= {name: ADDRESSES[name] for name in ("models", "conflicts", "changes", "sources", "source")}
ADDRESSES |= {
    f"{name}_{ending}": f"{address[:-1]}.{ending}"
    for name, address in TAKEN.items()
    for ending in ("csv", "json", "png")
}
ELSEWHERE = {
    "conflict_note": "a form that is posted",
    "run": "needs a run: tests/dashboard/test_runs.py",
    "suite": "needs a suite: tests/dashboard/test_suites.py",
    "run_new": "needs an operator: tests/dashboard/test_run_pages.py",
    "run_rescore": "needs a run",
    "run_csv": "needs a run",
    "run_jsonl": "needs a run",
    "run_inspect": "needs a run",
    "schedule_act": "a form that is posted: tests/dashboard/test_schedules.py",
    "alert_act": "a form that is posted",
    "views": "needs a log-in: tests/dashboard/test_saved_views.py",
    "view_save": "a form that is posted",
    "view_remove": "a form that is posted",
    "view_atom": "needs a saved view",
}
ONE_ROW = {name for name in ADDRESSES if name.split("_")[0] in ("model", "compare", "source")} - {"compare_choose"}


def test_no_address_is_missing_here() -> None:
    names = {pattern.name for pattern in pages if isinstance(pattern, URLPattern)}

    assert names == ADDRESSES.keys() | ELSEWHERE.keys()


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ADDRESSES.keys() - ONE_ROW))
def test_page_answers_with_no_model_at_all(client: Client, name: str) -> None:
    assert client.get(ADDRESSES[name]).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ADDRESSES))
def test_page_answers_when_every_price_is_unknown(client: Client, name: str) -> None:
    source = make.make_source()
    versions: list[ModelVersion] = [make.make_version(f"Model {n}") for n in range(2)]
    for version in versions:
        make.make_price(make.make_offering(version), "output", None)

    assert client.get(ADDRESSES[name].format(source=source.pk)).status_code == 200
