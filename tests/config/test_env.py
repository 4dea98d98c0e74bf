from decimal import Decimal
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from config import env


def test_value_comes_from_the_file_that_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("from the file\n", encoding="utf-8")
    monkeypatch.setenv("EXAMPLE", "from the environment")
    assert env.text("EXAMPLE") == "from the environment"
    monkeypatch.setenv("EXAMPLE_FILE", str(tmp_path / "secret"))
    assert env.text("EXAMPLE") == "from the file"


def test_missing_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE_FILE", "/nowhere/secret")
    with pytest.raises(ImproperlyConfigured, match=r"^EXAMPLE_FILE points to /nowhere/secret, which cannot be read:"):
        env.text("EXAMPLE")


@pytest.mark.parametrize(
    ("reader", "value", "sentence"),
    [
        (lambda: env.flag("EXAMPLE", default=False), "maybe", "EXAMPLE is 'maybe'; write true or false."),
        (lambda: env.integer("EXAMPLE", 1), "2.5", "EXAMPLE is '2.5'; write a whole number."),
        (lambda: env.decimal("EXAMPLE", "1.00"), "1,5", "EXAMPLE is '1,5'; write a decimal number such as 1.00."),
        (lambda: env.decimal("EXAMPLE", "1.00"), "-1", "EXAMPLE is '-1'; it must be zero or more."),
        (lambda: env.decimal("EXAMPLE", "1.00"), "NaN", "EXAMPLE is 'NaN'; it must be zero or more."),
    ],
)
def test_bad_value_is_a_named_error(monkeypatch: pytest.MonkeyPatch, reader: object, value: str, sentence: str) -> None:
    monkeypatch.setenv("EXAMPLE", value)
    assert callable(reader)
    with pytest.raises(ImproperlyConfigured) as caught:
        reader()
    assert str(caught.value) == sentence


def test_good_values(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXAMPLE", " 2 ")
    assert env.integer("EXAMPLE", 1) == 2
    assert env.decimal("EXAMPLE", "1.00") == Decimal(2)
    assert env.words("EXAMPLE") == ["2"]
    assert env.words("EXAMPLE_LIST", "a, b,,c ") == ["a", "b", "c"]
    assert env.flag("EXAMPLE_FLAG", default=True) is True


def test_secret_is_made_once_for_its_owner_only(tmp_path: Path) -> None:
    path = tmp_path / "data" / "secret_key"
    secret = env.secret("EXAMPLE_SECRET", path)
    assert len(secret) >= 50
    assert env.secret("EXAMPLE_SECRET", path) == secret
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize(
    ("location", "url"),
    [
        ("redis://localhost:6379/0", "redis://localhost:6379/0"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock?virtual_host=0"),
        ("unix:///run/redis.sock?db=3", "redis+socket:///run/redis.sock?virtual_host=3"),
    ],
)
def test_redis_url_for_celery(location: str, url: str) -> None:
    assert env.celery_url(location) == url
