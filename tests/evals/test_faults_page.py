"""The page of faults promises a test for each; here is whether it exists."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def test_every_fault_case_names_tests_that_exist() -> None:
    page = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")
    written = {
        name
        for folder in ("evals", "faults")
        for path in (ROOT / "tests" / folder).glob("test_*.py")
        for name in re.findall(r"^def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    }
    rows = [row for row in page.splitlines() if row.startswith("| ") and "Fault |" not in row]
    promised = [re.findall(r"`(test_\w+)`", row) for row in rows]
    assert all(promised), "a row without a test"
    assert {name for names in promised for name in names} - written == set()
    assert {int(number) for number in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == set(range(1, 25))
