"""CPU of the web process per request, as ratios to a static file that the same server sends in the same run.

    python benchmarks/pages.py [--quick]

gunicorn with one worker, its own Redis and SQLite, 3,000 models. Ends with 1 when a ratio is above its limit.
"""

import argparse
import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.redis import RedisServer

FILL = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from django.core.management import call_command
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
from tests.dashboard.test_scale import _make_many
from django.db import transaction
with transaction.atomic():
    _make_many()
from django.contrib.staticfiles.storage import staticfiles_storage
print(staticfiles_storage.url("dashboard/site.css"))
"""
HEAVY = "import config.wsgi, sys; print(sorted({'pandas', 'plotly'} & sys.modules.keys()))"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer requests")
    requests = 300 if parser.parse_args().quick else 3000
    with tempfile.TemporaryDirectory(prefix="cpd-bench-", dir="/tmp") as folder:
        port = free_port()
        redis = RedisServer(Path(folder))
        environment = os.environ | {
            "DATA_DIR": folder,
            "DATABASE_URL": f"sqlite:///{folder}/db.sqlite3",
            "REDIS_URL": redis.url,
            "APP_URL": f"http://127.0.0.1:{port}",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "OPENBLAS_NUM_THREADS": "1",
        }
        redis.start()
        try:
            static = run(FILL, environment).splitlines()[-1]
            print(f"imported by the web process of pandas and plotly: {run(HEAVY, environment)}")
            return measured(port, static, environment, requests)
        finally:
            redis.stop()


def measured(port: int, static: str, environment: Mapping[str, str], requests: int) -> int:
    command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn", "--workers", "1"]
    server = subprocess.Popen([*command, "--bind", f"127.0.0.1:{port}"], cwd=ROOT, env=environment)
    try:
        wait_for(port)
        (worker,) = psutil.Process(server.pid).children()
        etag = ask(port, "/")["etag"]
        few = max(requests // 100, 5)
        reference = cpu_ms(worker, port, [static] * requests)
        rows = [
            ("cached page", cpu_ms(worker, port, ["/"] * requests), 2.5),
            ("cached figure and rows, JSON", cpu_ms(worker, port, ["/api/v1/frontier"] * requests), 2.5),
            ("304 on the page", cpu_ms(worker, port, ["/"] * requests, {"If-None-Match": etag}), 2.0),
            ("uncached page, 3,000 models", cpu_ms(worker, port, [f"/?bench={n}" for n in range(few)]), None),
        ]
        print(f"{'':<32}{'CPU ms':>8}{'x static':>10}{'limit':>7}")
        print(f"{'static file':<32}{reference:>8.2f}{1:>10.2f}")
        for name, cost, limit in rows:
            print(f"{name:<32}{cost:>8.2f}{cost / reference:>10.2f}{limit or '':>7}")
        print(f"memory of the worker: {worker.memory_info().rss / 2**20:.0f} MiB")
        for path in ("/", "/api/v1/frontier", static):
            print(f"brotli bytes of {path}: {ask(port, path)['content-length']}")
        return int(any(limit is not None and cost / reference > limit for _, cost, limit in rows))
    finally:
        server.terminate()
        server.wait()


def cpu_ms(worker: psutil.Process, port: int, paths: list[str], headers: Mapping[str, str] | None = None) -> float:
    """Milliseconds of CPU per request over one connection, after one request that does not count."""
    connection = http.client.HTTPConnection("127.0.0.1", port)
    before = 0.0
    for path in [paths[0], *paths]:
        connection.request("GET", path, headers={"Accept-Encoding": "br", **(headers or {})})
        response = connection.getresponse()
        response.read()
        if response.status not in (200, 304):
            raise SystemExit(f"{path} answered {response.status}")
        before = before or spent(worker)
    connection.close()
    return 1000 * (spent(worker) - before) / len(paths)


def spent(worker: psutil.Process) -> float:
    times = worker.cpu_times()
    return float(times.user + times.system)


def ask(port: int, path: str) -> dict[str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port)
    connection.request("GET", path, headers={"Accept-Encoding": "br"})
    response = connection.getresponse()
    response.read()
    return {name.lower(): value for name, value in response.getheaders()}


def run(program: str, environment: Mapping[str, str]) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return done.stdout.strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the web server did not start")


if __name__ == "__main__":
    sys.exit(main())
