"""A suite of one's own, written in the admin: what is accepted, what is said, and when it may no longer change."""

# ruff: noqa: E501 - sentences to compare with stand on one line

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.urls import reverse

from evals.models import Endpoint, Run, Suite
from evals.services import install_suite
from evals.suites import BUILDERS

ADD = "admin:evals_suite_add"


@pytest.fixture
def staff(client: Client, db: None) -> Client:
    client.force_login(User.objects.create_superuser("editor"))
    return client


def form(*samples: dict[str, Any], slug: str = "mine-v1", initial: int = 0) -> dict[str, Any]:
    data: dict[str, Any] = {
        "name": "Mine",
        "slug": slug,
        "description": "",
        "max_output_tokens": 100,
        "samples-TOTAL_FORMS": len(samples),
        "samples-INITIAL_FORMS": initial,
    }
    for n, sample in enumerate(samples):
        row = {"position": n, "key": f"k{n}", "category": "own", "prompt": "1 + 1?", "target": "2", "scorer": "numeric"}
        data |= {f"samples-{n}-{name}": value for name, value in (row | {"scorer_options": "{}"} | sample).items()}
    return data


def errors(response: Any) -> list[str]:
    context = response.context
    formset = context["inline_admin_formsets"][0].formset
    said = [sentence for each in context["adminform"].form.errors.values() for sentence in each]
    said += [f"{name}: {sentence}" for row in formset.errors for name, texts in row.items() for sentence in texts]
    return said + list(formset.non_form_errors())


def test_suite_written_in_the_admin_keeps_its_targets_and_gets_its_hash(staff: Client) -> None:
    rows: tuple[dict[str, Any], ...] = (
        {},
        {"prompt": "Capital of France?", "target": "Paris", "scorer": "exact"},
        {"prompt": "Three words", "target": '{"words": 3}', "scorer": "constraints"},
        {"prompt": "x?", "target": "12.5", "scorer_options": '{"tolerance": "0.1"}'},
    )
    response = staff.post(reverse(ADD), form(*rows))

    assert response.status_code == 302
    suite = Suite.objects.get()
    assert [sample.target for sample in suite.samples.all()] == ["2", "Paris", {"words": 3}, "12.5"]
    assert len(suite.content_hash) == 64

    page = staff.get(reverse("admin:evals_suite_change", args=[suite.pk])).content.decode()
    assert ">\nParis</textarea>" in page
    assert "{&quot;words&quot;: 3}</textarea>" in page


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        ({"prompt": ""}, "prompt: The prompt is empty. Write the question that the model gets."),
        ({"key": ""}, "key: The key is empty. Give the sample a short name of its own, such as capital-1."),
        ({"scorer": "numerik"}, "scorer: There is no scorer 'numerik'. Did you mean numeric?"),
        (
            {"target": "two"},
            ("target: The target 'two' is not a number. The scorer numeric compares with a number or a text that is one, such "
            'as "12.5".'),
        ),
        ({"target": ""}, "target: The target is empty. The scorer numeric compares with a number or a text that is one, such"),
        ({"scorer_options": '{"tol": 1}'}, "scorer_options: The scorer 'numeric' has no option 'tol'. Its options: tolerance,"),
        ({"scorer": "json", "target": "{a}"}, "target: This is not valid JSON (Expecting property name enclosed in double"),
        ({"scorer": "set", "target": '{"a": 1}'}, "target: The target {'a': 1} is not a list of texts. The scorer set compares"),
        ({"scorer": "choice", "target": "paris"}, "target: The target 'paris' is not one of ABCD. The scorer choice compares"),
    ],
)  # fmt: skip
def test_sample_entered_wrongly_gets_a_sentence_at_its_field(staff: Client, row: dict[str, Any], sentence: str) -> None:
    (said,) = errors(staff.post(reverse(ADD), form(row)))

    assert said.startswith(sentence)
    assert Suite.objects.count() == 0


@pytest.mark.parametrize(
    ("slug", "sentence"),
    [
        ("mine", "The slug 'mine' carries no version. A suite never changes once run, so name it mine-v1."),
        ("logic-v1", "The slug 'logic-v1' belongs to a suite that comes with the project. Choose another."),
        ("there-v1", "There is a suite 'there-v1' already. Give this one the next version number."),
    ],
)
def test_suite_with_a_wrong_name_is_told_a_right_one(staff: Client, slug: str, sentence: str) -> None:
    Suite.objects.create(slug="there-v1", name="There", content_hash="x")

    assert errors(staff.post(reverse(ADD), form({}, slug=slug))) == [sentence]


def test_suite_without_a_sample_is_refused(staff: Client) -> None:
    assert errors(staff.post(reverse(ADD), form())) == [
        "The suite has no sample. Fill in at least one row with a key, a prompt and a target."
    ]


def test_suite_can_change_until_it_has_been_run(staff: Client) -> None:
    staff.post(reverse(ADD), form({}))
    suite = Suite.objects.get()
    page, before = reverse("admin:evals_suite_change", args=[suite.pk]), suite.content_hash
    ids = {"id": suite.samples.get().pk, "suite": suite.pk}
    assert staff.post(page, form({"target": "3"} | ids, initial=1)).status_code == 302
    suite.refresh_from_db()
    assert suite.content_hash != before

    endpoint = Endpoint.objects.create(slug="e", name="e", base_url="http://127.0.0.1:1/v1", model_id="m")
    Run.objects.create(suite=suite, endpoint=endpoint, max_output_tokens=1, budget_usd=1, prices={"kind": "unknown"})
    assert staff.post(page, form({"target": "4"} | ids, initial=1)).status_code == 403
    assert staff.post(reverse("admin:evals_suite_delete", args=[suite.pk]), {"post": "yes"}).status_code == 403
    assert suite.samples.get().target == "3"


def test_suite_that_comes_with_the_project_cannot_be_changed(staff: Client) -> None:
    suite = install_suite(BUILDERS["everyday-v1"]())
    response = staff.post(reverse("admin:evals_suite_change", args=[suite.pk]), form({}))
    assert response.status_code == 403
