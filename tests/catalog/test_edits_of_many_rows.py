"""One field of many rows: shown before it is written, kept in the history as one batch, undone as one."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from catalog import models as m
from catalog.errors import BadImport
from catalog.importing.edits import fields_to_edit, plan_edit, rows_to_edit
from catalog.services.imports import take_edit, undo_import
from tests.factories import at, make_offering, make_price, make_source, make_version

pytestmark = pytest.mark.django_db
LIST = "/admin/catalog/price/"


@pytest.fixture
def editor() -> User:
    user = User.objects.create_user("editor", is_staff=True)
    user.groups.add(Group.objects.get(name="editor"))
    return user


@pytest.fixture
def prices() -> list[m.Price]:
    """Three input prices of three offerings, of high confidence."""
    found = []
    for n, usd in enumerate(("0.27", "3", "0.1")):
        offering = make_offering(make_version(f"Model {n}"))
        found.append(make_price(offering, "input", usd, since="2025-02-08"))
    return found


def sent(client: Client, rows: list[m.Price], **fields: Any) -> Any:
    data = {"action": "edit_field", "_selected_action": [row.pk for row in rows], **fields}
    return client.post(LIST, data, follow=True)


def field(name: str) -> Any:
    return m.Price._meta.get_field(name)


def test_field_is_chosen_shown_row_by_row_taken_and_undone(client: Client, editor: User, prices: list[m.Price]) -> None:
    client.force_login(editor)
    m.Price.objects.filter(pk=prices[2].pk).update(confidence="low")
    values = {"field": "confidence", "confidence": "low", "reason": "The page is a copy."}

    asked = sent(client, prices).content.decode()
    assert '<option value="confidence">confidence</option>' in asked
    assert "Change one field of 3 prices" in asked
    shown = sent(client, prices, **values, preview="1").content.decode()
    assert "<b>2 of 3</b> would change." in shown
    assert shown.count("confidence: <del>high</del> → <ins>low</ins>") == 2
    assert set(m.Price.objects.values_list("confidence", flat=True)) == {"high", "low"}, "nothing is written yet"

    (seen,) = re.findall(r'name="seen" value="(\w+)"', shown)
    taken = sent(client, prices, **values, preview="1", take="1", seen=seen).content.decode()

    assert "Changed: confidence of 2 prices. It can be undone here." in taken
    assert set(m.Price.objects.values_list("confidence", flat=True)) == {"low"}
    batch = m.ImportBatch.objects.get()
    assert (batch.kind, batch.state, batch.changed, batch.same, batch.reason) == (
        "edit",
        "taken",
        2,
        1,
        values["reason"],
    )
    events = list(m.AuditEvent.objects.filter(batch=batch).order_by("row"))
    assert [(each.actor, each.origin, each.reason) for each in events] == [("editor", "admin", values["reason"])] * 2
    assert [(each.before, each.after) for each in events] == [({"confidence": "high"}, {"confidence": "low"})] * 2

    undone = client.post(
        f"/admin/catalog/importbatch/{batch.pk}/do/", {"do": "undo", "reason": "It is no copy."}, follow=True
    )
    text = undone.content.decode()
    assert "Undone: 2 changes were taken back." in text
    assert "by editor. Why: “It is no copy.” Before that it was taken, because “The page is a copy.”" in text
    assert sorted(m.Price.objects.values_list("confidence", flat=True)) == ["high", "high", "low"]


def test_nothing_is_taken_that_was_not_shown(client: Client, editor: User, prices: list[m.Price]) -> None:
    client.force_login(editor)
    values = {"field": "confidence", "confidence": "low", "reason": "A copy.", "preview": "1"}
    (seen,) = re.findall(r'name="seen" value="(\w+)"', sent(client, prices, **values).content.decode())
    m.Price.objects.filter(pk=prices[0].pk).update(confidence="medium")

    text = sent(client, prices, **values, take="1", seen=seen).content.decode()

    assert "Some of these rows were changed by somebody else since you looked." in text
    assert "<del>medium</del> → <ins>low</ins>" in text
    assert not m.ImportBatch.objects.exists()


def test_row_that_changes_between_the_look_and_the_lock_is_not_written(editor: User, prices: list[m.Price]) -> None:
    rows = m.Price.objects.all()
    seen = plan_edit(rows_to_edit(rows), field("note"), "Mine.", reason="A copy.").seal
    m.Price.objects.filter(pk=prices[0].pk).update(note="Somebody else's.")

    with pytest.raises(BadImport, match="changed by somebody else since you looked, so nothing was done"):
        take_edit(rows, field("note"), "Mine.", by=editor, reason="A copy.", seen=seen)

    assert set(rows.values_list("note", flat=True)) == {"Somebody else's.", ""}
    again = plan_edit(rows_to_edit(rows), field("note"), "Mine.", reason="A copy.").seal
    assert take_edit(rows, field("note"), "Mine.", by=editor, reason="A copy.", seen=again).changed == 3


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"confidence": "low"}, "Say why the rows change."),
        ({"confidence": "sure", "reason": "x"}, "Select a valid choice."),
        ({"confidence": "high", "reason": "x"}, "<b>0 of 3</b> would change. Choose another value, or other rows."),
    ],
)
def test_edit_says_what_is_missing(
    client: Client, editor: User, prices: list[m.Price], fields: dict[str, str], sentence: str
) -> None:
    client.force_login(editor)

    assert sentence in sent(client, prices, field="confidence", preview="1", **fields).content.decode()


def test_row_that_a_rule_refuses_stays_and_says_why(editor: User, prices: list[m.Price]) -> None:
    earlier = make_price(prices[0].offering, "input", "0.5", since="2024-01-01", until="2025-02-08")
    m.Price.objects.filter(pk=prices[1].pk).update(effective_to=at("2026-01-01"))
    ended = m.Price.objects.filter(pk__in=[earlier.pk, prices[1].pk])

    batch = take_edit(ended, field("effective_to"), None, by=editor, reason="They hold still.")

    assert [price.effective_to is None for price in ended.order_by("pk")] == [True, False]
    assert (batch.changed, batch.refused) == (1, 1)
    (refused,) = [line for line in batch.lines if line["status"] == "refused"]
    assert "0.27" in refused["problems"][0]
    with pytest.raises(BadImport, match=r"No row would change its effective to, so nothing was done\. .*0\.27"):
        take_edit(ended.filter(pk=earlier.pk), field("effective_to"), None, by=editor, reason="It holds still.")


def test_source_of_many_rows_is_shown_by_name(client: Client, editor: User, prices: list[m.Price]) -> None:
    client.force_login(editor)
    other = make_source("https://example.org/archive", publisher="Archive")

    values = {"field": "source", "source": other.pk, "reason": "The page moved.", "preview": "1"}
    shown = sent(client, prices, **values).content.decode()

    assert shown.count(f"source: <del>{prices[0].source}</del> → <ins>{other}</ins>") == 3


def test_source_whose_day_is_not_known_is_refused(client: Client, editor: User, prices: list[m.Price]) -> None:
    client.force_login(editor)
    undated = make_source("https://example.org/undated", retrieved_at=None)

    values = {"field": "source", "source": undated.pk, "reason": "x", "preview": "1"}
    assert "It is not known when" in sent(client, prices, **values).content.decode()


def test_undo_is_refused_when_a_row_was_changed_since(editor: User, prices: list[m.Price]) -> None:
    batch = take_edit(m.Price.objects.all(), field("confidence"), "low", by=editor, reason="A copy.")
    prices[0].refresh_from_db()
    prices[0].confidence = "medium"
    prices[0].save()

    with pytest.raises(BadImport, match="was changed again since"):
        undo_import(batch, actor="editor", reason="No copy.")
    assert m.Price.objects.filter(confidence="low").count() == 2


@pytest.mark.parametrize(("reason", "value"), [(" ", "low"), ("A copy.", "high")])
def test_edit_without_a_reason_or_a_change_writes_nothing(
    editor: User, prices: list[m.Price], reason: str, value: str
) -> None:
    with pytest.raises(BadImport):
        take_edit(m.Price.objects.all(), field("confidence"), value, by=editor, reason=reason)
    assert not m.ImportBatch.objects.exists()


def queries(run: Callable[[], object]) -> int:
    with CaptureQueriesContext(connection) as found:
        run()
    return len(found)


def test_edit_asks_as_many_queries_for_many_rows_as_for_one(editor: User, prices: list[m.Price]) -> None:
    def edit(rows: int, value: str) -> Callable[[], object]:
        chosen = m.Price.objects.filter(pk__in=[price.pk for price in prices[:rows]])
        return lambda: take_edit(chosen, field("confidence"), value, by=editor, reason="A copy.")

    assert queries(edit(1, "low")) == queries(edit(3, "medium"))


@pytest.mark.parametrize(("role", "is_shown"), [("viewer", False), ("editor", True), ("operator", False)])
def test_action_is_shown_to_those_who_may(client: Client, prices: list[m.Price], role: str, is_shown: bool) -> None:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    client.force_login(user)

    assert ('value="edit_field"' in client.get(LIST).content.decode()) == is_shown
    sent(client, prices, field="confidence", confidence="low", reason="x", preview="1", take="1", seen="")
    assert not m.ImportBatch.objects.exists()


def test_keys_and_names_of_one_row_are_not_offered() -> None:
    assert {"id", "slug"} & {each.name for each in fields_to_edit(m.ModelVersion)} == set()
    assert {"confidence", "source", "note"} <= {each.name for each in fields_to_edit(m.Price)}
