"""``/report/``: a reader says that a number is wrong. No login; a few per hour from one address."""

import logging

from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from redis.exceptions import RedisError

from catalog.errors import BadFact
from catalog.services import record_report
from dashboard.api.access import caller_of

logger = logging.getLogger(__name__)

PER_HOUR = 10
HOUR_S = 3600
PREFILLED = ("page", "about", "shown")


class ReportForm(forms.Form):
    """What is wrong, in the reader's words. One of the three middle fields is enough."""

    page = forms.CharField(max_length=300, required=False, widget=forms.HiddenInput)
    about = forms.CharField(max_length=300, required=False, label="Which number")
    shown = forms.CharField(max_length=120, required=False, label="What the page says")
    right_value = forms.CharField(max_length=120, required=False, label="What it should be")
    evidence_url = forms.URLField(
        max_length=1000, required=False, assume_scheme="https", label="Where that can be read (web address)"
    )
    text = forms.CharField(
        max_length=2000, required=False, label="Anything else", widget=forms.Textarea(attrs={"rows": 4})
    )
    contact = forms.CharField(max_length=200, required=False, label="E-mail, if you would like an answer")
    # People do not see this field; programs fill it in.
    website = forms.CharField(
        required=False,
        label="Leave this empty",
        widget=forms.TextInput(attrs={"tabindex": "-1", "autocomplete": "off"}),
    )

    def clean_page(self) -> str:
        """A path of this site; anything else is left out."""
        page: str = self.cleaned_data["page"]
        return page if page.startswith("/") and not page.startswith("//") else ""


@never_cache
@csrf_protect
def page(request: HttpRequest) -> HttpResponse:
    """The form, prefilled from the value that the reader came from; or thanks."""
    if request.method != "POST":
        given = {name: request.GET.get(name, "").replace("\x00", "")[:300] for name in PREFILLED}
        return render(request, "dashboard/report.html", {"form": ReportForm(initial=given)})
    form = ReportForm(request.POST)
    if not form.is_valid():
        return render(request, "dashboard/report.html", {"form": form}, status=400)
    values = dict(form.cleaned_data)
    if values.pop("website"):
        return render(request, "dashboard/report.html", {"sent": True, "about": values["about"] or "it"})
    if not _may_report(request):
        form.add_error(None, f"{PER_HOUR} reports an hour from one address are the most. Please try again later.")
        return render(request, "dashboard/report.html", {"form": form}, status=429)
    try:
        record_report(**values)
    except BadFact as error:
        form.add_error(None, str(error))
        return render(request, "dashboard/report.html", {"form": form}, status=400)
    return render(
        request, "dashboard/report.html", {"sent": True, "back": values["page"], "about": values["about"] or "it"}
    )


def _may_report(request: HttpRequest) -> bool:
    """Counted by address; closed while there is no cache to count in."""
    key = f"report:{caller_of(request)}"
    try:
        cache.add(key, 0, HOUR_S)
        return cache.incr(key) <= PER_HOUR
    except ValueError:  # it ran out between the two calls
        return True
    except (RedisError, OSError):
        logger.warning("The cache does not answer; a report was refused.")
        return False
