"""The address a request comes from, of which wrong passwords are counted."""

from django.conf import settings
from django.http import HttpRequest


def client_address(request: HttpRequest) -> str:
    """The visitor's address: the last one in ``X-Forwarded-For`` with ``BEHIND_PROXY``, else the other end's.

    The proxy appends the last one itself. Those before it are the visitor's claim, and so is all of it with no proxy.
    """
    said = request.META.get("HTTP_X_FORWARDED_FOR", "") if settings.BEHIND_PROXY else ""
    return said.split(",")[-1].strip() or request.META.get("REMOTE_ADDR", "")
