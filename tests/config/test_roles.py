"""Roles: five groups with exact permissions; every page of the admin x role; what is not allowed is not shown."""

import pytest
from django.apps import apps
from django.contrib.admin import site
from django.contrib.auth.models import Group, Permission, User
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from config.roles import keep_roles, wanted
from tests.catalog.test_admin import make_everything

pytestmark = pytest.mark.django_db
ROLES = ["viewer", "editor", "reviewer", "operator", "admin"]


def user_in(role: str) -> User:
    user = User.objects.create_user(role, is_staff=True)
    user.groups.add(Group.objects.get(name=role))
    return user


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def client_in_role(role: str) -> Client:
    client = Client()
    client.force_login(user_in(role))
    return client


def permissions_of(role: str) -> set[str]:
    rows = Group.objects.get(name=role).permissions.values_list("content_type__app_label", "codename")
    return {f"{app}.{codename}" for app, codename in rows}


def test_groups_have_exactly_their_permissions() -> None:
    known = {f"{p.content_type.app_label}.{p.codename}" for p in Permission.objects.select_related("content_type")}
    assert {role: permissions_of(role) for role in ROLES} == wanted(known)
    assert permissions_of("admin") == known


def test_a_group_changed_by_hand_is_set_back() -> None:
    group = Group.objects.get(name="viewer")
    before = permissions_of("viewer")
    group.permissions.add(Permission.objects.get(codename="change_price"))

    keep_roles(next(reversed([each for each in apps.get_app_configs() if each.models_module])))

    assert permissions_of("viewer") == before


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        ("viewer", "catalog.view_price", "catalog.change_price"),
        ("editor", "catalog.change_price", "catalog.delete_price"),
        ("editor", "catalog.add_importbatch", "ingest.change_heldchange"),
        ("reviewer", "ingest.change_heldchange", "evals.change_run"),
        ("reviewer", "catalog.review_importbatch", "auth.change_user"),
        ("operator", "evals.change_run", "catalog.change_price"),
        ("operator", "ingest.change_feed", "catalog.add_importbatch"),
    ],
)
def test_roles_differ(role: str, may: str, may_not: str) -> None:
    assert may in permissions_of(role)
    assert may_not not in permissions_of(role)
    assert not any(name.startswith("auth.") for name in permissions_of(role))


def pages() -> list[tuple[str, str, str]]:
    """Every list and add page of the admin: address, the permission that opens it, and what it is."""
    found = []
    for model in site._registry:
        opts = model._meta
        name = f"{opts.app_label}_{opts.model_name}"
        found.append((reverse(f"admin:{name}_changelist"), f"{opts.app_label}.view_{opts.model_name}", "list"))
        found.append((reverse(f"admin:{name}_add"), f"{opts.app_label}.add_{opts.model_name}", "add"))
    return found


def test_every_page_opens_for_those_who_may_and_for_nobody_else(client_in_role: Client, role: str) -> None:
    """Pages that nobody may add to, since rows come from elsewhere, are refused to all."""
    allowed = permissions_of(role)
    superuser = Client()
    superuser.force_login(User.objects.create_superuser("root"))
    for url, needed, kind in pages():
        answer = client_in_role.get(url).status_code
        closed_to_all = kind == "add" and superuser.get(url).status_code == 403
        view_or_change = {needed, needed.replace(".view_", ".change_")} & allowed
        assert answer == (200 if view_or_change and not closed_to_all else 403), (role, url)


def test_rows_open_for_reading_and_offer_only_what_is_allowed(client_in_role: Client, role: str) -> None:
    make_everything(0)
    allowed = permissions_of(role)
    for model, entry in site._registry.items():
        row = model._default_manager.first()
        name = f"{model._meta.app_label}_{model._meta.model_name}"
        if model._meta.app_label != "catalog" or row is None:
            continue
        may_view = {f"catalog.{verb}_{model._meta.model_name}" for verb in ("view", "change")} & allowed
        url = reverse(f"admin:{name}_change", args=[row.pk])
        page = client_in_role.get(url)
        assert page.status_code == (200 if may_view else 403), (role, url)
        if not may_view:
            continue
        request = page.wsgi_request
        assert ('name="_save"' in page.content.decode()) is entry.has_change_permission(request, row), (role, url)
        listing = client_in_role.get(reverse(f"admin:{name}_changelist")).content.decode()
        assert ('value="delete_selected"' in listing) is entry.has_delete_permission(request), (role, name)
        deletion = client_in_role.get(reverse(f"admin:{name}_delete", args=[row.pk])).status_code
        assert deletion == (200 if entry.has_delete_permission(request) else 403), (role, name)


def test_writes_are_refused_to_viewers(client: Client) -> None:
    make_everything(0)
    client.force_login(user_in("viewer"))
    for name in ("check", "save_filter"):
        answer = client.post(reverse(f"admin:catalog_price_{name}"), {"name": "mine", "query": ""})
        assert answer.status_code == (403 if name == "check" else 302)  # a filter of one's own is no fact
    for url in (
        reverse("admin:catalog_importbatch_do", args=[1]),
        reverse("admin:catalog_auditevent_revert", args=[1]),
    ):
        assert client.post(url, {"do": "take", "reason": "x"}).status_code in (403, 404)


def test_first_page_shows_only_what_the_role_may_see(client_in_role: Client, role: str) -> None:
    page = client_in_role.get(reverse("admin:index")).content.decode()

    assert ("Add a price" in page) is (role in ("editor", "reviewer", "admin"))
    assert ("Add an endpoint" in page) is (role in ("operator", "admin"))
    assert (reverse("admin:auth_user_changelist") in page) is (role == "admin")


def test_command_puts_a_user_into_roles(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("role", "alice", "editor", "reviewer", "--create")
    assert "Set the password here, once: http://127.0.0.1:8000/set-password/" in capsys.readouterr().out
    alice = User.objects.get(username="alice")
    assert ({group.name for group in alice.groups.all()}, alice.is_staff) == ({"editor", "reviewer"}, True)

    call_command("role", "alice", "viewer")
    assert [group.name for group in alice.groups.all()] == ["viewer"]
    call_command("role", "alice")
    alice.refresh_from_db()
    assert (alice.groups.count(), alice.is_staff) == (0, False)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["alice", "boss"], "There is no role 'boss'. Choose among viewer, editor, reviewer, operator, admin."),
        (["alice", "editor"], "There is no user 'alice'. Add --create to make one."),
    ],
)
def test_command_refuses_in_words(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence.replace(".", r"\.")):
        call_command("role", *arguments)
