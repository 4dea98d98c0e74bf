"""What is the same for everybody who enters an endpoint of a known kind."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class EndpointTemplate:
    """Initial values of the form, limits being careful starting points. ``note`` is shown above it."""

    slug: str
    name: str
    base_url: str
    dialect: str = "openai"
    key_variable: str = ""
    concurrency: int = 4
    requests_per_minute: int | None = None
    note: str

    @property
    def is_self_hosted(self) -> bool:
        return not self.key_variable

    def initial(self) -> dict[str, object]:
        """For the form of an endpoint."""
        return {
            "name": self.name,
            "dialect": self.dialect,
            "base_url": self.base_url,
            "api_key_env": self.key_variable,
            "concurrency": self.concurrency,
            "requests_per_minute": self.requests_per_minute,
        }


_SOLD = "Write the model id as the provider's price page spells it, and choose the offering so that its prices apply."
_OWN = (
    "State what the machine costs per hour and where that figure comes from; the price per token follows from the "
    "throughput that runs measure. A private address other than this machine's needs ALLOW_PRIVATE_NETWORKS."
)

TEMPLATES = {
    each.slug: each
    for each in (
        EndpointTemplate(
            slug="deepseek", name="DeepSeek", base_url="https://api.deepseek.com/v1", key_variable="DEEPSEEK_API_KEY",
            concurrency=8,
            note=f"{_SOLD} deepseek-chat and deepseek-reasoner move from version to version.",
        ),
        EndpointTemplate(
            slug="anthropic", name="Anthropic", base_url="https://api.anthropic.com/v1", dialect="anthropic",
            key_variable="ANTHROPIC_API_KEY", requests_per_minute=50,
            note=f"{_SOLD} Prefer ids with a date: names that end in -latest move.",
        ),
        EndpointTemplate(
            slug="openai", name="OpenAI", base_url="https://api.openai.com/v1", key_variable="OPENAI_API_KEY",
            concurrency=8,
            note=f"{_SOLD} What a model does not take (temperature, max_tokens) is found out and kept.",
        ),
        EndpointTemplate(
            slug="openrouter", name="OpenRouter", base_url="https://openrouter.ai/api/v1",
            key_variable="OPENROUTER_API_KEY",
            requests_per_minute=20,
            note=f"{_SOLD} Ids are like vendor/model; another provider may serve each call, so latency mixes them.",
        ),
        EndpointTemplate(
            slug="together", name="Together", base_url="https://api.together.xyz/v1", key_variable="TOGETHER_API_KEY",
            requests_per_minute=60, note=f"{_SOLD} Ids ending in -Turbo are quantised: not the same weights.",
        ),
        EndpointTemplate(
            slug="groq", name="Groq", base_url="https://api.groq.com/openai/v1", key_variable="GROQ_API_KEY",
            concurrency=2, requests_per_minute=30, note=f"{_SOLD} Free accounts: some 30 requests a minute.",
        ),
        EndpointTemplate(
            slug="fireworks", name="Fireworks", base_url="https://api.fireworks.ai/inference/v1",
            key_variable="FIREWORKS_API_KEY", requests_per_minute=60,
            note=f"{_SOLD} Ids are like accounts/fireworks/models/name.",
        ),
        EndpointTemplate(
            slug="vllm", name="vLLM", base_url="http://127.0.0.1:8000/v1", concurrency=32,
            note=f"{_OWN} The model id is the one that vllm serve was started with (--served-model-name).",
        ),
        EndpointTemplate(
            slug="ollama", name="Ollama", base_url="http://127.0.0.1:11434/v1", concurrency=1,
            note=f"{_OWN} The model id carries its tag, such as llama3.1:8b; most are quantised.",
        ),
        EndpointTemplate(
            slug="llama-cpp", name="llama.cpp", base_url="http://127.0.0.1:8080/v1", concurrency=1,
            note=f"{_OWN} Raise concurrency with the server's own --parallel.",
        ),
    )
}  # fmt: skip
