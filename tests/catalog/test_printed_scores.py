"""A score as printed and the value that the pages use are one number, however it is entered or corrected."""

import csv
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ValidationError
from django.forms.models import model_to_dict
from django.test import Client
from django.urls import reverse

from catalog import models as m
from catalog.importing.cells import export_rows
from catalog.printed_scores import says, value_of
from catalog.services.imports import check_import, take_import
from ingest.adapters.tables import fraction
from tests.factories import make_benchmark, make_score, make_source, make_version

PAGE = "https://aider.chat/docs/leaderboards/"


@pytest.mark.parametrize(
    ("printed", "unit", "value"),
    [
        ("88", "percent", 0.88),
        ("79.6", "percent", 0.796),
        ("79.6%", "percent", 0.796),
        ("0.796", "fraction", 0.796),
        ("61.53", "percent, mean of the categories", 0.6153),
        ("8.6", "points of 10", 0.86),
        ("1432", "rating points", 1432.0),
        ("3/8", "passed/scored", 0.375),
        ("3/0", "passed/scored", None),
        ("high", "percent", None),
        ("nan", "percent", None),
        ("79.6%", "fraction", None),
        ("88", "points of 0", None),
        ("88", "marks", None),
    ],
)
def test_what_is_printed_is_one_value(printed: str, unit: str, value: float | None) -> None:
    assert value_of(printed, unit) == value


def test_seed_feeds_and_forms_read_alike() -> None:
    assert value_of("79.6", "percent") == fraction("79.6", of=100) == fraction(79.6, of=100) == 0.796


@pytest.mark.parametrize(
    ("value", "agrees"), [(0.88, True), (0.8849, True), (0.8751, True), (0.87, False), (0.886, False)]
)
def test_rounded_print_agrees_with_what_it_was_rounded_from(value: float, agrees: bool) -> None:
    assert says("88", "percent", value) is agrees


def a_score(**fields: object) -> m.Score:
    values = {"original_value": "88", "original_unit": "percent", "source": make_source(PAGE)} | fields
    return make_score(make_version("GPT-5", developer="OpenAI"), make_benchmark("Aider polyglot"), 0.88, **values)


def change(client: Client, score: m.Score, **fields: str) -> list[str]:
    """What the entry form says about these changes; nothing when it saves them."""
    kept = {name: "" if value is None else value for name, value in model_to_dict(score).items()}
    kept |= {"self_reported": "unknown", "reason": "The page was misread."} | fields
    answer = client.post(reverse("admin:catalog_score_change", args=[score.pk]), kept)
    if answer.status_code == 302:
        return []
    form = answer.context["adminform"].form
    return [sentence for sentences in form.errors.values() for sentence in sentences]


@pytest.mark.django_db
def test_corrected_print_takes_the_value_with_it(admin_client: Client) -> None:
    score = a_score(standard_error=0.02)

    assert change(admin_client, score, original_value="87") == []
    score.refresh_from_db()
    assert (score.value, score.original_value, score.standard_error) == (0.87, "87", 0.02)

    assert change(admin_client, score, original_value="0.86", original_unit="fraction") == []
    score.refresh_from_db()
    assert (score.value, score.original_value, score.original_unit) == (0.86, "0.86", "fraction")
    (row,) = csv.DictReader(StringIO(export_rows(m.Score.objects.all(), kind="csv").decode("utf-8-sig")))
    assert (row["value"], row["unit"], row["standard_error"]) == ("0.86", "fraction", "0.02")


@pytest.mark.django_db
def test_pages_of_a_corrected_score_agree(admin_client: Client) -> None:
    score = a_score()
    make_score(make_version("GPT-4", developer="OpenAI"), score.benchmark, 0.5)
    change(admin_client, score, original_value="87")

    model = admin_client.get("/models/gpt-5/").content.decode()
    table = admin_client.get("/compare/gpt-5/gpt-4/").content.decode()

    assert '<td data-v="0.87">87%' in model
    assert "87.0%" in table
    assert "88.0%" not in table


@pytest.mark.django_db
def test_value_that_the_print_does_not_say_is_refused(admin_client: Client) -> None:
    score = a_score()

    for _ in range(2):
        assert change(admin_client, score, value="0.87") == [
            "88 percent is 0.88, not 0.87. Correct the printed value or its unit; the value follows from them."
        ]
    assert change(admin_client, score, value="0.87", original_value="87") == []
    score.refresh_from_db()
    assert (score.value, score.original_value) == (0.87, "87")


@pytest.mark.django_db
def test_unit_without_a_rule_needs_the_value_as_well(admin_client: Client) -> None:
    score = a_score(original_value="44 of 50", original_unit="marks")

    assert change(admin_client, score, note="Read again.") == []
    score.refresh_from_db()
    assert (score.value, score.original_unit, score.note) == (0.88, "marks", "Read again.")
    (said,) = change(admin_client, score, original_value="43 of 50")
    assert said == (
        "There is no rule that turns marks into a value, so the two would disagree. Give the value as well, or choose "
        "the unit of the printed value."
    )
    assert change(admin_client, score, original_value="43 of 50", value="0.86") == []
    score.refresh_from_db()
    assert (score.value, score.original_value) == (0.86, "43 of 50")


@pytest.mark.django_db
def test_own_unit_of_a_feed_stays_when_something_else_is_edited(admin_client: Client) -> None:
    score = a_score(original_value="35/40", original_unit="passed/scored")

    assert change(admin_client, score, original_value="36/40") == []

    score.refresh_from_db()
    assert (score.value, score.original_unit) == (0.9, "passed/scored")


@pytest.mark.django_db
def test_error_in_another_unit_than_the_value_is_refused(admin_client: Client) -> None:
    score = a_score()

    assert change(admin_client, score, standard_error="1.2") == [
        "1.2 is more than half of the scale. Give it in the unit of the value: 0.012 for 1.2 percent."
    ]
    assert change(admin_client, score, standard_error="-0.01") == [
        "A standard error cannot be negative. Empty means unknown."
    ]
    assert change(admin_client, score, standard_error="0.012") == []


@pytest.mark.django_db
def test_what_saving_makes_of_the_print_is_said_while_typing(admin_client: Client) -> None:
    score = a_score()
    form = {name: "" if value is None else value for name, value in model_to_dict(score).items()}
    form |= {"self_reported": "unknown", "reason": "Misread.", "original_value": "87"}

    said = admin_client.post(f"{reverse('admin:catalog_score_check')}?pk={score.pk}", form).json()

    assert said == {"errors": {}, "notes": ["The value is 0.87, from 87 percent."]}


@pytest.mark.django_db
def test_file_that_corrects_a_score_changes_both_halves() -> None:
    score = a_score()
    file = export_rows(m.Score.objects.all(), kind="csv").replace(b'"88","percent",""', b'"87","percent","1.5"', 1)

    editor = User.objects.create_user("e")
    batch = check_import(table="scores", file_name="scores.csv", content=file, uploaded_by=editor)
    take_import(batch, actor="e", reason="The page was misread.")

    score.refresh_from_db()
    assert (score.value, score.original_value, score.standard_error) == (0.87, "87", 0.015)


@pytest.mark.django_db
def test_pair_that_disagrees_is_not_exported_as_printed() -> None:
    a_score(original_value="87")  # as the form once left it: the pages say 88 %

    (row,) = csv.DictReader(StringIO(export_rows(m.Score.objects.all(), kind="csv").decode("utf-8-sig")))

    assert (row["value"], row["unit"]) == ("88", "percent")


@pytest.mark.django_db
def test_unit_of_a_benchmark_stays_while_scores_are_counted_in_it(admin_client: Client) -> None:
    benchmark = a_score().benchmark
    refusal = "1 score is counted in the unit of this benchmark. Add another benchmark for another unit."
    form = {"slug": benchmark.slug, "name": benchmark.name, "chance": "0.25", "in_index": "on", "unit": "elo"}

    page = admin_client.post(reverse("admin:catalog_benchmark_change", args=[benchmark.pk]), form)
    file = export_rows(m.Benchmark.objects.all(), kind="csv").replace(b'"fraction"', b'"elo"')
    batch = check_import(table="benchmarks", file_name="b.csv", content=file, uploaded_by=User.objects.create_user("e"))

    assert page.context["adminform"].form.errors["unit"] == [refusal]
    assert batch.lines[0]["problems"] == [refusal]


@pytest.mark.django_db
def test_unit_of_a_claim_does_not_multiply_its_value() -> None:
    claim = m.Claim(attribute="total_params", value="671", unit="B parameters")

    with pytest.raises(ValidationError, match="Write the whole number, such as 671000000000"):
        claim.clean()
    for unit in ("", "parameters", "GPU-hours", "chip-hours", "tokens", "USD"):
        claim.unit = unit
        claim.clean()
