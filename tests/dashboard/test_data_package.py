"""The catalog as files: every row, exact values, sources and licences, nothing of the house's own."""

import csv
import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from pyarrow import parquet
from pytest_django import DjangoAssertNumQueries

from catalog.models import ModelVersion
from dashboard.data_package import tables, write_package
from tests.factories import make_benchmark, make_offering, make_price, make_score, make_source, make_version

pytestmark = pytest.mark.django_db


@pytest.fixture
def facts(db: None) -> None:
    version = make_version(name="=HYPERLINK()")
    ModelVersion.objects.update(name="=HYPERLINK()")
    offering = make_offering(version)
    source = make_source(licence="CC-BY-4.0", attribution="Credit Example")
    make_price(offering, "input", "0.000000000001", since="2025-01-01", source=source)
    make_price(offering, "output", None, since="2025-01-01", source=source)
    make_score(version, make_benchmark("gpqa"), 0.591)


def read_csv(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_csv_holds_every_row_with_its_source(facts: None, tmp_path: Path) -> None:
    counts = write_package(tmp_path / "out")
    prices = read_csv(tmp_path / "out" / "prices.csv")
    assert counts["prices"] == len(prices) == 2
    assert [row["usd_per_mtok"] for row in prices] == ["0.000000000001", ""]
    assert {row["licence"] for row in prices} == {"CC-BY-4.0"}
    assert all(row["source_url"] for row in prices)
    (version,) = read_csv(tmp_path / "out" / "versions.csv")
    assert version["name"] == "'=HYPERLINK()"
    assert set(counts) == {table.name for table in tables()}


def test_parquet_keeps_types_and_unknown(facts: None, tmp_path: Path) -> None:
    write_package(tmp_path / "out", file_format="parquet")
    prices = parquet.read_table(tmp_path / "out" / "prices.parquet").to_pylist()
    assert [row["usd_per_mtok"] for row in prices] == [Decimal("0.000000000001"), None]
    assert prices[0]["effective_from"].isoformat() == "2025-01-01T00:00:00+00:00"
    (score,) = parquet.read_table(tmp_path / "out" / "scores.parquet").to_pylist()
    assert score["value"] == 0.591
    assert score["effort"] is None
    (version,) = parquet.read_table(tmp_path / "out" / "versions.parquet").to_pylist()
    assert date(2024, 12, 26) in version.values()


def test_description_fits_the_files(facts: None, tmp_path: Path) -> None:
    write_package(tmp_path / "out")
    package = json.loads((tmp_path / "out" / "datapackage.json").read_text())
    assert {"title": "CC-BY-4.0", "attribution": "Credit Example"} in package["licenses"]
    for resource in package["resources"]:
        with (tmp_path / "out" / resource["path"]).open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert [field["name"] for field in resource["schema"]["fields"]] == header
        assert resource["rows"] == len(rows)


def test_nothing_is_overwritten(db: None, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(CommandError, match="not empty"):
        call_command("export", tmp_path)
    with pytest.raises(CommandError, match="cannot be used"):
        call_command("export", tmp_path / "mine.txt")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_parquet_without_its_package_says_what_to_install(
    db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(CommandError, match="pip install pyarrow"):
        call_command("export", tmp_path / "out", format="parquet")
    assert not (tmp_path / "out").exists()


def test_queries_do_not_grow_with_rows(
    facts: None, tmp_path: Path, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    expected = len(tables()) + 2
    with django_assert_num_queries(expected):
        write_package(tmp_path / "few")
    for number in range(3):
        make_price(make_offering(make_version(name=f"More {number}")), "input", "1", since="2025-01-01")
    with django_assert_num_queries(expected):
        write_package(tmp_path / "more")


def test_command_lists_the_files(facts: None, tmp_path: Path, capsys: Any) -> None:
    call_command("export", tmp_path / "out")
    assert "2  prices.csv" in capsys.readouterr().out
