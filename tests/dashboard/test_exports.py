import csv
import io

import pytest
from django.test import Client

from catalog.models import ModelVersion
from dashboard.tables.frontier import COLUMNS


def rows_of(client: Client, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(client.get(address).content.decode("utf-8-sig"))))


def test_csv_holds_what_is_on_the_screen(client: Client, three_models: dict[str, ModelVersion]) -> None:
    rows = rows_of(client, "/frontier.csv?as_of=2025-02-08&access=open")

    assert list(rows[0]) == list(COLUMNS)
    assert [(row["model"], row["price_usd_per_mtok"], row["capability"], row["on_frontier"]) for row in rows] == [
        ("deepseek-v3", "0.4775", "134.0", "true"),
        ("llama-3-1-405b", "3.5", "128.0", "false"),
    ]
    assert rows[0]["price_source_urls"] == "https://api-docs.deepseek.com/news/price"
    assert rows[0]["released_on"] == "2024-12-26"


def test_csv_and_api_and_page_agree(client: Client, three_models: dict[str, ModelVersion]) -> None:
    items = client.get("/api/v1/frontier?as_of=2025-02-08&mix=1:0:3").json()["items"]
    rows = rows_of(client, "/frontier.csv?as_of=2025-02-08&mix=1:0:3")

    assert [(row["model"], float(row["price_usd_per_mtok"]), float(row["price_premium"])) for row in rows] == [
        (item["model"], item["price_usd_per_mtok"], item["price_premium"]) for item in items
    ]


def test_csv_is_a_download_that_browsers_do_not_guess_about(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    response = client.get("/frontier.csv?as_of=2025-02-08")

    assert response["Content-Disposition"] == 'attachment; filename="frontier-2025-02-08.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["X-Content-Type-Options"] == "nosniff"


def test_csv_with_a_bad_parameter_says_which(client: Client, db: None) -> None:
    response = client.get("/frontier.csv?mix=3")

    assert response.status_code == 400
    assert response.content.decode().startswith("mix is '3', which has 1 part: write three numbers")


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("?as_of=2025-02-08", "frontier-2025-02-08.csv"),
        ("?as_of=2025-02-08&mix=1:0:1&access=open", "frontier-2025-02-08-mix-1-0-1-access-open.csv"),
    ],
)
def test_file_name_carries_the_day_and_the_choices(client: Client, db: None, query: str, name: str) -> None:
    assert client.get(f"/frontier.csv{query}")["Content-Disposition"] == f'attachment; filename="{name}"'
