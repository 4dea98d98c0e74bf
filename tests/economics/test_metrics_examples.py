"""docs/metrics.md is read by users, so each of its worked examples is recomputed here."""

import doctest
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

METRICS = Path(__file__).parents[2] / "docs" / "metrics.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{2,4} (.+)$", re.MULTILINE)


def examples() -> Iterator[doctest.DocTest]:
    """Each fenced Python block with a prompt, named by the heading above it."""
    text = METRICS.read_text(encoding="utf-8")
    parser = doctest.DocTestParser()
    for block in BLOCK.finditer(text):
        if ">>>" in block[1]:
            heading = HEADING.findall(text, 0, block.start())[-1]
            line = text.count("\n", 0, block.start()) + 1
            yield parser.get_doctest(block[1], {}, heading, str(METRICS), line)


@pytest.mark.parametrize("example", list(examples()), ids=lambda example: f"{example.name} (line {example.lineno})")
def test_worked_example(example: doctest.DocTest) -> None:
    report: list[str] = []
    outcome = doctest.DocTestRunner(verbose=False).run(example, out=report.append, clear_globs=False)
    assert outcome.attempted > 0
    assert outcome.failed == 0, "".join(report)


def sections() -> list[tuple[str, str]]:
    """Every metric: a heading of the third level and what stands below it."""
    parts = re.split(r"^(?:### (.+)|## .+)$", METRICS.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [(name, text) for name, text in zip(parts[1::2], parts[2::2], strict=True) if name]


@pytest.mark.parametrize(("name", "text"), sections(), ids=lambda value: value if len(value) < 60 else "")
def test_every_metric_says_formula_why_example_and_limits(name: str, text: str) -> None:
    for part in ("`", "Why so:", ">>>", "Not for:"):
        assert part in text, f"{name} lacks {part}"
