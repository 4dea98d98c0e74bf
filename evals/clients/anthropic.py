"""Anthropic Messages, on the official SDK, with our own deadlines and checks."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import anthropic
import httpx2
from anthropic import AsyncAnthropic

from evals.clients.base import Reply, Request, Target
from evals.clients.errors import BadReply, EndpointError, RequestRejected, TimedOut
from evals.clients.network import http_client
from evals.clients.sdk_errors import from_connection, from_error_body, from_status

CONNECT_TIMEOUT_S = 5.0
FINISH_REASONS = {"end_turn": "stop", "stop_sequence": "stop", "max_tokens": "length", "refusal": "refusal"}


class AnthropicClient:
    """One endpoint of the Messages dialect for the length of one event loop."""

    dialect = "anthropic"

    def __init__(self, target: Target) -> None:
        self._target = target
        self.quirks = set(target.quirks)
        silence = min(target.idle_s, target.timeout_s)
        timeout = httpx2.Timeout(target.timeout_s, connect=min(CONNECT_TIMEOUT_S, target.timeout_s), read=silence)
        self._sdk = AsyncAnthropic(
            # The SDK adds /v1 itself; people write the base URL with it, as for every other endpoint.
            base_url=target.base_url.rstrip("/").removesuffix("/v1"),
            api_key=target.api_key or "none",
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
        await self._sdk.close()

    async def _send_once(self, body: dict[str, Any]) -> Reply:
        started = time.perf_counter()
        seen = _Seen()
        async with _errors_translated(self._target, seen), asyncio.timeout(self._target.timeout_s):
            # The SDK's signature leaves `temperature` out; servers that no longer take it say so and are remembered.
            known = {name: value for name, value in body.items() if name != "temperature"}
            extra = {"temperature": body["temperature"]} if "temperature" in body else None
            stream = await self._sdk.messages.create(**known, extra_body=extra)
            try:
                if "text/event-stream" not in stream.response.headers.get("content-type", ""):
                    kind = stream.response.headers.get("content-type", "no content type").partition(";")[0]
                    raise BadReply(
                        f"The reply is not a stream of events ({kind}).", code="not_a_stream", http_status=200
                    )
                async for event in stream:
                    seen.take(event.to_dict(mode="json"))
                return seen.reply(stream.response, started=started)
            finally:
                await stream.close()
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

    def take(self, event: dict[str, Any]) -> None:
        kind = event.get("type")
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


@asynccontextmanager
async def _errors_translated(target: Target, seen: _Seen) -> AsyncIterator[None]:
    try:
        yield
    except EndpointError:
        raise
    except anthropic.APIStatusError as error:
        if error.status_code == 200:  # an error event inside a stream
            raise from_error_body(error.body, usage=seen.usage or None) from error
        raise from_status(error, target) from error
    except TimeoutError as error:
        message = f"{target.name} did not finish within {target.timeout_s:g} s."
        raise TimedOut(message, raw_usage=seen.usage or None) from error
    except (anthropic.APIConnectionError, httpx2.HTTPError) as error:
        translated = from_connection(error, target)
        translated.raw_usage = translated.raw_usage or seen.usage or None
        raise translated from error
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        message = f"{target.name} sent a piece that is not JSON."
        raise BadReply(message, code="truncated_json", http_status=200, raw_usage=seen.usage or None) from error
