import sys
from subprocess import run


def test_web_side_of_the_catalog_imports_no_pandas() -> None:
    code = (
        "import django, sys; django.setup(); "
        "import catalog.admin, catalog.identity, catalog.services, catalog.selectors.capabilities; "
        "import catalog.selectors.facts, catalog.selectors.models, catalog.selectors.prices; "
        "import catalog.selectors.training; "
        "print([name for name in ('pandas', 'plotly', 'scipy.stats', 'statsmodels') if name in sys.modules])"
    )
    done = run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
