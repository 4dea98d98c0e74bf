"""Every form of the pages ends in a message that names its object."""

import html
import re
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client

import dashboard
from catalog.models import ModelVersion
from catalog.selectors.conflicts import conflicts
from dashboard.models import SavedView
from evals.models import Alert, AlertRule, Channel, Endpoint, Run, Schedule
from tests import factories as make
from tests.dashboard.test_run_actions import PRICES
from tests.dashboard.test_runs import make_run

pytestmark = pytest.mark.django_db
Sent = tuple[str, dict[str, object]]


def of_run(action: str, state: str = Run.State.FINISHED) -> Callable[[], Sent]:
    outcomes = ("correct", "") if state == Run.State.FINISHED else ("correct", "pending")
    return lambda: (f"/evals/runs/{make_run(outcomes=outcomes, state=state, prices=PRICES).pk}/{action}/", {})


def rescore() -> Sent:
    return f"/evals/runs/{make_run(outcomes=('correct',)).pk}/rescore/", {}


def new_run(*slugs: str) -> Callable[[], Sent]:
    def made() -> Sent:
        make_run(outcomes=("correct", "incorrect"))
        for slug in slugs:
            Endpoint.objects.create(
                slug=slug,
                name=slug.title(),
                base_url="http://127.0.0.1:1/v1",
                model_id="m",
                machine_usd_per_hour=Decimal("0.1"),
            )
        return "/evals/new/", {"suite": "tiny-v1", "endpoint": list(slugs), "key": "abc"}

    return made


def of_schedule(action: str) -> Callable[[], Sent]:
    def made() -> Sent:
        run = make_run(outcomes=("correct",))
        run.endpoint.machine_usd_per_hour = Decimal("0.1")
        run.endpoint.save()
        schedule = Schedule.objects.create(slug="daily", name="Daily", suite=run.suite, cron="0 7 * * *")
        schedule.endpoints.add(run.endpoint)
        return f"/evals/schedules/daily/{action}/", {}

    return made


def of_alert(action: str) -> Callable[[], Sent]:
    def made() -> Sent:
        run = make_run(outcomes=("correct",))
        rule = AlertRule.objects.create(name="Quality", kind=AlertRule.Kind.SCORE)
        alert = Alert.objects.create(
            rule=rule, run=run, subject="1:1", title="Tiny fell", detail="-", url="/", opened_at=make.at("2026-11-01")
        )
        channel = Channel.objects.create(name="Hook", kind="webhook", address="https://example.org/")
        pk = {"mute": rule.pk, "unmute": rule.pk, "test": channel.pk}.get(action, alert.pk)
        return f"/evals/alerts/{pk}/{action}/", {}

    return made


def save_view() -> Sent:
    make.make_version("DeepSeek-V3")
    return "/views/save/", {"address": "/models/deepseek-v3/", "name": "Mine"}


def remove_view() -> Sent:
    view = SavedView.objects.create(user=User.objects.get(), address="/", name="Mine", answer={})
    return f"/views/{view.pk}/remove/", {}


def note() -> Sent:
    version: ModelVersion = make.make_version("DeepSeek-V3")
    for n, value in enumerate(("100", "200")):
        make.make_claim(
            version, "active_params", value, source=make.make_source(f"https://s{n}.example", publisher=f"Source {n}")
        )
    (found,) = conflicts(kind="claim", as_of=make.at("2026-11-01"))
    return "/conflicts/note/", {"key": found.key, "text": "The second is a typing error."}


def report() -> Sent:
    return "/report/", {"page": "/", "about": "input price of DeepSeek-V3", "right_value": "$0.14", "website": ""}


FORMS: dict[str, tuple[Callable[[], Sent], str]] = {
    "run_action cancel": (of_run("cancel", Run.State.RUNNING), "Tiny on Here is cancelled."),
    "run_action resume": (of_run("resume", Run.State.PAUSED), "Tiny on Here goes on."),
    "run_action retry": (of_run("retry"), "Tiny on Here: 1 failed sample is asked again."),
    "run_rescore": (rescore, "Tiny on Here: 1 reply judged again"),
    "run_new one": (new_run("one"), "Tiny on One is started."),
    "run_new several": (new_run("one", "two"), "Tiny is started on One, Two."),
    "schedule_act run": (of_schedule("run"), "Daily on Here: started."),
    "schedule_act pause": (of_schedule("pause"), "Daily is paused."),
    "schedule_act go-on": (of_schedule("go-on"), "Daily goes on at "),
    "alert_act seen": (of_alert("seen"), "Tiny fell: noted."),
    "alert_act accept": (of_alert("accept"), "Tiny fell: accepted as the new normal."),
    "alert_act mute": (of_alert("mute"), "Quality is silent for a day."),
    "alert_act unmute": (of_alert("unmute"), "Quality is told again."),
    "alert_act test": (of_alert("test"), "A test message to Hook is on its way."),
    "view_save": (save_view, "Mine is saved."),
    "view_remove": (remove_view, "Mine is no longer followed."),
    "conflict_note": (note, "Note on DeepSeek-V3, active parameters per token, added."),
    "report": (report, "An editor will look at input price of DeepSeek-V3."),
}
# Forms that post to the address of their own page.
OF_THEIR_PAGE = {"rescore.html": "run_rescore", "run_new.html": "run_new", "run_action.html": "run_action"}


@pytest.mark.parametrize("form", FORMS)
def test_form_ends_in_a_message_that_names_its_object(client: Client, form: str) -> None:
    client.force_login(User.objects.create_superuser("admin"))
    make_sent, sentence = FORMS[form]
    address, data = make_sent()

    response = client.post(address, data, follow=True)

    assert response.status_code == 200
    said = re.findall(r'<(?:p class="notice[^"]*" role="status"|h1)>([^<]*)<', response.content.decode())
    assert any(sentence in html.unescape(each) for each in said), said


def test_every_form_of_the_templates_is_asked_for() -> None:
    found = set()
    for path in Path(dashboard.__file__).parent.glob("templates/dashboard/*.html"):
        for tag in re.findall(r'<form[^>]*method="post".*?(?=csrf_token)', path.read_text()):
            names = re.findall(r"dashboard:(\w+)'[^%]*?(?:'([\w-]+)' )?%}", tag)
            found |= {" ".join(filter(None, each)) for each in names} or {OF_THEIR_PAGE[path.name]}

    assert {form for form in found if not any(each.startswith(form) for each in FORMS)} == set()
    assert len(found) >= 15
