"""One file per API dialect. A client makes one call and says in one of our own errors what went wrong."""

from importlib import import_module

from evals.clients.base import Client, Reply, Request, Target
from evals.clients.discreet import SHORTEST, DiscreetClient

# By name, so that a process loads only the dialects that it uses.
CLIENTS = {"openai": "evals.clients.openai:OpenAIClient", "anthropic": "evals.clients.anthropic:AnthropicClient"}


def open_client(dialect: str, target: Target) -> Client:
    """A client for ``dialect``; open and close it inside one event loop."""
    module, _, name = CLIENTS[dialect].partition(":")
    client: Client = getattr(import_module(module), name)(target)
    if len(target.api_key) >= SHORTEST:
        return DiscreetClient(client, target.api_key)  # type: ignore[return-value]  # its attributes are read only
    return client


__all__ = ["CLIENTS", "Client", "Reply", "Request", "Target", "open_client"]
