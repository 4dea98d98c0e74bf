"""Files of facts: checked, taken, undone, refused, exported."""

import csv
from collections.abc import Callable
from contextlib import AbstractContextManager
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
import tablib
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog import models as m
from catalog.errors import BadImport
from catalog.importing.cells import TABLE_OF, export_rows
from catalog.seeding.rows import Row
from catalog.seeding.tables import Table
from catalog.services import seed
from catalog.services.imports import (
    TABLES_BY_NAME,
    check_import,
    discard_import,
    review_import,
    take_import,
    undo_import,
)
from tests.factories import at, make_offering, make_organization, make_price, make_source, make_version

pytestmark = pytest.mark.django_db
Queries = Callable[[int], AbstractContextManager[Any]]
PAGE = "https://api-docs.deepseek.com/pricing"


@pytest.fixture
def editor() -> User:
    return User.objects.create_user("editor")


@pytest.fixture
def deepseek() -> m.ModelVersion:
    make_source(PAGE, publisher="DeepSeek")
    return make_version()


def a_file(table: str, *rows: dict[str, str], extra: tuple[str, ...] = ()) -> bytes:
    written = StringIO()
    writer = csv.DictWriter(written, [*TABLES_BY_NAME[table].columns, *extra], restval="")
    writer.writeheader()
    writer.writerows(rows)
    return written.getvalue().encode()


def a_price(**cells: str) -> dict[str, str]:
    return {
        "provider": "deepseek",
        "provider_model_id": "deepseek-chat",
        "version": "deepseek-v3",
        "effective_from": "2025-02-08",
        "input": "0.27",
        "output": "1.10",
        "confidence": "high",
        "source_url": PAGE,
    } | cells


def checked(editor: User, table: str, *rows: dict[str, str], extra: tuple[str, ...] = ()) -> m.ImportBatch:
    return check_import(
        table=table, file_name=f"{table}.csv", content=a_file(table, *rows, extra=extra), uploaded_by=editor
    )


def counts(batch: m.ImportBatch) -> tuple[int, int, int, int]:
    return batch.new, batch.changed, batch.same, batch.refused


def problem(batch: m.ImportBatch) -> str:
    (line,) = [line for line in batch.lines if line["status"] == "refused"]
    return " ".join(line["problems"])


def test_checking_writes_no_fact(editor: User, deepseek: m.ModelVersion) -> None:
    batch = checked(editor, "prices", a_price())

    assert counts(batch) == (1, 0, 0, 0)
    assert not m.Price.objects.exists()
    assert not m.Offering.objects.exists()
    assert batch.lines[0]["changes"][0]["after"] == "DeepSeek-V3 by DeepSeek (deepseek-chat)"


def test_taken_prices_are_exact_and_noted_with_their_batch(editor: User, deepseek: m.ModelVersion) -> None:
    batch = checked(editor, "prices", a_price(input="0.27", output="1.1"))

    taken = take_import(batch, actor="editor")

    assert taken.created == 3  # the offering and two prices
    found = dict(m.Price.objects.values_list("component", "usd_per_mtok"))
    assert found == {"input": Decimal("0.27"), "output": Decimal("1.1")}
    assert m.Price.objects.values_list("effective_from", flat=True).distinct().get() == at("2025-02-08")
    events = m.AuditEvent.objects.filter(batch=batch)
    assert {(event.actor, event.origin, event.verb) for event in events} == {("editor", "import", "created")}
    batch.refresh_from_db()
    assert (batch.state, batch.finished_by) == ("taken", "editor")


def test_same_file_again_changes_nothing(editor: User, deepseek: m.ModelVersion) -> None:
    take_import(checked(editor, "prices", a_price()), actor="editor")

    again = checked(editor, "prices", a_price())

    assert counts(again) == (0, 0, 1, 0)
    with pytest.raises(BadImport, match="would change nothing"):
        take_import(again, actor="editor")


def test_batch_is_taken_once(editor: User, deepseek: m.ModelVersion) -> None:
    batch = checked(editor, "prices", a_price())
    take_import(batch, actor="editor")

    with pytest.raises(BadImport, match=r"prices\.csv cannot be taken: it is taken\."):
        take_import(batch, actor="editor")
    assert m.Price.objects.count() == 2


def test_changed_facts_need_a_reason_and_show_before_and_after(editor: User, deepseek: m.ModelVersion) -> None:
    take_import(checked(editor, "prices", a_price()), actor="editor")
    batch = checked(editor, "prices", a_price(output="1.2"))

    assert counts(batch) == (0, 1, 0, 0)
    assert batch.lines[0]["changes"] == [{"what": "USD per million tokens", "before": "1.1", "after": "1.2"}]
    with pytest.raises(BadImport, match=r"changes 1 recorded facts\. Say why"):
        take_import(batch, actor="editor")

    take_import(batch, actor="editor", reason="misread")
    assert m.Price.objects.get(component="output").usd_per_mtok == Decimal("1.2")
    event = m.AuditEvent.objects.filter(verb="changed").get()
    assert (event.reason, event.before, event.after) == (
        "misread",
        {"usd_per_mtok": "1.1"},
        {"usd_per_mtok": "1.2"},
    )


def test_new_price_ends_the_open_one_and_undo_opens_it_again(editor: User, deepseek: m.ModelVersion) -> None:
    take_import(checked(editor, "prices", a_price(effective_from="2024-12-26", input="0.14", output="")), actor="e")
    batch = checked(editor, "prices", a_price(output=""))
    assert " ".join(batch.lines[0]["notes"]) == (
        "Ends the input price of $0.14 per million tokens (DeepSeek, from 26 Dec 2024 on) on 8 Feb 2025; "
        "the new one is $0.27 per million tokens."
    )
    take_import(batch, actor="editor")
    old = m.Price.objects.get(usd_per_mtok=Decimal("0.14"))
    assert old.effective_to == at("2025-02-08")

    undo_import(batch, actor="bob", reason="wrong page")

    old.refresh_from_db()
    assert old.effective_to is None
    assert m.Price.objects.count() == 1
    batch.refresh_from_db()
    assert (batch.state, batch.finished_by) == ("undone", "bob")


def test_new_price_of_a_source_read_again_is_new(editor: User, deepseek: m.ModelVersion) -> None:
    take_import(checked(editor, "prices", a_price(effective_from="2024-12-26", input="0.14", output="")), actor="e")
    row = a_price(output="", retrieved_on="2099-01-01")
    batch = checked(editor, "prices", row, extra=("retrieved_on",))

    assert counts(batch) == (1, 0, 0, 0)
    assert {change["what"] for change in batch.lines[0]["changes"]} == {"retrieved at", "new price"}
    take_import(batch, actor="editor")
    assert m.Source.objects.get(url=PAGE).retrieved_at == at("2099-01-01")

    again = checked(editor, "prices", row | {"retrieved_on": "2099-01-02"}, extra=("retrieved_on",))
    assert counts(again) == (0, 1, 0, 0)


@pytest.mark.parametrize("table", TABLES_BY_NAME.values(), ids=TABLES_BY_NAME)
def test_needed_columns_are_those_that_no_line_does_without(table: Table) -> None:
    empty: list[str] = []
    list(table.read(Row("x.csv", 2, {}, empty)))
    asked = {column for column in table.columns if any(f"column {column}:" in sentence for sentence in empty)}
    # A price list needs one price of several, and names mean versions unless they say otherwise.
    assert set(table.needed) == asked - {"prices": {"input"}, "aliases": {"version"}}.get(table.name, set())


def test_column_left_out_leaves_what_is_recorded(editor: User, deepseek: m.ModelVersion) -> None:
    take_import(checked(editor, "prices", a_price(output="", source_note="per page", announced="no")), actor="e")
    few = "provider,provider_model_id,version,effective_from,input,confidence,source_url\n"
    few += f"deepseek,deepseek-chat,deepseek-v3,2025-02-08,0.28,high,{PAGE}\n"

    batch = check_import(table="prices", file_name="few.csv", content=few.encode(), uploaded_by=editor)

    assert batch.lines[0]["changes"] == [{"what": "USD per million tokens", "before": "0.27", "after": "0.28"}]
    take_import(batch, actor="e", reason="misread")
    assert m.Price.objects.get().note == "per page"


def test_unknown_name_comes_with_near_ones(editor: User, deepseek: m.ModelVersion) -> None:
    make_organization("Moonshot AI")
    batch = checked(editor, "models", {"slug": "kimi", "name": "Kimi", "developer": "moonshot"})
    assert problem(batch) == (
        "Column developer: there is no organization 'moonshot'. Near names: 'moonshot-ai'. Add it first, or correct "
        "the name."
    )


def test_undo_takes_everything_back_or_nothing(editor: User, deepseek: m.ModelVersion) -> None:
    batch = checked(editor, "prices", a_price())
    take_import(batch, actor="editor")
    price = m.Price.objects.get(component="input")
    price.usd_per_mtok = Decimal("0.28")
    price.save()

    with pytest.raises(BadImport, match="was changed again since"):
        undo_import(batch, actor="editor", reason="no")

    assert m.Price.objects.count() == 2
    price.usd_per_mtok = Decimal("0.27")
    price.save()
    undo_import(batch, actor="editor", reason="no")
    assert (m.Price.objects.count(), m.Offering.objects.count()) == (0, 0)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"input": "cheap"}, "prices.csv line 2, column input: 'cheap' is not a number. Write digits such as 0.27"),
        ({"input": "0,27"}, "'0,27' is not a number"),
        ({"input": "-1"}, "-1 is negative"),
        ({"version": "gpt-9"}, "Column version: there is no model version 'gpt-9'. Add it first, or correct the name."),
        ({"source_url": ""}, "column source_url: the cell is empty. Fill it in."),
        ({"source_url": "the web"}, "'the web' is not a web address"),
        ({"source_url": "https://nobody.example/p"}, "is a new source. Add the day it was read"),
        ({"effective_to": "2025-01-01"}, "the price ends before it begins"),
        ({"confidence": "sure"}, "'sure' is not one of high, medium, low"),
    ],
)
def test_line_that_cannot_be_right_is_refused_in_words(
    editor: User, deepseek: m.ModelVersion, wrong: dict[str, str], sentence: str
) -> None:
    batch = checked(editor, "prices", a_price(**wrong), a_price(provider_model_id="other"))

    assert counts(batch) == (1, 0, 0, 1)
    assert sentence in problem(batch)
    take_import(batch, actor="editor")
    assert {price.offering.provider_model_id for price in m.Price.objects.all()} == {"other"}


def test_new_source_is_made_from_what_is_known_about_its_host(editor: User, deepseek: m.ModelVersion) -> None:
    row = a_price(source_url="https://api-docs.deepseek.com/news", retrieved_on="2026-11-20")

    take_import(checked(editor, "prices", row, extra=("retrieved_on",)), actor="editor")

    source = m.Price.objects.filter(component="input").get().source
    assert (source.publisher, source.kind, source.rank) == ("DeepSeek", "primary", 10)
    assert source.retrieved_at == at("2026-11-20")


def test_source_of_an_unknown_host_needs_a_publisher(editor: User, deepseek: m.ModelVersion) -> None:
    row = a_price(source_url="https://news.example/1", retrieved_on="2026-11-20")
    extra = ("retrieved_on", "publisher", "source_kind")

    assert "nothing is known about news.example yet" in problem(checked(editor, "prices", row, extra=extra))

    take_import(
        checked(editor, "prices", row | {"publisher": "News", "source_kind": "secondary"}, extra=extra), actor="e"
    )
    assert m.Source.objects.get(publisher="News").rank == 40


def test_overlap_and_jump_are_refused(editor: User, deepseek: m.ModelVersion) -> None:
    offering = make_offering(deepseek, model_id="deepseek-chat")
    source = make_source(PAGE)
    make_price(offering, "input", "0.27", since="2025-02-08", source=source)

    earlier = checked(editor, "prices", a_price(effective_from="2025-01-01", output=""))
    assert "DeepSeek already states $0.27 per million tokens for input of this offering from 8 Feb 2025 on." in problem(
        earlier
    )

    dearer = checked(editor, "prices", a_price(effective_from="2026-01-01", input="27", output=""))
    assert (
        "$27 per million tokens and the last price, $0.27 per million tokens (DeepSeek), differ 100 times"
        in problem(dearer)
    )
    explained = a_price(effective_from="2026-01-01", input="27", output="", reason="now a luxury")
    assert counts(checked(editor, "prices", explained, extra=("reason",))) == (1, 0, 0, 0)


def test_lines_that_contradict_each_other_are_refused(editor: User, deepseek: m.ModelVersion) -> None:
    batch = checked(editor, "prices", a_price(), a_price(input="0.3"))

    assert counts(batch) == (1, 0, 0, 1)
    assert problem(batch) == "The same fact is on line 2. Delete one of the two lines."


def test_line_that_rests_on_a_refused_line_is_refused(editor: User) -> None:
    make_organization("DeepSeek")
    make_source(PAGE)
    base = {"model": "v9", "kind": "chat", "source_url": PAGE}
    m.Model.objects.create(slug="v9", name="V9", developer=make_organization("DeepSeek"))
    batch = checked(
        editor,
        "versions",
        base | {"slug": "v9-chat", "name": "V9 chat", "derived_from": "v9-base"},
        base | {"slug": "v9-base", "name": "V9", "announced_on": "soon"},
    )
    assert counts(batch) == (0, 0, 0, 2)
    assert "there is no model version 'v9-base'" in batch.lines[0]["problems"][0]

    good = checked(
        editor,
        "versions",
        base | {"slug": "v9-chat", "name": "V9 chat", "derived_from": "v9-base"},
        base | {"slug": "v9-base", "name": "V9"},
    )
    take_import(good, actor="editor")
    child = m.ModelVersion.objects.get(slug="v9-chat")
    assert child.derived_from is not None
    assert child.derived_from.slug == "v9-base"


def test_name_that_is_taken_is_refused(editor: User) -> None:
    make_organization("DeepSeek")

    batch = checked(editor, "organizations", {"slug": "deep-seek", "name": "DeepSeek"})

    assert problem(batch) == "Another organization has the name 'DeepSeek'. Correct one of them."


def test_alias_that_means_something_else_is_refused(editor: User, deepseek: m.ModelVersion) -> None:
    m.Alias.objects.create(namespace="feed", raw_name="chat", version=deepseek)
    row = {"namespace": "feed", "raw_name": "chat", "version": "deepseek-v3", "valid_from": "2025-01-01"}

    batch = checked(editor, "aliases", row | {"evidence": "page"})

    assert problem(batch).startswith("'chat' already means DeepSeek-V3 from the beginning to now.")


def test_spreadsheet_floats_are_read_as_their_author_sees_them(editor: User, deepseek: m.ModelVersion) -> None:
    columns = TABLES_BY_NAME["prices"].columns
    row: dict[str, Any] = a_price() | {"input": 0.1 + 0.2, "output": 1.1}
    sheet = tablib.Dataset([row.get(name, "") for name in columns], headers=list(columns)).export("xlsx")

    batch = check_import(table="prices", file_name="prices.xlsx", content=sheet, uploaded_by=editor)
    take_import(batch, actor="editor")

    assert 0.1 + 0.2 != 0.3
    assert m.Price.objects.get(component="input").usd_per_mtok == Decimal("0.3")
    assert m.Price.objects.get(component="output").usd_per_mtok == Decimal("1.1")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", b"", "a.csv is empty"),
        ("a.csv", b"slug,name\nx,y\n", "the column 'developer' is missing"),
        ("a.csv", b"slug,name,developer,colour\nx,y,z,red\n", "the column 'colour' is unknown"),
        ("a.csv", b"slug,name,developer,name\n", "the column 'name' stands twice"),
        ("a.csv", b"slug,name,developer\n", "no line below them"),
        ("a.csv", b"\xff\xfe\x00", "byte 0 is not UTF-8"),
        ("a.xlsx", b"PK\x03\x04 no zip", "cannot be read as XLSX"),
    ],
)
def test_file_that_cannot_be_read_is_refused_in_words(editor: User, name: str, content: bytes, sentence: str) -> None:
    with pytest.raises(BadImport, match=sentence):
        check_import(table="models", file_name=name, content=content, uploaded_by=editor)
    assert not m.ImportBatch.objects.exists()


def test_european_spreadsheets_separate_with_semicolons(editor: User) -> None:
    make_organization("DeepSeek")
    content = b"\xef\xbb\xbfslug;name;developer\r\nv9;V9;deepseek\r\n"

    batch = check_import(table="models", file_name="a.csv", content=content, uploaded_by=editor)

    assert counts(batch) == (1, 0, 0, 0)


def test_discarded_and_reviewed_batches(editor: User, deepseek: m.ModelVersion) -> None:
    batch = checked(editor, "prices", a_price())
    discard_import(batch, actor="editor")
    with pytest.raises(BadImport, match="it is discarded"):
        take_import(batch, actor="editor")

    other = checked(editor, "prices", a_price())
    with pytest.raises(BadImport, match="cannot be reviewed"):
        review_import(other, actor="bob")
    take_import(other, actor="editor")
    review_import(other, actor="bob")
    other.refresh_from_db()
    assert other.reviewed_by == "bob"


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_exported_is_imported_without_a_change(editor: User, kind: str) -> None:
    seed()
    for model, table in TABLE_OF.items():
        rows = model._default_manager.order_by("pk")
        content = export_rows(rows, kind=kind)
        batch = check_import(table=table, file_name=f"{table}.{kind}", content=content, uploaded_by=editor)

        assert rows.exists()
        refused = [line["problems"] for line in batch.lines if line["status"] == "refused"]
        assert (table, batch.new, batch.changed, refused[:3]) == (table, 0, 0, [])


def test_export_holds_no_formula(editor: User) -> None:
    make_organization("=1+1")
    content = export_rows(m.Organization.objects.all(), kind="csv")
    assert b'"\'=1+1"' in content
    sheet = tablib.Dataset().load(export_rows(m.Organization.objects.all(), kind="xlsx"), format="xlsx")
    assert sheet["name"] == ["'=1+1"]

    batch = check_import(table="organizations", file_name="o.csv", content=content, uploaded_by=editor)
    assert counts(batch) == (0, 0, 1, 0)


def test_five_thousand_lines_cost_as_few_queries_as_the_batches_need(editor: User, deepseek: m.ModelVersion) -> None:
    def many(count: int, prefix: str) -> m.ImportBatch:
        rows = [a_price(provider_model_id=f"{prefix}-{number}", output="") for number in range(count)]
        return checked(editor, "prices", *rows)

    def cost(count: int, prefix: str) -> tuple[int, int]:
        with CaptureQueriesContext(connection) as checking:
            batch = many(count, prefix)
        with CaptureQueriesContext(connection) as taking:
            taken = take_import(batch, actor="editor")
        assert taken.created == 2 * count
        return len(checking), len(taking)

    one, few = cost(1, "a"), cost(3, "b")
    assert one == few
    checking, taking = cost(5000, "c")
    assert checking <= one[0] + 12  # look-ups by number are cut into pieces of what the database takes at once
    assert taking < 400  # for 20,000 rows with their history; SQLite takes 999 values at once
