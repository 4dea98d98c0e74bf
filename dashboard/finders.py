"""Serves plotly.js without keeping a copy in the repository."""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage

PLOTLY_STATIC = "plotly/plotly.min.js"
NPM_FILE = Path(settings.BASE_DIR) / "node_modules" / "plotly.js-basic-dist-min" / "plotly-basic.min.js"


def plotly_file() -> Path:
    """The small bundle that ``npm ci`` fetched, else the large one inside the Python wheel: same version, same API."""
    return NPM_FILE if NPM_FILE.is_file() else Path(str(files("plotly"))) / "package_data" / "plotly.min.js"


class _OneFile(FileSystemStorage):
    """A storage that holds plotly.js under its static name and nothing else of the folder it lies in."""

    def path(self, name: str) -> str:
        if Path(name) != Path(PLOTLY_STATIC):
            raise FileNotFoundError(name)
        return str(plotly_file())


class PlotlyFinder(BaseFinder):
    """Offers exactly one static file. The wheel's folder as a whole also holds widgets and data sets."""

    storage = _OneFile()

    def find(self, path: str, find_all: bool = False, **_kwargs: Any) -> Any:
        if path != PLOTLY_STATIC:
            return []
        found = str(plotly_file())
        return [found] if find_all else found

    def list(self, _ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, FileSystemStorage]]:
        yield PLOTLY_STATIC, self.storage
