from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.models import Alias, Offering, Organization, Price
from ingest.errors import UnknownFeed
from ingest.models import FeedRun, HeldChange, RawRecord, Snapshot
from ingest.services import decide_held_changes, read_feed, replay_feed
from tests.factories import at, make_organization, make_version
from tests.ingest.support import FEED, counts, flat, history, name, read, table

pytestmark = pytest.mark.django_db


def test_first_reading_writes_what_is_named_and_keeps_the_rest_raw() -> None:
    version = name("gpt-4o")
    run = read(table(**{"gpt-4o": flat(2.5, 10), "gpt-x": flat(1, 2)}), "2026-11-01")
    assert counts(run) == {"created": 2, "unresolved": 1, "written": 2}
    offering = Offering.objects.get()
    assert (offering.version, offering.provider.name, offering.provider_model_id) == (version, "OpenAI", "gpt-4o")
    price = Price.objects.get(component="output")
    assert (price.usd_per_mtok, price.observed_from, price.last_seen) == (
        Decimal(10),
        at("2026-11-01"),
        at("2026-11-01"),
    )
    assert (price.effective_from, price.confidence, price.source.publisher) == (None, "medium", "Pydantic")
    assert set(RawRecord.objects.values_list("external_key", flat=True)) == {"openai/gpt-4o", "openai/gpt-x"}


def test_second_reading_of_the_same_file_changes_nothing() -> None:
    name("gpt-4o")
    body = table(**{"gpt-4o": flat(2.5, 10)})
    read(body, "2026-11-01")
    before = list(Price.objects.values())
    assert counts(read(body, "2026-11-01")) == {"unchanged": 1}
    assert list(Price.objects.values()) == before
    assert Snapshot.objects.count() == 1


def test_alias_accepted_later_applies_to_an_unchanged_snapshot() -> None:
    body = table(**{"gpt-4o": flat(2.5, 10)})
    assert counts(read(body, "2026-11-01")) == {"created": 1, "unresolved": 1}
    name("gpt-4o")
    assert counts(read(body, "2026-11-01")) == {"unchanged": 1, "written": 2}


@pytest.mark.parametrize("status", [Alias.Status.PROPOSED, Alias.Status.REJECTED])
def test_alias_that_nobody_accepted_writes_nothing(status: str) -> None:
    name("gpt-4o")
    Alias.objects.update(status=status)
    assert counts(read(table(**{"gpt-4o": flat(2.5, 10)}), "2026-11-01")) == {"created": 1, "unresolved": 1}


def test_alias_outside_its_period_writes_nothing() -> None:
    name("gpt-4o", valid_to=at("2026-10-01"))
    assert counts(read(table(**{"gpt-4o": flat(2.5, 10)}), "2026-11-01")) == {"created": 1, "unresolved": 1}


def test_name_that_is_decided_to_be_no_model_is_not_unresolved() -> None:
    Alias.objects.create(namespace=f"{FEED}/openai", raw_name="auto", target=Alias.Target.NOT_A_MODEL)
    assert counts(read(table(auto=flat(1, 2)), "2026-11-01")) == {"created": 1}


def test_moving_alias_follows_the_date_of_the_reading() -> None:
    old, new = make_version("Old"), make_version("New")
    name("chat", old, valid_to=at("2026-06-01"))
    name("chat", new, valid_from=at("2026-06-01"))
    read(table(chat=flat(1)), "2026-05-01")
    read(table(chat=flat(1)), "2026-07-01")
    assert [(row.offering.version, row.absent_since) for row in Price.objects.order_by("pk")] == [
        (old, at("2026-07-01")),
        (new, None),
    ]


def test_dated_price_is_cut_where_its_alias_moves() -> None:
    old, new = make_version("Old"), make_version("New")
    name("chat", old, valid_to=at("2026-06-01"))
    name("chat", new, valid_from=at("2026-06-01"))
    dated = [{"prices": {}}, {"constraint": {"start_date": "2026-05-01"}, "prices": {"input_mtok": 1}}]
    read(table(chat=dated), "2026-07-01")
    rows = Price.objects.order_by("effective_from")
    assert [(row.offering.version, row.effective_from, row.effective_to) for row in rows] == [
        (old, at("2026-05-01"), at("2026-06-01")),
        (new, at("2026-06-01"), None),
    ]


def test_known_provider_is_found_by_name_whatever_its_case() -> None:
    make_organization("OPENAI")
    version = make_version("GPT", developer="OPENAI")
    name("gpt-4o", version)
    read(table(**{"gpt-4o": flat(2.5)}), "2026-11-01")
    assert Organization.objects.count() == 1
    assert Offering.objects.get().is_first_party


def test_announced_price_is_marked_until_its_day_has_come() -> None:
    name("gpt-4o")
    body = table(**{"gpt-4o": [{"prices": flat(3)}, {"constraint": {"start_date": "2027-01-01"}, "prices": flat(4)}]})
    read(body, "2026-11-01")
    assert Price.objects.filter(announced=True).get().usd_per_mtok == 4
    read(body, "2027-01-02")
    assert not Price.objects.filter(announced=True).exists()
    assert Price.objects.count() == 2


def test_dry_run_counts_and_keeps_nothing() -> None:
    name("gpt-4o")
    run = read(table(**{"gpt-4o": flat(2.5, 10)}), "2026-11-01", dry_run=True)
    assert run.pk is None
    assert counts(run) == {"created": 1, "written": 2}
    assert (FeedRun.objects.count(), RawRecord.objects.count(), Price.objects.count()) == (0, 0, 0)


def test_unknown_feed_names_a_near_one() -> None:
    with pytest.raises(UnknownFeed, match=r"There is no feed named 'genai-price'\. Did you mean 'genai-prices'\?"):
        read_feed("genai-price")


def test_record_that_is_refused_keeps_its_old_price() -> None:
    name("gpt-4o")
    read(table(**{"gpt-4o": flat(2.5)}), "2026-11-01")
    run = read(table(**{"gpt-4o": flat(-2.5), "gpt-x": flat(1)}), "2026-11-02")
    assert counts(run) == {"created": 1, "rejected": 1, "unresolved": 1}
    assert "openai/gpt-4o: The price -2.5 is negative." in run.message
    assert history() == [("2.5", "2026-11-01", "2026-11-01", None)]
    assert RawRecord.objects.get(external_key="openai/gpt-4o").absent_since is None


def test_queries_do_not_grow_with_the_records() -> None:
    def queries(count: int, day: str) -> int:
        for number in range(count):
            if not Alias.objects.filter(raw_name=f"m{number}").exists():
                name(f"m{number}")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            read(table(**{f"m{number}": flat(1, 2) for number in range(count)}), day)
        return len(captured)

    queries(2, "2026-11-01")
    assert queries(4, "2026-11-02") == queries(24, "2026-11-03")


def test_held_change_waits_once_and_the_old_price_stays() -> None:
    name("gpt-4o")
    read(table(**{"gpt-4o": flat(2.5)}), "2026-11-01")
    doubtful = table(**{"gpt-4o": flat(25)})
    for day in ("2026-11-02", "2026-11-02", "2026-11-03"):
        assert read(doubtful, day).held == 1
    held = HeldChange.objects.get()
    assert (held.field, held.old_value, held.new_value) == ("input, standard", "2.5", "25")
    assert held.reason == "The price would change from 2.5 to 25, more than 3-fold."
    assert held.proposal["observation"]["usd_per_mtok"] == "25"
    assert history() == [("2.5", "2026-11-01", "2026-11-01", None)]


def test_held_change_that_is_accepted_is_written_at_once() -> None:
    name("gpt-4o")
    read(table(**{"gpt-4o": flat(2.5)}), "2026-11-01")
    read(table(**{"gpt-4o": flat(25)}), "2026-11-02")
    waiting = list(HeldChange.objects.all())
    assert decide_held_changes(waiting, accept=True, decided_by="ada") == 1
    assert decide_held_changes(waiting, accept=False, decided_by="bob") == 0
    assert [(row.state, row.decided_by) for row in HeldChange.objects.all()] == [("accepted", "ada")]
    assert history() == [("2.5", "2026-11-01", "2026-11-01", "2026-11-02"), ("25", "2026-11-02", "2026-11-02", None)]


def test_held_change_that_is_rejected_is_not_asked_again() -> None:
    name("gpt-4o")
    read(table(**{"gpt-4o": flat(2.5)}), "2026-11-01")
    read(table(**{"gpt-4o": flat(25)}), "2026-11-02")
    decide_held_changes(list(HeldChange.objects.all()), accept=False, decided_by="ada")
    assert counts(read(table(**{"gpt-4o": flat(25)}), "2026-11-03")) == {"unchanged": 1}
    assert history() == [("2.5", "2026-11-01", "2026-11-01", None)]


def test_replay_reads_every_kept_snapshot_as_names_are_known_now() -> None:
    read(table(**{"gpt-4o": flat(2.5)}), "2026-11-01")
    read(table(**{"gpt-4o": flat(3)}), "2026-11-02")
    name("gpt-4o")
    assert [counts(run) for run in replay_feed(FEED, everything=True)] == [{"unchanged": 1, "written": 1}] * 2
    assert history() == [("2.5", "2026-11-01", "2026-11-01", "2026-11-02"), ("3", "2026-11-02", "2026-11-02", None)]
    assert [counts(run) for run in replay_feed(FEED, everything=True)] == [{"unchanged": 1}] * 2
