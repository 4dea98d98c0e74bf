"""Which source an address belongs to: the one recorded, else what is known about others of the same host."""

from collections import Counter
from dataclasses import dataclass
from urllib.parse import urlsplit

from catalog.models import Source


@dataclass(frozen=True, slots=True)
class SourceHint:
    """``source`` is the recorded one; else publisher and kind are those of most sources of the host, or empty."""

    source: Source | None = None
    publisher: str = ""
    kind: str = ""
    licence: str = ""


def host_of(url: str) -> str:
    """The host of a web address without "www.", or an empty text."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return ""
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        return ""
    return parts.hostname.removeprefix("www.")


def source_hint(url: str) -> SourceHint:
    """What is known about an address: two queries."""
    if found := Source.objects.filter(url=url.strip()).first():
        return SourceHint(found, found.publisher, found.kind, found.licence)
    return source_hints_by_host([url]).get(host_of(url), SourceHint())


def source_hints_by_host(urls: list[str]) -> dict[str, SourceHint]:
    """Publisher and kind by host, as most of its sources have them: one query."""
    hosts = {host for url in urls if (host := host_of(url))}
    if not hosts:
        return {}
    seen: dict[str, Counter[tuple[str, str, str]]] = {host: Counter() for host in hosts}
    for url, *about in Source.objects.filter(url__startswith="http").values_list("url", "publisher", "kind", "licence"):
        if (host := host_of(url)) in seen:
            seen[host][about[0], about[1], about[2]] += 1
    return {host: SourceHint(None, *counts.most_common(1)[0][0]) for host, counts in seen.items() if counts}
