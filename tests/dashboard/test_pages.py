"""Pages through the test client: what a reader without any script gets."""

import re
from datetime import date

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Alias, ModelVersion, TrainingRun
from tests import factories as make
from tests.dashboard.conftest import sold
from tests.dashboard.pages_support import text_of as words_of

PAGES = ["/", "/models/", "/training/", "/evals/", "/method/", "/api/v1/docs"]


def text_of(client: Client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status, response.content[:500]
    return response.content.decode()


def cells(html: str, name: str) -> list[str]:
    """Plain text of the cells of the table row whose header has ``name``."""
    row = next(row for row in re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL) if f">{name}</a>" in row)
    return [
        " ".join(re.sub(r"<[^>]+>", " ", cell).split())
        for cell in re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
    ]


@pytest.mark.parametrize("address", PAGES)
def test_page_of_an_empty_catalog_says_what_to_do(client: Client, db: None, address: str) -> None:
    text = text_of(client, address)

    assert text.count("<h1") == 1
    assert 'href="#' in text


def test_first_page_answers_before_any_script(client: Client, three_models: dict[str, ModelVersion]) -> None:
    text = text_of(client, "/?as_of=2025-02-08")

    assert "DeepSeek-V3 is level with Claude 3.5 Sonnet, within the uncertainty, and costs 92% less." in text
    assert "8 Feb 2025" in text
    assert "3 models · 1 on the frontier" in text
    assert text.count('<svg viewBox="0 0') >= 2
    assert cells(text, "Claude 3.5 Sonnet") == [
        "Claude 3.5 Sonnet Anthropic",
        "133.0",
        "$6.00",
        "13×",
        "25% possible",
        "$3.00",
        "$15.00",
        "22 Oct 2024",
        "Anthropic Example , since 20 Jun 2024",
    ]
    assert cells(text, "DeepSeek-V3")[1:5] == ["134.0", "$0.48", "frontier", "over 99% likely"]
    assert 'href="https://api-docs.deepseek.com/news/price"' in text


def test_first_page_has_no_inline_script_or_style(client: Client, three_models: dict[str, ModelVersion]) -> None:
    text = text_of(client, "/")

    assert re.findall(r"<script(?![^>]*\b(?:src|application/json)\b)", text) == []
    assert re.findall(r"\sstyle=|<style|\son[a-z]+=", text) == []


def test_first_page_sends_the_strict_policy(client: Client, db: None) -> None:
    policy = client.get("/")["Content-Security-Policy"]

    assert "script-src 'self'" in policy
    assert "unsafe" not in policy


def test_first_page_with_a_bad_mix_names_it_and_shows_the_default(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    text = text_of(client, "/?mix=3:x:1&as_of=2025-02-08", 400)

    assert "its cached_input part &#x27;x&#x27; is not a number" in text
    assert 'aria-invalid="true"' in text
    assert cells(text, "DeepSeek-V3")[2] == "$0.48"


def test_first_page_leaves_unknown_parameters_aside_and_says_so(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    assert "Not understood and left aside: colour." in text_of(client, "/?colour=red")


def test_first_page_counts_models_that_are_not_shown_and_lists_them_on_request(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    sold("Unscored", "Nobody", ("1", "1"))

    assert "1 model not on the chart: 1 without a score." in text_of(client, "/")
    row = cells(text_of(client, "/?unknown=show"), "Unscored")
    assert row[1:4] == ["– unknown", "$1.00", "– unknown"]


def test_first_page_links_hold_the_view(client: Client, three_models: dict[str, ModelVersion]) -> None:
    text = text_of(client, "/?mix=1:0:1&access=open&as_of=2025-02-08")

    assert 'href="/frontier.csv?mix=1:0:1&amp;as_of=2025-02-08&amp;access=open"' in text
    assert 'href="/api/v1/frontier?mix=1:0:1&amp;as_of=2025-02-08&amp;access=open"' in text


@pytest.mark.parametrize("models", [1, 3])
def test_first_page_needs_as_many_queries_for_three_models_as_for_one(
    client: Client, db: None, models: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    versions = [sold(f"Model {n}", f"Developer {n}", ("1", "2")) for n in range(models)]
    make.make_index({version: [1.0, 2.0] for version in versions})

    with django_assert_num_queries(10):
        client.get("/")


@pytest.mark.parametrize("models", [1, 3])
def test_model_list_needs_as_many_queries_for_three_models_as_for_one(
    client: Client, db: None, models: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(models):
        make.make_version(f"Model {n}", developer=f"Developer {n}")

    with django_assert_num_queries(5):
        client.get("/models/")


def test_model_list_shows_level_and_price_of_each(client: Client, three_models: dict[str, ModelVersion]) -> None:
    text = text_of(client, "/models/")

    assert cells(text, "DeepSeek-V3") == [
        "DeepSeek-V3 DeepSeek",
        "134.0 133.0 to 135.0",
        "$0.48 DeepSeek",
        "open weights",
        "1",
        "26 Dec 2024",
    ]
    assert cells(text, "Llama 3.1 405B")[1:3] == ["128.0 127.0 to 129.0", "$3.50 Together"]


@pytest.mark.parametrize("versions", [1, 3])
def test_model_page_needs_as_many_queries_for_three_versions_as_for_one(
    client: Client, db: None, versions: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(versions):
        version = make.make_version("GPT-4o", developer="OpenAI", label=f"v{n}")
        make.make_price(make.make_offering(version), "input", "1", since="2025-01-01")
        make.make_score(version, make.make_benchmark(), 0.5)
        make.make_claim(version, "total_params", "5")
        make.make_training_run(version, {"training": 5.0})

    with django_assert_num_queries(12):
        client.get("/models/gpt-4o/")


def test_model_page_shows_conflicting_claims_with_their_sources(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    version = three_models["llama"]
    make.make_claim(version, "training_tokens", "15000000000000")
    make.make_claim(
        version, "training_tokens", "15600000000000", source=make.make_source("https://epoch.ai/x", rank=30)
    )

    text = text_of(client, "/models/llama-3-1-405b/")

    assert "Sources disagree on 1 of them." in text
    assert text.index("15T") < text.index("15.6T")
    assert 'href="https://epoch.ai/x"' in text


def test_model_page_with_nothing_known_says_unknown(client: Client, db: None) -> None:
    make.make_version("Mystery", released=None, open_weights=None)

    text = text_of(client, "/models/mystery/")

    assert "No list price is known for that day." in text
    assert text.count('<span class="sr">unknown</span>') >= 4


def test_model_page_of_an_unknown_slug_offers_near_names(client: Client, three_models: dict[str, ModelVersion]) -> None:
    text = text_of(client, "/models/deepsek-v3/", 404)

    assert "There is no model &#x27;deepsek-v3&#x27;." in text
    assert '<a href="/models/deepseek-v3/">deepseek-v3</a>' in text


def test_model_search_finds_by_developer(client: Client, three_models: dict[str, ModelVersion]) -> None:
    text = text_of(client, "/models/?q=anthropic")

    assert "Claude 3.5 Sonnet" in text
    assert "DeepSeek-V3" not in text


def test_model_search_without_a_match_offers_near_names(client: Client, three_models: dict[str, ModelVersion]) -> None:
    assert 'href="/models/deepseek-v3/"' in text_of(client, "/models/?q=deepseek-v3x")


def test_address_that_leads_nowhere_offers_near_pages(client: Client, three_models: dict[str, ModelVersion]) -> None:
    text = text_of(client, "/trainning/", 404)

    assert '<a href="/training/">Training cost</a>' in text
    assert "There is no page at /trainning/." in text


def test_training_page_shows_the_ledger_and_what_it_leaves_out(client: Client, two_runs: list[TrainingRun]) -> None:
    text = text_of(client, "/training/")

    assert (
        "The final run of DeepSeek-V3 cost $5.58M at $2.00 per GPU-hour; Llama 3.1 405B took 11× the GPU-hours." in text
    )
    assert "$5,576,000" in text
    assert "11.06×" in text
    assert "Excludes earlier research and ablations." in text
    assert "The chips differ" in text


def test_training_page_takes_the_rent_from_the_address(client: Client, two_runs: list[TrainingRun]) -> None:
    text = text_of(client, "/training/?usd_per_gpu_hour=3")

    assert "$8,364,000" in text
    assert 'value="3"' in text


def test_training_page_with_a_bad_rent_names_it(client: Client, two_runs: list[TrainingRun]) -> None:
    text = text_of(client, "/training/?usd_per_gpu_hour=cheap", 400)

    assert "usd_per_gpu_hour is &#x27;cheap&#x27;: write a number from 0 to 1,000, such as 2." in text
    assert "$5,576,000" in text


def test_method_page_renders_the_metrics_document(client: Client, db: None) -> None:
    text = text_of(client, "/method/")

    assert "<article" in text
    assert "<!-- part" not in text


def test_failure_shows_an_id_and_no_trace(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(_: object) -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr("dashboard.views.frontier.frontier", fail)
    client.raise_request_exception = False
    text = text_of(client, "/", 500)

    reference = re.search(r"<code>([0-9a-f]{12})</code>", text)
    assert reference
    assert reference.group(1) in caplog.text
    assert "secret detail" not in text


def test_model_page_says_who_ended_the_sale_and_who_goes_on(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    sonnet = three_models["sonnet"]
    page = make.make_source("https://example.org/deprecations", publisher="Anthropic docs")
    sonnet.offerings.update(retired_on=date(2025, 10, 28), source=page)
    reseller = make.make_offering(sonnet, provider="OpenRouter", model_id="anthropic/claude-3.5-sonnet")
    make.make_price(reseller, "input", "3", since="2025-01-01")

    gone = text_of(client, "/models/claude-3-5-sonnet/?as_of=2025-11-01")
    announced = text_of(client, "/models/claude-3-5-sonnet/?as_of=2025-09-01")

    assert "Anthropic ended the sale of Claude 3.5 Sonnet" in gone
    assert 'href="https://example.org/deprecations"' in gone
    assert "<code>anthropic/claude-3.5-sonnet</code>" in gone
    assert "Anthropic will end the sale of Claude 3.5 Sonnet" in announced


def test_filters_that_nothing_passes_offer_to_be_cleared(client: Client, three_models: dict[str, ModelVersion]) -> None:
    text = text_of(client, "/?as_of=2025-02-08&access=open&hide=deepseek,meta,other")

    assert 'No models match. <a href="/">Clear filters</a>' in text
    assert "3 models not on the chart: 3 left out by the filters." in text


def test_turning_a_page_keeps_the_search(client: Client, db: None) -> None:
    for number in range(101):
        make.make_version(f"Model {number}", developer="Many")
    make.make_version("Other", developer="Few")

    text = text_of(client, "/models/?q=many")

    assert 'href="?q=many&amp;page=2"' in text
    assert "101" in text
    assert cells(text_of(client, "/models/?q=many&page=2"), "Model 99")[0] == "Model 99 Many"


def test_model_page_lists_the_names_that_feeds_use(client: Client, db: None) -> None:
    version = make.make_version("GPT-4o", developer="OpenAI", released="2024-05-13")
    for namespace, name, since, until, status in (
        ("openrouter", "openai/gpt-4o", None, None, "accepted"),
        ("litellm/openai", "gpt-4o", "2024-05-13", "2024-10-02", "accepted"),
        ("litellm/azure", "azure/gpt-4o", None, None, "proposed"),
    ):
        Alias.objects.create(
            namespace=namespace,
            raw_name=name,
            version=version,
            valid_from=since and make.at(since),
            valid_to=until and make.at(until),
            status=status,
        )

    text = words_of(client.get("/models/gpt-4o/").content.decode())

    assert (
        "Also listed as 2 names Name Listed by Version it means When gpt-4o litellm/openai GPT-4o from 13 May 2024 "
        "until 2 Oct 2024 openai/gpt-4o openrouter GPT-4o always"
    ) in text
    assert "azure/gpt-4o" not in text


def test_day_before_the_first_price_leads_to_the_first_day_with_one(
    client: Client, three_models: dict[str, ModelVersion]
) -> None:
    text = text_of(client, "/?as_of=2023-05-01")

    # The first price of Llama 3.1 405B is of January 2024, but it was released on 23 July.
    assert (
        "On 1 May 2023 no price is known of a model that has a score. The first day with one is 23 Jul 2024 ."
        in words_of(text)
    )
    assert 'href="?as_of=2024-07-23"' in text
    assert "None had finished by 1 May 2023 ." in words_of(text)
    assert "No models match" not in text
    assert "Llama 3.1 405B is the only model on the frontier" in words_of(text_of(client, "/?as_of=2024-07-23"))


def test_every_place_is_reached_from_the_header_without_script(client: Client, db: None) -> None:
    header, _, _ = text_of(client, "/routing/").partition("</header>")

    for address in ("/routing/", "/whole-life/", "/conflicts/", "/changes/", "/views/", "/method/", "/sources/"):
        assert f'href="{address}"' in header, address
    assert '<details class="further" id="further"><summary>More</summary>' in header
    changes, _, _ = text_of(client, "/changes/").partition("</header>")
    assert 'aria-current="page">What changed</a>' in changes
    assert '<summary class="here">More<span class="sr">, now What changed</span></summary>' in changes
