"""Building small feeds and saying what their names mean."""

from datetime import datetime
from typing import Any

import orjson

from catalog.models import Alias, ModelVersion, Price
from ingest.models import FeedRun
from ingest.services import read_feed
from tests.factories import at, make_version

FEED = "genai-prices"


def table(**models: Any) -> bytes:
    """A genai-prices file with one seller, OpenAI."""
    rows = [{"id": name, "prices": prices} for name, prices in models.items()]
    return orjson.dumps([{"id": "openai", "name": "OpenAI", "models": rows}])


def flat(usd_input: float | None, usd_output: float | None = None) -> dict[str, Any]:
    """Prices of a model as the file has them."""
    pair = {"input_mtok": usd_input, "output_mtok": usd_output}
    return {name: value for name, value in pair.items() if value is not None}


def read(body: bytes, on: str, **options: Any) -> FeedRun:
    """Read the file as of a day and insist that it got through."""
    run = read_feed(FEED, body=body, observed_at=at(on), **options)
    assert run.state == FeedRun.State.APPLIED, run.message
    return run


def name(raw_name: str, version: ModelVersion | None = None, **period: datetime | None) -> ModelVersion:
    """Accept that this name means the version; one is made when none is given."""
    version = version or make_version(raw_name, developer="OpenAI", released=None)
    Alias.objects.create(namespace=f"{FEED}/openai", raw_name=raw_name, version=version, **period)
    return version


def counts(run: FeedRun) -> dict[str, int]:
    """The counts of a run that are not zero."""
    names = ("created", "changed", "unchanged", "held", "rejected", "unresolved", "absent", "written")
    return {key: value for key in names if (value := getattr(run, key))}


def history(component: str = "input") -> list[tuple[str, str, str, str | None]]:
    """The rows of one component as (value, observed from, last seen, absent since)."""

    def day(moment: datetime | None) -> str | None:
        return f"{moment:%Y-%m-%d}" if moment else None

    rows = Price.objects.filter(component=component).order_by("observed_from", "pk")
    return [
        (f"{row.usd_per_mtok.normalize():f}", day(row.observed_from), day(row.last_seen), day(row.absent_since))  # type: ignore[union-attr, misc]
        for row in rows
    ]
