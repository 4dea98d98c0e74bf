"""Comparing runs, planning and starting them, and what the page of one run shows beside its summary."""

import json
import re
from decimal import Decimal
from xml.etree import ElementTree as ET

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from evals.models import Attempt, Comparison, Endpoint, Run, RunSample, Sample, Suite
from tests import factories as make
from tests.dashboard.test_runs import make_run


def run_on(slug: str, outcomes: str) -> Run:
    """A run on an endpoint of its own; a letter per item: c, i, f for failed."""
    words = {"c": "correct", "i": "incorrect", "f": ""}
    run = make_run(outcomes=tuple(words[letter] for letter in outcomes))
    run.endpoint, _ = Endpoint.objects.get_or_create(
        slug=slug, defaults={"name": slug.title(), "base_url": "http://127.0.0.1:1/v1", "model_id": slug}
    )
    run.save()
    return run


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content[:300]
    return response.content.decode()


@pytest.fixture
def two(db: None) -> tuple[Run, Run]:
    return run_on("good", "c" * 18 + "if"), run_on("poor", "c" * 6 + "i" * 14)


def test_comparison_says_whether_the_difference_is_real(client: Client, two: tuple[Run, Run]) -> None:
    text = text_of(client, f"/evals/compare/?runs={two[0].pk},{two[1].pk}")

    assert (
        "Good is ahead for certain (94.7% of 19 shared items), and has the cheapest right answers ($0.0011 each)."
        in text
    )
    assert "of the 19 items that all of them were scored on, and in costs of the 20 that all of them were asked" in text
    assert "Yes: Good answers 63.2 points more of the items right than Poor." in text
    assert "p &lt; 0.001" in text
    assert "+63.2 points" in text


def test_comparison_by_chance_says_so(client: Client, db: None) -> None:
    runs = run_on("good", "c" * 12), run_on("poor", "c" * 11 + "i")

    text = text_of(client, f"/evals/compare/?runs={runs[0].pk},{runs[1].pk}")

    assert "Good is ahead, which chance alone could do (100.0% of 12 shared items)" in text
    assert "Not shown: Good is 8.3 points ahead on these 12 items" in text


@pytest.mark.parametrize(
    ("show", "count"), [("", 20), ("differ", 12), ("only_first", 12), ("both", 6), ("neither", 1), ("failed", 1)]
)
def test_answers_are_shown_side_by_side_by_who_was_right(
    client: Client, two: tuple[Run, Run], show: str, count: int
) -> None:
    text = text_of(client, f"/evals/compare/?runs={two[0].pk},{two[1].pk}&show={show}")

    assert len(re.findall(r"<code>q\d+</code>", text)) == count
    assert "only Good right 12" in text
    assert "<script>0" not in text


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("runs=nonsense,x", "&#x27;nonsense&#x27; is not the id of a run."),
        (
            "runs=1a91d816-544c-43ad-9be7-cedd1102adbd",
            "1 run is chosen. A comparison takes 2 to 6 runs of one suite: tick them",
        ),
        ("comparison=1a91d816-544c-43ad-9be7-cedd1102adbd", "There is no comparison"),
    ],
)
def test_runs_that_cannot_be_compared_are_named(client: Client, db: None, query: str, sentence: str) -> None:
    assert sentence in text_of(client, f"/evals/compare/?{query}", 400)


def test_runs_of_two_suites_have_no_items_in_common(client: Client, two: tuple[Run, Run]) -> None:
    other = Suite.objects.create(slug="other-v1", name="Other", content_hash="b" * 64)
    Run.objects.filter(pk=two[1].pk).update(suite=other)

    text = text_of(client, f"/evals/compare/?runs={two[0].pk},{two[1].pk}", 400)

    assert "The runs are of other-v1 and tiny-v1: only runs of one suite have items in common." in text


@pytest.mark.parametrize("runs", [2, 4])
def test_comparison_asks_as_many_queries_for_four_runs_as_for_two(
    client: Client, db: None, django_assert_num_queries: DjangoAssertNumQueries, runs: int
) -> None:
    keys = ",".join(str(run_on(f"e{n}", "cci").pk) for n in range(runs))

    with django_assert_num_queries(10):
        client.get(f"/evals/compare/?runs={keys}")


def test_early_stopped_comparison_is_judged_by_evidence_for_every_look(client: Client, two: tuple[Run, Run]) -> None:
    comparison = Comparison.objects.create(suite=two[0].suite, stop_early=True)
    Run.objects.update(comparison=comparison)
    poor = two[1]
    poor.samples.filter(position__gte=15).update(state=RunSample.State.NOT_ASKED, outcome="")
    Run.objects.filter(pk=poor.pk).update(state=Run.State.DECIDED)

    text = text_of(client, f"/evals/compare/?comparison={comparison.pk}")
    page = text_of(client, f"/evals/runs/{poor.pk}/")

    assert "holds at every look" in text
    assert "e-value" in text
    assert "5 not asked" in text
    assert "Items not asked are not wrong answers." in text
    assert "It is not published as a score." in page
    assert "<dt>Coverage</dt><dd>15 of 20 scored</dd>" in page


def test_run_page_shows_spreads_with_percentiles_in_words(client: Client, two: tuple[Run, Run]) -> None:
    text = text_of(client, f"/evals/runs/{two[0].pk}/")

    assert text.count('class="histogram"') == 2
    assert '<dt>95% within</dt><dd class="num">100 ms</dd>' in text
    assert '<dt>Most</dt><dd class="num">$0.001</dd>' in text
    assert f"/evals/compare/?runs={two[0].pk},{two[1].pk}" in text
    assert "Eval runs</a> / Tiny on Good" in text


def test_latency_of_a_run_is_one_median_over_the_same_calls(client: Client, two: tuple[Run, Run]) -> None:
    Attempt.objects.filter(run_sample__run=two[0]).update(loop_lag_ms=0)
    late = two[0].samples.filter(position__lt=5).values("pk")
    Attempt.objects.filter(run_sample__in=late).update(loop_lag_ms=21, latency_ms=1105)
    Attempt.objects.filter(run_sample__run=two[0], loop_lag_ms=0).update(latency_ms=1005)

    text = text_of(client, f"/evals/runs/{two[0].pk}/")

    # 19 of the 20 calls were answered.
    assert "Latency: half of 14 calls under 1,005 ms, 95% under 1,005 ms." in text
    assert "14 answered calls, without 5 calls while the worker itself was late" in text
    assert '<dt>Half within</dt><dd class="num">1,005 ms</dd>' in text
    assert "1,105" not in text.partition('id="samples"')[0]


@pytest.mark.parametrize(("outcome", "count"), [("refused", 1), ("truncated", 2), ("incorrect", 1)])
def test_run_page_filters_by_marks_too(client: Client, two: tuple[Run, Run], outcome: str, count: int) -> None:
    two[0].samples.filter(position=0).update(refused=True)
    two[0].samples.filter(position__lt=2).update(truncated=True)

    text = text_of(client, f"/evals/runs/{two[0].pk}/?outcome={outcome}")

    assert len(re.findall(r"<code>q\d+</code>", text)) == count


@pytest.mark.parametrize(
    ("scorer", "target", "words"),
    [
        ("exact", "Jonas", "The reply has to be this text: <code>Jonas</code>"),
        ("exact", ["Jonas", "J."], "The reply has to be one of these texts: <code>[&quot;Jonas&quot;, &quot;J.&quot;]"),
        ("numeric", 7, "The reply has to give this number: <code>7</code>"),
        (
            "json",
            {"a": None},
            "The reply has to be a JSON object with these values: <code>{&quot;a&quot;: null}</code>",
        ),
        (
            "constraints",
            {"max_words": 20, "contains_none": ["<b>"]},
            "The reply has to have at most 20 words and not contain “&lt;b&gt;”.",
        ),
    ],
)
def test_right_answer_is_given_with_its_rule_in_words(
    client: Client, two: tuple[Run, Run], scorer: str, target: object, words: str
) -> None:
    Sample.objects.update(scorer=scorer, target=target)
    runs = ",".join(str(run.pk) for run in two)

    for address in (f"/evals/runs/{two[0].pk}/", f"/evals/compare/?runs={runs}", "/evals/suites/tiny-v1/"):
        text = text_of(client, address)
        assert words in text
        assert "Right is" not in text


def test_number_without_an_interval_says_why_in_words(client: Client, db: None) -> None:
    runs = run_on("one", "cci"), run_on("two", "cii")
    Run.objects.update(repeats=2)
    item = runs[0].samples.get(position=0).sample
    runs[0].samples.create(sample=item, position=3, repeat=1, state="done", outcome="incorrect")

    page = text_of(client, f"/evals/runs/{runs[0].pk}/")
    compared = text_of(client, f"/evals/compare/?runs={runs[0].pk},{runs[1].pk}")

    assert "no interval: that takes at least 10 items" in page
    assert "no interval: that takes at least 10 items" in compared
    assert "too few groups" not in page + compared
    assert 'its questions and answers have the fingerprint <code title="' in page
    assert "One is ahead, on too few items to rule out chance (50.0% of 3 shared items)" in compared


def test_tokens_of_a_run_are_priced_on_another_day(client: Client, two: tuple[Run, Run]) -> None:
    offering = make.make_offering(make.make_version("Seller"), provider="DeepSeek", model_id="chat")
    make.make_price(offering, "input", "1", since="2025-01-01", until="2025-06-01")
    make.make_price(offering, "output", "10", since="2025-01-01", until="2025-06-01")
    address = f"/evals/runs/{two[0].pk}/?offering=deepseek/chat&on="

    text = text_of(client, f"{address}2025-02-08")

    # 20 calls of 10 input and 5 output tokens: 200 x 1 and 100 x 10 USD per million; booked were 20 x 0.001.
    assert '<em class="badge is-warn">hypothetical</em>' in text
    assert '<b class="num">$0.0012</b>' in text
    assert "0.06×" in text
    assert "was in force on 2025-07-01. Choose another day or another offering." in text_of(
        client, f"{address}2025-07-01"
    )
    assert "which is not a day" in text_of(client, f"{address}soon")
    assert "There is no offering &#x27;x/y&#x27;" in text_of(client, f"/evals/runs/{two[0].pk}/?offering=x/y")


def test_run_is_to_be_had_as_files(client: Client, two: tuple[Run, Run]) -> None:
    base = f"/evals/runs/{two[0].pk}"
    rows = client.get(f"{base}/samples.csv").content.decode().strip().split("\r\n")
    lines = client.get(f"{base}/samples.jsonl").content.decode().splitlines()
    log = client.get(f"{base}/inspect.json")

    assert len(rows) == 21
    assert [json.loads(line)["key"] for line in lines] == [f"q{n}" for n in range(20)]
    assert len(log.json()["samples"]) == 20
    assert log["Content-Disposition"].startswith("attachment")
    assert client.get("/evals/runs/nonsense/samples.csv").status_code == 404


def test_judging_again_shows_both_judgements_and_writes_only_when_told(
    client: Client, db: None, django_user_model: type[User]
) -> None:
    run = run_on("good", "cci")
    for item, sample in zip(("7", "8", "7"), run.samples.order_by("position"), strict=True):
        sample.sample.scorer, sample.sample.target = "numeric", "7"
        sample.sample.save()
        sample.attempts.update(text=f"The answer is {item}.")
    address = f"/evals/runs/{run.pk}/rescore/"

    text = text_of(client, address)
    assert "2 of 3 replies would be judged otherwise" in text
    assert "Let it stand" not in text
    assert client.post(address).status_code == 302
    assert list(run.samples.values_list("outcome", flat=True)) == ["correct", "correct", "incorrect"]

    operator = django_user_model.objects.create_user("operator")
    operator.user_permissions.add(Permission.objects.get(codename="change_run"))
    client.force_login(operator)
    assert "Let it stand" in text_of(client, address)
    client.post(address)
    assert list(run.samples.values_list("outcome", flat=True)) == ["correct", "incorrect", "correct"]
    assert "All 3 replies are judged as before" in text_of(client, address)


@pytest.fixture
def operator(client: Client, db: None) -> Client:
    user = User.objects.create_user("operator")
    user.user_permissions.add(Permission.objects.get(codename="add_run"))
    client.force_login(user)
    make_run(outcomes=("correct", "incorrect"))
    for slug in ("one", "two"):
        Endpoint.objects.create(
            slug=slug, name=slug, base_url="http://127.0.0.1:1/v1", model_id="m", machine_usd_per_hour=Decimal("0.1")
        )
    return client


def test_form_plans_without_starting_and_starts_once(operator: Client) -> None:
    query = "suite=tiny-v1&endpoint=one&endpoint=two&detect=10&repeats=1&budget=0.25&key=abc"
    before = Run.objects.count()

    text = text_of(operator, f"/evals/new/?{query}")
    assert "2 questions cannot show 10 points" in text
    assert "Start, at most $0.25 on each endpoint" in text
    assert Run.objects.count() == before

    data = {"suite": "tiny-v1", "endpoint": ["one", "two"], "budget": "0.25", "key": "abc", "stop_early": "on"}
    first, again = operator.post("/evals/new/", data), operator.post("/evals/new/", data)
    comparison = Comparison.objects.get()
    assert first["Location"] == again["Location"] == f"/evals/compare/?comparison={comparison.pk}"
    assert comparison.stop_early
    assert [run.endpoint.slug for run in comparison.runs.order_by("endpoint__slug")] == ["one", "two"]
    assert {run.budget_usd for run in comparison.runs.all()} == {Decimal("0.25")}
    assert "Nothing to compare yet" in text_of(operator, first["Location"])


def test_plan_for_one_endpoint_speaks_of_no_comparison_but_as_a_choice(operator: Client) -> None:
    for _ in range(2):
        text = " ".join(text_of(operator, "/evals/new/?suite=tiny-v1&endpoint=one").split())
        assert '<h2 id="plan-title">2 questions to one</h2>' in text
        assert "One endpoint is measured and compared with nothing. On a second one, they are too few to tell" in text
        assert "cannot show" not in text


def test_choice_of_runs_says_how_two_are_made(client: Client, db: None) -> None:
    text = text_of(client, "/evals/compare/")

    assert "<code>.venv/bin/python manage.py evaluate everyday-v1 ENDPOINT ENDPOINT</code>" in text
    assert '<a href="/evals/new/">Plan one on two endpoints</a>' in text


@pytest.mark.parametrize(
    ("asked", "endpoints", "lane"),
    [
        ({}, ["one"], "normal"),
        ({"latency_lane": "on"}, ["one"], "latency"),
        ({"latency_lane": "on"}, ["one", "two"], "latency"),
    ],
)
def test_form_starts_runs_in_the_lane_that_was_planned(
    operator: Client, asked: dict[str, str], endpoints: list[str], lane: str
) -> None:
    query = "&".join([f"endpoint={slug}" for slug in endpoints] + [f"{name}={value}" for name, value in asked.items()])
    before = set(Run.objects.values_list("pk", flat=True))

    text = text_of(operator, f"/evals/new/?suite=tiny-v1&{query}")
    assert ("Start in the latency lane" in text) == (lane == "latency")
    assert ('<input type="hidden" name="latency_lane" value="True">' in text) == (lane == "latency")

    operator.post("/evals/new/", {"suite": "tiny-v1", "endpoint": endpoints, "key": "abc", **asked})
    assert set(Run.objects.exclude(pk__in=before).values_list("lane", flat=True)) == {lane}


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("suite=tiny-v1", "Choose at least one endpoint."),
        ("suite=tiny-v1&endpoint=nobody", "There is no endpoint nobody."),
        ("suite=tiny-v1&endpoint=one&stop_early=on", "There is nothing to decide with one endpoint."),
        (
            "suite=tiny-v1&endpoint=one&endpoint=two&stop_early=on&repeats=3",
            "Stopping early weighs each question once.",
        ),
        ("suite=tiny-v1&endpoint=one&budget=-1", "greater than or equal to"),
    ],
)
def test_form_names_what_is_wrong_at_its_field(operator: Client, query: str, sentence: str) -> None:
    assert sentence in text_of(operator, f"/evals/new/?{query}", 400)


def test_plan_says_before_the_start_that_a_price_is_not_known(operator: Client) -> None:
    suite = run_on("poor", "ci").suite
    Endpoint.objects.create(slug="bare", name="Bare", base_url="http://127.0.0.1:1/v1", model_id="bare")
    address = f"/evals/new/?suite={suite.slug}&endpoint=bare"

    assert "The price of Bare is not known" in text_of(operator, address)
    assert "The price of Bare is not known" not in text_of(operator, address + "&accept_unknown_cost=on")


def test_form_is_for_operators(client: Client, db: None) -> None:
    assert client.get("/evals/new/")["Location"].startswith("/admin/login/")
    client.force_login(User.objects.create_user("reader"))
    assert client.get("/evals/new/").status_code == 403


def test_score_of_an_own_run_is_marked_as_measured_here(client: Client, db: None) -> None:
    version = make.make_version("Seen")
    for slug, own in (("tiny-v1", True), ("public", False)):
        make.make_score(version, make.make_benchmark(slug, is_own_suite=own, in_index=False), 0.5, standard_error=0.01)
    offering = make.make_offering(version)
    make.make_price(offering, "input", "1", since="2025-01-01")
    make.make_price(offering, "output", "2", since="2025-01-01")

    assert text_of(client, "/models/seen/").count("measured here</em>") == 1
    frontier = text_of(client, "/?capability=suite:tiny-v1")
    assert "tiny-v1, measured here" in frontier
    assert "public, measured here" not in frontier


def test_each_spread_is_taken_as_a_picture_that_says_its_percentiles(client: Client, db: None) -> None:
    run = make_run(outcomes=("correct", "incorrect"))
    links = re.findall(r'href="(/evals/runs/[^"]+/spread-[^"]+)"', text_of(client, f"/evals/runs/{run.pk}/"))
    assert links == [f"/evals/runs/{run.pk}/spread-{name}.svg" for name in ("latency", "cost")]

    for link in links * 2:
        answer = client.get(link)
        assert (answer.status_code, answer["Content-Type"]) == (200, "image/svg+xml")
        ET.fromstring(answer.content)
    drawn = client.get(links[0]).content.decode()

    assert "Latency of 2 answered calls: least 100 ms, half within 100 ms" in drawn
    assert 'class="column"' not in drawn
    assert client.get(f"/evals/runs/{run.pk}/spread-nothing.svg").status_code == 404
