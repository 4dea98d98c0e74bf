"""What is wrong with an answer of the site, whatever was asked."""

import re

from django.core.cache import cache
from django.test import Client

from tests.support.reading import elements
from tests.support.routes import Address

MOST_ROWS = 101  # of one table, with its header
MOST_CHOICES = 301
MOST_CHARACTERS = 900_000


def wrong_with(client: Client, address: Address, *, signed_in: bool = False) -> list[str]:
    """What is wrong with the answer, with the address before it; nothing when it is as it should be."""
    cache.clear()
    client.raise_request_exception = False
    response = client.get(address.path)
    content = response.getvalue()
    if response.status_code == 302 and not signed_in and response["Location"].startswith("/admin/login/"):
        return []
    expected = {200} if address.is_there else {404}
    if "=benchmark:" in address.path:
        expected = {200, 400}  # a benchmark that is not there is named, and the index shown instead
    problems = []
    if response.status_code not in expected:
        problems.append(f"answers {response.status_code}")
    if not content:
        problems.append("is empty")
    if response["Content-Type"].startswith("text/html"):
        problems += wrong_with_page(content.decode())
    return [f"{address.path} {problem}" for problem in problems]


def wrong_with_page(html: str) -> list[str]:
    tables = [len(re.findall(r"<tr\b", table)) for table in re.findall(r"<table.*?</table>", html, re.DOTALL)]
    lists = re.findall(r"<(?:select|datalist).*?</(?:select|datalist)>", html, re.DOTALL)
    choices = [len(re.findall(r"<option\b", each)) for each in lists]
    headings = [each.text.strip() for each in elements(html) if each.tag == "h1"]
    problems = [
        (len(html) > MOST_CHARACTERS, f"has {len(html):,} characters"),
        (max(tables, default=0) > MOST_ROWS, f"has a table of {max(tables, default=0)} rows"),
        (max(choices, default=0) > MOST_CHOICES, f"offers {max(choices, default=0)} choices"),
        (len(headings) != 1 or not headings[0], f"has the headings {headings}"),
    ]
    return [words for is_wrong, words in problems if is_wrong]
