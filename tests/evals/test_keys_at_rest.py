"""Keys in the database: encrypted, bound to their address, rotated whatever interrupts, and nowhere to be read."""

import io
import json
import logging
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import settings as project
from django.core.management import CommandError, call_command
from django.test import Client
from pytest_django.fixtures import Settings

from config.logs import RedactingFormatter
from evals import secret_text
from evals.clients.errors import KeyRefused
from evals.errors import InvalidSetting
from evals.models import Channel, Endpoint
from evals.secret_text import BadFieldKeys, UnreadableSecret, decrypt, encrypt, fingerprint, is_newest
from evals.services import start_run
from evals.services.check import check_endpoint
from evals.services.delivery import new_signing_secret
from evals.services.keys import forget_key, keep_key, rotate_secrets
from evals.targets import target_of
from evals.worker.slice import run_slice
from tests.support.stub_endpoint import Behaviour, StubEndpoint
from tests.support.worker import process_environment

pytestmark = pytest.mark.django_db
CANARY = "canary-4f1d90b7-key"
MakeEndpoint = Callable[..., Endpoint]


@pytest.fixture(autouse=True)
def data_folder(settings: Settings, tmp_path: Path) -> Iterator[Path]:
    settings.FIELD_KEYS = []
    settings.DATA_DIR = tmp_path
    secret_text.seen.clear()
    yield tmp_path
    secret_text.seen.clear()


def test_a_kept_key_is_used_and_cannot_be_read_in_the_row(make_endpoint: MakeEndpoint, data_folder: Path) -> None:
    endpoint = make_endpoint()
    keep_key(endpoint, f" {CANARY}\n")
    assert target_of(endpoint).api_key == CANARY
    row = json.dumps(Endpoint.objects.values().get(), default=str)
    assert CANARY not in row
    assert endpoint.api_key_fingerprint == fingerprint(CANARY)
    assert fingerprint(CANARY) != fingerprint(CANARY + "x")
    assert stat.S_IMODE((data_folder / "field_key").stat().st_mode) == 0o600
    forget_key(endpoint)
    assert target_of(endpoint).api_key == ""


@pytest.mark.parametrize("address", ["https://evil.example/v1", "http://127.0.0.1:1/v1", "https://127.0.0.1/v1"])
def test_a_key_goes_nowhere_but_to_the_address_it_was_entered_for(make_endpoint: MakeEndpoint, address: str) -> None:
    endpoint = make_endpoint()
    keep_key(endpoint, CANARY)
    endpoint.base_url = address
    endpoint.save()
    with pytest.raises(KeyRefused, match=r"was entered for http://127.0.0.1:[0-9]+ and is sent nowhere else"):
        target_of(endpoint)


@pytest.mark.parametrize("text", ["", "short", "two words here", "schlüssel-schlüssel", "line\nbreak-in-key"])
def test_what_is_no_key_is_refused_without_being_repeated(make_endpoint: MakeEndpoint, text: str) -> None:
    with pytest.raises(InvalidSetting, match="That is no API key: one has at least 8 characters") as caught:
        keep_key(make_endpoint(), text)
    assert not text or text not in str(caught.value)


def test_the_key_is_in_no_log_export_page_api_or_error(
    make_endpoint: MakeEndpoint, make_suite: Callable[..., object], stub: StubEndpoint, admin_client: Client,
    transactional_db: None, capfd: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    stub.script = lambda n, call: Behaviour(status=401, body={"error": {"message": f"Incorrect API key: {CANARY}"}})
    endpoint = make_endpoint()
    keep_key(endpoint, CANARY)
    run = start_run(suite=make_suite(2), endpoint=endpoint)  # type: ignore[arg-type]
    run_slice(endpoint.pk, seconds=5)
    assert stub.calls[0].headers["authorization"] == f"Bearer {CANARY}"
    said = [check_endpoint(endpoint).sentence]
    pages = [
        f"/evals/runs/{run.pk}/",
        "/evals/",
        f"/admin/evals/endpoint/{endpoint.pk}/change/",
        "/admin/evals/endpoint/",
    ]
    pages += ["/api/v1/endpoints", f"/api/v1/runs/{run.pk}", f"/api/v1/runs/{run.pk}/samples"]
    said += [admin_client.get(page).content.decode() for page in pages]
    exported = io.StringIO()
    call_command("dumpdata", "evals", "admin", stdout=exported)
    captured = capfd.readouterr()
    said += [exported.getvalue(), captured.out, captured.err, repr(target_of(endpoint))]
    assert [CANARY in text for text in said] == [False] * len(said)


def test_a_decrypted_key_is_struck_out_of_logs_and_tracebacks(make_endpoint: MakeEndpoint) -> None:
    endpoint = make_endpoint()
    keep_key(endpoint, CANARY)
    target_of(endpoint)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(RedactingFormatter())
    try:
        raise RuntimeError(f"upstream said {CANARY}")
    except RuntimeError:
        handler.emit(logging.LogRecord("x", logging.ERROR, "", 0, "failed with %s", (CANARY,), sys.exc_info()))
    assert CANARY not in stream.getvalue()
    assert stream.getvalue().count("***") == 2


def test_rotation_is_idempotent_and_leaves_one_key(make_endpoint: MakeEndpoint, data_folder: Path) -> None:
    endpoint = make_endpoint()
    keep_key(endpoint, CANARY)
    channel = Channel.objects.create(name="hook", kind="webhook", address="https://example.org/")
    secret = new_signing_secret(channel)
    before = (data_folder / "field_key").read_text()
    for _ in range(2):
        out = io.StringIO()
        call_command("rotate_keys", stdout=out)
        assert out.getvalue() == "2 rotated, 0 already under the newest key.\n"
    assert len((data_folder / "field_key").read_text().split()) == 1
    assert (data_folder / "field_key").read_text() != before
    assert stat.S_IMODE((data_folder / "field_key").stat().st_mode) == 0o600
    endpoint.refresh_from_db()
    channel.refresh_from_db()
    assert (target_of(endpoint).api_key, decrypt(channel.signing_secret)) == (CANARY, secret)
    call_command("rotate_keys", "--no-new-key", stdout=(out := io.StringIO()))
    assert out.getvalue() == "0 rotated, 2 already under the newest key.\n"


def test_a_rotation_cut_off_in_the_middle_is_finished_by_the_next(
    make_endpoint: MakeEndpoint, data_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for slug in ("one", "two", "three"):
        keep_key(make_endpoint(slug=slug), f"{CANARY}-{slug}")
    real, calls = secret_text.rotated, 0

    def dies_at_the_second(token: str) -> str:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise SystemExit
        return real(token)

    monkeypatch.setattr("evals.services.keys.rotated", dies_at_the_second)
    with pytest.raises(SystemExit):
        call_command("rotate_keys")
    assert len((data_folder / "field_key").read_text().split()) == 2
    keys = [target_of(endpoint).api_key for endpoint in Endpoint.objects.order_by("pk")]
    assert keys == [f"{CANARY}-{slug}" for slug in ("one", "two", "three")], "all are usable in between"
    call_command("rotate_keys", stdout=(out := io.StringIO()))
    assert out.getvalue() == "2 rotated, 1 already under the newest key.\n"
    assert len((data_folder / "field_key").read_text().split()) == 1
    assert [target_of(endpoint).api_key for endpoint in Endpoint.objects.order_by("pk")] == keys


@pytest.mark.django_db(transaction=True)
def test_four_rotations_at_once_lose_no_key(make_endpoint: MakeEndpoint, data_folder: Path) -> None:
    endpoint = make_endpoint()
    keep_key(endpoint, CANARY)
    environment = process_environment(redis_url="redis://127.0.0.1:9/0", DATA_DIR=str(data_folder))
    processes = [
        subprocess.Popen([sys.executable, "manage.py", "rotate_keys"], cwd=project.BASE_DIR, env=environment)
        for _ in range(4)
    ]
    assert [process.wait(timeout=120) for process in processes] == [0] * 4
    endpoint.refresh_from_db()
    assert target_of(endpoint).api_key == CANARY
    assert len((data_folder / "field_key").read_text().split()) == 1


def test_keys_from_the_environment_are_rotated_to_the_first(settings: Settings, make_endpoint: MakeEndpoint) -> None:
    old, new = (Fernet.generate_key().decode() for _ in range(2))
    settings.FIELD_KEYS = [old]
    endpoint = make_endpoint()
    keep_key(endpoint, CANARY)
    settings.FIELD_KEYS = [new, old]
    call_command("rotate_keys", stdout=(out := io.StringIO()))
    assert "Now take the older keys out of FIELD_KEYS" in out.getvalue()
    settings.FIELD_KEYS = [new]
    endpoint.refresh_from_db()
    assert is_newest(endpoint.api_key_encrypted)
    assert target_of(endpoint).api_key == CANARY


def test_a_lost_master_key_is_said_and_wipes_nothing(settings: Settings, make_endpoint: MakeEndpoint) -> None:
    endpoint = make_endpoint()
    keep_key(endpoint, CANARY)
    kept = endpoint.api_key_encrypted
    settings.FIELD_KEYS = [Fernet.generate_key().decode()]
    with pytest.raises(KeyRefused, match=r"The key of The stub cannot be read. The key that it was encrypted with"):
        target_of(endpoint)
    with pytest.raises(
        CommandError, match="1 cannot be read with any key that is here and stayed as they were: endpoint"
    ):
        call_command("rotate_keys", stdout=io.StringIO())
    assert rotate_secrets().unreadable == [f"endpoint {endpoint.pk}"]
    endpoint.refresh_from_db()
    assert endpoint.api_key_encrypted == kept


def test_a_master_key_that_is_none_is_not_repeated(settings: Settings) -> None:
    settings.FIELD_KEYS = ["not-a-key"]
    with pytest.raises(BadFieldKeys, match=r"manage.py rotate_keys --print-new-key") as caught:
        encrypt("x")
    assert "not-a-key" not in str(caught.value)


def test_a_token_that_is_none_is_unreadable() -> None:
    with pytest.raises(UnreadableSecret, match="or enter the secret again"):
        decrypt("gibberish")
