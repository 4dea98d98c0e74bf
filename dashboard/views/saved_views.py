"""``/views/``: the pages that somebody follows, what changed on them, and a private Atom feed for each."""

from collections.abc import Collection

from django.contrib import messages
from django.contrib.auth.models import User
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from dashboard.feed import Feed
from dashboard.models import SavedView
from dashboard.saved_views import ALL_CHANNELS, LONGEST_ADDRESS, CannotBeSaved, channels_for, save_view
from evals.models import Channel

CHANGES_SHOWN = 5
IN_FEED = 50
MOST_DIGITS = 18  # more do not fit into a key


def page(request: HttpRequest) -> HttpResponse:
    """One's own views; ``?address=/…`` fills the form."""
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path(), reverse("admin:login"))
    return _page(request, request.GET.get("address", "")[:LONGEST_ADDRESS])


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Follow an address. The same one again renames it."""
    if not isinstance(request.user, User):
        return redirect_to_login(reverse("dashboard:views"), reverse("admin:login"))
    address, name = request.POST.get("address", "").strip(), request.POST.get("name", "").strip()
    channels = _numbers(request.POST.getlist("channels"))
    try:
        view, is_new = save_view(user=request.user, address=address, name=name, channels=channels)
    except CannotBeSaved as error:
        return _page(request, address[:LONGEST_ADDRESS], problem=str(error))
    messages.success(request, f"{view.name} is {'saved' if is_new else 'changed'}.")
    return redirect("dashboard:views")


@require_POST
def remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Follow it no longer. Only one's own."""
    if not isinstance(request.user, User):
        return redirect_to_login(reverse("dashboard:views"), reverse("admin:login"))
    view = get_object_or_404(SavedView, pk=pk, user=request.user)
    view.delete()
    messages.success(request, f"{view.name} is no longer followed.")
    return redirect("dashboard:views")


def atom(request: HttpRequest, key: str) -> HttpResponse:
    """``/views/<key>.atom``: whoever has the key may read it, as feed readers do not sign in."""
    view = get_object_or_404(SavedView, feed_key=key)
    feed = Feed(request, title=view.name, about="What changed in a saved view.", link=view.address)
    for change in view.changes.all()[:IN_FEED]:
        lines = change.text.splitlines()
        feed.add(key=f"view:{change.pk}", at=change.at, title=change.title, lines=lines, link=view.address)
    return feed.answer("private, max-age=60")


def _page(request: HttpRequest, address: str, problem: str = "") -> HttpResponse:
    user: User = request.user  # type: ignore[assignment]  # the callers have asked
    channels = list(channels_for(user))
    views = SavedView.objects.filter(user=user).prefetch_related("changes", "channels")
    context = {
        "views": [(view, list(view.changes.all())[:CHANGES_SHOWN], *_told(view, channels)) for view in views],
        "channels": channels,
        "may_use_all": user.has_perm(ALL_CHANNELS),
        "address": address,
        "problem": problem,
        "name": request.POST.get("name", ""),
        "now": timezone.now(),
    }
    return render(request, "dashboard/views.html", context, status=400 if problem else 200)


def _told(view: SavedView, usable: Collection[Channel]) -> tuple[list[Channel], list[Channel]]:
    """The view's channels: those that its changes are sent to, and those that they are not sent to any more."""
    chosen = view.channels.all()
    return [each for each in chosen if each in usable], [each for each in chosen if each not in usable]


def _numbers(values: list[str]) -> list[int]:
    return [int(value) for value in values if value.isdecimal() and len(value) <= MOST_DIGITS]
