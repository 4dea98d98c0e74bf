"""What every dialect's client takes and gives."""

from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Where to call: everything a client needs to know about an endpoint, without the database.

    timeout_s   total time one call may take, from the first byte sent to the last received
    idle_s      longest silence inside a reply
    quirks      what the endpoint was found not to support (``no_stream``, ``no_temperature``, ...)
    """

    name: str
    base_url: str
    model_id: str
    api_key: str = field(default="", repr=False)
    timeout_s: float = 120.0
    idle_s: float = 60.0
    concurrency: int = 4
    quirks: frozenset[str] = frozenset()
    allowed_networks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One prompt with its settings."""

    prompt: str
    max_output_tokens: int
    temperature: float = 0.0
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """One answer, checked to be one. Times in milliseconds; None where not known.

    text        the answer, reasoning fields not included (``<think>`` inside the text is the scorers' matter)
    raw_usage   the provider's own report, or None when it sent none
    raw         the reply as received; a streamed one is put together again
    """

    text: str
    reasoning: str
    finish_reason: str
    model: str
    request_id: str
    http_status: int
    raw: dict[str, Any]
    raw_usage: dict[str, Any] | None
    latency_ms: float
    time_to_first_token_ms: float | None = None

    @property
    def truncated(self) -> bool:
        """The answer was cut at the token limit."""
        return self.finish_reason == "length"

    @property
    def refused(self) -> bool:
        """The provider or the model declined to answer."""
        return self.finish_reason in {"content_filter", "refusal"}


class Client(Protocol):
    """One endpoint, opened for the length of one event loop."""

    dialect: str
    quirks: set[str]

    def describe(self, request: Request) -> dict[str, Any]:
        """The body that :meth:`send` would post, for the record. Holds no key."""
        ...

    async def send(self, request: Request) -> Reply:
        """Make one call.

        :raises EndpointError: in one of its forms; never anything else for what an endpoint may do.
        """
        ...

    async def close(self) -> None: ...
