import math
from datetime import date
from decimal import Decimal

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.errors import UnknownCapability
from catalog.models import ModelVersion
from dashboard.answer import picks
from dashboard.frontier import frontier
from dashboard.frontier_chart import developers
from dashboard.frontier_words import Reading, not_shown, reading
from dashboard.query import FrontierQuery
from tests import factories as make
from tests.dashboard.conftest import sold

AS_OF = {"as_of": "2025-02-08"}


@pytest.mark.parametrize(("day", "usd"), [("2025-02-07", "0.175"), ("2025-02-08", "0.4775")])
def test_frontier_price_is_the_one_in_force_on_the_day(
    three_models: dict[str, ModelVersion], day: str, usd: str
) -> None:
    found = frontier(FrontierQuery.parse({"as_of": day}))

    row = found.row("deepseek-v3")
    assert row is not None
    assert row.usd_per_mtok == Decimal(usd)
    assert row.price_sources[0].url == "https://api-docs.deepseek.com/news/price"


def test_frontier_judges_every_model(three_models: dict[str, ModelVersion]) -> None:
    found = frontier(FrontierQuery.parse(AS_OF))

    assert [(row.slug, row.usd_per_mtok, row.value) for row in found.rows] == [
        ("deepseek-v3", Decimal("0.4775"), 134.0),
        ("llama-3-1-405b", Decimal("3.5"), 128.0),
        ("claude-3-5-sonnet", Decimal(6), 133.0),
    ]
    assert [row.on_frontier for row in found.rows] == [True, False, False]
    # Sonnet is ahead in one draw of four, and nobody undercuts DeepSeek.
    assert [row.frontier_probability for row in found.rows] == [1.0, 0.0, 0.25]
    assert [row.price_premium for row in found.rows] == [1.0, 3.5 / 0.4775, 6 / 0.4775]
    assert [row.premium_set_by for row in found.rows] == ["deepseek-v3"] * 3


def test_frontier_price_follows_the_mix(three_models: dict[str, ModelVersion]) -> None:
    found = frontier(FrontierQuery.parse(AS_OF | {"mix": "1:1:2"}))

    row = found.row("deepseek-v3")
    assert row is not None
    assert row.price is not None
    assert row.usd_per_mtok == Decimal("0.635")  # (0.27 + 0.07 + 2 x 1.10) / 4
    assert row.price.assumed == ()
    # Sonnet has no cached price here: input stands in, and says so.
    other = found.row("claude-3-5-sonnet")
    assert other is not None
    assert other.price is not None
    assert (other.usd_per_mtok, other.price.assumed) == (Decimal(9), ("cached_input",))


def test_frontier_of_open_weights_judges_among_them_only(three_models: dict[str, ModelVersion]) -> None:
    assert [row.slug for row in frontier(FrontierQuery.parse({"access": "open"})).rows] == [
        "deepseek-v3",
        "llama-3-1-405b",
    ]
    only = frontier(FrontierQuery.parse({"access": "api"}))
    assert [(row.slug, row.on_frontier) for row in only.rows] == [("claude-3-5-sonnet", True)]


def test_frontier_counts_what_is_unknown_and_never_calls_it_zero(three_models: dict[str, ModelVersion]) -> None:
    unpriced = sold("Unpriced", "Nobody", (None, None))
    sold("Unscored", "Nobody", ("1", "1"))
    make.make_index({unpriced: [150.0] * 4, **{v: [130.0] * 4 for v in three_models.values()}}, seed=1)

    found = frontier(FrontierQuery.parse(AS_OF))

    assert len(found.rows) == 3
    assert [row.slug for row in found.without_cost] == ["unpriced"]
    assert [row.slug for row in found.without_capability] == ["unscored"]
    assert [row.on_frontier for row in found.without_cost] == [None]
    assert [row.slug for row in found.shown] == [row.slug for row in found.rows]
    shown = frontier(FrontierQuery.parse(AS_OF | {"unknown": "show"})).shown
    assert [row.slug for row in shown][3:] == ["unpriced", "unscored"]


def test_frontier_takes_the_newest_version_released_by_the_day(db: None) -> None:
    old = make.make_version("GPT-4o", developer="OpenAI", label="2024-05-13", released="2024-05-13")
    new = make.make_version("GPT-4o", developer="OpenAI", label="2024-08-06", released="2024-08-06")
    bare = make.make_version("GPT-4o", developer="OpenAI", label="2024-11-20", released="2024-11-20")
    for version, usd in ((old, "5"), (new, "2.5")):
        for component in ("input", "output"):
            make.make_price(make.make_offering(version), component, usd, since="2024-01-01")
    make.make_index({old: [1.0, 1.0], new: [2.0, 2.0], bare: [3.0, 3.0]})

    chosen = [frontier(FrontierQuery.parse({"as_of": day})).rows[0].version for day in ("2024-08-05", "2025-01-01")]

    assert chosen == [old, new]


def test_frontier_with_a_free_model_makes_the_dearer_ones_infinitely_dear(db: None) -> None:
    free = sold("Free", "A", ("0", "0"))
    dear = sold("Dear", "B", ("1", "1"))
    make.make_index({free: [5.0, 5.0], dear: [4.0, 4.0]})

    rows = frontier(FrontierQuery()).rows

    assert [(row.slug, row.price_premium) for row in rows] == [("free", 1.0), ("dear", math.inf)]


def test_frontier_of_a_benchmark_has_no_probability(three_models: dict[str, ModelVersion]) -> None:
    benchmark = make.make_benchmark("GPQA Diamond")
    make.make_score(three_models["deepseek"], benchmark, 0.591)
    make.make_score(three_models["sonnet"], benchmark, 0.65)

    found = frontier(FrontierQuery.parse(AS_OF | {"capability": "benchmark:gpqa-diamond"}))

    assert [(row.slug, row.value, row.frontier_probability) for row in found.rows] == [
        ("deepseek-v3", 0.591, None),
        ("claude-3-5-sonnet", 0.65, None),
    ]
    assert found.axis.between(0.591, 0.65) == "5.9 percentage points on GPQA Diamond"


def test_frontier_of_an_unknown_benchmark_names_near_ones(three_models: dict[str, ModelVersion]) -> None:
    make.make_score(three_models["deepseek"], make.make_benchmark("GPQA Diamond"), 0.591)

    with pytest.raises(UnknownCapability, match="benchmark:gpqa-diamond"):
        frontier(FrontierQuery.parse({"capability": "benchmark:gpqa-dimond"}))


def test_frontier_of_an_empty_catalog_has_no_rows(db: None) -> None:
    found = frontier(FrontierQuery())

    assert (found.rows, found.without_cost, found.without_capability) == ([], [], [])


@pytest.mark.parametrize("models", [1, 3])
def test_frontier_needs_as_many_queries_for_three_models_as_for_one(
    db: None, models: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    versions = [sold(f"Model {n}", f"Developer {n}", ("1", "2")) for n in range(models)]
    make.make_index({version: [1.0, 2.0] for version in versions})

    with django_assert_num_queries(7):
        frontier(FrontierQuery())


def test_every_model_of_the_catalog_is_in_one_class(three_models: dict[str, ModelVersion]) -> None:
    unpriced = sold("Unpriced", "Nobody", (None, None))
    sold("Unscored", "Nobody", ("1", "1"))
    make.make_version("Only a name")
    future = sold("Future", "Nobody", ("1", "1"), released="2025-06-01")
    gone = sold("Gone", "Nobody", ("1", "1"))
    gone.offerings.update(retired_on=date(2025, 1, 1))
    levels = {unpriced: [150.0] * 4, future: [150.0] * 4, gone: [120.0] * 4}
    make.make_index({**levels, **{v: [130.0] * 4 for v in three_models.values()}}, seed=1)

    found = frontier(FrontierQuery.parse(AS_OF | {"hide": "meta"}))

    assert [row.slug for row in found.rows] == ["deepseek-v3", "claude-3-5-sonnet"]
    assert [row.slug for row in found.without_cost] == ["unpriced"]
    assert [row.slug for row in found.withdrawn] == ["gone"]
    assert [row.slug for row in found.without_capability] == ["unscored"]
    assert (found.with_neither, found.later, found.left_out, len(found.catalog)) == (1, 1, 1, 8)
    assert not_shown(found) == (
        "6 models not on the chart: 1 without a price, 1 no longer sold, 1 without a score, "
        "1 with neither price nor score, "
        "1 released after 8 Feb 2025, 1 left out by the filters."
    )


def test_band_holds_the_frontier_in_nine_draws_of_ten(db: None) -> None:
    cheap, dear = sold("Cheap", "A", ("1", "1")), sold("Dear", "B", ("4", "4"))
    make.make_index({cheap: [float(n) for n in range(101)], dear: [50.0] * 101})

    found = frontier(FrontierQuery())

    # Cheap alone: 5% and 95% of 0..100. With Dear the frontier is never below 50.
    assert found.band == [(Decimal(1), pytest.approx(5.0), 95.0), (Decimal(4), 50.0, 95.0)]


def test_band_is_unknown_without_draws(db: None) -> None:
    sold("Cheap", "A", ("1", "1"))

    assert frontier(FrontierQuery()).band == []


def test_row_tells_a_stated_start_from_a_first_sight(db: None) -> None:
    version = make.make_version("Seen")
    offering = make.make_offering(version)
    make.make_price(offering, "input", "1", observed_from=make.at("2025-01-02"))
    make.make_price(offering, "output", "1", since="2025-01-01")
    make.make_index({version: [130.0]})

    row = frontier(FrontierQuery.parse(AS_OF)).rows[0]

    assert (row.price_since, row.since_words) == (date(2025, 1, 2), "seen since 2 Jan 2025")


def test_price_that_its_source_lists_no_more_is_marked_and_not_picked(db: None) -> None:
    ended, sold_still = sold("Ended", "A", ("1", "1")), sold("Sold", "B", ("2", "2"))
    for price in ended.offerings.get().prices.all():
        price.absent_since = make.at("2025-01-15")
        price.save()
    make.make_index({ended: [140.0], sold_still: [130.0]})

    found = frontier(FrontierQuery.parse(AS_OF))

    assert [(row.name, row.on_frontier) for row in found.rows] == [("Sold", True)]
    assert [(row.name, row.past_words, row.cost) for row in found.withdrawn] == [
        ("Ended", "not listed since 15 Jan 2025", Decimal(1))
    ]
    assert [pick.row.name for pick in picks(found)] == ["Sold"]
    assert [row.name for row in frontier(FrontierQuery.parse({"as_of": "2025-01-14"})).rows] == ["Ended", "Sold"]


@pytest.mark.parametrize(
    ("read", "words", "old"),
    [
        ("2025-02-08", "", False),
        ("2025-02-01", "oldest price on the frontier read 7 days before, on 1 Feb 2025", False),
        ("2025-01-31", "oldest price on the frontier read 8 days before, on 31 Jan 2025", True),
    ],
)
def test_reading_older_than_a_week_is_old(db: None, read: str, words: str, old: bool) -> None:
    version = make.make_version("Seen")
    make.make_price(make.make_offering(version), "input", "1", since="2025-01-01", last_seen=make.at(read))
    make.make_price(make.make_offering(version), "output", "1", since="2025-01-01", last_seen=make.at("2025-01-02"))
    make.make_index({version: [130.0]})

    assert reading(frontier(FrontierQuery.parse(AS_OF))) == Reading(words, old)


def test_reading_of_one_fresh_price_does_not_hide_an_old_one(db: None) -> None:
    levels = {}
    for name, usd, read, level in (
        ("Cheap", "1", "2025-02-08", 120.0),
        ("Best", "5", "2025-01-10", 140.0),
        ("Beaten", "9", "2024-12-01", 110.0),
    ):
        version = make.make_version(name, released="2024-01-01")
        for component in ("input", "output"):
            make.make_price(make.make_offering(version), component, usd, since="2024-12-01", last_seen=make.at(read))
        levels[version] = [level]
    make.make_index(levels)

    found = frontier(FrontierQuery.parse(AS_OF))

    assert [row.name for row in found.frontier] == ["Cheap", "Best"]  # Beaten is on no step, so its age is no matter
    assert found.read_on == date(2025, 1, 10)
    assert reading(found) == Reading("oldest price on the frontier read 29 days before, on 10 Jan 2025", is_old=True)


def test_frontier_of_the_past_leaves_out_a_price_of_which_nobody_knows_the_days(
    three_models: dict[str, ModelVersion],
) -> None:
    llama = make.make_version("Llama 3.1 8B", developer="Meta", released="2024-07-23")
    for component in ("input", "output"):
        offering = make.make_offering(llama, provider="OpenRouter")
        guess = {"until": "2026-10-19", "observed_from": make.at("2026-11-09"), "confidence": "low"}
        make.make_price(offering, component, "0.0225", **guess)  # type: ignore[arg-type]
        make.make_price(offering, component, "0.03", observed_from=make.at("2026-10-19"))
    make.make_index({llama: [110.0], **{version: [130.0] for version in three_models.values()}}, seed=1)

    found = frontier(FrontierQuery.parse(AS_OF))

    assert [(row.slug, row.usd_per_mtok) for row in found.rows] == [
        ("deepseek-v3", Decimal("0.4775")),
        ("llama-3-1-405b", Decimal("3.5")),
        ("claude-3-5-sonnet", Decimal(6)),
    ]
    assert [row.slug for row in found.without_cost] == ["llama-3-1-8b"]
    assert not_shown(found) == "1 model not on the chart: 1 without a price."


def test_key_links_take_a_developer_out_and_put_it_back(three_models: dict[str, ModelVersion]) -> None:
    shown = developers(frontier(FrontierQuery.parse(AS_OF)))
    assert [(each.name, each.is_hidden, each.url) for each in shown] == [
        ("Anthropic", False, "?as_of=2025-02-08&hide=anthropic"),
        ("DeepSeek", False, "?as_of=2025-02-08&hide=deepseek"),
        ("Meta", False, "?as_of=2025-02-08&hide=meta"),
    ]

    without = developers(frontier(FrontierQuery.parse(AS_OF | {"hide": "meta"})))
    assert [(each.name, each.is_hidden, each.url) for each in without] == [
        ("Anthropic", False, "?as_of=2025-02-08&hide=anthropic,meta"),
        ("DeepSeek", False, "?as_of=2025-02-08&hide=deepseek,meta"),
        ("Meta", True, "?as_of=2025-02-08"),
    ]


@pytest.mark.parametrize(
    ("policy", "value", "words"),
    [
        ("independent", 0.5, "independent first"),
        ("vendor", 0.7, "the developer&#x27;s own first"),
        ("median", 0.6, "median of sources"),
        ("worst", 0.4, "worst of sources"),
    ],
)
def test_score_policy_chooses_the_value_and_is_named(
    client: Client, three_models: dict[str, ModelVersion], policy: str, value: float, words: str
) -> None:
    benchmark = make.make_benchmark("GPQA Diamond")
    version = three_models["deepseek"]
    make.make_score(version, benchmark, 0.7, measured_by=version.model.developer, self_reported=True)
    tester = make.make_organization("Tester")
    for level, rank in ((0.4, 20), (0.5, 5), (0.6, 10), (0.65, 10)):
        source = make.make_source(f"https://tester.example/{level}", rank=rank)
        make.make_score(version, benchmark, level, measured_by=tester, source=source)
    asked = {"capability": "benchmark:gpqa-diamond", "policy": policy}

    row = frontier(FrontierQuery.parse(AS_OF | asked)).row("deepseek-v3")
    page = client.get("/", AS_OF | asked).content.decode()

    assert row is not None
    assert row.value == value
    assert f"GPQA Diamond, scores: {words} · blended list price" in page


def test_index_that_was_not_fitted_for_a_policy_says_so(client: Client, three_models: dict[str, ModelVersion]) -> None:
    said = "run python manage.py fit_index --policy vendor."

    assert said in client.get("/", AS_OF | {"policy": "vendor"}).content.decode()
    assert "fit_index" not in client.get("/", AS_OF).content.decode()
