"""Points this process's Celery at another broker for a while."""

import contextlib
from collections.abc import Iterator

from kombu import pools

from config.celery import app


@contextlib.contextmanager
def celery_on(url: str) -> Iterator[None]:
    """Publish to ``url`` instead of the memory broker that unit tests use."""
    before = {name: app.conf[name] for name in ("broker_url", "broker_read_url", "broker_write_url")}
    _switch(dict.fromkeys(before, url))
    try:
        yield
    finally:
        _switch(before)


def _switch(urls: dict[str, str]) -> None:
    app.conf.update(urls)
    # All are made again from the configuration at their next use.
    pools.reset()  # type: ignore[no-untyped-call]
    app._pool = None
    app.amqp._producer_pool = None
