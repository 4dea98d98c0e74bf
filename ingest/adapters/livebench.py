"""LiveBench: a table of percentages per task and release, and the release's categories, as named files.

The table has no average. A category is the mean of its tasks and the total the mean of the categories, as the site
computes it. Questions change with each release, so every release is a benchmark of its own. Effort and thinking are
part of the name in five spellings; ``-base`` there means without thinking.
"""

import re
from statistics import fmean
from typing import Any

from ingest.adapters.base import (
    Adapter,
    BenchmarkInfo,
    Parsed,
    ParseError,
    Record,
    RecordError,
    Rejected,
    ScoreObservation,
    clean_name,
    read_json,
)
from ingest.adapters.setting_names import setting_named
from ingest.adapters.tables import fraction, read_archive, read_csv

_TABLE = re.compile(r"^table_(\d{4})_(\d{2})_(\d{2})\.csv$")


def parse(body: bytes) -> Parsed:
    """Every release of which both files are there. Raises ParseError when there is none."""
    files = read_archive(body)
    parsed = Parsed()
    benchmarks: dict[str, BenchmarkInfo] = {}
    for name in sorted(files):
        match = _TABLE.match(name)
        if match is None:
            continue
        release = "-".join(match.groups())
        categories_file = f"categories_{'_'.join(match.groups())}.json"
        if categories_file not in files:
            parsed.remarks.append(f"The release of {release} has no {categories_file}; it was not read.")
            continue
        slug = f"livebench-{release}"
        benchmarks[slug] = BenchmarkInfo("LiveBench", variant=release, chance=0)
        _take(
            parsed,
            slug,
            release,
            read_csv(files[name], needs=("model",), what=name),
            _categories(files[categories_file]),
        )
    if not benchmarks:
        if parsed.remarks:
            raise ParseError(f"{parsed.remarks[0]} Put it beside the table, or read a folder that has both.")
        raise ParseError("The archive should hold table_YYYY_MM_DD.csv with its categories_YYYY_MM_DD.json.")
    parsed.benchmarks = benchmarks
    parsed.covers = tuple(f"{slug.removeprefix('livebench-')}/" for slug in benchmarks)
    return parsed


def _companion(name: str) -> str:
    """The categories of a table; empty for another file."""
    match = _TABLE.match(name)
    return f"categories_{'_'.join(match.groups())}.json" if match else ""


def _categories(body: bytes) -> dict[str, list[str]]:
    data = read_json(body)
    if not isinstance(data, dict) or not all(isinstance(tasks, list) and tasks for tasks in data.values()):
        raise ParseError("The categories should be an object of lists of tasks.")
    return data


def _take(
    parsed: Parsed, slug: str, release: str, rows: list[dict[str, str]], categories: dict[str, list[Any]]
) -> None:
    keys: set[str] = set()
    for row in rows:
        key = f"{release}/{row['model']}"
        try:
            name = clean_name(row["model"].strip())
            if key in keys:
                raise RecordError("The model occurs twice.")
            keys.add(key)
            parsed.records.append(Record(clean_name(key, limit=400), name, dict(row), _score(row, slug, categories)))
        except RecordError as error:
            parsed.rejected.append(Rejected(key[:400], str(error), raw_name=row["model"]))


def _score(row: dict[str, str], slug: str, categories: dict[str, list[Any]]) -> tuple[ScoreObservation, ...]:
    """The average, or nothing when a task is missing: an average over other tasks is another test."""
    if any(not row.get(str(task), "").strip() for tasks in categories.values() for task in tasks):
        return ()
    means = [fmean(fraction(row[str(task)], of=100) for task in tasks) for tasks in categories.values()]
    value = round(fmean(means), 6)
    return (
        ScoreObservation(
            benchmark=slug,
            value=value,
            original_value=f"{value * 100:.2f}",
            original_unit="percent, mean of the categories",
            measured_by="LiveBench",
            self_reported=False,
            confidence="high",
            effort=_effort(row["model"].strip()),
        ),
    )


def _effort(name: str) -> str:
    setting = setting_named(name)
    return "no thinking" if setting == "base" else setting


ADAPTER = Adapter(
    slug="livebench",
    name="LiveBench",
    version="3",
    parse=parse,
    fetch_url="",
    page_url="https://livebench.ai/",
    publisher="LiveBench",
    kind="independent",
    licence="none stated for the site; code Apache-2.0",
    attribution="Scores from LiveBench, livebench.ai.",
    is_archive=True,
    companion=_companion,
)
