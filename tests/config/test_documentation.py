"""What the documentation promises about settings, commands and packages is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands
from django.urls import resolve
from packaging.requirements import Requirement

ROOT = Path(settings.BASE_DIR)
APPS = ("config", "economics", "catalog", "ingest", "evals", "dashboard")
READER = re.compile(r"""\benv\.(?:text|flag|integer|decimal|words|secret)\(\s*["']([A-Z_]+)["']""")


def variables() -> set[str]:
    """Every variable that the code reads through ``config.env``."""
    files = [file for app in APPS for file in (ROOT / app).rglob("*.py")]
    return {name for file in files for name in READER.findall(file.read_text(encoding="utf-8"))}


def locked(name: str) -> dict[str, str]:
    text = (ROOT / name).read_text(encoding="utf-8")
    return dict(re.findall(r"^([a-z0-9._-]+)(?:\[[^\]]*\])?==(\S+)", text, re.MULTILINE))


def test_example_environment_names_every_variable() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"^([A-Z_]+)=", example, re.MULTILINE)) == variables()


def test_configuration_page_names_every_variable() -> None:
    page = (ROOT / "docs" / "configuration.md").read_text(encoding="utf-8")
    assert set(re.findall(r"^\| `([A-Z_]+)` \|", page, re.MULTILINE)) == variables()


def test_no_environment_is_read_beside_the_readers() -> None:
    """Keys of endpoints and the terminal's own variables are the exceptions."""
    allowed = {"config/env.py", "config/logs.py", "config/supervisor", "config/management/commands/doctor.py"}
    allowed |= {"config/celery.py", "config/wsgi.py", "evals/keys.py"}
    found = {
        str(file.relative_to(ROOT))
        for app in APPS
        for file in (ROOT / app).rglob("*.py")
        if "os.environ" in file.read_text(encoding="utf-8")
    }
    assert {name for name in found if not any(name.startswith(prefix) for prefix in allowed)} == set()


def test_locks_hold_every_direct_dependency_at_or_above_its_floor() -> None:
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    pairs = [
        (project["project"]["dependencies"], "requirements.lock"),
        (project["dependency-groups"]["dev"], "requirements-dev.lock"),
        (project["dependency-groups"]["uv"], "requirements-uv.lock"),
        (project["dependency-groups"]["local-model"], "requirements-local-model.lock"),
    ]
    for dependencies, lock in pairs:
        versions = locked(lock)
        for dependency in map(Requirement, dependencies):
            assert versions[dependency.name] in dependency.specifier, (lock, dependency)


def test_development_lock_holds_the_other_one() -> None:
    development = locked("requirements-dev.lock")
    assert {name: development.get(name) for name in locked("requirements.lock")} == locked("requirements.lock")


def test_locks_name_no_index_and_carry_hashes() -> None:
    for path in ROOT.glob("requirements*.lock"):
        text = path.read_text(encoding="utf-8")
        assert "index-url" not in text
        assert "://" not in text
        assert all("--hash=sha256:" in block for block in re.split(r"\n(?=[a-z0-9])", text.strip())), path.name


def test_web_process_loads_no_heavy_library() -> None:
    code = (
        "import sys; from config.wsgi import application; from django.urls import get_resolver;"
        "get_resolver().url_patterns;"
        "print([name for name in ('pandas', 'plotly', 'statsmodels', 'scipy.stats') if name in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert result.stdout == "[]\n"


PAGES = [ROOT / name for name in ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md")]
PAGES += sorted((ROOT / "docs").rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_documents_lead_somewhere(page: Path) -> None:
    """Files exist, and the heading that an address names stands in the file."""
    broken = []
    for link in re.findall(r"\]\((?!https?:|mailto:)([^)\s]+)\)", page.read_text(encoding="utf-8")):
        name, _, heading = link.partition("#")
        target = (page.parent / name) if name else page
        if not target.exists() or (heading and heading not in headings(target)):
            broken.append(link)
    assert broken == []


def headings(page: Path) -> set[str]:
    """The fragments of a page's headings, as its readers make them."""
    found = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading).strip().lower().replace(" ", "-") for heading in found}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_is_named_exists(page: Path) -> None:
    named = set(re.findall(r"manage\.py ([a-z_]+)", page.read_text(encoding="utf-8")))
    assert named - set(get_commands()) == set()


def test_index_of_the_documentation_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    pages = {file.name for file in (ROOT / "docs").glob("*.md")} - {"README.md"}
    assert {name for name in pages if f"({name})" not in index} == set()


def test_addresses_in_the_readme_are_pages() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    addresses = re.findall(r"`(/[a-z0-9/]*)`", text)
    assert len(addresses) > 5
    for address in addresses:
        resolve(address)


CHECKLIST = ROOT / "docs" / "ux-checklist.md"


def rows_of_the_checklist() -> dict[int, str]:
    text = CHECKLIST.read_text(encoding="utf-8")
    return {int(number): row for number, row in re.findall(r"^\| (\d+) \| (.*) \|$", text, re.MULTILINE)}


def test_checklist_has_a_row_for_each_of_its_97_points() -> None:
    assert sorted(rows_of_the_checklist()) == list(range(1, 98))


def test_checklist_names_tests_that_exist() -> None:
    files = {file.name: file.read_text(encoding="utf-8") for file in (ROOT / "tests").rglob("test_*.py")}
    defined = {name for text in files.values() for name in re.findall(r"^def (test_\w+)", text, re.MULTILINE)}
    text = CHECKLIST.read_text(encoding="utf-8")

    assert set(re.findall(r"\btest_\w+\.py\b", text)) - set(files) == set()
    assert set(re.findall(r"\btest_\w+\b(?!\.py)", text)) - defined == set()
    for file, name in re.findall(r"\b(test_\w+\.py)::(test_\w+)", text):
        assert f"def {name}(" in files[file], (file, name)


def test_checklist_says_of_at_most_five_points_that_they_are_not_met() -> None:
    open_rows = {number for number, row in rows_of_the_checklist().items() if "**not yet**" in row.lower()}
    listed = CHECKLIST.read_text(encoding="utf-8").partition("## Not met")[2].partition("\n## ")[0]

    assert len(open_rows) <= 5
    assert {int(number) for number in re.findall(r"^\| (\d+) \|", listed, re.MULTILINE)} == open_rows
