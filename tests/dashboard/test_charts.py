"""Figures are valid for Plotly, and say what the rows say."""

import re
from datetime import UTC, date, datetime
from math import hypot
from random import Random

import plotly.graph_objects as go
import pytest

from catalog.models import ModelVersion, TrainingRun
from catalog.selectors.prices import price_history
from dashboard.charts import frontier as frontier_chart
from dashboard.charts import labels, price_axes, theme, ticks
from dashboard.charts import price_history as price_chart
from dashboard.charts import training as training_chart
from dashboard.charts.figure_svg import both_sizes, figure_svg
from dashboard.charts.frontier_svg import frontier_svg
from dashboard.charts.svg import element
from dashboard.charts.text import text_width
from dashboard.frontier import frontier
from dashboard.ledger import ledgers
from dashboard.query import FrontierQuery
from tests import factories as make
from tests.dashboard.conftest import sold

QUERY = FrontierQuery.parse({"as_of": "2025-02-08"})


@pytest.mark.parametrize(
    ("low", "high", "found"),
    [
        (0.09, 3, [0.1, 0.2, 0.5, 1, 2]),
        (0.1, 0.5, [0.1, 0.2, 0.5]),
        (40, 90, [50]),
        (2.16, 4.35, [3, 4]),  # around a single price of 3
        (2.25, 2.45, [2.3, 2.4]),
    ],
)
def test_one_two_five_gives_round_prices(low: float, high: float, found: list[float]) -> None:
    assert ticks.one_two_five(low, high) == found


def test_round_step_is_one_two_or_five() -> None:
    assert [ticks.round_step(span, 7) for span in (7, 30, 0.6, 100)] == [1, 5, 0.1, 20]


def test_round_range_leaves_a_margin_also_round_one_value() -> None:
    low, high, step = ticks.round_range(133.0, 133.0)

    assert low < 133 < high
    assert step > 0


def test_frontier_figure_has_the_stairs_and_one_mark_per_model(three_models: dict[str, ModelVersion]) -> None:
    figure = frontier_chart.figure(frontier(QUERY), ["deepseek-v3", "claude-3-5-sonnet"])
    go.Figure(figure)

    stairs, marks = figure["data"][:2]
    assert stairs["line"]["shape"] == "hv"
    assert stairs["fill"] == "tozeroy"
    assert stairs["x"] == [0.4775, 0.4775, 6 * 1.45]  # up from below the axis, then on to the edge
    assert stairs["y"][1:] == [134.0, 134.0]
    assert marks["x"] == [0.4775, 3.5, 6.0]
    assert marks["y"] == [134.0, 128.0, 133.0]
    assert marks["text"] == ["DeepSeek-V3", "Llama 3.1 405B", "Claude 3.5 Sonnet"]
    assert marks["marker"]["symbol"] == ["diamond", "diamond", "circle"]
    assert marks["marker"]["size"] == [13, 10, 13]
    assert marks["customdata"][0] == [
        "DeepSeek · open weights · likely on the frontier (over 99%)",
        "Index 134.0 (133.0 to 135.0)",
        "$0.27 in · $1.10 out · $0.48 per 1M blended",
        "Price: DeepSeek, since 8 Feb 2025",
    ]


def test_frontier_figure_draws_provisional_levels_hollow(db: None) -> None:
    make.make_index({sold("Thin", "A", ("1", "1")): [5.0]}, status="provisional")

    marker = frontier_chart.figure(frontier(FrontierQuery()))["data"][1]["marker"]

    assert (marker["color"], marker["line"]["color"]) == (["var(--surface)"], ["var(--c-other)"])


def test_frontier_figure_leaves_a_free_model_off_the_logarithmic_axis(db: None) -> None:
    make.make_index({sold("Free", "A", ("0", "0")): [5.0], sold("Paid", "B", ("1", "1")): [9.0]})

    figure = frontier_chart.figure(frontier(FrontierQuery()))
    go.Figure(figure)

    assert figure["data"][1]["text"] == ["Paid"]
    assert figure["data"][0]["y"][1:] == [5.0, 9.0, 9.0]
    assert min(figure["data"][0]["x"]) == pytest.approx(0.72)


@pytest.mark.parametrize("empty", [True, False])
def test_frontier_drawings_of_nothing_are_empty(db: None, empty: bool) -> None:
    if not empty:
        make.make_index({sold("Secret", "A", (None, None)): [5.0]})
    found = frontier(FrontierQuery())

    assert frontier_chart.figure(found)["data"] == []
    assert "<path" not in frontier_svg(found)


def test_frontier_svg_names_the_frontier_and_links_every_mark(three_models: dict[str, ModelVersion]) -> None:
    drawn = frontier_svg(frontier(QUERY), pinned=["claude-3-5-sonnet"])

    assert drawn.count('<a href="/models/') == 3
    assert 'class="label on">DeepSeek-V3</text>' in drawn
    assert 'class="label on">Claude 3.5 Sonnet</text>' in drawn
    assert "<title>Claude 3.5 Sonnet: Index 133.0 (132.0 to 134.0), $6.00 per 1M</title>" in drawn
    assert 'class="mark c-anthropic pinned"' in drawn


def test_labels_never_touch_each_other_a_mark_or_a_line() -> None:
    points = [
        labels.Labelled(
            40 + 11.0 * i, 50 + 7.0 * (i % 5), f"Model number {i}", i, is_big=not i % 7, on_frontier=not i % 7
        )
        for i in range(40)
    ]
    line = (0.0, 48.0, 600.0, 52.0)
    placed = labels.place(points, width=600, height=300, size=12, lines=[line])

    boxes = [(label.x, label.y - 11, label.x + 60, label.y + 2) for label in placed]
    pairs = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i]]
    assert 3 < len(placed) < len(points)
    assert not any(a[0] < b[2] and a[2] > b[0] and a[1] < b[3] and a[3] > b[1] for a, b in pairs)
    assert not any(a[1] < line[3] and a[3] > line[1] for a in boxes)


def test_label_stands_nearer_to_its_own_mark_than_to_another() -> None:
    """Of two marks that touch, each has its name beside it alone, or a line that leads from the mark to the name."""
    points = [
        labels.Labelled(200, 100, "Left", 2, is_big=True, on_frontier=True),
        labels.Labelled(206, 92, "Right", 1, is_big=True, on_frontier=True),
    ]

    placed = labels.place(points, width=600, height=300, size=12, lines=[])

    assert [label.name for label in placed] == ["Left", "Right"]
    check_labels(points, placed, size=12)


def crowd(seed: int, count: int = 50) -> list[labels.Labelled]:
    """Marks as on the main chart: a staircase of which many touch, others below it, and a pair that is compared."""
    random = Random(seed)
    points = []
    for n in range(count):
        on_frontier = n < 12
        x = 60 + 28 * n + random.uniform(-12, 12) if on_frontier else random.uniform(80, 560)
        y = 150 - 11 * n + random.uniform(-3, 3) if on_frontier else random.uniform(60, 280)
        points.append(
            labels.Labelled(
                x,
                y,
                f"Model number {n}",
                float(count - n) + 2e6 * on_frontier + 4e6 * (n in (11, 30)),
                is_big=on_frontier or n == 30,
                on_frontier=on_frontier,
                is_pinned=n in (11, 30),
                reach=11 if n % 3 == 0 else 8.5 if on_frontier else 7,
            )
        )
    return points


def check_labels(points: list[labels.Labelled], placed: list[labels.Label], *, size: float) -> None:
    """No two labels touch; each is nearer to its mark than to another, or a line leads from the mark to it."""
    by_name = {point.name: point for point in points}
    boxes = {
        label.name: (
            label.x - 2,
            label.y - size,
            label.x + text_width(label.name, size, bold=label.is_big) + 2,
            label.y + 4,
        )
        for label in placed
    }

    def away(box: labels.Box, point: labels.Labelled) -> float:
        return hypot(max(box[0] - point.x, point.x - box[2], 0), max(box[1] - point.y, point.y - box[3], 0))

    for label in placed:
        own, box = by_name[label.name], boxes[label.name]
        others = [point for point in points if point is not own]
        assert not any(
            box[0] < other[2] and box[2] > other[0] and box[1] < other[3] and box[3] > other[1]
            for name, other in boxes.items()
            if name != label.name
        )
        if label.leader is None:
            assert all(away(box, own) < away(box, other) for other in others)
            continue
        x1, y1, x2, y2 = label.leader
        assert hypot(x1 - own.x, y1 - own.y) == pytest.approx(own.reach + 1)
        assert box[0] - 0.1 <= x2 <= box[2] + 0.1
        assert box[1] - 0.1 <= y2 <= box[3] + 0.1
        if not own.is_pinned:
            steps = [(x1 + (x2 - x1) * n / 40, y1 + (y2 - y1) * n / 40) for n in range(41)]
            for other in others:
                left, top, right, bottom = other.box
                assert not any(left + 0.1 < x < right - 0.1 and top + 0.1 < y < bottom - 0.1 for x, y in steps)


@pytest.mark.parametrize("seed", range(6))
def test_labels_of_a_crowd_belong_to_their_marks_and_the_pair_is_always_named(seed: int) -> None:
    points = crowd(seed)

    placed = labels.place(points, width=600, height=300, size=12, lines=[])

    assert {"Model number 11", "Model number 30"} <= {label.name for label in placed}
    assert len(placed) >= 10
    check_labels(points, placed, size=12)


def test_pair_is_named_also_where_marks_lie_everywhere() -> None:
    points = [
        labels.Labelled(10.0 + 12 * column, 10.0 + 12 * row, f"M{row}-{column}", 1, is_big=False, on_frontier=False)
        for row in range(10)
        for column in range(20)
    ]
    pinned = labels.Labelled(120, 60, "The one of the headline", 9, is_big=True, on_frontier=False, is_pinned=True)

    placed = labels.place([*points, pinned], width=260, height=130, size=12, lines=[])

    assert [label.name for label in placed] == ["The one of the headline"]
    assert placed[0].leader is not None


@pytest.mark.parametrize(("width", "height", "narrow"), [(860, 500, False), (390, 400, True), (794, 286, False)])
def test_every_drawing_names_the_pair_of_the_headline(db: None, width: int, height: int, narrow: bool) -> None:
    """Thirty models within 2 % of the best one's price and level, as on the right end of a frontier."""
    versions = [sold(f"Model {n} Terminus", "A", (f"{3 + n / 500}", f"{9 + n / 500}")) for n in range(30)]
    make.make_index({version: [150 - n / 10] for n, version in enumerate(versions)})

    drawn = frontier_svg(
        frontier(FrontierQuery()),
        pinned=["model-0-terminus", "model-7-terminus"],
        width=width,
        height=height,
        narrow=narrow,
    )

    assert 'class="label on">Model 0 Terminus</text>' in drawn
    assert 'class="label on">Model 7 Terminus</text>' in drawn
    assert 'class="leader"' in drawn


def test_price_history_is_a_step_line_with_a_gap(db: None) -> None:
    version = make.make_version("DeepSeek-V3")
    offering = make.make_offering(version)
    make.make_price(offering, "output", "0.28", since="2024-12-26", until="2025-02-08")
    make.make_price(offering, "output", "1.10", since="2025-02-08", until="2025-03-01")
    make.make_price(offering, "output", "0.50", since="2025-06-01")
    make.make_price(offering, "output", "9", since="2025-01-01", service_class="batch")

    lines = price_chart.lines(price_history(version_ids=[version.pk]), date(2025, 7, 1))
    figure = price_chart.figure(lines)
    go.Figure(figure)

    assert [line.periods for line in lines] == [
        [
            (make.at("2024-12-26"), make.at("2025-02-08"), 0.28),
            (make.at("2025-02-08"), make.at("2025-03-01"), 1.1),
            (make.at("2025-06-01"), make.at("2025-07-02"), 0.5),
        ]
    ]
    trace = figure["data"][0]
    assert trace["y"] == [0.28, 0.28, 1.1, 1.1, None, 0.5, 0.5]
    assert trace["x"][4] is None
    assert trace["text"][2] == "$1.10 per 1M, 8 Feb 2025 to 1 Mar 2025 (+293%), source: Example"
    assert figure_svg(figure).count("M") >= 2


def test_price_history_of_observed_prices_runs_from_sight_to_sight(db: None) -> None:
    version = make.make_version()
    offering = make.make_offering(version, provider="OpenRouter")
    for day, usd in (("2025-12-02", "0.3"), ("2026-05-22", "0.2")):
        make.make_price(offering, "input", usd, observed_from=make.at(day), last_seen=make.at(day))

    lines = price_chart.lines(price_history(version_ids=[version.pk]), date(2026, 6, 1))

    assert [period[2] for period in lines[0].periods] == [0.3, 0.2]
    assert lines[0].periods[0][1] == make.at("2026-05-22")


def test_price_history_without_a_start_begins_with_the_release_or_is_not_drawn(
    db: None,
) -> None:
    version = make.make_version(released="2024-12-26")
    offering = make.make_offering(version)
    make.make_price(offering, "input", "0.5", until="2025-06-01", observed_from=make.at("2026-11-09"))
    make.make_price(offering, "input", "0.27", observed_from=make.at("2026-10-19"))
    make.make_price(
        offering, "input", "0.23", until="2026-10-19", confidence="low", observed_from=make.at("2026-11-09")
    )

    (line,) = price_chart.lines(price_history(version_ids=[version.pk]), date(2026, 11, 30))

    assert line.periods == [
        (make.at("2024-12-26"), make.at("2025-06-01"), 0.5),
        (make.at("2026-10-19"), make.at("2026-12-01"), 0.27),
    ]


def test_price_history_ends_with_the_sale(db: None) -> None:
    version = make.make_version()
    offering = make.make_offering(version)
    make.make_price(offering, "input", "3", since="2025-01-01")
    offering.retired_on = date(2025, 10, 28)
    offering.save()

    lines = price_chart.lines(price_history(version_ids=[version.pk]), date(2026, 6, 1))

    assert [period[1] for period in lines[0].periods] == [make.at("2025-10-28")]


@pytest.mark.parametrize(
    ("first", "last", "found"),
    [
        ("2025-01-15", "2025-04-20", ["2025-02", "2025-03", "2025-04"]),
        ("2023-06-13", "2026-11-01", ["2024-01", "2025-01", "2026-01"]),
        ("2026-11-05", "2026-11-27", ["2026-11"]),  # no first day of a month between them
    ],
)
def test_month_ticks_are_few_and_round(first: str, last: str, found: list[str]) -> None:
    ticks_found = price_axes.month_ticks(
        datetime.fromisoformat(first).replace(tzinfo=UTC), datetime.fromisoformat(last).replace(tzinfo=UTC)
    )

    assert [f"{tick:%Y-%m}" for tick in ticks_found] == found


def test_training_figure_shows_stated_hours_and_keeps_them_for_a_new_rent(two_runs: list[TrainingRun]) -> None:
    found = ledgers()
    figure = training_chart.figure(training_chart.shown(found))
    go.Figure(figure)

    bars = figure["data"][0]
    assert bars["y"] == ["DeepSeek-V3", "Llama 3.1 405B"]
    assert bars["x"] == [5.576, 61.68]
    assert bars["customdata"] == [2_788_000, 30_840_000]
    assert bars["text"] == ["$5.58M", "$61.7M"]
    assert both_sizes(figure, 120).count("<rect") == 4


def test_training_bars_say_their_method_and_hatch_estimates(two_runs: list[TrainingRun]) -> None:
    two_runs[0].phases.update(published_cost_usd=1)
    two_runs[1].phases.update(is_estimate=True)
    found = training_chart.shown(ledgers())

    bars, values = training_chart.figure(found)["data"]

    assert [ledger.method for ledger in found] == ["reported", "estimate"]
    assert bars["text"] == ["$5.58M reported", "$61.7M estimate"]
    assert [text.strip() for text in values["text"]] == bars["text"]
    assert bars["marker"]["pattern"]["shape"] == ["", "/"]
    drawn = figure_svg(training_chart.figure(found), height=120)
    assert drawn.count('class="hatch c-meta"') == 1
    assert drawn.count('class="bar-mark c-deepseek"') == 1


def test_training_bars_have_the_low_and_the_high_of_what_the_run_needs(two_runs: list[TrainingRun]) -> None:
    two_runs[0].phases.update(hardware=None)
    found = training_chart.shown(ledgers())
    needed = found[1].verdict.needed_gpu_hours

    bars = training_chart.figure(found)["data"][0]

    assert found[0].needed_usd is None  # no peak of its chip is known
    assert needed is not None
    assert found[1].needed_usd == (needed.low * 2, needed.high * 2)
    assert bars["error_x"]["array"] == [0, pytest.approx(needed.high * 2 / 1e6 - 61.68)]
    assert bars["error_x"]["arrayminus"] == [0, pytest.approx(61.68 - needed.low * 2 / 1e6)]
    assert bars["meta"]["needed"] == [None, [needed.low, needed.high]]
    assert figure_svg(training_chart.figure(found), height=120).count('class="spread"') == 1


def test_training_figure_of_two_runs_of_one_model_names_the_versions(db: None) -> None:
    for label in ("a", "b"):
        make.make_training_run(make.make_version("Twin", label=label), {"training": 5.0})

    assert training_chart.figure(ledgers())["data"][0]["y"] == ["Twin a", "Twin b"]


def test_words_under_a_narrow_drawing_do_not_touch(db: None) -> None:
    version = make.make_version(released="2024-01-01")
    make.make_price(make.make_offering(version), "input", "3", since="2024-01-01")
    figure = price_chart.figure(price_chart.lines(price_history(version_ids=[version.pk]), date(2025, 1, 1)))

    def dates(width: int) -> list[str]:
        return re.findall(r'text-anchor="middle" class="tick">([^<]+)<', figure_svg(figure, width=width))

    every_other = ["Jan 2024", "Mar 2024", "May 2024", "Jul 2024", "Sep 2024", "Nov 2024", "Jan 2025"]
    assert dates(860) == every_other
    assert dates(260) == every_other[::2]


def test_svg_element_escapes_text_and_attributes() -> None:
    assert element("text", text="<b>&", class_='"><script>') == (
        '<text class="&quot;&gt;&lt;script&gt;">&lt;b&gt;&amp;</text>'
    )


@pytest.mark.parametrize(
    ("slug", "colour"), [("meta-ai", "meta"), ("alibaba", "qwen"), ("google-deepmind", "google"), ("nobody", "other")]
)
def test_colour_name_knows_developers_by_a_word_of_their_slug(slug: str, colour: str) -> None:
    assert theme.colour_name(slug) == colour


def test_tokens_are_read_from_the_stylesheet() -> None:
    assert theme.tokens()["ink"] == "#131a26"


def test_frontier_chart_thins_a_crowd_and_keeps_the_frontier_and_the_pair(db: None) -> None:
    versions = [sold(f"M{n}", f"D{n % 5}", (str(1 + n / 100), str(1 + n / 100))) for n in range(320)]
    make.make_index({version: [100.0 + n % 40] for n, version in enumerate(versions)})
    found = frontier(FrontierQuery())

    drawn = frontier_chart.view(found, ["m317"])

    assert drawn is not None
    assert len(drawn.points) < 300
    slugs = {row.slug for row in drawn.points}
    assert {row.slug for row in found.frontier} | {"m317"} <= slugs


def test_frontier_drawings_shade_where_the_frontier_may_lie_and_ring_what_is_possible(
    three_models: dict[str, ModelVersion],
) -> None:
    figure = frontier_chart.figure(frontier(QUERY))
    go.Figure(figure)

    high, low, rings = figure["data"][2:]
    # DeepSeek's draws are 133 to 135, and the later ones lift the lower edge.
    assert high["x"][0] == low["x"][0] == 0.4775
    assert len(high["y"]) == len(low["y"])
    assert all(under <= over for under, over in zip(low["y"], high["y"], strict=True))
    assert low["fill"] == "tonexty"
    assert (rings["x"], rings["y"]) == ([6.0], [133.0])
    assert "possible on the frontier (25%)" in figure["data"][1]["customdata"][2][0]

    drawn = frontier_svg(frontier(QUERY))
    assert drawn.count('class="band"') == 1
    assert drawn.count('class="ring"') == 1
