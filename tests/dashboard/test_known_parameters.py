"""A parameter that a page does not know is named on it; links and forms of the site have only what their page knows."""

import re
from html import unescape
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit

import pytest
from django.test import Client, RequestFactory
from django.urls import Resolver404, resolve

from catalog.models import ModelVersion
from dashboard.known_parameters import KNOWN, left_aside
from tests.support.routes import addresses, readable
from tests.support.world import make_world

FORM = re.compile(r"<form\b([^>]*)>(.*?)</form>", re.DOTALL)
NOTICE = re.compile(r'<p class="notice" role="alert"(?: id="left-aside")?>Not understood and left aside: ([^<]*)\.</p>')
# The answer is no page: a file, a feed, or an address that leads to another.
NO_PAGE = re.compile(r"_(csv|json|png|svg|jsonl|inspect|spread|atom)$|^(preview|oembed)$")


def asked(path: str, query: str) -> str:
    """What the page at an address does not know of a query string."""
    request = RequestFactory().get(path, query_params=dict(parse_qsl(query)))
    request.resolver_match = resolve(path)
    return left_aside(request)


def test_every_page_says_which_parameters_it_knows() -> None:
    pages = {name.partition(":")[2] for name in readable("dashboard")}

    assert {name.removesuffix("_embed") for name in pages if not NO_PAGE.search(name)} == set(KNOWN)


def test_unknown_parameter_is_named_on_every_page_and_a_known_one_is_not(admin_client: Client, db: None) -> None:
    make_world()
    seen = set()
    for each in addresses("dashboard"):
        name = each.name.partition(":")[2]
        if NO_PAGE.search(name) or not each.is_there:
            continue
        path, _, query = each.path.partition("?")
        known = dict.fromkeys(sorted(KNOWN[name.removesuffix("_embed")] - {"address", "run", "runs"})[:1], "x")
        both = urlencode(dict(parse_qsl(query)) | {"nonsense": "1"} | known)
        response = admin_client.get(f"{path}?{both}")
        if response.status_code in (301, 302, 404):
            continue
        found = NOTICE.findall(response.content.decode())
        expected = "nonsense, q" if query == "q=model" else "nonsense"
        assert found == [expected], (each.path, found)
        seen.add(name)

    assert {"frontier", "models", "model", "compare", "prices", "trends", "training", "routing", "whole_life"} <= seen
    assert {"conflicts", "changes", "sources", "source", "runs", "run", "suite", "method", "frontier_embed"} <= seen


def test_every_link_and_form_has_only_what_its_page_knows(admin_client: Client, db: None) -> None:
    make_world()
    wrong: set[tuple[str, ...]] = set()
    links = forms = 0
    for each in addresses("dashboard"):
        if not each.is_there or NO_PAGE.search(each.name):
            continue
        response = admin_client.get(each.path)
        if response.status_code != 200 or "text/html" not in response["Content-Type"]:
            continue
        text = response.content.decode()
        for address in map(unescape, re.findall(r'<a\b[^>]*\bhref="([^"#]*\?[^"#]*)', text)):
            path, query = urlsplit(urljoin(each.path, address))[2:4]
            try:
                if not address.startswith("http"):
                    links += 1
                    wrong |= {(each.path, address)} if asked(path, query) else set()
            except Resolver404:
                continue
        for attributes, inside in FORM.findall(text):
            if 'method="post"' in attributes or "/admin/" in attributes:
                continue
            action = re.search(r'action="([^"]*)"', attributes)
            path = urlsplit(urljoin(each.path, action.group(1) if action else "")).path
            names = re.findall(r'<(?:input|select|textarea|button)\b[^>]*\bname="([^"]+)"', inside)
            forms += 1
            if unknown := asked(path, urlencode(dict.fromkeys(names, "1"))):
                wrong.add((each.path, f"{path}: {unknown}"))

    assert links > 100
    assert forms > 10
    assert wrong == set()


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("colour=red&as_of=2025-02-08", "colour"),
        ("colour=", ""),
        ("utm_source=letter", "utm_source"),
        ("a=1&b=1&c=1&d=1&e=1&f=1&g=1", "a, b, c, d, e and 2 more"),
        ("%3Cb%3E%00=1", "&lt;b&gt;"),
    ],
)
def test_notice_is_short_and_escaped(
    client: Client, three_models: dict[str, ModelVersion], query: str, named: str
) -> None:
    found = NOTICE.findall(client.get(f"/trends/?{query}").content.decode())

    assert found == ([named] if named else [])
