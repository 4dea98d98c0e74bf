"""Testing an endpoint: whatever is wrong is said in words, with what to do about it."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from evals.models import Endpoint
from evals.services.check import check_endpoint
from tests.support.stub_endpoint import Behaviour, StubEndpoint

pytestmark = pytest.mark.django_db(transaction=True)
MakeEndpoint = Callable[..., Endpoint]


def error(message: str, **more: str) -> dict[str, Any]:
    return {"error": {"message": message, **more}}


@pytest.mark.parametrize(
    ("behaviour", "words"),
    [
        (Behaviour(status=401, body=error("bad key")), "refuses the key: bad key. Check the endpoint's API key"),
        (Behaviour(status=403, body=error("no access")), "refuses the key: no access."),
        (Behaviour(status=402, body=error("Insufficient Balance")), "is out of credit: Insufficient Balance. Top the"),
        (Behaviour(status=429, body=error("x", code="insufficient_quota")), "is out of credit: x. Top the account up"),
        (Behaviour(status=429, body=error("slow down")), "asks to slow down: slow down."),
        (Behaviour(status=404, body=error("no such model")), "knows no model 'stub-1' at http://127.0.0.1:"),
        (Behaviour(status=400, body=error("what is this")), "rejects the request (400): what is this."),
        (Behaviour(status=500, body=b"<html>", content_type="text/html"), "answered 500."),
        (
            Behaviour(status=302, headers=(("location", "https://evil.example/"),)),
            "a key must not follow. Set the base",
        ),
        (Behaviour(body=b"<html>Login</html>", content_type="text/html"), "does not work"),
        (Behaviour(body={"error": {"message": "upstream gone"}}), "upstream gone"),
        (Behaviour(body={"choices": [], "usage": {}}), "does not work"),
        (Behaviour(fault="reset"), "broke the connection off"),
        (Behaviour(fault="hang"), "does not work"),
    ],
)
def test_each_failure_has_its_words(
    stub: StubEndpoint, make_endpoint: MakeEndpoint, behaviour: Behaviour, words: str
) -> None:
    stub.script = lambda n, call: behaviour
    found = check_endpoint(make_endpoint(attempt_timeout_s=1))
    assert not found.is_ok
    assert found.sentence.startswith("The stub does not work: ")
    assert words in found.sentence
    assert re.search(r"[.!?]$", found.sentence), "it is a sentence"
    assert "Traceback" not in found.sentence


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"base_url": "http://127.0.0.1:1/v1"}, "Is the server running, and is the base URL right?"),
        ({"base_url": "http://no-such-host.invalid/v1"}, "No connection to no-such-host.invalid"),
        ({"base_url": "http://10.1.2.3/v1"}, "add it to ALLOW_PRIVATE_NETWORKS"),
        ({"base_url": "http://169.254.169.254/v1"}, "an address that is never called"),
        ({"api_key_env": "NO_SUCH_API_KEY"}, "set the environment variable NO_SUCH_API_KEY"),
    ],
)
def test_what_is_wrong_before_anything_is_sent(make_endpoint: MakeEndpoint, fields: dict[str, str], words: str) -> None:
    found = check_endpoint(make_endpoint(**fields))
    assert (found.is_ok, words in found.sentence) == (False, True)


def test_what_works_says_how_fast_and_whether_costs_will_be_known(
    stub: StubEndpoint, make_endpoint: MakeEndpoint
) -> None:
    endpoint = make_endpoint(state=Endpoint.State.NO_CREDIT)
    stub.script = lambda n, call: Behaviour(text="OK", usage=None)
    found = check_endpoint(endpoint)
    assert found.is_ok
    assert re.fullmatch(
        r"The stub works: \d+ ms, model stub-1\. It reports no token usage, so costs will be unknown\.", found.sentence
    )
    endpoint.refresh_from_db()
    assert endpoint.state == Endpoint.State.READY
