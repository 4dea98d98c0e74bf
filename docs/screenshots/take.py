"""Takes the pictures of this folder: ``make screenshots``, or of a running site ``make screenshots ARGS=URL``.

Without an address a site is started on a folder and a port of its own, with the starting facts, and stopped at the end.
Needs Chromium and the development environment.
"""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parent.parent
START_S = 180
PAST = "as_of=2025-02-08"
WIDE = {
    "frontier": "/",
    "model": f"/models/deepseek-v3/?{PAST}",
    "compare": f"/compare/deepseek-v3/claude-3-5-sonnet/?{PAST}",
    "prices": "/prices/",
    "training": "/training/",
    "api": "/api/v1/docs",
}
DARK = {"frontier-dark": "/"}
PHONE = {"frontier-phone": "/", "model-phone": f"/models/deepseek-v3/?{PAST}"}


def main() -> None:
    """Wide in the light, the first page in the dark too, and two pages on a dark phone."""
    with contextlib.ExitStack() as stack:
        site = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else stack.enter_context(started_site())
        chromium = stack.enter_context(browser())
        take(chromium, site, WIDE | newest_run(site), 1366, 940, dark=False)
        take(chromium, site, DARK, 1366, 940, dark=True)
        take(chromium, site, PHONE, 390, 844, dark=True)


@contextlib.contextmanager
def started_site() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="cpd-", ignore_cleanup_errors=True) as folder:
        command = [sys.executable, "manage.py", "up", f"--port={port}", "--no-local-model"]
        environment = os.environ | {"DATA_DIR": folder}
        log = Path(folder, "site.log")
        with log.open("wb") as file:
            site = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=file, stderr=file, start_new_session=True
            )
        try:
            until = time.monotonic() + START_S
            while "READY " not in log.read_text(encoding="utf-8", errors="replace"):
                if site.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"The site did not start:\n{log.read_text(encoding='utf-8', errors='replace')}")
                time.sleep(0.3)
            yield f"http://127.0.0.1:{port}"
        finally:
            site.send_signal(signal.SIGINT)
            site.wait(60)


@contextlib.contextmanager
def browser() -> Iterator[Browser]:
    sys.path.insert(0, str(ROOT))
    from tests.support.browser import chromium_path

    path = chromium_path()
    if path is None:
        raise SystemExit("No Chromium on PATH: apt install chromium.")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield chromium
        chromium.close()


def newest_run(site: str) -> dict[str, str]:
    """The page of the newest run, if the site has one."""
    with urllib.request.urlopen(f"{site}/api/v1/runs?limit=1") as answer:
        runs = json.load(answer)["items"]
    return {"run": f"/evals/runs/{runs[0]['id']}/"} if runs else {}


def take(chromium: Browser, site: str, pages: dict[str, str], width: int, height: int, *, dark: bool) -> None:
    context = chromium.new_context(
        viewport={"width": width, "height": height}, color_scheme="dark" if dark else "light"
    )
    page = context.new_page()
    for name, path in pages.items():
        page.goto(site + path)
        if page.locator("[data-chart]").count():
            page.locator("[data-chart]").first.scroll_into_view_if_needed()
            page.wait_for_selector(".chart.drawn")
            page.evaluate("() => scrollTo(0, 0)")
            page.wait_for_timeout(300)
        file = FOLDER / f"{name}.png"
        page.screenshot(path=file)
        print(f"{file.name}, {file.stat().st_size // 1000} KB")
    context.close()


if __name__ == "__main__":
    main()
