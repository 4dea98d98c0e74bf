"""OpenAI-compatible chat completions: any base URL, with our own deadlines and checks.

Much that comes with status 200 is no answer (an HTML page, ``{"error": ...}``, no choices), so a reply is checked here
before anyone scores it.
"""

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx2
import orjson

from evals.clients.base import Reply, Request, Target
from evals.clients.errors import BadReply, EndpointError, RequestRejected
from evals.clients.responses import from_error_body
from evals.clients.wire import Wire, content_kind, events, is_event_stream, read_whole

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
        self._wire = Wire(
            target,
            url=f"{target.base_url.rstrip('/')}/chat/completions",
            headers={"authorization": f"Bearer {target.api_key}"} if target.api_key else {},
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
        await self._wire.close()

    async def _send_once(self, body: dict[str, Any]) -> Reply:
        started = time.perf_counter()
        owed = _Owed()
        try:
            async with self._wire.post(body) as response:
                if body.get("stream") and is_event_stream(response):
                    return await _streamed_reply(response, started, owed)
                # Also where a stream was asked for: some servers ignore that and answer whole; some send a web page.
                return _whole_reply(response, await read_whole(response), started)
        except EndpointError as error:
            error.raw_usage = error.raw_usage or owed.usage
            raise
        raise AssertionError("unreachable")  # pragma: no cover - the context manager re-raises everything


class _Owed:
    """What a stream has reported of its usage so far: it is owed even when the stream breaks."""

    usage: dict[str, Any] | None = None


async def _streamed_reply(response: httpx2.Response, started: float, owed: _Owed) -> Reply:
    text: list[str] = []
    reasoning: list[str] = []
    finish_reason = model = ""
    first_token_at: float | None = None
    chunks = 0
    try:
        async for chunk in events(response):
            if not isinstance(chunk, dict):
                continue
            chunks += 1
            if chunk.get("error"):
                raise from_error_body(chunk["error"], usage=owed.usage)
            model = chunk.get("model") or model
            owed.usage = chunk.get("usage") or owed.usage
            for choice in (chunk.get("choices") or [])[:1]:
                finish_reason = choice.get("finish_reason") or finish_reason
                delta = choice.get("delta") or {}
                said, thought = delta.get("content") or "", _reasoning_of(delta)
                if first_token_at is None and (said or thought):
                    first_token_at = time.perf_counter()
                text.append(said)
                reasoning.append(thought)
        written = "".join(text)
    except (AttributeError, TypeError) as error:
        raise BadReply(
            "The stream held a piece that is not a piece of an answer.",
            code="truncated_json",
            http_status=200,
        ) from error
    raw = {
        "model": model,
        "choices": [
            {
                "message": {"role": "assistant", "content": written, "reasoning": "".join(reasoning) or None},
                "finish_reason": finish_reason or None,
            }
        ],
        "usage": owed.usage,
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
        )
    return _checked(
        raw,
        response=response,
        started=started,
        ttft_ms=None if first_token_at is None else (first_token_at - started) * 1000,
    )


def _whole_reply(response: httpx2.Response, content: bytes, started: float) -> Reply:
    try:
        raw = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        kind = content_kind(response)
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
