"""Dockerfile and docker-compose.yml: valid by their schemas, and as tight as the documentation promises."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
OURS = ("web", "worker", "beat", "migrate")
BIN = Path(sys.executable).parent


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    """The file with its anchors resolved, as compose reads it."""
    return dict(yaml.safe_load((ROOT / "docker-compose.yml").read_text(encoding="utf-8")))


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)


def test_compose_file_has_the_schema_of_compose() -> None:
    result = run(
        sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"
    )
    assert result.returncode == 0, result.stdout + result.stderr


def test_compose_file_resolves(tmp_path: Path) -> None:
    podman = tmp_path / "podman"  # resolving asks it for its version and for nothing else
    podman.write_text("#!/bin/sh\necho podman version 5.0.0\n", encoding="utf-8")
    podman.chmod(0o755)
    tool = [sys.executable, "-m", "podman_compose", "--podman-path", str(podman)]
    result = run(*tool, "-f", "docker-compose.yml", "config")
    assert result.returncode == 0, result.stderr
    resolved = yaml.safe_load(result.stdout)
    assert set(resolved["services"]) == {*OURS, "postgres", "redis"}


def test_dockerfile_passes_its_linter() -> None:
    result = run(BIN / "hadolint", "--no-color", "Dockerfile")
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.mark.parametrize("name", OURS)
def test_our_containers_may_do_little(compose: dict[str, Any], name: str) -> None:
    service = compose["services"][name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    secrets = {key for key in service["environment"] if key.endswith("_FILE")}
    assert secrets == {"SECRET_KEY_FILE", "DATABASE_URL_FILE", "REDIS_URL_FILE", "FIELD_KEYS_FILE"}


def test_provider_keys_reach_those_who_call_and_nobody_else(compose: dict[str, Any]) -> None:
    files = {name: service.get("env_file") for name, service in compose["services"].items()}
    keys = [{"path": "./provider-keys.env", "required": False}]
    assert files == {name: keys if name in {"web", "worker"} else None for name in compose["services"]}
    assert "provider-keys.env" in (ROOT / ".gitignore").read_text().split()


def test_only_the_web_is_reachable_and_only_from_this_machine(compose: dict[str, Any]) -> None:
    published = {name: service["ports"] for name, service in compose["services"].items() if "ports" in service}
    assert published == {"web": ["127.0.0.1:${PORT:-8000}:8000"]}
    assert compose["networks"]["inside"] == {"internal": True}
    assert {name: compose["services"][name]["networks"] for name in ("postgres", "redis")} == {
        "postgres": ["inside"],
        "redis": ["inside"],
    }


def test_work_starts_after_the_migration_and_ends_in_time(compose: dict[str, Any]) -> None:
    for name in ("web", "worker", "beat"):
        assert compose["services"][name]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}
    assert compose["services"]["worker"]["stop_grace_period"] == "180s"
    assert compose["services"]["migrate"]["restart"] == "no"


def test_image_is_locked_and_not_root() -> None:
    lines = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()
    assert "USER 10001:10001" in lines
    assert any("--require-hashes -r requirements.lock" in line for line in lines)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1] == "*"  # nothing but what is named: no .git, no data, no secrets
    named = {line.removeprefix("!") for line in ignored if line.startswith("!")}
    assert named.isdisjoint({".git", "data", "secrets", ".env", "tests"})
