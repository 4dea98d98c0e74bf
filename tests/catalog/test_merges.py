"""Merging two versions that are one, and undoing it: afterwards every table is as before, byte for byte."""

import itertools
from decimal import Decimal

import pytest
from django.apps import apps
from django.contrib.auth.models import User
from django.core import serializers
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from catalog.errors import BadFact
from catalog.models import Alias, AuditEvent, Claim, Merge, Model, ModelVersion, Offering, Price, Score, TrainingRun
from catalog.selectors.merges import merged_slugs
from catalog.services.merges import merge_models, merge_versions, undo_merge
from ingest.models import Feed, Proposal, RawRecord
from tests.factories import (
    at,
    make_benchmark,
    make_claim,
    make_index,
    make_offering,
    make_price,
    make_score,
    make_source,
    make_training_run,
    make_version,
)

pytestmark = pytest.mark.django_db
TABLES = [
    table
    for app in ("catalog", "evals", "ingest")
    for table in apps.get_app_config(app).get_models()
    # The history of rows grows with whatever is done, and with undoing it.
    if table not in (AuditEvent, Merge)
]


def everything() -> dict[str, str]:
    """Every row of every table, with microseconds."""
    rows = {}
    for table in TABLES:
        rows[table._meta.label] = repr(serializers.serialize("python", table._base_manager.order_by("pk")))
    return rows


def pair() -> tuple[ModelVersion, ModelVersion]:
    return make_version("Claude 4 Opus", developer="Anthropic"), make_version("Claude Opus 4", developer="Anthropic")


def furnish(version: ModelVersion, *, seller: str = "Seller", value: str = "100") -> None:
    """One row of each kind that hangs on a version, some the same for every version."""
    make_price(make_offering(version, provider=seller, model_id="opus"), "input", "1.23456789", since="2025-01-01")
    make_score(version, make_benchmark("GPQA Diamond"), 0.5)
    make_claim(version, "total_params", value)
    Alias.objects.create(namespace="feed", raw_name=f"name of {version.slug}", version=version)


def test_merge_moves_everything_and_undo_restores_every_byte() -> None:
    old, new = pair()
    furnish(old, seller="A")
    furnish(new, seller="B", value="200")
    make_training_run(old, {"pre-training": 1000.0})
    make_version("Distilled", developer="Anthropic")
    ModelVersion.objects.filter(slug="distilled").update(derived_from=old)
    before = everything()

    merge = merge_versions(old, new, by="ada", reason="one model")

    assert not ModelVersion.objects.filter(pk=old.pk).exists()
    counts = [table.objects.filter(version=new).count() for table in (Offering, Score, Claim, Alias, TrainingRun)]
    assert counts == [2, 2, 2, 2, 1]
    assert ModelVersion.objects.get(slug="distilled").derived_from == new
    assert (merge.merged_by, merge.reason) == ("ada", "one model")
    assert undo_merge(merge, by="bob") == []
    assert everything() == before


def test_merge_joins_an_offering_that_both_have() -> None:
    old, new = pair()
    furnish(old)
    furnish(new)
    before = everything()

    merge = merge_versions(old, new, by="ada")

    offering = Offering.objects.get()
    assert (offering.version, Price.objects.filter(offering=offering).count()) == (new, 2)
    assert Claim.objects.count() == 1, "the same source says the same once"
    undo_merge(merge, by="ada")
    assert everything() == before


def test_merge_takes_the_emptied_model_too_and_its_page_leads_on(client: Client) -> None:
    old, new = pair()
    merge = merge_versions(old, new, by="ada")

    assert not Model.objects.filter(pk=old.model_id).exists()
    page = client.get(reverse("dashboard:model", args=[old.model.slug]))
    assert (page.status_code, page.headers["Location"]) == (302, reverse("dashboard:model", args=[new.model.slug]))
    undo_merge(merge, by="ada")
    assert client.get(reverse("dashboard:model", args=[old.model.slug])).status_code == 200
    assert merged_slugs("model") == {}


def test_merging_models_gathers_their_versions() -> None:
    old, new = pair()
    before = everything()

    merge = merge_models(old.model, new.model, by="ada")

    assert set(new.model.versions.values_list("slug", flat=True)) == {old.slug, new.slug}
    undo_merge(merge, by="ada")
    assert everything() == before


def test_undo_leaves_what_was_added_since_with_the_target_and_says_so() -> None:
    old, new = pair()
    furnish(old, seller="A")
    merge = merge_versions(old, new, by="ada")
    added = make_score(new, make_benchmark("MMLU"), 0.9)

    remarks = undo_merge(merge, by="ada")

    assert remarks == [f"1 score added to {new} since the merge stay with it. Move by hand what is wrong there."]
    added.refresh_from_db()
    assert added.version == new
    assert Score.objects.get(version=old).value == 0.5


def test_merges_chain_and_are_undone_from_the_last() -> None:
    first, second = pair()
    third = make_version("Opus", developer="Anthropic")
    before = everything()
    one = merge_versions(first, second, by="ada")
    two = merge_versions(second, third, by="ada")

    assert merged_slugs("version") == {first.slug: third.slug, second.slug: third.slug}
    with pytest.raises(BadFact, match="came later and rests on this one"):
        undo_merge(one, by="ada")
    undo_merge(two, by="ada")
    undo_merge(one, by="ada")
    assert everything() == before
    with pytest.raises(BadFact, match="was undone already, by ada"):
        undo_merge(one, by="ada")


def test_merge_refuses_two_training_runs_in_words_and_changes_nothing() -> None:
    old, new = pair()
    make_training_run(old, {"pre-training": 1000.0})
    make_training_run(new, {"pre-training": 2000.0})
    before = everything()

    with pytest.raises(BadFact, match="both have a training run"):
        merge_versions(old, new, by="ada")
    assert everything() == before


def test_merge_of_a_version_into_itself_is_refused() -> None:
    old, _ = pair()

    with pytest.raises(BadFact, match="cannot be merged into itself"):
        merge_versions(old, old, by="ada")


def test_undo_is_refused_where_the_slug_was_taken() -> None:
    old, new = pair()
    merge = merge_versions(old, new, by="ada")
    ModelVersion.objects.create(model=new.model, slug=old.slug, name="Another")

    with pytest.raises(BadFact, match="exists again, so it cannot be restored"):
        undo_merge(merge, by="ada")


def test_merge_moves_what_other_apps_hang_on_a_version() -> None:
    old, new = pair()
    make_index({old: 120.0, new: 121.0})
    feed = Feed.objects.create(slug="f", name="F", source=make_source("https://example.org/f"))
    record = RawRecord.objects.create(
        feed=feed,
        external_key="k",
        payload={},
        payload_hash="",
        first_seen=at("2025-01-01"),
        last_seen=at("2025-01-01"),
    )
    proposal = Proposal.objects.create(feed=feed, namespace="f", raw_name="n", record=record, version=old)
    before = everything()

    merge = merge_versions(old, new, by="ada")

    proposal.refresh_from_db()
    assert proposal.version == new
    undo_merge(merge, by="ada")
    assert everything() == before


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_merge_and_undo_is_the_identity_for_any_furniture(data: st.DataObject) -> None:
    numbers = data.draw(st.lists(st.tuples(st.booleans(), st.sampled_from("AB"), st.integers(1, 3)), max_size=6))
    suffix = next(_counter)
    versions = [make_version(f"Old {suffix}", developer="X"), make_version(f"New {suffix}", developer="X")]
    for is_old, seller, value in numbers:
        version = versions[not is_old]
        offering = Offering.objects.filter(version=version, provider__name=seller, provider_model_id="m").first()
        offering = offering or make_offering(version, provider=seller, model_id="m")
        make_price(offering, "input", str(Decimal(value) / 7), since="2025-01-01")
        if not Claim.objects.filter(version=version, value=str(value)).exists():
            make_claim(version, "total_params", str(value))
    before = everything()

    merge = merge_versions(*versions, by="ada")
    assert not Offering.objects.filter(version=versions[0].pk).exists()
    undo_merge(merge, by="ada")

    assert everything() == before


_counter = itertools.count()


def test_admin_merges_and_undoes(client: Client) -> None:
    client.force_login(User.objects.create_superuser("ada"))
    old, new = pair()
    url = reverse("admin:catalog_modelversion_changelist")
    chosen = {"action": "merge_selected", "_selected_action": [old.pk, new.pk]}

    assert "Which one stays?" in client.post(url, chosen).content.decode()
    client.post(url, {**chosen, "target": new.pk, "reason": "one model"})
    merge = Merge.objects.get(part_of=None)
    assert (merge.source_slug, merge.merged_by) == (old.slug, "ada")
    client.post(reverse("admin:catalog_merge_changelist"), {"action": "undo", "_selected_action": [merge.pk]})
    assert ModelVersion.objects.filter(pk=old.pk).exists()
