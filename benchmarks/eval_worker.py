"""How fast and how heavy the eval worker is, against a stub endpoint in a process of its own.

    python benchmarks/eval_worker.py [--samples 2000] [--delay 0.05] [--concurrency 64] [--rounds 3]
        [--inspect PYTHON] [--litellm PYTHON]

Prints wall time, its ratio to the ideal (samples x delay / concurrency), CPU per sample and peak memory; best of the
rounds, engines taking turns. ``--inspect`` and ``--litellm`` name Python interpreters of other environments with
``inspect-ai`` (and ``openai``) or ``litellm`` in them: their versions of ``openai`` exclude each other.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent

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
    parser.add_argument("--inspect", help="Python of an environment with inspect-ai and openai")
    parser.add_argument("--litellm", help="Python of an environment with litellm")
    options = parser.parse_args()
    port = free_port()
    command = [sys.executable, "-m", "tests.support.stub_endpoint", str(port), str(options.delay)]
    stub = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(port)
        engines = {
            "ours, whole replies": (sys.executable, OURS, ["no_stream"]),
            "ours, streaming": (sys.executable, OURS, []),
        }
        if options.inspect:
            engines["inspect-ai"] = (options.inspect, INSPECT, [])
        if options.litellm:
            engines["litellm"] = (options.litellm, LITELLM, [])
        results: dict[str, list[dict[str, float]]] = {name: [] for name in engines}
        for _ in range(options.rounds):
            for name, (python, program, quirks) in engines.items():
                results[name].append(measure(python, program, port, options, quirks))
    finally:
        stub.terminate()
        stub.wait()
    ideal = options.samples * options.delay / options.concurrency
    print(
        f"{options.samples} samples of {options.delay * 1000:.0f} ms, {options.concurrency} at once; ideal {ideal:.2f}"
    )
    print(f"{'engine':<22}{'wall s':>8}{'x ideal':>9}{'CPU ms/sample':>15}{'peak MB':>9}")
    for name, rounds in results.items():
        best = min(rounds, key=lambda result: result["wall"])
        cpu_ms = 1000 * min(result["cpu"] for result in rounds) / options.samples
        peak = max(result["rss"] for result in rounds)
        print(f"{name:<22}{best['wall']:>8.2f}{best['wall'] / ideal:>9.2f}{cpu_ms:>15.2f}{peak:>9.0f}")


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
