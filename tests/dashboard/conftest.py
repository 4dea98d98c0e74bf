import pytest

from catalog.models import Hardware, ModelVersion, TrainingRun
from evals.models import Endpoint, Run, Sample, Suite
from evals.services.publish import publish_run
from tests import factories as make


def sold(
    name: str,
    developer: str,
    prices: tuple[str | None, str | None],
    *,
    since: str = "2024-01-01",
    provider: str | None = None,
    **fields: object,
) -> ModelVersion:
    """A version with an input and an output price."""
    version = make.make_version(name, developer=developer, **fields)  # type: ignore[arg-type]
    offering = make.make_offering(version, provider=provider)
    for component, usd in zip(("input", "output"), prices, strict=True):
        make.make_price(offering, component, usd, since=since)
    return version


@pytest.fixture
def three_models(db: None) -> dict[str, ModelVersion]:
    """The three models the site is about, with the prices of February 2025 and an index of four draws."""
    source = make.make_source("https://api-docs.deepseek.com/news/price", publisher="DeepSeek")
    deepseek = make.make_version("DeepSeek-V3")
    offering = make.make_offering(deepseek, model_id="deepseek-chat")
    steps = {"input": ("0.14", "0.27"), "cached_input": ("0.014", "0.07"), "output": ("0.28", "1.10")}
    for component, (before, after) in steps.items():
        make.make_price(offering, component, before, since="2024-12-26", until="2025-02-08", source=source)
        make.make_price(offering, component, after, since="2025-02-08", source=source)
    sonnet = sold(
        "Claude 3.5 Sonnet", "Anthropic", ("3", "15"), since="2024-06-20", released="2024-10-22", open_weights=False
    )
    llama = sold("Llama 3.1 405B", "Meta", ("3.5", "3.5"), provider="Together", released="2024-07-23")
    make.make_index(
        {
            deepseek: [134.0, 133.0, 135.0, 134.0],
            sonnet: [133.0, 134.0, 132.0, 133.0],
            llama: [128.0, 128.0, 127.0, 129.0],
        }
    )
    return {"deepseek": deepseek, "sonnet": sonnet, "llama": llama}


@pytest.fixture
def two_runs(three_models: dict[str, ModelVersion]) -> list[TrainingRun]:
    """The ledger of DeepSeek-V3 and the hours of Llama 3.1 405B."""
    sizes = {"deepseek": ("37000000000", "14800000000000"), "llama": ("405000000000", "15000000000000")}
    for version, (params, tokens) in sizes.items():
        make.make_claim(three_models[version], "active_params", params)
        make.make_claim(three_models[version], "training_tokens", tokens)
    deepseek = make.make_training_run(
        three_models["deepseek"],
        {"pre-training": 2_664_000, "context extension": 119_000, "post-training": 5_000},
        scope="Excludes earlier research and ablations.",
        tokens=14.8e12,
    )
    deepseek.phases.filter(name="pre-training").update(tokens=14.8e12, precision="FP8 mixed")
    h100 = Hardware.objects.create(
        slug="nvidia-h100-sxm5", name="NVIDIA H100 SXM5", peak_bf16_flop_per_s=989.4e12, source=make.make_source()
    )
    llama = make.make_training_run(three_models["llama"], {"training": 30_840_000}, hardware=h100, tokens=15e12)
    return [deepseek, llama]


def measured(
    version: ModelVersion,
    outcomes: str,
    usd: str | None,
    *,
    suite: str = "sums-v1",
    day: str = "2025-02-01",
    endpoint: str = "",
    **fields: object,
) -> Run:
    """A finished and published run: "++-" is two right answers and a wrong one, each for ``usd`` dollars."""
    taken, _ = Suite.objects.get_or_create(slug=suite, defaults={"name": suite.title(), "content_hash": suite})
    called, _ = Endpoint.objects.get_or_create(
        slug=endpoint or version.slug,
        defaults={"name": endpoint or version.name, "base_url": "http://127.0.0.1:1/v1", "version": version},
    )
    defaults = {
        "state": Run.State.FINISHED,
        "finished_at": make.at(day),
        "max_output_tokens": 16,
        "budget_usd": 1,
        "prices": {"kind": "unknown" if usd is None else "sold", "note": ""},
    }
    run = Run.objects.create(suite=taken, endpoint=called, **(defaults | fields))
    for n, outcome in enumerate(outcomes):
        sample, _ = Sample.objects.get_or_create(
            suite=taken, key=f"q{n}", defaults={"position": n, "prompt": "?", "target": n, "scorer": "numeric"}
        )
        given = run.samples.create(
            sample=sample, position=n, state="done", outcome="correct" if outcome == "+" else "incorrect"
        )
        given.attempts.create(n=1, state="answered", request={}, reserved_usd=1, cost_usd=usd, started_at=make.at(day))
    publish_run(run)
    return run
