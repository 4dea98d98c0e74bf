"""Anthropic Messages, with our own deadlines and checks."""

import json
import time
from typing import Any

import httpx2

from evals.clients.base import Reply, Request, Target
from evals.clients.errors import BadReply, EndpointError, RequestRejected
from evals.clients.responses import from_error_body
from evals.clients.wire import Wire, content_kind, events, is_event_stream

API_VERSION = "2026-10-21"
FINISH_REASONS = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "refusal": "refusal"}


class AnthropicClient:
    """One endpoint of the Messages dialect for the length of one event loop."""

    dialect = "anthropic"

    def __init__(self, target: Target) -> None:
        self._target = target
        self.quirks = set(target.quirks)
        # People write the base URL with /v1, as for every other endpoint, or without, as Anthropic's own examples do.
        base_url = target.base_url.rstrip("/").removesuffix("/v1")
        self._wire = Wire(
            target,
            url=f"{base_url}/v1/messages",
            headers={"anthropic-version": API_VERSION}
            | ({"authorization": f"Bearer {target.api_key}"} if target.api_key else {}),
        )

    def describe(self, request: Request) -> dict[str, Any]:
        body: dict[str, Any] = {
            "model": self._target.model_id,
            "messages": [{"role": "user", "content": request.prompt}],
            "max_tokens": request.max_output_tokens,
            "stream": True,
        }
        if "no_temperature" not in self.quirks:
            body["temperature"] = request.temperature
        return body

    async def send(self, request: Request) -> Reply:
        body = self.describe(request)
        try:
            return await self._send_once(body)
        except RequestRejected as rejection:
            if "temperature" not in body or "temperature" not in json.dumps(rejection.raw, default=str):
                raise
            self.quirks.add("no_temperature")
        return await self._send_once(self.describe(request))

    async def close(self) -> None:
        await self._wire.close()

    async def _send_once(self, body: dict[str, Any]) -> Reply:
        started = time.perf_counter()
        seen = _Seen()
        try:
            async with self._wire.post(body) as response:
                if not is_event_stream(response):
                    raise BadReply(
                        f"The reply is not a stream of events ({content_kind(response)}).",
                        code="not_a_stream",
                        http_status=200,
                    )
                async for event in events(response):
                    seen.take(event)
                return seen.reply(response, started=started)
        except EndpointError as error:
            error.raw_usage = error.raw_usage or seen.usage or None
            raise
        raise AssertionError("unreachable")  # pragma: no cover - the context manager re-raises everything


class _Seen:
    """Puts a streamed message together; what it has of the usage is owed even when the stream breaks."""

    def __init__(self) -> None:
        self.message: dict[str, Any] = {}
        self.usage: dict[str, Any] | None = None
        self.text: list[str] = []
        self.thinking: list[str] = []
        self.first_token_at: float | None = None
        self.ended = False

    def take(self, event: Any) -> None:
        kind = event.get("type") if isinstance(event, dict) else None
        if kind == "error":
            raise from_error_body(event.get("error"), usage=self.usage or None)
        if kind == "message_start":
            self.message = event.get("message") or {}
            self.usage = dict(self.message.get("usage") or {})
        elif kind == "content_block_delta":
            delta = event.get("delta") or {}
            if self.first_token_at is None and (delta.get("text") or delta.get("thinking")):
                self.first_token_at = time.perf_counter()
            self.text.append(delta.get("text") or "")
            self.thinking.append(delta.get("thinking") or "")
        elif kind == "message_delta":
            self.message |= {key: value for key, value in (event.get("delta") or {}).items() if value is not None}
            # The closing report repeats some counts; those it gives are the final ones.
            final = {key: value for key, value in (event.get("usage") or {}).items() if value is not None}
            self.usage = (self.usage or {}) | final
        elif kind == "message_stop":
            self.ended = True

    def reply(self, response: httpx2.Response, *, started: float) -> Reply:
        stop = str(self.message.get("stop_reason") or "")
        text, thinking = "".join(self.text), "".join(self.thinking)
        raw = self.message | {
            "content": [{"type": "thinking", "thinking": thinking}] * bool(thinking) + [{"type": "text", "text": text}],
            "usage": self.usage,
        }
        status, request_id = response.status_code, response.headers.get("request-id", "")

        def bad(message: str, code: str) -> BadReply:
            more: dict[str, Any] = {"http_status": status, "request_id": request_id, "raw_usage": self.usage or None}
            return BadReply(message, code=code, raw=raw, **more)

        if not self.message:
            raise bad("The stream ended without a single piece.", "empty_stream")
        if not self.ended or not stop:
            raise bad("The stream ended before the answer was finished.", "unfinished_stream")
        finish_reason = FINISH_REASONS.get(stop, stop)
        if not text and not thinking and finish_reason not in {"length", "refusal"}:
            raise bad("The reply holds no text, and no reason why.", "no_text")
        return Reply(
            text=text,
            reasoning=thinking,
            finish_reason=finish_reason,
            model=str(self.message.get("model") or ""),
            request_id=request_id or str(self.message.get("id") or ""),
            http_status=status,
            raw=raw,
            raw_usage=self.usage or None,
            latency_ms=(time.perf_counter() - started) * 1000,
            time_to_first_token_ms=None if self.first_token_at is None else (self.first_token_at - started) * 1000,
        )
