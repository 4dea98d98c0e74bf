"""``bootstrap.py``: what it says when it cannot do its work. That it can is proved by every run of the tests."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The files that it reads, in a folder with a difficult name."""
    folder = tmp_path / "a folder with ü"
    folder.mkdir()
    for path in [ROOT / "bootstrap.py", ROOT / "package-lock.json", *ROOT.glob("requirements*.lock")]:
        shutil.copy(path, folder)
    return folder


def test_unreachable_index_is_one_sentence_with_the_log(project: Path) -> None:
    offline = {"PIP_NO_INDEX": "1", "PIP_CONFIG_FILE": os.devnull, "UV_OFFLINE": "1", "HOME": str(project)}
    result = subprocess.run(
        [sys.executable, project / "bootstrap.py", "run"],
        env={"PATH": os.environ["PATH"]} | offline,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert result.returncode == 1
    log = project / ".venv" / "install.log"
    assert result.stderr == (
        f"The packages could not be installed. Is the package index reachable? The log is {log}.\n"
    )
    assert "No matching distribution found" in log.read_text(encoding="utf-8")


def test_old_python_gets_one_sentence(project: Path) -> None:
    code = "import sys; sys.version_info = (3, 9, 2, 'final', 0); import bootstrap; sys.exit(bootstrap.main(['run']))"
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=project, env={"PATH": ""}, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert result.stderr == "Capability per Dollar needs Python 3.11 or later, and this is 3.9.\n"
    assert not (project / ".venv").exists()


def test_unknown_set_is_named(project: Path) -> None:
    result = subprocess.run(
        [sys.executable, project / "bootstrap.py", "everything"], capture_output=True, text=True, check=False
    )
    assert (result.returncode, result.stderr) == (
        1,
        "bootstrap.py knows uv, run, dev, local-model, browser, not everything.\n",
    )
