"""Frontier, premium, price of capability, and their invariants under any prices and scores."""

import math
import subprocess
import sys
from decimal import Decimal
from typing import Any, TypeAlias

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from economics.errors import InvalidArgument, MismatchedShapes
from economics.frontier import (
    convex_frontier,
    frontier_probability,
    pareto_frontier,
    premium_interval,
    price_of_capability,
    price_premium,
)
from economics.interval import Interval

# The same examples every time, and no stopwatch: a slow machine fails no test.
steady = settings(deadline=None, derandomize=True)

# Five models: cheap, good value, dominated, best, and one without a price.
PRICE = [Decimal("0.5"), Decimal(2), Decimal(8), Decimal(10), None]
CAPABILITY = [110.0, 140.0, 138.0, 150.0, 155.0]

# One (price, capability) per model. Loose, so that comparisons of known values need no casts.
Table: TypeAlias = list[tuple[Any, Any]]

# Small grids make ties, free prices and unknowns frequent.
prices = st.one_of(st.none(), st.sampled_from([0.0, 0.25, 1.0, 3.0]), st.floats(0.001, 1000))
capabilities = st.one_of(st.none(), st.sampled_from([90.0, 100.0, 110.0]), st.floats(-200, 200))
tables = st.lists(st.tuples(prices, capabilities), min_size=1, max_size=12)


def columns(table: Table) -> tuple[list[Any], list[Any]]:
    return [row[0] for row in table], [row[1] for row in table]


def known(table: Table) -> list[int]:
    return [i for i, (price, capability) in enumerate(table) if price is not None and capability is not None]


def test_frontier_of_five_models_leaves_out_the_dominated_and_the_unpriced() -> None:
    assert pareto_frontier(price=PRICE, capability=CAPABILITY).tolist() == [True, True, False, True, False]


def test_frontier_keeps_exact_ties() -> None:
    assert pareto_frontier(price=[1, 1, 2], capability=[100, 100, 100]).tolist() == [True, True, False]


def test_frontier_same_price_keeps_only_the_most_capable() -> None:
    assert pareto_frontier(price=[1, 1], capability=[100, 101]).tolist() == [False, True]


def test_frontier_free_model_is_a_real_price() -> None:
    assert pareto_frontier(price=[0, 1, 1], capability=[120, 120, 121]).tolist() == [True, False, True]


def test_frontier_unknown_capability_dominates_nobody() -> None:
    assert pareto_frontier(price=[0, 1], capability=[None, 100]).tolist() == [False, True]


def test_frontier_of_no_models_is_empty() -> None:
    assert pareto_frontier(price=[], capability=[]).tolist() == []


def test_frontier_compares_at_full_precision() -> None:
    assert pareto_frontier(price=[1.0, 1.0], capability=[100.0, 100.0 + 1e-12]).tolist() == [False, True]


def test_premium_of_five_models() -> None:
    result = price_premium(price=PRICE, capability=CAPABILITY)
    np.testing.assert_array_equal(result.premium, [1.0, 1.0, 4.0, 1.0, math.nan])
    assert result.set_by == (0, 1, 1, 3, None)


def test_premium_over_a_free_alternative_is_infinite() -> None:
    result = price_premium(price=[0, 3], capability=[120, 119])
    assert result.premium.tolist() == [1.0, math.inf]
    assert result.set_by == (0, 0)


def test_premium_of_a_free_model_beside_a_better_free_model_is_one() -> None:
    assert price_premium(price=[0, 0], capability=[120, 119]).premium.tolist() == [1.0, 1.0]


def test_premium_unknown_price_sets_nobodys_premium() -> None:
    result = price_premium(price=[None, 5], capability=[200, 100])
    assert math.isnan(result.premium[0])
    assert result.premium[1] == 1.0
    assert result.set_by == (None, 1)


def test_premium_setter_among_equal_prices_is_the_most_capable() -> None:
    assert price_premium(price=[4, 1, 1, 1], capability=[100, 110, 130, 130]).set_by[0] == 2


def test_premium_off_the_frontier_is_one_when_the_better_model_costs_the_same() -> None:
    assert pareto_frontier(price=[2, 2], capability=[100, 110]).tolist() == [False, True]
    assert price_premium(price=[2, 2], capability=[100, 110]).premium.tolist() == [1.0, 1.0]


def test_probability_is_the_share_of_draws_on_the_frontier() -> None:
    draws = [[100, 110], [100, 99], [100, 100], [100, 120]]
    assert frontier_probability(price=[1, 2], draws=draws).tolist() == [1.0, 0.5]


def test_probability_of_an_unpriced_model_is_unknown() -> None:
    result = frontier_probability(price=[None, 2], draws=[[100, 90], [100, 90]])
    assert math.isnan(result[0])
    assert result[1] == 1.0


def test_probability_counts_only_draws_that_know_the_model() -> None:
    draws = [[100.0, math.nan], [100.0, 90.0], [100.0, 110.0]]
    assert frontier_probability(price=[1, 2], draws=draws).tolist() == [1.0, 0.5]


def test_probability_matches_the_frontier_of_every_draw() -> None:
    rng = np.random.default_rng(5)
    price = [1.0, 2.0, 2.0, 4.0, None, 0.0]
    draws = rng.normal(100, 5, (40, 6)).round()
    expected = np.mean([pareto_frontier(price=price, capability=row) for row in draws], axis=0)
    expected[4] = math.nan
    np.testing.assert_array_equal(frontier_probability(price=price, draws=draws), expected)


def test_premium_interval_gives_median_and_ends_over_draws() -> None:
    draws = [[100.0, 90.0 + step] for step in range(21)]  # model 1 (dear) reaches model 0 only in the last draws
    result = premium_interval(price=[1, 4], draws=draws)
    # In draws 0 to 10 model 0 is at least as good (premium 4), in draws 11 to 20 it is not (premium 1).
    assert result.median.tolist() == [1.0, 4.0]
    assert result.intervals == (
        Interval(1.0, 1.0, 0.9, "joint draws"),
        Interval(1.0, 4.0, 0.9, "joint draws"),
    )


def test_premium_interval_keeps_infinity_and_unknown() -> None:
    result = premium_interval(price=[0, 3, None], draws=[[120.0, 119.0, 90.0]] * 4)
    assert result.median[:2].tolist() == [1.0, math.inf]
    assert result.intervals[1] == Interval(math.inf, math.inf, 0.9, "joint draws")
    assert result.intervals[2] is None


def test_price_of_capability_returns_the_price_as_given() -> None:
    result = price_of_capability(price=PRICE, capability=CAPABILITY, level=139)
    assert result.price == Decimal(2)
    assert isinstance(result.price, Decimal)
    assert result.index == 1


def test_price_of_capability_nobody_reaches_is_unknown() -> None:
    result = price_of_capability(price=PRICE, capability=CAPABILITY, level=152)
    assert result.price is None
    assert result.index is None


def test_price_of_capability_level_itself_counts() -> None:
    assert price_of_capability(price=[3, 0], capability=[150, 149.9], level=150).index == 0


def test_labelled_series_and_frames_are_read_by_position() -> None:
    price = pd.Series(PRICE, index=list("vwxyz"), dtype=object)
    capability = pd.Series(CAPABILITY, index=list("vwxyz"))
    draws = pd.DataFrame([CAPABILITY, CAPABILITY], columns=list("vwxyz"))
    assert pareto_frontier(price=price, capability=capability).tolist() == [True, True, False, True, False]
    assert price_of_capability(price=price, capability=capability, level=139).price == Decimal(2)
    assert frontier_probability(price=price, draws=draws)[:4].tolist() == [1.0, 1.0, 0.0, 1.0]


def test_labels_in_different_orders_are_refused() -> None:
    price = pd.Series([1.0, 2.0], index=["a", "b"])
    with pytest.raises(MismatchedShapes, match="price and capability label their entries differently"):
        price_premium(price=price, capability=pd.Series([150.0, 120.0], index=["b", "a"]))
    with pytest.raises(MismatchedShapes, match="price and draws label"):
        frontier_probability(price=price, draws=pd.DataFrame([[150.0, 120.0]], columns=["b", "a"]))
    # Entries that are only numbered have no names to disagree with.
    assert frontier_probability(price=price, draws=pd.DataFrame([[1.0, 2.0]])).tolist() == [1.0, 1.0]


def test_a_mapping_is_refused_and_never_read_by_its_keys() -> None:
    with pytest.raises(InvalidArgument, match="price is a mapping"):
        pareto_frontier(price={5: 1.0, 6: 2.0}, capability=[100, 120])


def test_convex_frontier_skips_models_below_a_mix() -> None:
    # Halfway between (1, .5) and (3, .9) costs 2 and scores .7, above the .6 of the model there.
    hull = convex_frontier(cost=[1, 2, 3, 0.5, 4], score=[0.5, 0.6, 0.9, 0.1, 0.85])
    assert hull.index == (3, 0, 2)
    assert hull.score_at(cost=2) == pytest.approx(0.7)
    assert hull.mix_at(cost=2) == ((0, 0.5), (2, 0.5))


def test_convex_frontier_ends() -> None:
    hull = convex_frontier(cost=[1, 3], score=[0.5, 0.9])
    assert hull.score_at(cost=0.99) is None
    assert hull.mix_at(cost=0.99) == ()
    assert hull.score_at(cost=1) == 0.5
    assert hull.mix_at(cost=1) == ((0, 1.0),)
    assert hull.score_at(cost=100) == 0.9
    assert hull.mix_at(cost=100) == ((1, 1.0),)


def test_convex_frontier_of_unknowns_reaches_nothing() -> None:
    hull = convex_frontier(cost=[None, 3], score=[0.5, None])
    assert hull.index == ()
    assert hull.score_at(cost=3) is None


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"price": [-1, 2], "capability": [1, 2]}, InvalidArgument, r"price\[0\] is -1"),
        ({"price": [1, math.inf], "capability": [1, 2]}, InvalidArgument, r"price\[1\] is infinite"),
        ({"price": [1, 2], "capability": [1, -math.inf]}, InvalidArgument, r"capability\[1\] is infinite"),
        ({"price": [1], "capability": [1, 2]}, MismatchedShapes, "price has 1 values and capability 2"),
        ({"price": ["dear"], "capability": [1]}, InvalidArgument, "price must be a flat list of numbers"),
    ],
)
@pytest.mark.parametrize("function", [pareto_frontier, price_premium])
def test_bad_input_names_the_argument(
    function: Any, arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        function(**arguments)


def test_bad_draws_name_the_shape() -> None:
    with pytest.raises(MismatchedShapes, match=r"draws has shape \(1, 3\)"):
        frontier_probability(price=[1, 2], draws=[[1, 2, 3]])
    with pytest.raises(InvalidArgument, match="draws holds an infinite value"):
        premium_interval(price=[1], draws=[[math.inf]])
    with pytest.raises(InvalidArgument, match="level is 90"):
        premium_interval(price=[1], draws=[[1.0]], level=90)
    with pytest.raises(InvalidArgument, match="cost is -1"):
        convex_frontier(cost=[1], score=[0.5]).score_at(cost=-1)
    with pytest.raises(InvalidArgument, match="level is nan"):
        price_of_capability(price=[1], capability=[1], level=math.nan)


def test_module_needs_neither_pandas_nor_scipy() -> None:
    code = "import sys, economics.frontier; print({'pandas', 'scipy', 'statsmodels'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"


@steady
@given(tables)
def test_frontier_is_exactly_the_undominated_models(table: Table) -> None:
    price, capability = columns(table)
    on = pareto_frontier(price=price, capability=capability)
    for i in range(len(table)):
        dominated = any(
            price[j] <= price[i] and capability[j] >= capability[i] and (price[j], capability[j]) != table[i]
            for j in known(table)
            if i in known(table)
        )
        assert on[i] == (i in known(table) and not dominated)


@steady
@given(tables)
def test_premium_is_own_price_over_the_cheapest_as_good(table: Table) -> None:
    price, capability = columns(table)
    result = price_premium(price=price, capability=capability)
    for i in range(len(table)):
        if i not in known(table):
            assert math.isnan(result.premium[i])
            assert result.set_by[i] is None
            continue
        cheapest = min(price[j] for j in known(table) if capability[j] >= capability[i])
        if price[i] == cheapest:
            assert result.premium[i] == 1.0
            assert result.set_by[i] == i
        else:
            assert result.premium[i] == (math.inf if cheapest == 0 else price[i] / cheapest)
            setter = result.set_by[i]
            assert setter is not None
            assert price[setter] == cheapest
            assert capability[setter] >= capability[i]


@steady
@given(tables)
def test_premium_is_one_exactly_where_nobody_as_good_is_cheaper(table: Table) -> None:
    price, capability = columns(table)
    on = pareto_frontier(price=price, capability=capability)
    premium = price_premium(price=price, capability=capability).premium
    assert all(premium[on] == 1.0)
    for i in known(table):
        better_at_same_price = any(price[j] == price[i] and capability[j] > capability[i] for j in known(table))
        if not on[i] and not better_at_same_price:
            assert premium[i] > 1.0


@steady
@given(tables, st.sampled_from([0.25, 2.0, 1024.0]))
def test_scaling_all_prices_changes_nothing(table: Table, k: float) -> None:
    # Powers of two scale floats exactly, so equality is exact.
    price, capability = columns(table)
    scaled = [None if value is None else value * k for value in price]
    np.testing.assert_array_equal(
        pareto_frontier(price=scaled, capability=capability), pareto_frontier(price=price, capability=capability)
    )
    before, after = (price_premium(price=p, capability=capability) for p in (price, scaled))
    np.testing.assert_array_equal(after.premium, before.premium)
    assert after.set_by == before.set_by
    draws = np.array([[math.nan if value is None else value for value in capability]] * 2)
    draws[1] = -draws[1]
    np.testing.assert_array_equal(
        frontier_probability(price=scaled, draws=draws), frontier_probability(price=price, draws=draws)
    )


@steady
@given(tables)
def test_an_increasing_map_of_the_index_changes_nothing(table: Table) -> None:
    price, capability = columns(table)
    # Ranks are an increasing map of any index, and unlike exp or cube they never round two values into one.
    order = sorted({value for value in capability if value is not None})
    mapped = [None if value is None else math.exp(order.index(value)) - 7.0 for value in capability]
    np.testing.assert_array_equal(
        pareto_frontier(price=price, capability=mapped), pareto_frontier(price=price, capability=capability)
    )
    before, after = (price_premium(price=price, capability=c) for c in (capability, mapped))
    np.testing.assert_array_equal(after.premium, before.premium)
    assert after.set_by == before.set_by


@steady
@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 1)), min_size=1, max_size=10), st.floats(0, 120))
def test_convex_frontier_is_at_least_every_affordable_model(table: Table, budget: float) -> None:
    cost, score = columns(table)
    hull = convex_frontier(cost=cost, score=score)
    affordable = [s for c, s in table if c <= budget]
    reached = hull.score_at(cost=budget)
    if not affordable:
        assert reached is None
        assert hull.mix_at(cost=budget) == ()
        return
    assert reached >= max(affordable) - 1e-12
    mix = hull.mix_at(cost=budget)
    assert sum(share for _, share in mix) == pytest.approx(1.0)
    assert sum(share * score[i] for i, share in mix) == pytest.approx(reached)
    assert sum(share * cost[i] for i, share in mix) <= budget + 1e-9
