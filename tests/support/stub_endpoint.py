"""An OpenAI- and Anthropic-compatible server on loopback that behaves, or misbehaves, as a test says.

It counts every call that reached it, so it is the truth about money. ``StubEndpoint`` runs it in a thread; as a program
(``python -m tests.support.stub_endpoint PORT``) it runs in a process of its own for benchmarks.
"""

import asyncio
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Self


@dataclass(frozen=True, slots=True, kw_only=True)
class Behaviour:
    """What the server does with one call.

    fault   "reset" (nothing answered), "reset_mid_body", "hang", "drip" (a byte a second), "truncate" (JSON cut in the
            middle), "stall" (a stream that stops), "close_idle" (answers, then closes the kept connection unannounced)
    body    replaces the whole body: any JSON value, or bytes; ``usage`` None leaves the usage out
    """

    text: str | None = "ok"
    status: int = 200
    delay_s: float = 0.0
    fault: str = ""
    headers: tuple[tuple[str, str], ...] = ()
    content_type: str = "application/json"
    body: Any = ...
    usage: Any = ...
    finish_reason: str = "stop"
    reasoning: str = ""
    model: str = "stub-1"
    ignores_stream: bool = False


@dataclass(slots=True, kw_only=True)
class Call:
    """One call as it arrived."""

    at: float
    body: dict[str, Any]
    headers: dict[str, str]
    path: str
    answered: bool = False

    @property
    def prompt(self) -> str:
        return str(self.body["messages"][-1]["content"])


Script = Callable[[int, Call], Behaviour]


def usage_of(call: Call, text: str) -> dict[str, Any]:
    """A plausible usage: a token per word."""
    read, written = len(call.prompt.split()) + 8, max(1, len(text.split()))
    return {"prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written}


@dataclass
class StubEndpoint:
    """The server. ``script(n, call)`` decides on the n-th call (from 0); ``calls`` holds all that came."""

    script: Script = field(default=lambda n, call: Behaviour())
    port: int = 0
    calls: list[Call] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._ready = threading.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._writers: set[asyncio.StreamWriter] = set()

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def answered(self) -> int:
        return sum(call.answered for call in self.calls)

    def start(self) -> Self:
        self._ready.clear()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        if not self._ready.wait(10):
            raise RuntimeError("the stub endpoint did not start")
        return self

    def stop(self) -> None:
        if self._loop is not None and self._thread is not None:
            self._loop.call_soon_threadsafe(self._stopped.set)
            self._thread.join(10)
            self._loop = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _run(self) -> None:
        asyncio.run(self.serve())

    async def serve(self) -> None:
        """Serve until :meth:`stop`."""
        self._loop, self._stopped = asyncio.get_running_loop(), asyncio.Event()
        server = await asyncio.start_server(self._connection, "127.0.0.1", self.port)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._stopped.wait()
        server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        try:
            while await self._one(reader, writer):
                pass
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        headers = {k.lower(): v for k, _, v in (line.partition(": ") for line in lines[1:] if line)}
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        call = Call(at=time.time(), body=json.loads(body) if body else {}, headers=headers, path=lines[0].split(" ")[1])
        self.calls.append(call)
        return await self._answer(self.script(len(self.calls) - 1, call), call, writer)

    async def _answer(self, does: Behaviour, call: Call, writer: asyncio.StreamWriter) -> bool:
        if does.delay_s:
            await asyncio.sleep(does.delay_s)
        if does.fault == "hang":
            await asyncio.sleep(3600)
        if does.fault == "reset":
            writer.transport.abort()
            return False
        anthropic = call.path.endswith("/messages")
        if call.body.get("stream") and does.status == 200 and does.body is ... and not does.ignores_stream:
            return await (self._stream_anthropic if anthropic else self._stream)(does, call, writer)
        content = does.body if does.body is not ... else _whole(does, call, anthropic=anthropic)
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        sent = len(data) // 2 if does.fault == "truncate" else len(data)
        promised = len(data) if does.fault in {"reset_mid_body", "drip"} else sent
        head = [f"HTTP/1.1 {does.status} X", f"content-type: {does.content_type}", f"content-length: {promised}"]
        head += [f"{name}: {value}" for name, value in does.headers]
        writer.write(("\r\n".join(head) + "\r\n\r\n").encode())
        if does.fault == "reset_mid_body":
            writer.write(data[: sent // 2])
            await writer.drain()
            writer.transport.abort()
            return False
        if does.fault == "drip":
            for byte in data:
                writer.write(bytes([byte]))
                await writer.drain()
                await asyncio.sleep(1)
        writer.write(data[:sent])
        call.answered = True
        await writer.drain()
        return await self._after(does, writer)

    async def _stream(self, does: Behaviour, call: Call, writer: asyncio.StreamWriter) -> bool:
        def chunk(**fields: Any) -> bytes:
            data = {"id": "stub", "object": "chat.completion.chunk", "created": 1, "model": does.model, **fields}
            return b"data: " + json.dumps(data).encode() + b"\n\n"

        pieces = [does.text[i : i + 12] for i in range(0, len(does.text), 12)] if does.text else []
        parts = [chunk(choices=[{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])]
        if does.reasoning:
            delta = {"reasoning_content": does.reasoning}
            parts.append(chunk(choices=[{"index": 0, "delta": delta, "finish_reason": None}]))
        parts += [chunk(choices=[{"index": 0, "delta": {"content": piece}, "finish_reason": None}]) for piece in pieces]
        parts.append(chunk(choices=[{"index": 0, "delta": {}, "finish_reason": does.finish_reason}]))
        usage = usage_of(call, does.text or "") if does.usage is ... else does.usage
        if usage is not None and (call.body.get("stream_options") or {}).get("include_usage"):
            parts.append(chunk(choices=[], usage=usage))
        parts.append(b"data: [DONE]\n\n")
        return await self._send_parts(does, call, writer, parts)

    async def _stream_anthropic(self, does: Behaviour, call: Call, writer: asyncio.StreamWriter) -> bool:
        def event(kind: str, **fields: Any) -> bytes:
            return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()

        whole = _whole(does, call, anthropic=True)
        start = whole | {"content": [], "stop_reason": None, "usage": whole["usage"] | {"output_tokens": 1}}
        parts = [event("message_start", message=start)]
        for index, block in enumerate(whole["content"]):
            kind, key = ("thinking_delta", "thinking") if block["type"] == "thinking" else ("text_delta", "text")
            empty = {"type": block["type"], key: ""} | ({"signature": ""} if key == "thinking" else {})
            parts.append(event("content_block_start", index=index, content_block=empty))
            parts.append(event("content_block_delta", index=index, delta={"type": kind, key: block[key]}))
            parts.append(event("content_block_stop", index=index))
        ending = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
        parts.append(event("message_delta", delta=ending, usage={"output_tokens": whole["usage"]["output_tokens"]}))
        parts.append(event("message_stop"))
        return await self._send_parts(does, call, writer, parts)

    async def _send_parts(self, does: Behaviour, call: Call, writer: asyncio.StreamWriter, parts: list[bytes]) -> bool:
        head = "HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n"
        writer.write((head + "".join(f"{n}: {v}\r\n" for n, v in does.headers) + "\r\n").encode())
        if does.fault == "truncate":
            parts = [*parts[:1], parts[1][: len(parts[1]) // 2] + b"\n\n", b"data: [DONE]\n\n"]
        if does.fault == "stall":
            parts = parts[:2]
        for part in parts:
            if does.fault == "drip":
                for byte in part:
                    writer.write(b"1\r\n" + bytes([byte]) + b"\r\n")
                    await writer.drain()
                    await asyncio.sleep(1)
            writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            if does.fault == "reset_mid_body":
                await writer.drain()
                writer.transport.abort()
                return False
        if does.fault == "stall":
            await writer.drain()
            await asyncio.sleep(3600)
        writer.write(b"0\r\n\r\n")
        call.answered = True
        await writer.drain()
        return await self._after(does, writer)

    async def _after(self, does: Behaviour, writer: asyncio.StreamWriter) -> bool:
        if does.fault == "close_idle":
            await asyncio.sleep(0.05)
            writer.transport.abort()
            return False
        return True


def _whole(does: Behaviour, call: Call, *, anthropic: bool) -> dict[str, Any]:
    usage = usage_of(call, does.text or "") if does.usage is ... else does.usage
    if anthropic:
        read, written = usage_of(call, "")["prompt_tokens"], len((does.text or "").split()) or 1
        stop = {"stop": "end_turn", "length": "max_tokens"}.get(does.finish_reason, does.finish_reason)
        thinking = [{"type": "thinking", "thinking": does.reasoning, "signature": ""}] if does.reasoning else []
        return {
            "id": "msg_stub",
            "type": "message",
            "role": "assistant",
            "model": does.model,
            "content": [*thinking, {"type": "text", "text": does.text or ""}],
            "stop_reason": stop,
            "stop_sequence": None,
            "usage": {"input_tokens": read, "output_tokens": written} if does.usage is ... else does.usage,
        }
    message = {"role": "assistant", "content": does.text}
    if does.reasoning:
        message["reasoning_content"] = does.reasoning
    reply = {
        "id": "stub",
        "object": "chat.completion",
        "created": 1,
        "model": does.model,
        "choices": [{"index": 0, "message": message, "finish_reason": does.finish_reason}],
    }
    return reply if usage is None else reply | {"usage": usage}


if __name__ == "__main__":
    import sys

    stub = StubEndpoint(
        script=lambda n, call: Behaviour(delay_s=float(sys.argv[2]) if len(sys.argv) > 2 else 0.0),
        port=int(sys.argv[1]),
    )
    asyncio.run(stub.serve())
