"""From an answer with an error status, a broken connection or an error in place of an answer to our own errors."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import orjson

from evals.clients.base import Target
from evals.clients.errors import (
    PROMPT_TOO_LONG,
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
REFUSED_CODES = {"content_filter", "content_policy_violation"}
TOO_LONG_CODES = {
    "context_length_exceeded",
    "exceed_context_size_error",  # llama.cpp
    "string_above_max_length",
}
RATE_LIMIT_CODES = {"429", "rate_limit_exceeded", "rate_limit_error"}
OVERLOAD_CODES = {"overloaded_error", "api_error", "timeout_error"}


@asynccontextmanager
async def errors_translated(target: Target) -> AsyncIterator[None]:
    """Turn what the network raises into our own tree, with a sentence that names the endpoint."""
    try:
        yield
    except EndpointError:
        raise
    except TimeoutError as error:
        raise TimedOut(f"{target.name} did not finish within {target.timeout_s:g} s.") from error
    except httpx2.HTTPError as error:
        raise from_connection(error, target) from error


def from_connection(error: BaseException, target: Target) -> EndpointError:
    """Turn a broken connection into an error that names the host; our own errors inside it come out as they are."""
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
            return TimedOut(f"{target.name} was silent for {silence:g} s.", code="idle")
        if isinstance(cause, httpx2.NetworkError | httpx2.ProtocolError):
            return ConnectionLost(f"{host} broke the connection off.")
        cause = cause.__cause__ or cause.__context__
    return ConnectionLost(f"The call to {host} failed.")


def from_status(response: httpx2.Response, content: bytes, target: Target) -> EndpointError:
    """Turn an answer with another status than 200 into our own tree. ``content`` is its body."""
    status = response.status_code
    body = _error_object(_json_or_none(content))
    text = content[:2000].decode("utf-8", "replace")
    said = _said(body, text if "json" in response.headers.get("content-type", "") else "")
    more: dict[str, Any] = {
        "http_status": status,
        "request_id": response.headers.get("x-request-id") or response.headers.get("request-id", ""),
        "raw": body or {"content": text},
    }
    codes = {str(body.get(key)) for key in ("code", "type")}
    if status == 402 or codes & NO_CREDIT_CODES or _is_credit_of_anthropic(status, body):
        return NoCredit(f"{target.name} is out of credit{said} Top the account up, then resume the run.", **more)
    if status == 429:
        return RateLimited(f"{target.name} asks to slow down{said}", retry_after_s=retry_after(response), **more)
    if status in {401, 403}:
        return KeyRefused(f"{target.name} refuses the key{said} Check the endpoint's API key variable.", **more)
    if status == 404:
        return NotFound(f"{target.name} knows no model {target.model_id!r} at {target.base_url}{said}", **more)
    if status == 413 or codes & TOO_LONG_CODES:
        message = f"The prompt is longer than {target.name} takes{said}"
        return RefusedError(message, code=PROMPT_TOO_LONG, **more)
    if codes & REFUSED_CODES:
        return RefusedError(f"{target.name} does not take this prompt{said}", **more)
    if status in {408, 409, 425} or status >= 500:
        return ServerTrouble(f"{target.name} answered {status}{said}", retry_after_s=retry_after(response), **more)
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
    said = _said(body, "")
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
    if codes & TOO_LONG_CODES:
        return RefusedError(f"The prompt is too long{said}", code=PROMPT_TOO_LONG, **more)
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
    """The innermost error object: most providers wrap it in ``error``."""
    if not isinstance(body, dict):
        return {}
    inner = body.get("error")
    return inner if isinstance(inner, dict) else body


def _is_credit_of_anthropic(status: int, body: Mapping[str, Any]) -> bool:
    """Anthropic reports an empty account as a 400 of the general kind; only its words tell."""
    return status == 400 and "credit balance is too low" in str(body.get("message", ""))


def _json_or_none(content: bytes) -> object:
    try:
        parsed: object = orjson.loads(content)
    except orjson.JSONDecodeError:
        return None
    return parsed


def _said(body: Mapping[str, Any], otherwise: str) -> str:
    """The provider's own words, short, as the end of our sentence."""
    words = body.get("message")
    if not isinstance(words, str) or not words:
        words = otherwise
    words = " ".join(words.split())[:200].rstrip(".")
    return f": {words}." if words else "."
