"""OpenAI-compatible chat completions: any base URL, on the official SDK, with our own deadlines and checks.

The SDK's retries are off: each paid call is a row of ours. It also takes much for an answer that is none (an HTML page,
``{"error": ...}`` with status 200, no choices), so a reply is checked here before anyone scores it.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx2
import openai
from openai import AsyncOpenAI, AsyncStream

from evals.clients.base import Reply, Request, Target
from evals.clients.errors import BadReply, EndpointError, RequestRejected, TimedOut
from evals.clients.network import http_client
from evals.clients.sdk_errors import from_connection, from_error_body, from_status

CONNECT_TIMEOUT_S = 5.0
# What a 400 may complain about, and what we then leave out from that call on.
ADAPTATIONS = {
    "stream_options": "no_stream",
    "stream": "no_stream",
    "max_tokens": "max_completion_tokens",
    "temperature": "no_temperature",
    "seed": "no_seed",
}


class OpenAIClient:
    """One OpenAI-compatible endpoint for the length of one event loop."""

    dialect = "openai"

    def __init__(self, target: Target) -> None:
        self._target = target
        self.quirks = set(target.quirks)
        timeout = httpx2.Timeout(
            target.timeout_s,
            connect=min(CONNECT_TIMEOUT_S, target.timeout_s),
            read=min(target.idle_s, target.timeout_s),
        )
        self._sdk = AsyncOpenAI(
            base_url=target.base_url,
            api_key=target.api_key or "none",  # the SDK insists on one; servers without keys ignore it
            max_retries=0,
            timeout=timeout,
            http_client=http_client(
                allowed_networks=target.allowed_networks, concurrency=target.concurrency, timeout=timeout
            ),
        )

    def describe(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._target.model_id,
            "messages": [{"role": "user", "content": request.prompt}],
        }
        limit = "max_completion_tokens" if "max_completion_tokens" in self.quirks else "max_tokens"
        body[limit] = request.max_output_tokens
        if "no_temperature" not in self.quirks:
            body["temperature"] = request.temperature
        if request.seed is not None and "no_seed" not in self.quirks:
            body["seed"] = request.seed
        if "no_stream" not in self.quirks:
            body["stream"] = True
            body["stream_options"] = {"include_usage": True}
        return body

    async def send(self, request: Request) -> Reply:
        for _ in range(len(ADAPTATIONS)):
            body = self.describe(request)
            try:
                return await self._send_once(body)
            except RequestRejected as rejection:
                quirk = _adaptation(body, rejection, self.quirks)
                if quirk is None:
                    raise
                # A 400 is not billed, so asking again in another form is still the same attempt.
                self.quirks.add(quirk)
        return await self._send_once(self.describe(request))

    async def close(self) -> None:
        await self._sdk.close()

    async def _send_once(self, body: dict[str, Any]) -> Reply:
        started = time.perf_counter()
        async with _errors_translated(self._target):
            async with asyncio.timeout(self._target.timeout_s):
                # The SDK's general `post` gives plain JSON: its typed models are built at several times the cost of
                # the call and would be taken apart again, since replies are stored as they came.
                if not body.get("stream"):
                    response = await self._sdk.post("/chat/completions", cast_to=httpx2.Response, body=body)
                    return _whole_reply(response, response.content, started)
                stream = await self._sdk.post(
                    "/chat/completions", cast_to=object, body=body, stream=True, stream_cls=AsyncStream[object]
                )
                try:
                    return await _streamed_reply(stream, started)
                finally:
                    await stream.close()
        raise AssertionError("unreachable")  # pragma: no cover - the context manager re-raises everything


async def _streamed_reply(stream: AsyncStream[object], started: float) -> Reply:
    response = stream.response
    if "text/event-stream" not in response.headers.get("content-type", ""):
        # Some servers ignore `stream` and answer whole; some send a web page.
        return _whole_reply(response, await response.aread(), started)
    text: list[str] = []
    reasoning: list[str] = []
    finish_reason = model = ""
    usage: dict[str, Any] | None = None
    first_token_at: float | None = None
    chunks = 0
    try:
        async for chunk in stream:
            if not isinstance(chunk, dict):
                continue
            chunks += 1
            model = chunk.get("model") or model
            usage = chunk.get("usage") or usage
            for choice in (chunk.get("choices") or [])[:1]:
                finish_reason = choice.get("finish_reason") or finish_reason
                delta = choice.get("delta") or {}
                said, thought = delta.get("content") or "", _reasoning_of(delta)
                if first_token_at is None and (said or thought):
                    first_token_at = time.perf_counter()
                text.append(said)
                reasoning.append(thought)
    except EndpointError:
        raise
    except (json.JSONDecodeError, UnicodeDecodeError, AttributeError, TypeError) as error:
        raise BadReply(
            "The stream held a piece that is not JSON, or not a piece of an answer.",
            code="truncated_json",
            http_status=200,
            raw_usage=usage,
        ) from error
    except (openai.APIConnectionError, httpx2.HTTPError, TimeoutError) as error:
        # What was reported before the break is owed all the same.
        error.raw_usage = usage  # type: ignore[union-attr]
        raise
    raw = {
        "model": model,
        "choices": [
            {
                "message": {"role": "assistant", "content": "".join(text), "reasoning": "".join(reasoning) or None},
                "finish_reason": finish_reason or None,
            }
        ],
        "usage": usage,
        "streamed": True,
    }
    if not chunks:
        raise BadReply("The stream ended without a single piece.", code="empty_stream", http_status=200, raw=raw)
    if not finish_reason:
        raise BadReply(
            "The stream ended before the answer was finished.",
            code="unfinished_stream",
            http_status=200,
            raw=raw,
            raw_usage=usage,
        )
    return _checked(
        raw,
        response=response,
        started=started,
        ttft_ms=None if first_token_at is None else (first_token_at - started) * 1000,
    )


def _whole_reply(response: httpx2.Response, content: bytes, started: float) -> Reply:
    try:
        raw = json.loads(content)
    except (ValueError, RecursionError) as error:
        kind = response.headers.get("content-type", "no content type").partition(";")[0]
        code = "not_json" if "json" not in kind else "truncated_json"
        raise BadReply(
            f"The reply is not JSON ({kind}, {len(content)} bytes).",
            code=code,
            http_status=response.status_code,
            raw={"content": content[:2000].decode("utf-8", "replace")},
        ) from error
    return _checked(raw, response=response, started=started, ttft_ms=None)


def _checked(raw: Any, *, response: httpx2.Response, started: float, ttft_ms: float | None) -> Reply:
    """Make sure that a reply is an answer; what it reports as usage is owed even when it is not."""
    status, request_id = response.status_code, response.headers.get("x-request-id", "")
    if not isinstance(raw, dict):
        raise BadReply(
            f"The reply is a JSON {type(raw).__name__}, not an object.",
            code="not_an_object",
            http_status=status,
            raw=raw,
        )
    usage = raw.get("usage") if isinstance(raw.get("usage"), dict) else None

    def bad(message: str, code: str) -> BadReply:
        return BadReply(message, code=code, http_status=status, request_id=request_id, raw=raw, raw_usage=usage)

    if raw.get("error"):
        raise from_error_body(raw["error"], usage=usage, raw=raw, request_id=request_id)
    choices = raw.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], dict):
        raise bad("The reply holds no choices.", "no_choices")
    message = choices[0].get("message")
    if not isinstance(message, dict):
        raise bad("The reply's choice holds no message.", "no_message")
    content, finish_reason = message.get("content"), str(choices[0].get("finish_reason") or "")
    reasoning = _reasoning_of(message)
    if isinstance(message.get("refusal"), str) and message["refusal"]:
        content, finish_reason = content or message["refusal"], "refusal"
    if content is not None and not isinstance(content, str):
        raise bad(f"The answer is a JSON {type(content).__name__}, not text.", "no_text")
    if not content and finish_reason not in {"length", "content_filter", "refusal"} and not reasoning:
        raise bad("The reply holds no text, and no reason why.", "no_text")
    return Reply(
        text=content or "",
        reasoning=reasoning,
        finish_reason=finish_reason,
        model=str(raw.get("model") or ""),
        request_id=request_id or str(raw.get("id") or ""),
        http_status=status,
        raw=raw,
        raw_usage=usage,
        latency_ms=(time.perf_counter() - started) * 1000,
        time_to_first_token_ms=ttft_ms,
    )


def _reasoning_of(message: Mapping[str, Any]) -> str:
    return str(message.get("reasoning_content") or message.get("reasoning") or "")


@asynccontextmanager
async def _errors_translated(target: Target) -> AsyncIterator[None]:
    """Turn what the SDK and the network raise into our own tree, with a sentence that names the endpoint."""
    try:
        yield
    except EndpointError:
        raise
    except openai.APIStatusError as error:
        raise from_status(error, target) from error
    except TimeoutError as error:
        raise TimedOut(
            f"{target.name} did not finish within {target.timeout_s:g} s.", raw_usage=getattr(error, "raw_usage", None)
        ) from error
    except (openai.APIConnectionError, httpx2.HTTPError) as error:
        raise from_connection(error, target) from error
    except openai.APIError as error:  # an error object inside a stream
        raise from_error_body(error.body or {"message": error.message}) from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise BadReply(f"{target.name} sent a reply that is not JSON.", code="truncated_json") from error


def _adaptation(body: Mapping[str, Any], rejection: RequestRejected, known: set[str]) -> str | None:
    """What to leave out after a 400, or None when there is nothing left to try."""
    if rejection.http_status not in {400, 422}:
        return None
    raw = rejection.raw if isinstance(rejection.raw, dict) else {}
    named = str(raw.get("param") or "")
    text = json.dumps(raw, default=str)
    for parameter, quirk in ADAPTATIONS.items():
        if parameter in body and quirk not in known and (named == parameter or (not named and parameter in text)):
            return quirk
    if "stream_options" in body and "no_stream" not in known:
        # Servers that know no stream_options do not always say so.
        return "no_stream"
    return None
