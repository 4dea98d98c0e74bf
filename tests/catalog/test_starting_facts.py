"""What the seed files say, read back from the database."""

from datetime import UTC, date, datetime
from itertools import pairwise

import pytest
from django.db.models import Sum
from genai_prices.data import providers

from catalog.identity import resolve_alias
from catalog.models import Alias, Claim, Model, ModelVersion, Offering, ReferencePrice, Score, Source, TrainingRun
from catalog.selectors.prices import prices_in_force, version_price
from tests.factories import at

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("slug", "name", "versions"),
    [
        ("deepseek-v3", "DeepSeek-V3", ["deepseek-v3-2024-12-26", "deepseek-v3-0324"]),
        ("llama-3-1-405b", "Llama 3.1 405B", ["llama-3-1-405b"]),
        ("claude-3-5-sonnet", "Claude 3.5 Sonnet", ["claude-3-5-sonnet-20240620", "claude-3-5-sonnet-20241022"]),
        ("gpt-4o", "GPT-4o", ["gpt-4o-2024-05-13", "gpt-4o-2024-08-06", "gpt-4o-2024-11-20"]),
        ("smollm2-135m-instruct", "SmolLM2-135M-Instruct", ["smollm2-135m-instruct"]),
    ],
)
def test_starting_facts_names_models_as_they_are_known(
    starting_facts: None, slug: str, name: str, versions: list[str]
) -> None:
    model = Model.objects.get(slug=slug)

    assert model.name == name
    chat = model.versions.filter(kind=ModelVersion.Kind.CHAT).order_by("announced_on")
    assert list(chat.values_list("slug", flat=True)) == versions


@pytest.mark.parametrize(
    ("slug", "day", "usd"),
    [
        ("deepseek-v3-2024-12-26", date(2025, 2, 7), "0.175"),
        ("deepseek-v3-2024-12-26", date(2025, 2, 8), "0.4775"),
        ("claude-3-5-sonnet-20241022", date(2025, 2, 7), "6.00"),
        ("claude-3-5-sonnet-20241022", date(2025, 2, 8), "6.00"),
        ("o3", date(2025, 6, 9), "17.5"),
        ("o3", date(2025, 6, 10), "3.5"),
        ("deepseek-v4-1-flash", date(2026, 10, 1), "0.525"),  # peak hours: a discount is not assumed
        ("claude-haiku-5-5", date(2026, 10, 7), "0.2"),
    ],
)
def test_starting_facts_prices_blend_to(starting_facts: None, slug: str, day: date, usd: str) -> None:
    version = ModelVersion.objects.get(slug=slug)

    price = version_price(
        prices_in_force(as_of=day, version_ids=[version.pk])[version.pk],
        mix={"input": 3, "cached_input": 0, "output": 1},
    )

    assert str(price.usd_per_mtok.normalize()) == str(float(usd)).removesuffix(".0")  # type: ignore[union-attr]
    assert price.policy_note == "the developer's own price"


def test_starting_facts_counts_training_hours_once(starting_facts: None) -> None:
    runs = TrainingRun.objects.annotate(hours=Sum("phases__gpu_hours"))
    deepseek = runs.get(version__slug="deepseek-v3-2024-12-26")
    llama = runs.get(version__slug="llama-3-1-405b")

    assert deepseek.phases.values_list("name", "gpu_hours").get(position=0) == ("pre-training", 2_664_000)
    assert deepseek.hours == 2_788_000
    assert llama.hours == 30_840_000
    assert round(llama.hours / deepseek.hours, 2) == 11.06
    assert deepseek.hours * 2 == 5_576_000
    assert "ablation" in deepseek.scope


@pytest.mark.parametrize(
    ("slug", "attribute", "value", "qualifier"),
    [
        ("deepseek-v3-2024-12-26", "training_gpu_hours", "2788000", "published total, equal to the sum of the phases"),
        (
            "deepseek-v3-2024-12-26",
            "training_cost_usd",
            "5390000",
            "2023 USD, the published total deflated by Epoch AI",
        ),
        ("deepseek-v2", "training_gpu_hours", "172800", "per trillion tokens, not for the whole run"),
        ("llama-3-1-405b", "training_gpu_hours", "35094528", "derived by Epoch AI as wall-clock hours x chips"),
    ],
)
def test_starting_facts_keeps_totals_as_claims(
    starting_facts: None, slug: str, attribute: str, value: str, qualifier: str
) -> None:
    assert Claim.objects.get(version__slug=slug, attribute=attribute, qualifier=qualifier).value == value


def test_starting_facts_has_no_training_run_from_a_total(starting_facts: None) -> None:
    estimated = ["deepseek-v2", "gpt-4-0613", "gemini-1-0-ultra", "grok-3", "phi-4", "deepseek-r1-2025-01-20"]

    assert not TrainingRun.objects.filter(version__slug__in=estimated).exists()


def test_starting_facts_stores_percentages_as_fractions_and_keeps_the_original(starting_facts: None) -> None:
    score = Score.objects.get(
        version__slug="claude-3-5-sonnet-20241022", benchmark__slug="gpqa-diamond", measured_by__slug="epoch-ai"
    )

    assert (score.value, score.original_value, score.original_unit) == (0.553, "55.3", "percent")
    assert score.self_reported is False


def test_starting_facts_never_mixes_base_and_chat_scores(starting_facts: None) -> None:
    base = set(Score.objects.filter(version__kind="base").values_list("benchmark__slug", flat=True))
    chat = set(Score.objects.filter(version__kind="chat").values_list("benchmark__slug", flat=True))

    assert base == {"mmlu-base", "mmlu-pro-base", "math-base", "humaneval-base"}
    assert base & chat == set()


@pytest.mark.parametrize(
    ("day", "slug"),
    [
        ("2024-12-25", "deepseek-v2-5"),
        ("2024-12-26", "deepseek-v3-2024-12-26"),
        ("2025-03-24", "deepseek-v3-0324"),
        ("2025-08-21", "deepseek-v3-1"),
        ("2025-12-01", "deepseek-v3-2"),
        ("2026-07-24", "deepseek-v4-flash"),
        ("2026-07-25", None),
    ],
)
def test_starting_facts_follows_a_moving_name(starting_facts: None, day: str, slug: str | None) -> None:
    version = resolve_alias("genai-prices/deepseek", "deepseek-chat", at(day))

    assert (version.slug if version else None) == slug


def test_starting_facts_aliases_name_records_of_the_price_package(starting_facts: None) -> None:
    records = {(f"genai-prices/{provider.id}", model.id) for provider in providers for model in provider.models}

    aliases = set(Alias.objects.filter(namespace__startswith="genai-prices/").values_list("namespace", "raw_name"))

    assert aliases - records == set()
    assert len(aliases) > 350


def test_starting_facts_have_aliases_for_every_feed_of_models(starting_facts: None) -> None:
    feeds = {namespace.partition("/")[0] for namespace in Alias.objects.values_list("namespace", flat=True)}

    prices = {"genai-prices", "litellm", "models-dev", "openrouter", "llm-prices", "llm-stats"}
    results = {"aider", "livebench", "lmarena", "swe-bench", "epoch-benchmarks"}
    assert prices | results | {"epoch-models", "hf-hub"} <= feeds


def test_starting_facts_aliases_never_overlap(starting_facts: None) -> None:
    periods: dict[tuple[str, str], list[Alias]] = {}
    for alias in Alias.objects.all():
        periods.setdefault((alias.namespace, alias.raw_name), []).append(alias)
    first, last = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
    for same in periods.values():
        same.sort(key=lambda alias: alias.valid_from or first)
        for before, after in pairwise(same):
            assert (before.valid_to or last) <= (after.valid_from or first), f"{before}: {before.valid_to}"


@pytest.mark.parametrize(
    ("namespace", "name", "slug"),
    [
        ("together", "meta-llama/Meta-Llama-3.1-405B-Instruct-Turbo", "llama-3-1-405b"),
        ("openrouter", "meta-llama/llama-3.1-405b", "llama-3-1-405b-base"),
        ("fireworks", "deepseek-v3-0324", "deepseek-v3-0324"),
        ("novita", "deepseek/deepseek_v3", "deepseek-v3-2024-12-26"),
        ("anthropic", "claude-opus-4-0", "claude-opus-4"),
        ("anthropic", "claude-3-5-sonnet", None),  # one record for two snapshots
        ("openai", "gpt-4o", "gpt-4o-2024-08-06"),
        ("aws", "regional.anthropic.claude-3-5-sonnet-20241022-v2:0", "claude-3-5-sonnet-20241022"),
        ("groq", "llama-3.1-405b-reasoning", None),
    ],
)
def test_starting_facts_resolves_name(starting_facts: None, namespace: str, name: str, slug: str | None) -> None:
    version = resolve_alias(f"genai-prices/{namespace}", name, at("2026-11-01"))

    assert (version.slug if version else None) == slug


@pytest.mark.parametrize(
    ("provider", "model_id", "day", "publisher"),
    [
        ("anthropic", "claude-3-5-sonnet-20240620", date(2025, 10, 28), "Anthropic"),
        ("anthropic", "claude-3-5-sonnet-20241022", date(2025, 10, 28), "Anthropic"),
        ("anthropic", "claude-3-opus-20240229", date(2026, 1, 5), "Anthropic"),
        ("openai", "o1-preview", date(2025, 7, 28), "OpenAI"),
        ("openai", "o1-mini", date(2025, 10, 27), "OpenAI"),
        ("openai", "gpt-4-0613", date(2026, 10, 23), "OpenAI"),
        ("google", "gemini-1.5-pro", date(2025, 5, 24), "Google"),
        ("google", "gemini-2.0-flash", date(2026, 6, 1), "Google"),
        ("x-ai", "grok-3", date(2026, 5, 15), "xAI"),
    ],
)
def test_starting_facts_say_when_a_sale_ended_and_who_says_so(
    starting_facts: None, provider: str, model_id: str, day: date, publisher: str
) -> None:
    offering = Offering.objects.select_related("source").get(provider__slug=provider, provider_model_id=model_id)

    assert offering.retired_on == day
    assert offering.source is not None
    assert (offering.source.publisher, offering.source.retrieved_at) == (publisher, at("2026-11-27"))


def test_starting_facts_end_no_sale_without_a_dated_source(starting_facts: None) -> None:
    ended = Offering.objects.exclude(retired_on=None)

    assert ended.filter(source__retrieved_at=None).count() == 0
    assert len({offering.version_id for offering in ended if offering.is_first_party}) >= 40


def test_starting_facts_keep_a_model_on_sale_where_another_provider_still_sells_it(starting_facts: None) -> None:
    # Mistral ended Mixtral 8x7B, DeepSeek moved its name to newer weights: who else sells them still does.
    version = ModelVersion.objects.get(slug="deepseek-v3-2024-12-26")
    sonnet = ModelVersion.objects.get(slug="claude-3-5-sonnet-20241022")

    offers = prices_in_force(as_of=date(2026, 5, 1), version_ids=[version.pk, sonnet.pk])

    assert [offer.offering.provider.name for offer in offers[version.pk]] == ["OpenRouter"]
    assert sonnet.pk not in offers


def test_starting_facts_date_the_sources_of_every_contradicting_total(starting_facts: None) -> None:
    stated = Source.objects.filter(
        url__in=(
            "https://arxiv.org/abs/2412.19437",
            "https://github.com/meta-llama/llama-models/blob/a9c89c4/models/llama3_1/MODEL_CARD.md",
        )
    )

    assert dict(stated.values_list("publisher", "published_on")) == {
        "DeepSeek": date(2024, 12, 27),
        "Meta": date(2024, 7, 23),
    }


def test_starting_facts_have_a_sourced_price_of_power_and_of_the_servers_compared(starting_facts: None) -> None:
    power = ReferencePrice.objects.get(kind="electricity")
    servers = ReferencePrice.objects.filter(kind="server")

    assert (str(power.usd.normalize()), power.quoted_on, power.source.publisher) == (
        "0.0862",
        date(2025, 12, 31),
        "U.S. Energy Information Administration",
    )
    assert {
        chip: servers.filter(hardware__slug=chip).count() for chip in ("nvidia-h800-sxm5", "nvidia-h100-sxm5-80gb")
    } == {
        "nvidia-h800-sxm5": 1,
        "nvidia-h100-sxm5-80gb": 7,
    }
