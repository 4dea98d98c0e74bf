"""The ranking of sources is the editors' to change, and what is shown follows it at once."""

from decimal import Decimal

import pytest
from django.test import Client

from catalog.models import Claim, Source
from catalog.selectors.facts import facts
from catalog.selectors.prices import prices_in_force
from catalog.selectors.scores import picked_scores
from tests.factories import (
    at,
    make_benchmark,
    make_offering,
    make_organization,
    make_price,
    make_score,
    make_source,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def two_sources() -> tuple[Source, Source]:
    """A first source of rank 20 and a second of rank 30 that disagree about a price, a fact and a score."""
    version = make_version()
    lab = make_organization("A laboratory")
    first = make_source("https://example.org/first", rank=20, kind="independent")
    second = make_source("https://example.org/second", rank=30, kind="curated")
    offering, benchmark = make_offering(version), make_benchmark()
    for source, usd, value, params in ((first, "1", 0.5, "10"), (second, "2", 0.6, "20")):
        make_price(offering, "input", usd, since="2025-01-01", source=source)
        make_score(version, benchmark, value, source=source, measured_by=lab)
        Claim.objects.create(version=version, attribute="total_params", value=params, source=source, confidence="high")
    return first, second


def shown() -> tuple[Decimal | None, int, str, int, float, int]:
    """What is shown of price, fact and score, each with the number of other statements that stay."""
    ((offering_price,),) = prices_in_force(as_of=at("2025-02-01")).values()
    ((claims,),) = (each.values() for each in facts([offering_price.offering.version_id]).values())
    ((best, *other_scores),) = picked_scores().values()
    return (
        offering_price.components["input"].usd_per_mtok,
        offering_price.conflicts,
        claims[0].value,
        len(claims) - 1,
        best.value,
        len(other_scores),
    )


def test_lowest_rank_is_shown_and_the_other_value_stays(two_sources: tuple[Source, Source]) -> None:
    assert shown() == (Decimal(1), 1, "10", 1, 0.5, 1)


def test_rank_changed_in_the_list_of_the_admin_changes_what_is_shown(
    admin_client: Client, two_sources: tuple[Source, Source]
) -> None:
    first, second = two_sources
    rows = list(Source.objects.order_by("rank", "publisher", "url"))
    form = {"form-TOTAL_FORMS": str(len(rows)), "form-INITIAL_FORMS": str(len(rows)), "_save": "Save"}
    for number, row in enumerate(rows):
        form |= {f"form-{number}-id": str(row.pk), f"form-{number}-rank": "10" if row == second else str(row.rank)}
    response = admin_client.post("/admin/catalog/source/", form)
    assert response.status_code == 302
    second.refresh_from_db()
    assert (first.rank, second.rank) == (20, 10)
    assert shown() == (Decimal(2), 1, "20", 1, 0.6, 1)


def test_page_of_the_model_follows_the_ranking(client: Client, two_sources: tuple[Source, Source]) -> None:
    def first_fact() -> str:
        text = client.get("/models/deepseek-v3/").content.decode()
        return text[text.index('id="facts"') :].partition("total parameters")[2].partition("</tr>")[0]

    assert "/first" in first_fact()
    source = two_sources[1]
    source.rank = 1
    source.save()
    assert "/second" in first_fact()
