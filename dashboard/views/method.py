"""The method page: ``docs/metrics.md``, which the tests recompute, so that the site and the code say the same."""

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt

METRICS = Path(settings.BASE_DIR) / "docs" / "metrics.md"


def page(request: HttpRequest) -> HttpResponse:
    """``/method/``."""
    html, contents = rendered(METRICS, METRICS.stat().st_mtime_ns)
    return render(request, "dashboard/method.html", {"html": html, "contents": contents})


@lru_cache(maxsize=4)
def rendered(path: Path, changed: int) -> tuple[SafeString, list[tuple[str, str]]]:  # noqa: ARG001  part of the key
    """The file as HTML with anchors, and its second-level headings. HTML inside the file is shown as text."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    text = "\n".join(line for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("<!--"))
    tokens = markdown.parse(text)
    if tokens and tokens[0].tag == "h1":
        tokens = tokens[3:]  # opening, text, closing: the page has a heading of its own
    contents = []
    for position, token in enumerate(tokens):
        if token.type == "heading_open":
            title = tokens[position + 1].content.replace("`", "")
            token.attrSet("id", slugify(title) or f"part-{position}")
            if token.tag == "h2":
                contents.append((slugify(title), title))
    return mark_safe(markdown.renderer.render(tokens, markdown.options, {})), contents  # noqa: S308
