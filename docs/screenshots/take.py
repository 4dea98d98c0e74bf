"""Takes the pictures of this folder from a running site: ``python docs/screenshots/take.py [http://127.0.0.1:8000]``.

Needs Chromium and the development environment. The site should hold the starting facts and a finished run, as it does
after ``make run``.
"""

import json
import sys
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

FOLDER = Path(__file__).resolve().parent
SITE = sys.argv[1].rstrip("/") if len(sys.argv) > 1 else "http://127.0.0.1:8000"


def pages() -> dict[str, str]:
    """Name of the picture to path of the page; the newest run is looked up."""
    with urllib.request.urlopen(f"{SITE}/api/v1/runs?limit=1") as answer:
        runs = json.load(answer)["items"]
    found = {
        "frontier": "/?as_of=2025-02-08",
        "model": "/models/deepseek-v3/?as_of=2025-02-08",
        "training": "/training/",
        "api": "/api/v1/docs",
    }
    return found | ({"run": f"/evals/runs/{runs[0]['id']}/"} if runs else {})


def main() -> None:
    """One picture per page on a wide light screen; the first page on a narrow dark one too."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_chromium(), args=["--no-sandbox", "--disable-gpu"])
        wide = chromium.new_page(viewport={"width": 1280, "height": 900})
        for name, path in pages().items():
            _take(wide, path, FOLDER / f"{name}.png")
        narrow = chromium.new_context(viewport={"width": 390, "height": 844}, color_scheme="dark").new_page()
        _take(narrow, "/?as_of=2025-02-08", FOLDER / "frontier-phone.png")
        chromium.close()


def _take(page, path: str, file: Path) -> None:  # type: ignore[no-untyped-def]
    page.goto(SITE + path)
    if page.locator("[data-chart]").count():
        page.locator("[data-chart]").first.scroll_into_view_if_needed()
        page.wait_for_selector(".chart.drawn")
        page.evaluate("() => scrollTo(0, 0)")
        page.wait_for_timeout(300)
    page.screenshot(path=file)
    print(file.name)


def _chromium() -> str:
    sys.path.insert(0, str(FOLDER.parent.parent))
    from tests.support.browser import chromium_path

    found = chromium_path()
    if found is None:
        raise SystemExit("No Chromium on PATH: apt install chromium.")
    return found


if __name__ == "__main__":
    main()
