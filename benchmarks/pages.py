"""Pages and API on the server: processor time per request, waiting at 16 connections, and queries, beside their limits.

    python benchmarks/pages.py [--quick]

3,000 models; gunicorn as configured, with a Redis of its own. The references run in the same minutes: R1 is the first
page as a static file of the same server, R2 is datasette over the same rows. Rounds are interleaved, and what counts is
the median of their ratios. Ends with 1 when a limit is not kept.
"""

import argparse
import json
import subprocess
import sys
from collections.abc import Iterator
from statistics import median

from _site import ROOT, Row, Server, Site, datasette, of_rounds, report, run, site

MODELS = 3000
STATIC, PAGE, FIGURE = "/static/bench/page.html", "/", "/api/v1/frontier"
HEAVY = "import config.wsgi, sys; print(sorted({'pandas', 'plotly'} & sys.modules.keys()))"
PAGES = (
    *("/", "/models/", "/models/model-5/", "/compare/model-5/model-7/", "/prices/", "/trends/", "/routing/"),
    *("/whole-life/", "/training/", "/sources/", "/conflicts/", "/changes/", "/evals/", "/method/", FIGURE),
    *("/api/v1/models", "/api/v1/prices"),
)

# In a process of its own: what the whole figure costs once the rows are known, and the queries of each page.
INSIDE = """
import json, sys, time
import django, orjson
django.setup()
from statistics import median
from django.conf import settings
from django.db import connection
from django.test import Client
from dashboard.charts import frontier as chart
from dashboard.frontier import frontier
from dashboard.query import FrontierQuery
from dashboard.shelf import shelf
found = frontier(FrontierQuery())
times = []
for _ in range(int(sys.argv[1])):
    before = time.process_time()
    orjson.dumps(chart.figure(found, []))
    times.append(1000 * (time.process_time() - before))
counts = {}
client = Client(headers={"host": settings.APP_URL.split("//")[1]})
made = []
def count(execute, *rest):
    made.append(1)
    return execute(*rest)
def queries(path):
    made.clear()
    with connection.execute_wrapper(count):
        assert client.get(path).status_code == 200, path
    return len(made)
for path in sys.argv[2:]:
    client.get(path)
    kept = queries(path) if shelf.get(settings.APP_URL + path) else 0
    settings.PAGE_CACHE_S = 0
    new = queries(path)
    settings.PAGE_CACHE_S = 600
    counts[path] = [kept, new]
print(json.dumps({"figure": median(times), "queries": counts}))
"""

# The load comes from another process, so that this one's work is not measured.
LOAD = """
import http.client, json, sys, threading, time
port, path, connections, each = int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
times = []
def visit():
    connection = http.client.HTTPConnection("127.0.0.1", port)
    mine = []
    for _ in range(each):
        before = time.perf_counter()
        connection.request("GET", path, headers={"Accept-Encoding": "br"})
        connection.getresponse().read()
        mine.append(time.perf_counter() - before)
    times.extend(mine)
threads = [threading.Thread(target=visit) for _ in range(connections)]
for thread in threads: thread.start()
for thread in threads: thread.join()
times.sort()
print(1000 * times[int(len(times) * 0.95)])
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="one short round")
    quick = parser.parse_args().quick
    rounds, requests = (1, 300) if quick else (5, 1000)
    with site(MODELS) as filled:
        heavy = run(HEAVY, filled.environment)
        print(f"imported by the web process of pandas and plotly: {heavy}")
        inside = json.loads(run(INSIDE, filled.environment, "3" if quick else "9", *PAGES))
        with datasette(filled.rows) as peer:
            kept = list(cached(filled, rounds, requests))
            new = list(built(filled, peer, rounds, 10))
        figures = [each | {"figure": inside["figure"]} for each in new]
        asked = of_pages(inside["queries"])
        rows = limits(kept, figures, asked)
        return report(rows) or int(heavy != "[]")


def cached(filled: Site, rounds: int, requests: int) -> Iterator[dict[str, float]]:
    """What is kept, beside the static page of the same bytes."""
    with filled.server() as server:
        for path in (STATIC, PAGE, FIGURE) * 8:
            server.get(path)  # both processes have it
        tags = {path: {"If-None-Match": server.headers(path)["etag"]} for path in (PAGE, FIGURE)}
        for _ in range(rounds):
            yield {
                "static": server.cpu_ms([STATIC] * requests),
                "page": server.cpu_ms([PAGE] * requests),
                "figure": server.cpu_ms([FIGURE] * requests),
                "304 page": server.cpu_ms([PAGE] * requests, tags[PAGE]),
                "304 figure": server.cpu_ms([FIGURE] * requests, tags[FIGURE]),
                "p95 static": waiting(server, STATIC, requests),
                "p95 page": waiting(server, PAGE, requests),
            }
        memory = sum(each.memory_full_info().pss for each in server.process.children()) / 2**20
        print(f"memory of the {len(server.process.children())} web processes (PSS): {memory:.0f} MiB")
        for path in (PAGE, FIGURE, STATIC):
            print(f"brotli bytes of {path}: {server.headers(path)['content-length']}")


def built(filled: Site, peer: Server | None, rounds: int, requests: int) -> Iterator[dict[str, float]]:
    """What is built for each request, beside datasette's pages of the same rows."""
    with filled.server(PAGE_CACHE_S="0") as server:
        for path in ("/models/", PAGE, "/api/v1/models") * 6:
            server.get(path)  # what a process does once is done
        for _ in range(rounds):
            found = {
                "list": server.cpu_ms(["/models/"] * requests),
                "first page": server.cpu_ms([PAGE] * max(1, requests // 3)),
                "json": 3
                * server.cpu_ms([f"/api/v1/models?limit=1000&offset={n}" for n in (0, 1000, 2000)] * requests),
            }
            if peer:
                found |= {
                    "R2 page": peer.cpu_ms(["/rows/models?_size=100"] * requests),
                    "R2 json": peer.cpu_ms(["/rows/models.json?_size=3000"] * requests),
                }
            yield found


def waiting(server: Server, path: str, requests: int) -> float:
    """The 95th percentile of the waiting time at 16 connections, ms."""
    arguments = [str(server.port), path, "16", str(max(20, requests // 8))]
    done = subprocess.run(
        [sys.executable, "-c", LOAD, *arguments], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return float(done.stdout)


def of_pages(queries: dict[str, list[int]]) -> list[Row]:
    """The page with the most queries, kept and new."""
    rows = []
    for position, name, limit in ((0, "kept", 6), (1, "uncached", 12)):
        path = max(queries, key=lambda each: queries[each][position])
        rows.append(Row(f"queries, {name}, the most: {path}", queries[path][position], "", "", 1, limit))
    return rows


def limits(kept: list[dict[str, float]], new: list[dict[str, float]], queries: list[Row]) -> list[Row]:
    static, page, rows_json = "R1 static page", "R2 page of 100 rows", "R2 JSON of 3,000 rows"
    both = [one | other for one, other in zip(kept, new, strict=True)]
    first = median(each["first page"] for each in new)
    return [
        of_rounds("cached page, CPU", kept, "page", "static", 2.5, static),
        of_rounds("cached page, CPU", both, "page", "R2 page", 1 / 25, page),
        of_rounds("cached figure and rows, JSON, CPU", kept, "figure", "static", 2.5, static),
        of_rounds("304 on the page, CPU", kept, "304 page", "static", 2, static),
        of_rounds("304 on the figure, CPU", kept, "304 figure", "static", 2, static),
        of_rounds("uncached page of 100 rows, CPU", new, "list", "R2 page", 0.4, page),
        of_rounds("3,000 rows of the API, uncached, CPU", new, "json", "R2 json", 0.4, rows_json),
        of_rounds("figure of 3,000 models, uncached, CPU", new, "figure", "R2 json", 0.6, rows_json),
        of_rounds("p95 at 16 connections, cached page", kept, "p95 page", "p95 static", 3, static),
        *queries,
        Row("first page of 3,000 models, uncached, CPU", first, "ms", "built by a worker", None, None),
    ]


if __name__ == "__main__":
    sys.exit(main())
