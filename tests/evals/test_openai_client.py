"""Each way in which an endpoint fails, and what the client makes of it. Real sockets, a real server."""

import asyncio
from typing import Any

import pytest

from evals.clients import Reply, Request, Target, open_client
from evals.clients.errors import (
    BadReply,
    ConnectionLost,
    EndpointError,
    ForbiddenAddress,
    KeyRefused,
    NoCredit,
    NotFound,
    PermanentError,
    RateLimited,
    RefusedError,
    RequestRejected,
    ServerTrouble,
    TimedOut,
    Unreachable,
)
from tests.support.stub_endpoint import Behaviour, Call, StubEndpoint

REQUEST = Request(prompt="What is 3 + 4?", max_output_tokens=20)
KEY = "sk-canary-7f3a"


def target(stub: StubEndpoint, **fields: Any) -> Target:
    defaults: dict[str, Any] = {
        "name": "Stub",
        "base_url": stub.base_url,
        "model_id": "stub-1",
        "api_key": KEY,
        "timeout_s": 2.0,
        "allowed_networks": ("127.0.0.0/8",),
    }
    return Target(**(defaults | fields))


def send(stub: StubEndpoint, *behaviours: Behaviour, times: int = 1, **fields: Any) -> tuple[list[Reply], set[str]]:
    """Send ``times`` requests; the last behaviour answers all calls that are left."""
    stub.script = lambda n, call: behaviours[min(n, len(behaviours) - 1)]

    async def run() -> tuple[list[Reply], set[str]]:
        client = open_client("openai", target(stub, **fields))
        try:
            return [await client.send(REQUEST) for _ in range(times)], client.quirks
        finally:
            await client.close()

    return asyncio.run(run())


def failure(stub: StubEndpoint, behaviour: Behaviour, **fields: Any) -> EndpointError:
    with pytest.raises(EndpointError) as caught:
        send(stub, behaviour, **fields)
    assert KEY not in str(caught.value)
    return caught.value


def test_a_streamed_reply_is_put_together_and_timed(stub: StubEndpoint) -> None:
    ((reply,), _) = send(stub, Behaviour(text="The answer is 7, as three and four make seven."))
    assert reply.text == "The answer is 7, as three and four make seven."
    assert reply.finish_reason == "stop"
    assert reply.raw_usage == {"prompt_tokens": 13, "completion_tokens": 10, "total_tokens": 23}
    assert reply.model == "stub-1"
    assert reply.time_to_first_token_ms is not None
    assert 0 < reply.time_to_first_token_ms <= reply.latency_ms
    sent = stub.calls[0]
    assert sent.headers["authorization"] == f"Bearer {KEY}"
    assert sent.body == {
        "model": "stub-1",
        "messages": [{"role": "user", "content": "What is 3 + 4?"}],
        "max_tokens": 20,
        "temperature": 0.0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }


def test_a_server_that_ignores_streaming_is_read_whole(stub: StubEndpoint) -> None:
    ((reply,), _) = send(stub, Behaviour(text="7", ignores_stream=True))
    assert (reply.text, reply.time_to_first_token_ms) == ("7", None)
    assert reply.raw_usage is not None


def test_reasoning_is_kept_apart(stub: StubEndpoint) -> None:
    ((reply,), _) = send(stub, Behaviour(text="7", reasoning="3 and 4 are 7"))
    assert (reply.text, reply.reasoning) == ("7", "3 and 4 are 7")


def test_a_cut_answer_is_an_answer_even_when_empty(stub: StubEndpoint) -> None:
    ((reply,), _) = send(stub, Behaviour(text=None, finish_reason="length"))
    assert (reply.text, reply.truncated) == ("", True)


def test_missing_usage_stays_missing(stub: StubEndpoint) -> None:
    ((reply,), _) = send(stub, Behaviour(text="7", usage=None))
    assert reply.raw_usage is None


def test_deepseek_usage_is_kept_as_sent(stub: StubEndpoint) -> None:
    usage = {
        "prompt_tokens": 300,
        "prompt_cache_hit_tokens": 256,
        "prompt_cache_miss_tokens": 44,
        "completion_tokens": 5,
    }
    ((reply,), _) = send(stub, Behaviour(text="7", usage=usage | {"total_tokens": 305}))
    assert reply.raw_usage == usage | {"total_tokens": 305}


def test_an_unsupported_stream_option_is_left_out_and_remembered(stub: StubEndpoint) -> None:
    rejection = Behaviour(status=400, body={"error": {"message": "Unknown field", "param": "stream_options"}})
    replies, quirks = send(stub, rejection, Behaviour(text="7"), times=2)
    assert [reply.text for reply in replies] == ["7", "7"]
    assert quirks == {"no_stream"}
    assert ["stream" in call.body for call in stub.calls] == [True, False, False]


def test_max_tokens_becomes_max_completion_tokens_when_asked(stub: StubEndpoint) -> None:
    message = "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead."
    rejection = Behaviour(status=400, body={"error": {"message": message, "param": "max_tokens"}})
    _, quirks = send(stub, rejection, Behaviour(text="7"))
    assert quirks == {"max_completion_tokens"}
    assert stub.calls[1].body["max_completion_tokens"] == 20
    assert "max_tokens" not in stub.calls[1].body


def test_a_400_that_nothing_cures_is_permanent_after_one_adaptation(stub: StubEndpoint) -> None:
    error = failure(stub, Behaviour(status=400, body={"error": {"message": "tools are required"}}))
    assert isinstance(error, RequestRejected)
    assert str(error) == "Stub rejects the request (400): tools are required."
    assert len(stub.calls) == 2


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ((("retry-after", "2"),), 2.0),
        ((("retry-after-ms", "1500"), ("retry-after", "2")), 1.5),
        ((("retry-after", "Wed, 21 Oct 2015 07:28:00 GMT"),), 0.0),
        ((("retry-after", "soon"),), None),
        ((), None),
    ],
)
def test_rate_limit_carries_the_wait(
    stub: StubEndpoint, headers: tuple[tuple[str, str], ...], seconds: float | None
) -> None:
    error = failure(stub, Behaviour(status=429, headers=headers, body={"error": {"message": "slow down"}}))
    assert isinstance(error, RateLimited)
    assert error.retry_after_s == seconds
    assert len(stub.calls) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}),
        (402, {"error": {"message": "Insufficient Balance"}}),
        (200, {"error": {"message": "out of credits", "code": 402}}),
    ],
)
def test_out_of_credit_is_not_a_rate_limit(stub: StubEndpoint, status: int, body: dict[str, Any]) -> None:
    error = failure(stub, Behaviour(status=status, body=body))
    assert isinstance(error, NoCredit)
    assert "Top the account up" in str(error)


@pytest.mark.parametrize(
    ("behaviour", "kind", "code"),
    [
        (Behaviour(status=401, body={"error": {"message": "bad key"}}), KeyRefused, "key_refused"),
        (Behaviour(status=403, body={"error": {"message": "no access"}}), KeyRefused, "key_refused"),
        (Behaviour(status=404, body={"error": {"message": "no such model"}}), NotFound, "not_found"),
        (Behaviour(status=302, body=b"", headers=(("location", "http://x/"),)), PermanentError, "redirect"),
        (Behaviour(status=400, body={"error": {"code": "context_length_exceeded"}}), RefusedError, "prompt_too_long"),
        (Behaviour(status=400, body={"error": {"code": "content_filter"}}), RefusedError, "prompt_refused"),
        (Behaviour(status=500, body={"error": {"message": "oops"}}), ServerTrouble, "server_error"),
        (Behaviour(status=503, body=b"<html>", content_type="text/html"), ServerTrouble, "server_error"),
        (Behaviour(status=529, body=b""), ServerTrouble, "server_error"),
        (Behaviour(fault="reset_mid_body"), ConnectionLost, "connection_lost"),
        (Behaviour(fault="truncate"), BadReply, "truncated_json"),
        (Behaviour(fault="truncate", ignores_stream=True), BadReply, "truncated_json"),
        (Behaviour(body=b"<html>hello</html>", content_type="text/html"), BadReply, "not_json"),
        (Behaviour(body=b"", content_type="text/event-stream"), BadReply, "empty_stream"),
        (Behaviour(body={"error": {"message": "upstream"}}), BadReply, "error_in_reply"),
        (Behaviour(body={"choices": [], "usage": {"prompt_tokens": 9}}), BadReply, "no_choices"),
        (Behaviour(body={"choices": [{"message": {"content": None}, "finish_reason": "stop"}]}), BadReply, "no_text"),
        (Behaviour(body=[1, 2]), BadReply, "not_an_object"),
        (Behaviour(text="7", finish_reason=""), BadReply, "unfinished_stream"),
    ],
)
def test_failure_is_named(stub: StubEndpoint, behaviour: Behaviour, kind: type[EndpointError], code: str) -> None:
    error = failure(stub, behaviour)
    assert (type(error), error.code) == (kind, code)
    assert str(error).endswith(".")
    assert len(stub.calls) == 1, "the client makes no retries of its own"


def test_usage_of_a_reply_without_choices_is_kept_because_it_is_owed(stub: StubEndpoint) -> None:
    error = failure(stub, Behaviour(body={"choices": [], "usage": {"prompt_tokens": 9, "completion_tokens": 4}}))
    assert error.raw_usage == {"prompt_tokens": 9, "completion_tokens": 4}


@pytest.mark.parametrize("fault", ["hang", "drip", "stall"])
def test_own_deadline_ends_what_would_not_end(stub: StubEndpoint, fault: str) -> None:
    error = failure(stub, Behaviour(text="a long answer " * 3, fault=fault), timeout_s=0.4)
    assert isinstance(error, TimedOut)
    assert error.maybe_billed


def test_silence_inside_a_stream_ends_it(stub: StubEndpoint) -> None:
    error = failure(stub, Behaviour(text="a long answer " * 3, fault="stall"), timeout_s=30.0, idle_s=0.3)
    assert error.code == "idle"


def test_a_dropped_kept_connection_is_tried_again_for_nothing(stub: StubEndpoint) -> None:
    """The server closes the idle connection just as the second request leaves."""
    replies, _ = send(stub, Behaviour(text="7", fault="close_idle"), times=3)
    assert [reply.text for reply in replies] == ["7", "7", "7"]
    assert len(stub.calls) == 3


def test_a_reset_of_a_fresh_connection_is_not_tried_again(stub: StubEndpoint) -> None:
    error = failure(stub, Behaviour(fault="reset"))
    assert isinstance(error, ConnectionLost)
    assert len(stub.calls) == 1


def test_an_endless_reply_is_cut(stub: StubEndpoint, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.clients.network.MAX_REPLY_BYTES", 1000)
    error = failure(stub, Behaviour(text="x" * 5000))
    assert (type(error), error.code) == (BadReply, "too_large")


def test_nobody_listening_names_the_host(stub: StubEndpoint) -> None:
    stub.stop()
    error = failure(stub, Behaviour())
    assert isinstance(error, Unreachable)
    assert f"127.0.0.1:{stub.port}" in str(error)
    assert not error.maybe_billed


def test_a_private_address_needs_the_setting(stub: StubEndpoint) -> None:
    error = failure(stub, Behaviour(), allowed_networks=())
    assert isinstance(error, ForbiddenAddress)
    assert "ALLOW_PRIVATE_NETWORKS=127.0.0.0/8,127.0.0.1/32" in str(error)
    assert stub.calls == []


def test_description_of_a_request_holds_no_key(stub: StubEndpoint) -> None:
    where = target(stub)

    async def describe() -> dict[str, Any]:
        client = open_client("openai", where)
        await client.close()
        return client.describe(REQUEST)

    assert KEY not in str(asyncio.run(describe()))
    assert KEY not in repr(where)


def test_calls_beside_each_other_keep_their_answers(stub: StubEndpoint) -> None:
    def echo(n: int, call: Call) -> Behaviour:
        return Behaviour(text=call.prompt, delay_s=0.02 * (n % 3))

    stub.script = echo

    async def run() -> list[str]:
        client = open_client("openai", target(stub, concurrency=8))
        try:
            requests = [Request(prompt=f"say {i}", max_output_tokens=5) for i in range(8)]
            return [reply.text for reply in await asyncio.gather(*map(client.send, requests))]
        finally:
            await client.close()

    assert asyncio.run(run()) == [f"say {i}" for i in range(8)]
