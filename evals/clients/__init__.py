"""One file per API dialect. A client makes one call and says in one of our own errors what went wrong."""

from collections.abc import Callable

from evals.clients.anthropic import AnthropicClient
from evals.clients.base import Client, Reply, Request, Target
from evals.clients.openai import OpenAIClient

CLIENTS: dict[str, Callable[[Target], Client]] = {"openai": OpenAIClient, "anthropic": AnthropicClient}


def open_client(dialect: str, target: Target) -> Client:
    """A client for ``dialect``; open and close it inside one event loop."""
    return CLIENTS[dialect](target)


__all__ = ["CLIENTS", "Client", "Reply", "Request", "Target", "open_client"]
