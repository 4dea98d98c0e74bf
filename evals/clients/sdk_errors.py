"""What both SDKs raise, told apart by what the network and the provider did.

The ``openai`` and ``anthropic`` packages come from one generator: their exceptions have the same names and shapes.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

import httpx2

from evals.clients.base import Target
from evals.clients.errors import (
    BadReply,
    ConnectionLost,
    EndpointError,
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

NO_CREDIT_CODES = {"insufficient_quota", "insufficient_balance", "billing_hard_limit_reached", "billing_error"}
REFUSED_CODES = {
    "content_filter",
    "content_policy_violation",
    "context_length_exceeded",
    "exceed_context_size_error",  # llama.cpp
    "string_above_max_length",
}
RATE_LIMIT_CODES = {"429", "rate_limit_exceeded", "rate_limit_error"}
OVERLOAD_CODES = {"overloaded_error", "api_error", "timeout_error"}


class StatusError(Protocol):
    """The part of the SDKs' status errors that is read here."""

    status_code: int
    body: object | None
    request_id: str | None

    @property
    def response(self) -> httpx2.Response: ...


def from_connection(error: BaseException, target: Target) -> EndpointError:
    """Turn a broken connection into an error that names the host; our own errors inside it come out as they are."""
    usage = getattr(error, "raw_usage", None)
    host = httpx2.URL(target.base_url).netloc.decode()
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, EndpointError):  # our own transport refused the address or cut the reply
            return cause
        if isinstance(cause, httpx2.ConnectTimeout | httpx2.ConnectError):
            return Unreachable(
                f"No connection to {host}: {str(cause) or 'it does not answer'}. Is the server running, "
                "and is the base URL right?"
            )
        if isinstance(cause, httpx2.TimeoutException):
            silence = min(target.idle_s, target.timeout_s)
            return TimedOut(f"{target.name} was silent for {silence:g} s.", code="idle", raw_usage=usage)
        if isinstance(cause, httpx2.NetworkError | httpx2.ProtocolError):
            return ConnectionLost(f"{host} broke the connection off.", raw_usage=usage)
        cause = cause.__cause__ or cause.__context__
    return ConnectionLost(f"The call to {host} failed.", raw_usage=usage)


def from_status(error: StatusError, target: Target) -> EndpointError:
    """Turn an answer with an error status into our own tree."""
    status = error.status_code
    body = _error_object(error.body)
    said = _said(body, error.response)
    more: dict[str, Any] = {
        "http_status": status,
        "request_id": error.request_id or "",
        "raw": body or {"content": error.response.text[:2000]},
    }
    codes = {str(body.get(key)) for key in ("code", "type")}
    if status == 402 or codes & NO_CREDIT_CODES or _is_credit_of_anthropic(status, body):
        return NoCredit(f"{target.name} is out of credit{said} Top the account up, then resume the run.", **more)
    if status == 429:
        return RateLimited(f"{target.name} asks to slow down{said}", retry_after_s=retry_after(error.response), **more)
    if status in {401, 403}:
        return KeyRefused(f"{target.name} refuses the key{said} Check the endpoint's API key variable.", **more)
    if status == 404:
        return NotFound(f"{target.name} knows no model {target.model_id!r} at {target.base_url}{said}", **more)
    if status == 413 or codes & REFUSED_CODES:
        return RefusedError(f"{target.name} does not take this prompt{said}", **more)
    if status in {408, 409, 425} or status >= 500:
        return ServerTrouble(
            f"{target.name} answered {status}{said}", retry_after_s=retry_after(error.response), **more
        )
    if 300 <= status < 400:
        return PermanentError(
            f"{target.name} redirects ({status}), and a key must not follow. Set the base URL to the final address.",
            code="redirect",
            **more,
        )
    return RequestRejected(f"{target.name} rejects the request ({status}){said}", **more)


def from_error_body(
    error: Any, *, usage: dict[str, Any] | None = None, raw: Any = None, request_id: str = ""
) -> EndpointError:
    """An error object that came with status 200, whole or inside a stream."""
    body = _error_object(error) or {"message": str(error)}
    said = _said(body, None)
    more: dict[str, Any] = {
        "http_status": 200,
        "raw": raw or {"error": body},
        "raw_usage": usage,
        "request_id": request_id,
    }
    codes = {str(body.get(key)) for key in ("code", "type")}
    if "402" in codes or codes & NO_CREDIT_CODES:
        return NoCredit(f"Out of credit{said} Top the account up, then resume the run.", **more)
    if codes & RATE_LIMIT_CODES:
        return RateLimited(f"Asked to slow down{said}", **more)
    if codes & OVERLOAD_CODES:
        return ServerTrouble(f"The provider failed{said}", **more)
    if codes & REFUSED_CODES:
        return RefusedError(f"The prompt was not taken{said}", **more)
    return BadReply(f"The reply is an error in place of an answer{said}", code="error_in_reply", **more)


def retry_after(response: httpx2.Response) -> float | None:
    """Seconds to wait, from ``retry-after-ms`` or ``retry-after`` (seconds or a date); None when not stated."""
    for header, scale in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        value = response.headers.get(header)
        if value is None:
            continue
        try:
            seconds = float(value) * scale
        except ValueError:
            try:
                seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds()
            except (TypeError, ValueError):
                continue
        if seconds == seconds:  # not NaN
            return max(0.0, seconds)
    return None


def _error_object(body: object) -> dict[str, Any]:
    """The innermost error object: Anthropic wraps it once more than OpenAI's SDK unwraps."""
    if not isinstance(body, dict):
        return {}
    inner = body.get("error")
    return inner if isinstance(inner, dict) else body


def _is_credit_of_anthropic(status: int, body: Mapping[str, Any]) -> bool:
    """Anthropic reports an empty account as a 400 of the general kind; only its words tell."""
    return status == 400 and "credit balance is too low" in str(body.get("message", ""))


def _said(body: Mapping[str, Any], response: httpx2.Response | None) -> str:
    """The provider's own words, short, as the end of our sentence."""
    words = body.get("message")
    if not isinstance(words, str) or not words:
        if response is None or "json" not in response.headers.get("content-type", ""):
            return "."
        words = response.text
    words = " ".join(words.split())[:200].rstrip(".")
    return f": {words}." if words else "."
