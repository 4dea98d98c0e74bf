"""The Messages dialect: what is read, and how its failures are named. Real sockets, a real server."""

import asyncio
from typing import Any

import pytest

from economics.prices import normalise_usage
from evals.clients import Reply, Request, Target, open_client
from evals.clients.errors import (
    BadReply,
    ConnectionLost,
    EndpointError,
    KeyRefused,
    NoCredit,
    RateLimited,
    RequestRejected,
    ServerTrouble,
    TimedOut,
)
from tests.support.stub_endpoint import Behaviour, StubEndpoint

REQUEST = Request(prompt="What is 3 + 4?", max_output_tokens=20)


def send(stub: StubEndpoint, *behaviours: Behaviour, **fields: Any) -> Reply:
    stub.script = lambda n, call: behaviours[min(n, len(behaviours) - 1)]
    target = Target(
        name="Stub",
        base_url=stub.base_url,
        model_id="stub-1",
        api_key="sk-ant-canary",
        allowed_networks=("127.0.0.0/8",),
        **({"timeout_s": 2.0} | fields),
    )

    async def run() -> Reply:
        client = open_client("anthropic", target)
        try:
            return await client.send(REQUEST)
        finally:
            await client.close()

    return asyncio.run(run())


def test_a_streamed_message_is_put_together(stub: StubEndpoint) -> None:
    reply = send(stub, Behaviour(text="It is 7.", reasoning="3 and 4"))
    assert (reply.text, reply.reasoning, reply.finish_reason) == ("It is 7.", "3 and 4", "stop")
    assert reply.raw_usage == {"input_tokens": 13, "output_tokens": 3}
    assert reply.time_to_first_token_ms is not None
    assert stub.calls[0].path == "/v1/messages"
    assert stub.calls[0].headers["authorization"] == "Bearer sk-ant-canary"
    assert stub.calls[0].body["max_tokens"] == 20


def test_cached_tokens_are_beside_the_input_not_inside(stub: StubEndpoint) -> None:
    usage = {
        "input_tokens": 10,
        "cache_read_input_tokens": 90,
        "cache_creation_input_tokens": 5,
        "output_tokens": 3,
    }
    reply = send(stub, Behaviour(text="7", usage=usage))
    read = normalise_usage(dialect="anthropic", raw=reply.raw_usage)
    assert (read.input, read.cached_input, read.cache_write, read.output) == (10, 90, 5, 3)


def test_a_cut_answer_is_truncated(stub: StubEndpoint) -> None:
    assert send(stub, Behaviour(text="It is", finish_reason="length")).truncated


def test_a_refusal_is_an_answer_of_its_own_kind(stub: StubEndpoint) -> None:
    assert send(stub, Behaviour(text="", finish_reason="refusal")).refused


def test_temperature_is_left_out_where_it_is_not_taken(stub: StubEndpoint) -> None:
    error = {"type": "error", "error": {"type": "invalid_request_error", "message": "temperature is not supported"}}
    assert send(stub, Behaviour(status=400, body=error), Behaviour(text="7")).text == "7"
    assert ["temperature" in call.body for call in stub.calls] == [True, False]


def error_body(kind: str, message: str) -> dict[str, Any]:
    return {"type": "error", "error": {"type": kind, "message": message}}


@pytest.mark.parametrize(
    ("behaviour", "kind", "code"),
    [
        (
            Behaviour(status=401, body=error_body("authentication_error", "invalid key")),
            KeyRefused,
            "key_refused",
        ),
        (Behaviour(status=429, body=error_body("rate_limit_error", "slow")), RateLimited, "rate_limited"),
        (
            Behaviour(status=400, body=error_body("invalid_request_error", "Your credit balance is too low to …")),
            NoCredit,
            "no_credit",
        ),
        (Behaviour(status=400, body=error_body("invalid_request_error", "bad")), RequestRejected, "request_rejected"),
        (Behaviour(status=529, body=error_body("overloaded_error", "Overloaded")), ServerTrouble, "server_error"),
        (Behaviour(body=b"<html>", content_type="text/html"), BadReply, "not_a_stream"),
        (Behaviour(body=b"", content_type="text/event-stream"), BadReply, "empty_stream"),
        (
            Behaviour(
                body=b'event: error\ndata: {"type":"error","error":{"type":"overloaded_error","message":"busy"}}\n\n',
                content_type="text/event-stream",
            ),
            ServerTrouble,
            "server_error",
        ),
        (Behaviour(fault="truncate"), BadReply, "truncated_json"),
        (Behaviour(fault="reset_mid_body"), ConnectionLost, "connection_lost"),
        (Behaviour(text="7", fault="stall"), TimedOut, "timed_out"),
    ],
)
def test_failure_is_named(stub: StubEndpoint, behaviour: Behaviour, kind: type[EndpointError], code: str) -> None:
    with pytest.raises(EndpointError) as caught:
        send(stub, behaviour, timeout_s=0.5)
    assert (type(caught.value), caught.value.code) == (kind, code)
    assert "canary" not in str(caught.value)
    assert len(stub.calls) == 1


def test_usage_before_a_break_is_owed(stub: StubEndpoint) -> None:
    with pytest.raises(TimedOut) as caught:
        send(stub, Behaviour(text="7", fault="stall"), timeout_s=0.5)
    assert caught.value.raw_usage == {"input_tokens": 13, "output_tokens": 1}
