"""Whose wrong passwords are counted, with a proxy in front and without."""

import pytest
from axes.models import AccessAttempt
from django.test import Client, RequestFactory
from pytest_django.fixtures import Settings

from config.client_address import client_address

PROXY = "10.0.0.1"


@pytest.mark.parametrize(
    ("behind_proxy", "forwarded", "expected"),
    [
        (True, "203.0.113.7", "203.0.113.7"),
        (True, "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        (True, "", PROXY),
        (False, "203.0.113.7", PROXY),
    ],
)
def test_only_what_the_proxy_appended_is_believed(
    settings: Settings, behind_proxy: bool, forwarded: str, expected: str
) -> None:
    settings.BEHIND_PROXY = behind_proxy
    request = RequestFactory().get("/", REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": forwarded})

    assert client_address(request) == expected


@pytest.mark.django_db
def test_one_visitor_behind_the_proxy_does_not_lock_out_another(settings: Settings, client: Client) -> None:
    settings.BEHIND_PROXY = True

    def log_in(address: str, claimed: str = "") -> int:
        said = f"{claimed}, {address}" if claimed else address
        form = {"username": "admin", "password": "wrong"}
        return client.post("/admin/login/", form, REMOTE_ADDR=PROXY, headers={"X-Forwarded-For": said}).status_code

    answers = [log_in("203.0.113.7", claimed=f"198.51.100.{n}") for n in range(6)]

    assert answers[-1] == 429
    assert log_in("203.0.113.8") == 200
    assert set(AccessAttempt.objects.values_list("ip_address", flat=True)) == {"203.0.113.7", "203.0.113.8"}
