"""History: every change has an entry, none can be rewritten, each can be taken back."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import audit
from catalog.errors import CannotRevert
from catalog.models import AuditEvent, Model, Organization, Price, Score, SeededRow
from catalog.models.audit_event import AppendOnlyError
from catalog.services import record_score, revert, seed
from tests.factories import (
    at,
    make_benchmark,
    make_offering,
    make_organization,
    make_price,
    make_source,
    make_version,
)

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]


def priced(usd: str = "0.27") -> Price:
    return make_price(make_offering(make_version()), "input", usd, since="2025-02-08")


def test_saved_row_is_noted_with_who_before_after_and_why() -> None:
    price = priced()

    with audit.changes_by("alice", origin=AuditEvent.Origin.ADMIN, reason="misread"):
        price.usd_per_mtok = Decimal("0.28")
        price.save()

    event = AuditEvent.objects.first()
    assert event is not None
    assert (event.actor, event.origin, event.verb, event.reason) == ("alice", "admin", "changed", "misread")
    assert (event.table, event.row) == ("catalog.price", str(price.pk))
    assert (event.before, event.after) == ({"usd_per_mtok": "0.27"}, {"usd_per_mtok": "0.28"})


def test_saving_without_a_change_notes_nothing() -> None:
    price = priced()
    known = AuditEvent.objects.count()

    price.save()

    assert AuditEvent.objects.count() == known


def test_only_saved_fields_count_as_changed() -> None:
    price = priced()
    price.note, price.usd_per_mtok = "a note", Decimal(9)

    price.save(update_fields=["note"])

    event = AuditEvent.objects.first()
    assert event is not None
    assert event.after == {"note": "a note"}


def test_work_of_the_program_is_noted_as_such() -> None:
    version, benchmark = make_version(), make_benchmark()

    record_score(version=version, benchmark=benchmark, value=0.5, source=make_source(), confidence="high")

    event = AuditEvent.objects.first()
    assert event is not None
    assert (event.actor, event.origin, event.table) == ("system", "service", "catalog.score")


def test_history_cannot_be_rewritten() -> None:
    priced()
    event = AuditEvent.objects.first()
    assert event is not None
    event.reason = "nothing to see"

    for rewrite in (
        event.save,
        event.delete,
        AuditEvent.objects.all().delete,
        lambda: AuditEvent.objects.update(reason=""),
        lambda: AuditEvent.objects.bulk_update([event], ["reason"]),
    ):
        with pytest.raises(AppendOnlyError, match="History is only added to"):
            rewrite()


def test_seed_notes_what_it_wrote_once() -> None:
    seed()
    noted = AuditEvent.objects.filter(origin="seed")
    models = noted.filter(table="catalog.model", verb="created").count()
    assert models == Model.objects.count() > 0
    assert noted.filter(table="catalog.score").count() == Score.objects.count()
    before = noted.count()

    SeededRow.objects.filter(table="seed files").delete()
    seed()

    assert noted.count() == before


def test_change_is_taken_back_and_back_again() -> None:
    price = priced()
    price.usd_per_mtok = Decimal(27)
    price.save()
    event = AuditEvent.objects.first()
    assert event is not None

    revert([event], actor="bob", reason="decimal point")

    price.refresh_from_db()
    assert price.usd_per_mtok == Decimal("0.27")
    taken_back = AuditEvent.objects.first()
    assert taken_back is not None
    assert (taken_back.actor, taken_back.origin, taken_back.reason) == ("bob", "revert", "decimal point")

    revert([taken_back], actor="bob", reason="was right after all")
    price.refresh_from_db()
    assert price.usd_per_mtok == Decimal(27)


def test_creation_and_deletion_are_taken_back() -> None:
    price = priced()
    pk = price.pk
    created = AuditEvent.objects.get(table="catalog.price", verb="created")

    revert([created], actor="bob", reason="wrong model")
    assert not Price.objects.exists()
    deleted = AuditEvent.objects.get(table="catalog.price", verb="deleted")

    revert([deleted], actor="bob", reason="right model")
    again = Price.objects.get()
    assert (again.pk, again.usd_per_mtok, again.effective_from) == (pk, Decimal("0.27"), at("2025-02-08"))


def test_change_that_was_changed_again_is_not_taken_back() -> None:
    price = priced()
    for usd in ("0.28", "0.29"):
        price.usd_per_mtok = Decimal(usd)
        price.save()
    first = AuditEvent.objects.filter(verb="changed").last()
    assert first is not None

    with pytest.raises(CannotRevert, match=r"was changed again since \(USD per million tokens\)"):
        revert([first], actor="bob", reason="no")

    price.refresh_from_db()
    assert price.usd_per_mtok == Decimal("0.29")


def test_row_that_others_rest_on_is_not_taken_back() -> None:
    priced()
    created = AuditEvent.objects.get(table="catalog.offering", verb="created")

    with pytest.raises(CannotRevert, match="Other rows rest on what would go"):
        revert([created], actor="bob", reason="no")


def test_taking_back_needs_a_reason() -> None:
    make_organization()
    with pytest.raises(CannotRevert, match="Say why"):
        revert(list(AuditEvent.objects.all()), actor="bob", reason=" ")


def test_taking_back_many_costs_as_much_as_taking_back_one(django_assert_num_queries: Queries) -> None:
    def made(names: range) -> list[AuditEvent]:
        for number in names:
            make_organization(f"Lab {number}")
        return list(AuditEvent.objects.filter(verb="created")[: len(names)])

    one = made(range(1))
    with CaptureQueriesContext(connection) as queries:
        revert(one, actor="bob", reason="test")
    three = made(range(1, 4))

    with django_assert_num_queries(len(queries)):
        revert(three, actor="bob", reason="test")
    assert not Organization.objects.exists()
