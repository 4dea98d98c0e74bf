"""What the page benchmarks share: a filled site, its servers, the references beside it, and how a limit is printed."""

import contextlib
import http.client
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import brotli
import psutil

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tests.support.redis import RedisServer

# Fills the site with N models, writes the first page as a static one, and the rows of the chart for datasette.
FILL = """
import sqlite3, sys
import brotli, django
django.setup()
from pathlib import Path
from django.conf import settings
from django.core.management import call_command
from django.db import transaction
from django.test import Client, RequestFactory
from tests.dashboard import test_scale
call_command("migrate", verbosity=0)
call_command("collectstatic", interactive=False, verbosity=0)
test_scale.MANY = int(sys.argv[1])
with transaction.atomic():
    test_scale._make_many()
page = Client(headers={"host": settings.APP_URL.split("//")[1]}).get("/").content
folder = settings.STATIC_ROOT / "bench"
folder.mkdir()
(folder / "page.html").write_bytes(page)
(folder / "page.html.br").write_bytes(brotli.compress(page, quality=5))
from dashboard.api.frontier import item
from dashboard.frontier import frontier
from dashboard.query import FrontierQuery
rows = []
for found in frontier(FrontierQuery()).rows:
    each = item(found, RequestFactory().get("/"))
    prices, sources = each.pop("prices_usd_per_mtok"), each.pop("sources")
    each |= {"input": prices["input"], "output": prices["output"], "source": sources[0]["url"]}
    rows.append([None if value is None else value if isinstance(value, (int, float)) else str(value)
                 for value in each.values()])
    names = list(each)
database = sqlite3.connect(Path(settings.DATA_DIR) / "rows.sqlite3")
database.execute(f"CREATE TABLE models ({', '.join(names)})")
database.executemany(f"INSERT INTO models VALUES ({', '.join('?' * len(names))})", rows)
database.commit()
"""


@dataclass(frozen=True, slots=True)
class Row:
    """One limit. ``reference`` is what ``value`` is divided by; None for either: it could not be measured."""

    name: str
    value: float | None
    unit: str
    against: str
    reference: float | None
    limit: float | None
    ratio_of_medians: float | None = None

    @property
    def ratio(self) -> float | None:
        if self.ratio_of_medians is not None:
            return self.ratio_of_medians
        return None if self.value is None or not self.reference else self.value / self.reference

    @property
    def verdict(self) -> str:
        if self.limit is None:
            return ""
        if self.ratio is None:
            return "not measured"
        return "ok" if self.ratio <= self.limit else "OVER"


def report(rows: list[Row]) -> int:
    """Prints them. Returns 1 when a limit is not kept."""
    print(f"{'':<44}{'measured':>12}  {'reference':<26}{'':>10}{'ratio':>8}{'limit':>8}")
    for row in rows:
        value = "" if row.value is None else f"{row.value:.4g} {row.unit}"
        reference = "" if row.reference is None else f"{row.reference:.4g}"
        ratio = "" if row.ratio is None else f"{row.ratio:.3f}"
        limit = "" if row.limit is None else f"{row.limit:g}"
        print(f"{row.name:<44}{value:>12}  {row.against:<26}{reference:>10}{ratio:>8}{limit:>8}  {row.verdict}")
    return int(any(row.verdict == "OVER" for row in rows))


def of_rounds(name: str, rounds: list[dict[str, float]], what: str, against: str, limit: float, title: str) -> Row:
    """Both medians, and the median of the ratios: what disturbs one round disturbs both sides of it."""
    if not rounds or what not in rounds[0] or against not in rounds[0]:
        return Row(name, None, "ms", title, None, limit)
    ratio = median(each[what] / each[against] for each in rounds)
    mine, other = (median(each[key] for each in rounds) for key in (what, against))
    return Row(name, mine, "ms", title, other, limit, ratio)


@dataclass(frozen=True, slots=True)
class Site:
    """A filled site on disk, with a Redis of its own."""

    folder: Path
    environment: Mapping[str, str]

    @property
    def static_root(self) -> Path:
        return Path(self.environment["STATIC_ROOT"])

    @property
    def rows(self) -> Path:
        return self.folder / "rows.sqlite3"

    @contextlib.contextmanager
    def server(self, **more: str) -> Iterator["Server"]:
        """The site's own gunicorn, two processes of four threads, under settings of its own."""
        environment = {**self.environment, **more}
        port = int(environment["APP_URL"].rpartition(":")[2]) if "STATIC_ROOT" not in more else free_port()
        environment["APP_URL"] = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "gunicorn", "--config", "python:config.gunicorn"]
        with started([*command, "--bind", f"127.0.0.1:{port}"], port, environment) as process:
            deadline = time.monotonic() + 30
            while len(process.children()) < 2 and time.monotonic() < deadline:
                time.sleep(0.05)
            yield Server(port, process)


@dataclass(frozen=True, slots=True)
class Server:
    port: int
    process: psutil.Process

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def cpu_s(self) -> float:
        """Processor seconds of the process and its children so far."""
        times = [each.cpu_times() for each in (self.process, *self.process.children(recursive=True))]
        return float(sum(each.user + each.system for each in times))

    def cpu_ms(self, paths: list[str], headers: Mapping[str, str] | None = None) -> float:
        """Milliseconds of processor per request over one connection."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        before = self.cpu_s()
        for path in paths:
            connection.request("GET", path, headers={"Accept-Encoding": "br", **(headers or {})})
            response = connection.getresponse()
            response.read()
            if response.status not in (200, 304):
                raise SystemExit(f"{path} answered {response.status}")
        spent = self.cpu_s() - before
        connection.close()
        return 1000 * spent / len(paths)

    def headers(self, path: str) -> dict[str, str]:
        return self.get(path)[0]

    def text(self, path: str) -> str:
        return str(brotli.decompress(self.get(path)[1]), "utf-8")

    def get(self, path: str) -> tuple[dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port)
        connection.request("GET", path, headers={"Accept-Encoding": "br"})
        response = connection.getresponse()
        body = response.read()
        connection.close()
        return {name.lower(): value for name, value in response.getheaders()}, body


@contextlib.contextmanager
def site(models: int) -> Iterator[Site]:
    """A site with that many models, in a folder that is removed at the end."""
    with tempfile.TemporaryDirectory(prefix="cpd-bench-", dir="/tmp", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        redis = RedisServer(folder)
        environment = os.environ | {
            "DATA_DIR": name,
            "STATIC_ROOT": f"{name}/static",
            "DATABASE_URL": f"sqlite:///{name}/db.sqlite3",
            "REDIS_URL": redis.url,
            "APP_URL": f"http://127.0.0.1:{free_port()}",
            "PYTHONPATH": str(ROOT),
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "OPENBLAS_NUM_THREADS": "1",
            "API_READS_PER_MINUTE": "100000000",
            "LOG_LEVEL": "ERROR",
        }
        redis.start()
        try:
            run(FILL, environment, str(models))
            yield Site(folder, environment)
        finally:
            redis.stop()


def changed_files(site: Site, name: str, files: Mapping[str, bytes]) -> Path:
    """A copy of the collected files in which those that begin with a key hold other bytes, packed as well."""
    folder = site.folder / name
    shutil.copytree(site.static_root, folder)
    for start, content in files.items():
        (path,) = [path for path in folder.glob(f"{start}.*.js") if path.is_file()]
        path.write_bytes(content)
        path.with_name(f"{path.name}.br").write_bytes(brotli.compress(content, quality=9))
        path.with_name(f"{path.name}.gz").unlink(missing_ok=True)
    return folder


@contextlib.contextmanager
def datasette(rows: Path) -> Iterator[Server | None]:
    """datasette from PyPI, in an environment of its own, over the chart's rows. None when it cannot be installed."""
    with tempfile.TemporaryDirectory(prefix="cpd-peer-", dir="/tmp", ignore_cleanup_errors=True) as folder:
        uv = str(Path(sys.executable).with_name("uv"))
        python = f"{folder}/venv/bin/python"
        for command in ([uv, "venv", "-q", f"{folder}/venv"], [uv, "pip", "install", "-q", "-p", python, "datasette"]):
            if not installed(command, "datasette"):
                yield None
                return
        port = free_port()
        options = ["--port", str(port), "--setting", "max_returned_rows", "3000"]
        with started([python, "-m", "datasette", "serve", str(rows), *options], port, dict(os.environ)) as process:
            yield Server(port, process)


def from_npm(package: str, file: str, folder: Path) -> bytes | None:
    """A file of a package of the npm registry, fetched into ``folder``. None when it cannot be fetched."""
    if shutil.which("npm") is None:
        print(f"{package} is not measured: npm is not installed.")
        return None
    if not installed(["npm", "install", "--silent", "--no-save", "--prefix", str(folder), package], package):
        return None
    return (folder / "node_modules" / package.rpartition("@")[0] / file).read_bytes()


def installed(command: list[str], what: str) -> bool:
    try:
        subprocess.run(command, capture_output=True, text=True, check=True, timeout=300)
    except (OSError, subprocess.SubprocessError) as error:
        said = (getattr(error, "stderr", "") or str(error)).strip().splitlines()
        print(f"{what} is not measured, since it cannot be installed: {said[-1] if said else error}")
        return False
    return True


@contextlib.contextmanager
def started(command: list[str], port: int, environment: Mapping[str, str]) -> Iterator[psutil.Process]:
    server = subprocess.Popen(
        command, cwd=ROOT, env=dict(environment), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(port)
        yield psutil.Process(server.pid)
    finally:
        server.terminate()
        server.wait()


def run(program: str, environment: Mapping[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=ROOT,
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(done.stderr[-3000:])
    return done.stdout.strip()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the server did not start")
