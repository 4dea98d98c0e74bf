"""The browser's plotly.js and the Python package that validates the figures must be the same version."""

import json
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from plotly.offline import get_plotlyjs_version

from dashboard import finders as own


def test_package_json_pins_the_version_inside_the_wheel() -> None:
    package = json.loads((Path(settings.BASE_DIR) / "package.json").read_text())
    lock = json.loads((Path(settings.BASE_DIR) / "package-lock.json").read_text())

    assert package["dependencies"] == {"plotly.js-basic-dist-min": get_plotlyjs_version()}
    locked = lock["packages"]["node_modules/plotly.js-basic-dist-min"]
    assert locked["version"] == get_plotlyjs_version()
    assert locked["integrity"].startswith("sha512-")
    assert "resolved" not in locked


@pytest.mark.parametrize("has_npm", [True, False])
def test_finder_offers_one_file_of_that_version(has_npm: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fetched = tmp_path / "plotly-basic.min.js"
    if has_npm:
        fetched.write_text(f"/** plotly.js (basic - minified) v{get_plotlyjs_version()} */")
    monkeypatch.setattr(own, "NPM_FILE", fetched)

    found = finders.find(own.PLOTLY_STATIC)

    assert Path(str(found)) == own.plotly_file()
    assert (Path(str(found)) == fetched) is has_npm
    assert f"v{get_plotlyjs_version()}" in Path(str(found)).read_text(encoding="utf-8")[:400]


def test_finder_offers_nothing_else_of_the_wheel() -> None:
    assert [path for path, _ in own.PlotlyFinder().list([])] == [own.PLOTLY_STATIC]
    assert finders.find("plotly/widgetbundle.js") is None
    with pytest.raises(FileNotFoundError):
        own.PlotlyFinder.storage.path("widgetbundle.js")
