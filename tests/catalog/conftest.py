from collections.abc import Callable, Iterator
from pathlib import Path
from shutil import copytree

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker

from catalog.services import seed
from catalog.services.seed_files import SEED_DIR


@pytest.fixture
def seeded(db: None) -> None:
    """The starting facts, loaded for one test."""
    seed()


@pytest.fixture(scope="module")
def starting_facts(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """The starting facts, loaded once for the tests of a module; what a test changes is rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        seed()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def seed_folder(tmp_path: Path) -> Path:
    """A copy of the seed files to change."""
    return copytree(SEED_DIR, tmp_path / "seed")


@pytest.fixture
def edit(seed_folder: Path) -> Callable[[str, str, str], None]:
    """Replace a text that occurs once in a seed file of the copy."""

    def replace(file: str, old: str, new: str) -> None:
        text = (seed_folder / file).read_text()
        assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {file}"
        (seed_folder / file).write_text(text.replace(old, new))

    return replace
