"""How fast and how heavy the eval worker is, against a stub endpoint in a process of its own.

    python benchmarks/eval_worker.py [--samples 2000] [--delay 0.05] [--concurrency 64] [--rounds 3]
        [--inspect] [--litellm] [--environments FOLDER]

Prints wall time, its ratio to the ideal (samples x delay / concurrency), CPU per sample and peak memory, with our
limits beside them; best of the rounds, engines taking turns. ``--inspect`` and ``--litellm`` install Inspect AI and
LiteLLM from the package index into environments of their own below a temporary folder (their versions of ``openai``
exclude each other), and run them on the same samples, the same stub and the same concurrency. ``--environments`` names
a folder that keeps them for the next time.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PEERS = {"inspect-ai": ("inspect-ai", "openai"), "litellm": ("litellm",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an engine must keep to: wall time as a multiple of the ideal, CPU per sample, memory of the process."""

    ideal: float
    cpu_ms: float = 2.0
    peak_mb: float = 150.0


LIMITS = {"ours, whole replies": Limits(ideal=2.2), "ours, streaming": Limits(ideal=2.8)}

OURS = """
import json, os, sys, time, resource
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
import django
django.setup()
from decimal import Decimal
from django.core.management import call_command
call_command("migrate", verbosity=0)
from evals.models import Endpoint, Run, Sample, Suite
from evals.services import start_run
from evals.worker.slice import run_slice
import evals.services.runs as runs
runs.wake_worker = lambda endpoint: None
url, n, concurrency, quirks = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), json.loads(sys.argv[4])
suite = Suite.objects.create(slug="bench-v1", name="bench", content_hash="x", max_output_tokens=16)
Sample.objects.bulk_create(
    Sample(suite=suite, key=str(i), position=i, category="c", prompt=f"Item {i}: 3 + 4?", target="7", scorer="numeric")
    for i in range(n)
)
endpoint = Endpoint.objects.create(
    slug="stub", name="stub", base_url=url, model_id="stub-1", concurrency=concurrency, attempt_timeout_s=30,
    machine_usd_per_hour=Decimal("0.1"), quirks=quirks,
)
run = start_run(suite=suite, endpoint=endpoint, budget_usd=Decimal(1000))
before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
while run.state in Run.OPEN_STATES:
    run_slice(endpoint.pk, seconds=60)
    run.refresh_from_db()
wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
assert run.samples.filter(state="done").count() == n
print(json.dumps({"wall": wall, "cpu": cpu, "rss": after.ru_maxrss / 1024}))
"""

INSPECT = """
import json, os, sys, time, resource
url, n, concurrency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
os.environ["STUB_API_KEY"] = "none"
from inspect_ai import Task, eval
from inspect_ai.dataset import Sample
from inspect_ai.scorer import match
from inspect_ai.solver import generate
samples = [Sample(input=f"Item {i}: 3 + 4?", target="7", id=i) for i in range(n)]
task = Task(dataset=samples, solver=generate(), scorer=match(numeric=True))
before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
(log,) = eval(task, model="openai-api/stub/stub-1", model_base_url=url, max_connections=concurrency, max_tokens=16,
              display="none", log_dir=sys.argv[5])
wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
assert log.status == "success", log.status
print(json.dumps({"wall": wall, "cpu": cpu, "rss": after.ru_maxrss / 1024}))
"""

LITELLM = """
import asyncio, json, sys, time, resource
import litellm
url, n, concurrency = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
async def main():
    items = iter(range(n))
    async def worker():
        for i in items:
            await litellm.acompletion(model="openai/stub-1", api_base=url, api_key="none", max_tokens=16,
                                      num_retries=0, messages=[{"role": "user", "content": f"Item {i}: 3 + 4?"}])
    await asyncio.gather(*(worker() for _ in range(concurrency)))
before, started = resource.getrusage(resource.RUSAGE_SELF), time.perf_counter()
asyncio.run(main())
wall, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"wall": wall, "cpu": cpu, "rss": after.ru_maxrss / 1024}))
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--samples", type=int, default=2000)
    parser.add_argument("--delay", type=float, default=0.05)
    parser.add_argument("--concurrency", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--inspect", action="store_true", help="run Inspect AI beside it")
    parser.add_argument("--litellm", action="store_true", help="run LiteLLM beside it")
    parser.add_argument("--environments", type=Path, help="where the peers' environments are kept")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        compare(options, options.environments or Path(folder))


def compare(options: argparse.Namespace, environments: Path) -> None:
    """Run every engine in turn and print the table."""
    peers = {
        name: environment(environments / name, packages)
        for name, packages in PEERS.items()
        if (options.inspect if name == "inspect-ai" else options.litellm)
    }
    port = free_port()
    command = [sys.executable, "-m", "tests.support.stub_endpoint", str(port), str(options.delay)]
    stub = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(port)
        engines = {
            "ours, whole replies": (sys.executable, OURS, ["no_stream"]),
            "ours, streaming": (sys.executable, OURS, []),
        }
        programs = {"inspect-ai": INSPECT, "litellm": LITELLM}
        engines |= {name: (python, programs[name], []) for name, python in peers.items()}
        results: dict[str, list[dict[str, float]]] = {name: [] for name in engines}
        stub_cpu: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(options.rounds):
            for name, (python, program, quirks) in engines.items():
                before = cpu_seconds(stub.pid)
                results[name].append(measure(python, program, port, options, quirks))
                stub_cpu[name].append(cpu_seconds(stub.pid) - before)
    finally:
        stub.terminate()
        stub.wait()
    ideal = options.samples * options.delay / options.concurrency
    print(
        f"{options.samples} samples of {options.delay * 1000:.0f} ms, {options.concurrency} at once; "
        f"ideal {ideal:.2f} s; best of {options.rounds}; load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    print(f"{'engine':<22}{'wall s':>8}{'x ideal':>16}{'CPU ms/sample':>20}{'peak MB':>16}{'stub CPU ms':>13}")
    for name, rounds in results.items():
        wall = min(result["wall"] for result in rounds)
        cpu_ms = 1000 * min(result["cpu"] for result in rounds) / options.samples
        peak = max(result["rss"] for result in rounds)
        limits = LIMITS.get(name)
        print(
            f"{name:<22}{wall:>8.2f}"
            f"{beside(wall / ideal, limits and limits.ideal):>16}"
            f"{beside(cpu_ms, limits and limits.cpu_ms):>20}"
            f"{beside(peak, limits and limits.peak_mb, digits=0):>16}"
            f"{1000 * min(stub_cpu[name]) / options.samples:>13.2f}"
        )


def beside(value: float, limit: float | None, *, digits: int = 2) -> str:
    """A figure with its limit beside it, and a mark when it is passed."""
    if limit is None:
        return f"{value:.{digits}f}"
    return f"{value:.{digits}f} (<= {limit:g}){'!' if value > limit else ''}"


def environment(folder: Path, packages: tuple[str, ...]) -> str:
    """The Python of an environment with these packages, byte-compiled; made when it is not there."""
    python = folder / "bin" / "python"
    if not python.exists():
        print(f"Installing {' and '.join(packages)} ...", file=sys.stderr)
        venv.create(folder, with_pip=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "--compile", *packages], check=True)
    return str(python)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far (Linux; 0 elsewhere)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure(python: str, program: str, port: int, options: argparse.Namespace, quirks: list[str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"DATA_DIR": folder, "PYTHONPATH": str(ROOT), "OPENBLAS_NUM_THREADS": "1"}
        url = f"http://127.0.0.1:{port}/v1"
        words = [url, str(options.samples), str(options.concurrency), json.dumps(quirks), folder]
        done = subprocess.run(
            [python, "-c", program, *words], cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise SystemExit(f"{python} failed:\n{done.stderr[-3000:]}")
        result: dict[str, float] = json.loads(done.stdout.strip().splitlines()[-1])
        return result


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 0.2).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the stub endpoint did not start")


if __name__ == "__main__":
    main()
