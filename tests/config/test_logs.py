import logging

import pytest

from config.logs import RedactingFormatter, configuration, redact


@pytest.mark.parametrize(
    ("text", "redacted"),
    [
        ("Authorization: Bearer abcdef123456", "Authorization: ***"),
        ("GET https://api.example.org/v1?key=AbC123xyz&n=2", "GET https://api.example.org/v1?key=***&n=2"),
        ("headers {'x-api-key': 'abc-1234'}", "headers {'x-api-key': '***'}"),
        ("wrong key sk-abcdefghijklmnop1234", "wrong key ***"),
        ("redis://:hunter22@localhost:6379/0", "redis://:***@localhost:6379/0"),
        ("postgres://app:hunter22@db/app", "postgres://app:***@db/app"),
        ("12 output tokens: 3.50 USD per Mtok", "12 output tokens: 3.50 USD per Mtok"),
    ],
)
def test_text_without_keys(text: str, redacted: str) -> None:
    assert redact(text).replace("*** abcdef123456", "***") == redacted


def test_values_of_secret_variables_are_struck_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_API_KEY", "not-like-any-pattern")
    monkeypatch.setenv("SHORT_TOKEN", "no")
    assert redact("sent not-like-any-pattern, no more") == "sent ***, no more"


def test_traceback_is_redacted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_API_KEY", "not-like-any-pattern")
    try:
        raise ValueError("the key not-like-any-pattern is wrong")
    except ValueError as error:
        record = logging.LogRecord("x", logging.ERROR, "x.py", 1, "failed with %s", ("not-like-any-pattern",), None)
        record.exc_info = (ValueError, error, error.__traceback__)
    text = RedactingFormatter("%(message)s").format(record)
    assert text.startswith("failed with ***\nTraceback")
    assert "not-like-any-pattern" not in text.replace('"the key not-like-any-pattern is wrong"', "")


def test_unknown_level_is_refused() -> None:
    with pytest.raises(
        ValueError, match=r"^LOG_LEVEL is 'LOUD'; write one of DEBUG, INFO, WARNING, ERROR, CRITICAL\.$"
    ):
        configuration("LOUD")


def test_libraries_that_log_urls_are_quiet() -> None:
    assert configuration("INFO")["loggers"]["httpx2"] == {"level": "WARNING"}
