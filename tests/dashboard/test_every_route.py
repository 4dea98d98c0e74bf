"""Every address of the site, on data of every size: it answers, says what is there or what to do, and stays bounded."""

from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client

from catalog.models import Price
from tests import factories as make
from tests.dashboard.conftest import sold
from tests.dashboard.pages_support import text_of
from tests.support.answers import wrong_with
from tests.support.routes import NAMED, POSTED, QUERIES, addresses, admin_addresses, readable, routes
from tests.support.world import make_world

SPACES = ("dashboard", "api")
SEED = "python manage.py seed loads the starting facts."
SAID_OF_NOTHING = {
    "/": "load the starting facts with python manage.py seed",
    "/models/": f"No model yet. {SEED}",
    "/compare/": f"No model yet. {SEED}",
    "/prices/": f"No price to draw. {SEED}",
    "/sources/": f"No source yet. {SEED}",
    "/conflicts/": "No two sources disagree here.",
    "/changes/": f"Nothing yet. {SEED}",
    "/trends/": f"Nothing to draw yet. {SEED}",
    "/routing/": f"Nothing to draw yet. {SEED}",
    "/whole-life/": f"No training run yet. {SEED}",
    "/training/": f"No training run yet. {SEED}",
    "/evals/": "python manage.py",
    "/evals/compare/": ".venv/bin/python manage.py evaluate everyday-v1 ENDPOINT ENDPOINT",
    "/evals/new/": "There is no suite yet. .venv/bin/python manage.py make_suite",
    "/evals/endpoints/": "python manage.py",
    "/evals/schedules/": "No schedules yet. Enter the first one",
    "/evals/alerts/": "Nothing is watched yet. Enter a rule",
    "/views/": "None yet. Open the frontier",
    **{f"/embed/{name}/": "Nothing to draw yet." for name in ("frontier", "prices", "trends", "training", "routing")},
    "/embed/whole-life/": "Rented GPUs that are 30% busy serve a million tokens for $2.67.",
}


def no_model() -> None:
    """Nothing at all, as after the first start without the starting facts."""


def one_model() -> None:
    only = sold("Only", "One", ("1", "2"))
    make.make_score(only, make.make_benchmark(), 0.5)
    make.make_index({only: [130.0]})


def one_model_of_which_nothing_is_known() -> None:
    """No date, no weights, no licence, no score, no price; the source has no title and was never read."""
    version = make.make_version("Bare", released=None, open_weights=None)
    source = make.make_source("https://example.org/bare", retrieved_at=None)
    make.make_price(make.make_offering(version), "input", None, source=source)


def every_price_unknown() -> None:
    make_world()
    Price.objects.update(usd_per_mtok=None)


def every_price_free() -> None:
    make_world()
    Price.objects.update(usd_per_mtok=0)


def one_benchmark_and_no_index() -> None:
    for n in range(3):
        make.make_score(sold(f"Model {n}", "Maker", ("1", "2")), make.make_benchmark(), 0.2 + n / 5)


def everything() -> None:
    make_world()


WORLDS: list[Callable[[], None]] = [
    no_model,
    one_model,
    one_model_of_which_nothing_is_known,
    every_price_unknown,
    every_price_free,
    one_benchmark_and_no_index,
    everything,
]


def test_every_route_is_in_the_table() -> None:
    """A route with a part that names something says which there are; nothing is listed that is not a route."""
    names = {name for name, _ in routes()}
    for space in SPACES:
        for name, pattern in readable(space).items():
            assert name in NAMED or not pattern.pattern.converters, f"say in NAMED what {name} can be asked for"
    assert {*NAMED, *POSTED, *QUERIES} - names == set()


# What a price or a level is makes no difference to a database.
OF_PRICES = {every_price_unknown, every_price_free, one_benchmark_and_no_index}


@pytest.mark.parametrize(
    "world",
    [
        pytest.param(world, id=world.__name__, marks=pytest.mark.one_database if world in OF_PRICES else ())
        for world in WORLDS
    ],
)
def test_every_page_and_api_route_answers(client: Client, db: None, world: Callable[[], None]) -> None:
    world()
    reader = User.objects.create_superuser("reader")
    found = [*addresses("dashboard"), *addresses("api")]

    problems = [problem for address in found for problem in wrong_with(client, address)]
    client.force_login(reader)
    problems += [problem for address in found for problem in wrong_with(client, address, signed_in=True)]

    assert problems == []


@pytest.mark.parametrize("world", [no_model, everything], ids=lambda world: world.__name__)
def test_every_page_of_the_admin_answers(client: Client, db: None, world: Callable[[], None]) -> None:
    world()
    client.force_login(User.objects.create_superuser("editor"))

    found = list(admin_addresses())
    answers = {address.path: client.get(address.path).status_code for address in found}

    assert {path: status for path, status in answers.items() if status != 200} == {}
    assert len(found) > 60


@pytest.mark.parametrize(("path", "words"), SAID_OF_NOTHING.items(), ids=SAID_OF_NOTHING)
def test_page_of_an_empty_site_says_what_to_do(client: Client, db: None, path: str, words: str) -> None:
    client.force_login(User.objects.create_superuser("reader"))

    page = client.get(path).content.decode()

    assert words in text_of(page.partition("<main")[2])


def test_every_page_that_can_be_empty_says_something(db: None) -> None:
    pages = {address.path for address in addresses("dashboard") if address.path.endswith("/") and address.is_there}
    assert pages - set(SAID_OF_NOTHING) == {"/method/", "/report/"}
