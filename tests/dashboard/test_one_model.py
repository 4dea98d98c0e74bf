"""Every page answers for a catalog of one model, priced or not."""

import pytest
from django.test import Client

from tests import factories as make
from tests.dashboard.conftest import sold
from tests.dashboard.test_scale import PAGES


@pytest.mark.parametrize("path", [*PAGES, "/models/only/", "/embed/frontier/", "/frontier.svg"])
@pytest.mark.parametrize("price", ["1", None])
def test_page_answers_for_one_model(client: Client, db: None, path: str, price: str | None) -> None:
    only = sold("Only", "One", (price, price))
    make.make_score(only, make.make_benchmark(), 0.5)
    make.make_index({only: [130.0]})

    for address in (path, f"{path}?capability=benchmark:gpqa-diamond"):
        assert client.get(address).status_code == 200
