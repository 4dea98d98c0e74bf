"""Web addresses that people type: what is wrong with one, in words."""

from urllib.parse import urlsplit


def web_address_problem(url: str) -> str:
    """Empty when ``url`` can be posted to; whether its host may be reached is decided when it is."""
    example = "Write one such as https://example.org/hooks/models."
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        return f"{url!r} is not a web address. {example}"
    if parts.scheme not in {"http", "https"} or not host:
        return f"{url!r} is not a web address. {example}"
    if parts.username or parts.password:
        return f"Leave name and password out of the address; messages are signed instead. {example}"
    return ""
