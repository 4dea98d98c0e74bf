"""The suites that come with the project: the same every time, solvable, and unchangeable once run."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from evals.errors import SuiteChanged
from evals.models import Endpoint, Run, Sample, Suite
from evals.scorers import get_scorer
from evals.services import install_suite, install_suites
from evals.suites import BUILDERS, BuiltSuite, content_hash

HASHES = {
    "everyday-v1": "396b29b44455ed51d7d06004f03a3cb27d21f280a66512464d55b7f3a97fc66f",
    "arithmetic-v1": "0daabadc74291503eb913d189eeb7269e3b47f2685eff3a941ea593ac576eba6",
    "stories-v1": "9bb29560bcce40149b68276bc6af31bdd8de57400ecb68e5b98081c9f85a5419",
    "logic-v1": "a11b6db456acce0697b82700002fca057a86f4c562673c0a6eec2a222e264322",
    "instructions-v1": "673849fea2970cdef6ecc6cb60e2fe318de9491cac93fdfb4193fe8c75391a0d",
    "records-v1": "9944c56f2962283ea539e7391c6e50cfecc7339ec58b4ee4a0c2d70118798d4f",
    "needle-v1": "1ebf296d0dde1c6bb5390ef1c1c83b73d60856f1a64f279e97e412d5c14223de",
    "code-reading-v1": "f93a191f0dd413d367494903d2bce3e7a829c30f07666761ce084526e35fa320",
    "languages-v1": "4068e998b42f493a3b27128d888ab390ceb052e10b0c35f9463ac18c1a30983d",
}


@pytest.fixture(params=sorted(BUILDERS))
def built(request: pytest.FixtureRequest) -> BuiltSuite:
    return BUILDERS[request.param]()


def test_content_is_what_it_was(built: BuiltSuite) -> None:
    """A change here would mix results of two contents under one name: make a new version instead."""
    assert content_hash(built.items) == HASHES[built.slug]


def test_a_suite_names_its_version_and_has_50_to_200_different_items(built: BuiltSuite) -> None:
    assert built.slug.rpartition("-v")[2].isdigit()
    assert 50 <= len(built.items) <= 200
    assert len({item.key for item in built.items}) == len(built.items)
    assert len({item.prompt for item in built.items}) == len(built.items)


def test_every_item_can_be_judged_and_nonsense_fails(built: BuiltSuite) -> None:
    for item in built.items:
        judgement = get_scorer(item.scorer, item.scorer_options)("?!", item.target)
        assert judgement.outcome == "incorrect", (item.key, judgement)


@pytest.mark.django_db
def test_installing_twice_changes_nothing() -> None:
    install_suites()
    before = list(Suite.objects.values()), list(Sample.objects.values())
    install_suites()
    assert (list(Suite.objects.values()), list(Sample.objects.values())) == before
    assert set(Suite.objects.values_list("slug", flat=True)) == set(BUILDERS)


def changed(built: BuiltSuite) -> BuiltSuite:
    return BuiltSuite(
        slug=built.slug,
        name=built.name,
        description=built.description,
        max_output_tokens=built.max_output_tokens,
        items=built.items[1:],
    )


@pytest.mark.django_db
def test_a_suite_that_was_never_run_may_change() -> None:
    built = BUILDERS["everyday-v1"]()
    install_suite(built)
    suite = install_suite(changed(built))
    assert suite.samples.count() == len(built.items) - 1


@pytest.mark.django_db
def test_a_suite_that_has_been_run_may_not_change() -> None:
    built = BUILDERS["everyday-v1"]()
    suite = install_suite(built)
    endpoint = Endpoint.objects.create(slug="e", name="e", base_url="http://127.0.0.1:1/v1", model_id="m")
    Run.objects.create(suite=suite, endpoint=endpoint, max_output_tokens=1, budget_usd=1, prices={"kind": "unknown"})
    with pytest.raises(SuiteChanged, match="'everyday-v1' has been run and its content differs now"):
        install_suite(changed(built))
    assert suite.samples.count() == len(built.items)


def test_right_answers_as_a_model_would_write_them_are_accepted(built: BuiltSuite) -> None:
    """Every item that has a literal answer accepts it in the form that its prompt asks for."""
    for item in built.items:
        if item.scorer == "json":
            answer = json.dumps(item.target)
        elif item.scorer in {"numeric", "exact"}:
            answer = f"Let me think.\nAnswer: {item.target}" if "Answer:" in item.prompt else str(item.target)
        elif "contains_none" in item.target and item.target.keys() <= {"contains", "contains_none", "max_words"}:
            answer = " ".join(item.target["contains"])
        else:
            continue
        judgement = get_scorer(item.scorer, item.scorer_options)(answer, item.target)
        assert judgement.outcome == "correct", (item.key, answer, judgement)


@pytest.mark.django_db
def test_make_suite_writes_what_is_asked_for_and_names_near_ones() -> None:
    out = StringIO()
    call_command("make_suite", "logic-v1", stdout=out)
    assert out.getvalue() == "logic-v1: 69 samples.\n"
    assert list(Suite.objects.values_list("slug", flat=True)) == ["logic-v1"]
    with pytest.raises(CommandError, match=r"There is no built-in suite 'logik-v1'\. Did you mean logic-v1"):
        call_command("make_suite", "logik-v1")
