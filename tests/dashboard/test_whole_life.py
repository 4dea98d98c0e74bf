"""Training plus serving, and an API against rented GPUs."""

from decimal import Decimal

import pytest
from django.test import Client
from plotly.graph_objects import Figure
from pytest_django import DjangoAssertNumQueries

from catalog.models import ModelVersion, TrainingPhase, TrainingRun
from dashboard.charts import utilisation as chart
from dashboard.views.whole_life import lede, sentence
from dashboard.whole_life import WholeLife, WholeLifeQuery, whole_life
from tests.dashboard.pages_support import HOSTILE, get, text_of
from tests.factories import make_offering, make_price, make_source, make_version

pytestmark = pytest.mark.django_db


def train(name: str, hours: float | None, usd: str | None) -> ModelVersion:
    version = make_version(name, developer=f"Maker of {name}")
    source = make_source()
    run = TrainingRun.objects.create(version=version, scope="final run only", source=source)
    TrainingPhase.objects.create(run=run, name="training", gpu_hours=hours, source=source, confidence="high")
    if usd:
        for component in ("input", "output"):
            make_price(make_offering(version), component, usd, since="2025-01-01")
    return version


def of(**values: str) -> WholeLife:
    usual = {
        "usd_per_gpu_hour": "2",
        "gpus": "8",
        "tokens_per_hour": "8000000",
        "utilisation_percent": "25",
        "served_mtok": "1000000",
    }
    return whole_life(WholeLifeQuery.parse(usual | values))


def test_machine_price_is_rent_over_busy_tokens() -> None:
    # 16 dollars an hour for 8M x 25 % tokens.
    assert of().query.self_hosted() == Decimal(8)
    assert of(utilisation_percent="100").query.self_hosted() == Decimal(2)


def test_line_adds_training_and_serving() -> None:
    train("DeepSeek-V3", 2_788_000, "4")
    (line,) = of().lines
    assert line.ledger.usd == Decimal(5_576_000)
    assert line.serving_usd == Decimal(8_000_000)
    assert line.whole_life_usd == Decimal(13_576_000)
    assert line.training_share == Decimal(5_576_000) / Decimal(13_576_000)
    assert line.training_usd_per_mtok == Decimal("5.576")
    assert line.payback_mtok == Decimal(1_394_000)
    assert line.break_even_utilisation == Decimal("0.5")


def test_sentence_and_lede_say_who_is_cheaper() -> None:
    train("DeepSeek-V3", 2_788_000, "4")
    assert sentence(of()) == (
        "Rented GPUs that are 25% busy serve a million tokens for $8.00, more than the $4.00 of DeepSeek-V3 by API."
    )
    assert lede(of()) == (
        "The machine breaks even when it is 50.0% busy. Over 1T tokens served on such machines, training "
        "DeepSeek-V3 is 41.1% of the whole-life cost."
    )
    assert sentence(of(utilisation_percent="80")) == (
        "Rented GPUs that are 80% busy serve a million tokens for $2.50, less than the $4.00 of DeepSeek-V3 by API."
    )
    assert lede(of(usd_per_gpu_hour="5")).startswith("This machine never breaks even")


def test_unknown_hours_and_prices_stay_unknown() -> None:
    train("Silent", None, None)
    found = of()
    (line,) = found.lines
    assert (line.training_usd_per_mtok, line.whole_life_usd, line.payback_mtok, line.break_even_utilisation) == (
        None,
        None,
        None,
        None,
    )
    assert sentence(found) == "Rented GPUs that are 25% busy serve a million tokens for $8.00."


def test_model_asked_for_is_chosen(client: Client) -> None:
    train("DeepSeek-V3", 2_788_000, "4")
    train("Llama 3.1 405B", 30_840_000, "3.5")
    chosen = [of().chosen, of(model="llama-3-1-405b").chosen]
    assert [line and line.ledger.slug for line in chosen] == ["deepseek-v3", "llama-3-1-405b"]
    assert "No training run of “gpt-9”" in text_of(get(client, "/whole-life/?model=gpt-9"))


def test_chart_is_a_valid_figure() -> None:
    train("DeepSeek-V3", 2_788_000, "4")
    figure = chart.figure(of())
    Figure(figure)
    assert figure["data"][0]["y"][-1] == 2.0
    assert figure["data"][1]["y"] == [4.0, 4.0]
    assert (figure["data"][2]["x"], figure["data"][2]["y"]) == ([25.0], [8.0])
    assert chart.figure(of(usd_per_gpu_hour="0"))["data"] == []


def test_page_names_what_it_cannot_read(client: Client) -> None:
    text = text_of(get(client, "/whole-life/?utilisation_percent=0&tokens_per_hour=fast", status=400))
    assert "utilisation_percent is '0': write a number from 0.01 to 100, such as 30." in text
    assert "tokens_per_hour is 'fast'" in text


def test_hostile_names_are_text(client: Client) -> None:
    train("DeepSeek-V3", 2_788_000, "4")
    ModelVersion.objects.update(name=HOSTILE)
    assert "<script>alert(1)" not in get(client, "/whole-life/")


@pytest.mark.parametrize(("count", "queries"), [(0, 2), (1, 7), (3, 7)])
def test_page_needs_constant_queries(
    client: Client, django_assert_num_queries: DjangoAssertNumQueries, count: int, queries: int
) -> None:
    for i in range(count):
        train(f"Model {i}", 1000.0, "1")
    with django_assert_num_queries(queries):
        client.get("/whole-life/")


@pytest.mark.parametrize(
    ("name", "hours", "prices", "api_price", "payback", "share", "break_even"),
    [
        # 3 x 0.27 + 1.10, over 4; 5,576,000 / 0.4775; 5.576M / (5.576M + 10M x 16 / 6); 16 / 20 / 0.4775.
        ("DeepSeek-V3", 2_788_000, ("0.27", "1.10"), "0.4775", "11677486.91", "0.17294", "1.67539"),
        # 3.50 for both; 61,680,000 / 3.5; 61.68M / (61.68M + 26.67M); 0.8 / 3.5.
        ("Llama 3.1 405B", 30_840_000, ("3.5", "3.5"), "3.5", "17622857.14", "0.69816", "0.22857"),
        # 3 x 3 + 15, over 4; 2,000,000 / 6; 2M / (2M + 26.67M); 0.8 / 6.
        ("Sonnet of a million hours", 1_000_000, ("3", "15"), "6", "333333.33", "0.06977", "0.13333"),
    ],
)
def test_values_of_the_page_by_hand(
    name: str, hours: float, prices: tuple[str, str], api_price: str, payback: str, share: str, break_even: str
) -> None:
    """The page as it opens: 8 GPUs at $2, 20M tokens an hour, 30% busy, 10T tokens served, 3 input : 1 output."""
    offering = make_offering(train(name, hours, None))
    for component, usd in zip(("input", "output"), prices, strict=True):
        make_price(offering, component, usd, since="2025-01-01")

    (line,) = whole_life(WholeLifeQuery.parse({})).lines

    assert line.api_usd_per_mtok == Decimal(api_price)
    assert round(line.payback_mtok or 0, 2) == Decimal(payback)
    assert round(line.training_share or 0, 5) == Decimal(share)
    assert round(line.break_even_utilisation or 0, 5) == Decimal(break_even)
    assert round(line.query.self_hosted(), 4) == Decimal("2.6667")  # 16 dollars for 20M x 30% tokens
