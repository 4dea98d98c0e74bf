"""Signs of health for machines: ``/healthz``, ``/readyz`` and ``/metrics``. Nothing here names a version."""

import hmac
from collections.abc import Iterator
from datetime import UTC, datetime
from ipaddress import ip_address

from django.conf import settings
from django.core.cache import cache
from django.db import DatabaseError, connection
from django.db.models import Count, Max, Q, Sum
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from kombu.exceptions import OperationalError as BrokerError
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from redis.exceptions import OutOfMemoryError, RedisError

from config.celery import app
from config.tasks import BEAT_KEY, WORKER_KEY
from evals.models import Attempt, Run
from ingest.models import Feed, FeedRun

OLDEST_HEARTBEAT_S = 60
QUEUES = ("ops", "evals", "feeds")


@require_safe
def healthz(_request: HttpRequest) -> HttpResponse:
    """This process answers. Says nothing about others, so that a broken database does not restart the web."""
    return HttpResponse("ok\n", content_type="text/plain", headers={"Cache-Control": "no-store"})


@require_safe
def readyz(_request: HttpRequest) -> JsonResponse:
    """503 when something that the site needs does not work; each check says which."""
    checks = {"database": database_problem(), "broker": broker_problem()}
    if not checks["broker"]:
        checks |= {"worker": heartbeat_problem(WORKER_KEY), "beat": heartbeat_problem(BEAT_KEY)}
    is_ready = not any(checks.values())
    answer = {
        "status": "ready" if is_ready else "not ready",
        "checks": {name: problem or "ok" for name, problem in checks.items()},
        "feeds": {} if checks["database"] else {name: round(age) for name, age in feed_ages_s().items()},
    }
    return JsonResponse(answer, status=200 if is_ready else 503, headers={"Cache-Control": "no-store"})


def database_problem() -> str:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return "does not answer"
    return ""


def broker_problem() -> str:
    try:
        cache.set("health:probe", 1, 60)
    except OutOfMemoryError:
        return "full"
    except RedisError:
        return "does not answer"
    return ""


def heartbeat_problem(key: str) -> str:
    age_s = heartbeat_age_s(key)
    if age_s is None:
        return "has not been seen"
    return f"last seen {age_s:.0f} s ago" if age_s > OLDEST_HEARTBEAT_S else ""


def heartbeat_age_s(key: str) -> float | None:
    """None when it was never seen, or not within a day."""
    try:
        seen_at = cache.get(key)
    except RedisError:
        return None
    return None if seen_at is None else (datetime.now(UTC) - seen_at).total_seconds()


def feed_ages_s() -> dict[str, float]:
    """Seconds since each enabled feed was last read whole; a feed that never was is left out."""
    now = datetime.now(UTC)
    applied = Max("runs__finished_at", filter=Q(runs__state=FeedRun.State.APPLIED))
    feeds = Feed.objects.filter(enabled=True).annotate(read_at=applied).exclude(read_at=None)
    return {slug: (now - read_at).total_seconds() for slug, read_at in feeds.values_list("slug", "read_at")}


@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, from the database: the same whichever process answers.

    With ``METRICS_TOKEN``: for its bearer. Without: for this machine only, never behind a proxy (it hides who asks).
    """
    if not may_read_metrics(request):
        return HttpResponse("Set METRICS_TOKEN and send it as a bearer token.\n", "text/plain", status=403)
    registry = CollectorRegistry()
    registry.register(SiteCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        return hmac.compare_digest(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    return not settings.BEHIND_PROXY and ip_address(request.META["REMOTE_ADDR"]).is_loopback


class SiteCollector(Collector):
    """What an operator watches: queues, runs, money, and the age of signs of life and of prices."""

    def collect(self) -> Iterator[Metric]:
        yield self._gauge("cpd_runs", "Runs by state", "state", count_by(Run, "state"))
        yield self._gauge("cpd_attempts", "Paid calls by state", "state", count_by(Attempt, "state"))
        money = Run.objects.aggregate(spent=Sum("spent_usd"), reserved=Sum("reserved_usd"))
        yield GaugeMetricFamily("cpd_spent_usd", "Booked on all runs", value=float(money["spent"] or 0))
        yield GaugeMetricFamily("cpd_reserved_usd", "Reserved for calls under way", value=float(money["reserved"] or 0))
        yield self._gauge("cpd_feed_age_seconds", "Since a feed was read whole", "feed", feed_ages_s())
        ages = {"worker": heartbeat_age_s(WORKER_KEY), "beat": heartbeat_age_s(BEAT_KEY)}
        yield self._gauge("cpd_heartbeat_age_seconds", "Since a sign of life", "process", ages)
        yield self._gauge("cpd_queue_length", "Messages waiting for a worker", "queue", queue_lengths())

    @staticmethod
    def _gauge(name: str, text: str, label: str, values: dict[str, float] | dict[str, float | None]) -> Metric:
        family = GaugeMetricFamily(name, text, labels=[label])
        for key, value in values.items():
            if value is not None:
                family.add_metric([key], value)
        return family


def count_by(model: type[Run] | type[Attempt], field: str) -> dict[str, float]:
    rows = model.objects.order_by().values(field).annotate(n=Count("pk"))
    return {str(row[field]): float(row["n"]) for row in rows}


def queue_lengths() -> dict[str, float]:
    """Empty when the broker does not answer."""
    try:
        with app.connection_for_read() as broker:
            client = broker.default_channel.client  # puts the key prefix before the names itself
            return {name: float(client.llen(name)) for name in QUEUES}
    except (BrokerError, RedisError, AttributeError):
        return {}
