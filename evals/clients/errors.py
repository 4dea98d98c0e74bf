"""What can go wrong with one call, and what follows from it.

    EndpointError
    ├── RetryableError        the same call may work later
    │   ├── RateLimited       429; ``retry_after_s`` where the provider says how long
    │   ├── ServerTrouble     500, 502, 503, 529
    │   ├── Unreachable       no connection: name, address, port, TLS
    │   ├── ConnectionLost    broke off after the request was sent; it may be billed
    │   ├── TimedOut          our own deadline, total or idle; it may be billed
    │   └── BadReply          an answer with status 200 that is not one
    ├── PermanentError        every call to this endpoint will fail the same way: stop the run
    │   ├── KeyRefused        401, 403, or a key that is not there
    │   ├── NotFound          404: path or model id
    │   ├── RequestRejected   400 that no adaptation cures
    │   └── ForbiddenAddress  our own address policy
    ├── RefusedError          this prompt is refused or does not fit; others may pass
    └── BudgetError
        └── NoCredit          402, ``insufficient_quota``: no amount of waiting helps

Each carries ``code`` (stable, for machines) and a message (a sentence, for people). Callers decide by class and code
and never look into the message.
"""

from typing import Any


class EndpointError(Exception):
    """Base of everything a client raises for one call."""

    code = "endpoint_error"
    maybe_billed = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        http_status: int | None = None,
        retry_after_s: float | None = None,
        maybe_billed: bool | None = None,
        request_id: str = "",
        raw: Any = None,
        raw_usage: dict[str, Any] | None = None,
    ) -> None:
        """``raw`` is what came back, as far as it could be read; ``raw_usage`` was reported and must be paid."""
        super().__init__(message)
        if code is not None:
            self.code = code
        if maybe_billed is not None:
            self.maybe_billed = maybe_billed
        self.http_status = http_status
        self.retry_after_s = retry_after_s
        self.request_id = request_id
        self.raw = raw
        self.raw_usage = raw_usage


class RetryableError(EndpointError):
    """The same call may work later."""

    code = "retryable"


class RateLimited(RetryableError):
    """The provider asks us to slow down."""

    code = "rate_limited"


class ServerTrouble(RetryableError):
    """The provider failed on its side."""

    code = "server_error"


class Unreachable(RetryableError):
    """No connection could be made, so nothing was sent."""

    code = "unreachable"


class ConnectionLost(RetryableError):
    """The connection broke after the request was sent."""

    code = "connection_lost"
    maybe_billed = True


class TimedOut(RetryableError):
    """Our own deadline passed; the provider may still be working, and billing."""

    code = "timed_out"
    maybe_billed = True


class BadReply(RetryableError):
    """Status 200, and yet not an answer."""

    code = "bad_reply"
    maybe_billed = True


class PermanentError(EndpointError):
    """Every call to this endpoint will fail the same way."""

    code = "permanent"


class KeyRefused(PermanentError):
    """The key is missing, wrong or not allowed to use the model."""

    code = "key_refused"


class NotFound(PermanentError):
    """There is no such path or model at the endpoint."""

    code = "not_found"


class RequestRejected(PermanentError):
    """The endpoint does not take requests of this form."""

    code = "request_rejected"


class ForbiddenAddress(PermanentError):
    """The endpoint's address is one this installation may not call."""

    code = "forbidden_address"


PROMPT_TOO_LONG = "prompt_too_long"


class RefusedError(EndpointError):
    """This prompt is refused or too long; other prompts may pass."""

    code = "prompt_refused"


class BudgetError(EndpointError):
    """Money, on the provider's side."""

    code = "budget"


class NoCredit(BudgetError):
    """The account is out of credit or over its quota."""

    code = "no_credit"
