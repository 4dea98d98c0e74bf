"""One small request that tells whether an endpoint works, and in words what is wrong when it does not."""

import asyncio
from dataclasses import dataclass

from evals.clients import Reply, Request, open_client
from evals.clients.errors import EndpointError
from evals.models import Endpoint
from evals.targets import target_of

REQUEST = Request(prompt="Reply with the single word OK.", max_output_tokens=16)


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """What came of the request."""

    is_ok: bool
    sentence: str


def check_endpoint(endpoint: Endpoint) -> Check:
    """Send one request to an endpoint. It may cost a fraction of a cent. A closed endpoint that works is opened."""

    async def send() -> Reply:
        client = open_client(endpoint.dialect, target_of(endpoint))
        try:
            return await client.send(REQUEST)
        finally:
            await client.close()

    try:
        reply = asyncio.run(send())
    except EndpointError as error:
        return Check(is_ok=False, sentence=f"{endpoint.name} does not work: {error}")
    Endpoint.objects.filter(pk=endpoint.pk, state__in=[Endpoint.State.NO_CREDIT, Endpoint.State.REFUSED]).update(
        state=Endpoint.State.READY, state_message=""
    )
    notes = [f"{endpoint.name} works: {reply.latency_ms:.0f} ms, model {reply.model or 'not named'}."]
    if reply.raw_usage is None:
        notes.append("It reports no token usage, so costs will be unknown.")
    return Check(is_ok=True, sentence=" ".join(notes))
