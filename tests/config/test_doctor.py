from datetime import UTC, datetime
from io import StringIO

import pytest
from django.contrib.auth import get_user_model
from django.core.cache import cache
from django.core.management import call_command

from config.admin_link import make_first_admin
from config.tasks import BEAT_KEY, WORKER_KEY
from evals.models import Endpoint

pytestmark = pytest.mark.django_db


def report() -> tuple[str, int]:
    output = StringIO()
    try:
        call_command("doctor", stdout=output)
    except SystemExit as end:
        return output.getvalue(), int(end.code or 0)
    return output.getvalue(), 0


def test_doctor_says_what_to_type_on_an_empty_site() -> None:
    text, code = report()
    assert code == 1
    for remedy in ("-> manage.py ingest", "-> manage.py up, which prints a link, or manage.py createsuperuser"):
        assert remedy in text
    assert "worker" in text
    assert "has not been seen" in text


def test_doctor_names_the_endpoint_without_its_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("EXAMPLE_API_KEY", raising=False)
    Endpoint.objects.create(
        slug="far", name="Far", base_url="https://a.example", model_id="m", api_key_env="EXAMPLE_API_KEY"
    )
    assert "-> set EXAMPLE_API_KEY and start again" in report()[0]
    monkeypatch.setenv("EXAMPLE_API_KEY", "a-key-of-some-length")
    text, _ = report()
    assert "its key is in EXAMPLE_API_KEY" in text
    assert "a-key-of-some-length" not in text


def test_doctor_sees_a_living_worker() -> None:
    for key in (WORKER_KEY, BEAT_KEY):
        cache.set(key, datetime.now(UTC))
    text, _ = report()
    assert text.count("alive") == 2


def test_first_admin_is_made_once_and_without_a_password() -> None:
    link = make_first_admin()
    assert link.startswith("/set-password/")
    user = get_user_model().objects.get(is_superuser=True)
    assert (user.get_username(), user.has_usable_password()) == ("admin", False)
    assert make_first_admin() == ""
