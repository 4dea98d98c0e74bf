"""What leaves the pages: tables as CSV and JSON, charts as pictures, link previews and frames, and oEmbed.

Each view takes the name of a page and the arguments of its address, so that every page has them alike.
"""

from typing import Any
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import Resolver404, resolve
from django.utils.html import format_html
from django.views.decorators.clickjacking import xframe_options_exempt

from catalog.errors import UnknownModel
from dashboard.api.answers import answer, number
from dashboard.assumption_words import assumption_words
from dashboard.charts import picture
from dashboard.errors import NotFound
from dashboard.exports import csv_response
from dashboard.kept import kept
from dashboard.sharing import FRAME_WIDTH, SITE, Exhibit, share
from dashboard.tables.table import Table
from dashboard.views.exhibits import PAGES
from dashboard.views.reading import Reading

TEXT = "text/plain; charset=utf-8"
FULL, PICTURE_WIDTH = "full", 1760


class Refused(Exception):
    """The file cannot be made; ``status`` and the message say why."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status

    @property
    def response(self) -> HttpResponse:
        return HttpResponse(str(self), status=self.status, content_type=TEXT)


def look(name: str, values: QueryDict, where: dict[str, Any]) -> Reading[Any]:
    """What the page finds at an address.

    :raises Refused: when there is nothing at it.
    """
    try:
        return PAGES[name].look(values, *where.values())
    except (UnknownModel, NotFound, Http404) as error:
        raise Refused(404, str(error)) from None


def exhibit(name: str, values: QueryDict, where: dict[str, Any]) -> Exhibit:
    """What the page shows; a file never holds something else than was asked for.

    :raises Refused: also for a parameter that cannot be read.
    """
    seen = look(name, values, where)
    if seen.bad:
        raise Refused(400, " ".join(seen.notices))
    return PAGES[name].show(seen.value)


def table(shown: Exhibit, wanted: str) -> Table:
    """The table named by ``?table=``, else the first.

    :raises Refused: for a name that the page does not have.
    """
    name = wanted or next(iter(shown.tables))
    if name not in shown.tables:
        raise Refused(400, f"table is {wanted[:100]!r}: choose one of {', '.join(shown.tables)}.")
    return shown.tables[name]()


def csv(request: HttpRequest, name: str, **where: Any) -> HttpResponse:
    """``/trends.csv``: the page's first table, or that of ``?table=``, all pages of it."""
    wanted = request.GET.get("table", "")
    try:
        shown = exhibit(name, request.GET, where)
        return csv_response(f"{shown.file_name(wanted)}.csv", table(shown, wanted))
    except Refused as error:
        return error.response


def json(request: HttpRequest, name: str, **where: Any) -> HttpResponse:
    """``/trends.json``: the rows of the CSV by the names of their columns; unknown is null."""
    wanted = request.GET.get("table", "")
    try:
        shown = exhibit(name, request.GET, where)
        rows = table(shown, wanted)
    except Refused as error:
        return error.response
    items = [{key: _json_value(value) for key, value in item.items()} for item in rows.items()]
    content = {
        "title": shown.sentence,
        "about": shown.about,
        "as_of": shown.as_of,
        "page": share(request, shown).page,
        "parameters": [list(each) for each in shown.parameters],
        "columns": rows.columns,
        "count": len(items),
        "items": items,
    }
    return answer(request, content)


def _json_value(value: Any) -> Any:
    return number(value) if isinstance(value, float) else value


def svg(request: HttpRequest, name: str, **where: Any) -> HttpResponse:
    """``/trends.svg``: a vector picture with title, assumptions and sources."""
    try:
        shown = exhibit(name, request.GET, where)
    except Refused as error:
        return error.response
    response = HttpResponse(whole_picture(shown, request), content_type="image/svg+xml")
    response["Content-Disposition"] = f'inline; filename="{shown.file_name()}.svg"'
    return response


def png(request: HttpRequest, name: str, **where: Any) -> HttpResponse:
    """``/trends.png``: what a shared link shows, 1200 by 630; in words alone where the page has no chart.

    ``?size=full`` is the picture of ``/trends.svg``, to print or to put into a text.
    """
    try:
        shown = exhibit(name, request.GET, where)
        if request.GET.get("size") not in (None, FULL):
            raise Refused(400, f"size is {request.GET['size'][:100]!r}: leave it out, or write {FULL}.")
    except Refused as error:
        return error.response
    if request.GET.get("size") == FULL and shown.has_chart:
        content = picture.png(whole_picture(shown, request), width=PICTURE_WIDTH)
    else:
        content = picture.png(
            picture.preview(
                shown.picture(*picture.PREVIEW_CHART) if shown.has_chart else None,
                heading=shown.chart,
                title=shown.sentence,
                note=note(shown, request),
                sources=shown.source_words,
            )
        )
    response = HttpResponse(content, content_type="image/png")
    response["Content-Disposition"] = f'inline; filename="{shown.file_name()}.png"'
    return response


def whole_picture(shown: Exhibit, request: HttpRequest) -> str:
    """The chart with its question, answer, key, assumptions, sources and the address of this site."""
    return picture.framed(
        shown.picture(860, shown.height),
        heading=shown.chart,
        title=shown.sentence,
        note=note(shown, request),
        sources=shown.source_words,
        about=shown.about,
    )


# Kept inside the others: what says that the answer did not change must not forbid the frame either.
@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
@kept
def embed(request: HttpRequest, name: str, **where: Any) -> HttpResponse:
    """``/embed/trends/``: the chart alone, for a frame on another site."""
    try:
        seen = look(name, request.GET, where)
        shown = PAGES[name].show(seen.value)
    except Refused as error:
        return error.response
    context = {
        "shown": shown,
        "notices": seen.notices,
        "note": note(shown, request),
        "home": share(request, shown).page,
    }
    return render(request, "dashboard/embed.html", context, status=seen.status)


def oembed(request: HttpRequest) -> HttpResponse:
    """``/oembed?url=``: the frame for the address of a page with a chart, as oEmbed 1.0 says."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse("format must be json.", status=501, content_type="text/plain")
    try:
        shown = at_address(request, request.GET.get("url", ""))
    except Refused as error:
        return error.response
    shared = share(request, shown)
    width, height = _limit(request, "maxwidth", FRAME_WIDTH), _limit(request, "maxheight", shared.height)
    return JsonResponse(
        {
            "version": "1.0",
            "type": "rich",
            "title": shown.sentence,
            "provider_name": SITE,
            "provider_url": request.build_absolute_uri("/"),
            "html": format_html(
                '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy"></iframe>',
                shared.embed,
                width,
                height,
                shown.sentence,
            ),
            "width": width,
            "height": height,
            "thumbnail_url": shared.preview,
            "thumbnail_width": picture.PREVIEW[0],
            "thumbnail_height": picture.PREVIEW[1],
        }
    )


def at_address(request: HttpRequest, url: str) -> Exhibit:
    """What the page at an address of this site shows. A value that cannot be read is replaced, as on the page.

    :raises Refused: for an address of another site, or of a page without a chart.
    """
    no_chart = Refused(404, "url must be the address of a page of this site that has a chart.")
    try:
        address = urlsplit(url)
    except ValueError:
        raise no_chart from None
    if address.netloc != request.get_host():
        raise no_chart
    try:
        found = resolve(address.path)
    except Resolver404:
        raise no_chart from None
    if found.namespace != "dashboard" or found.url_name not in PAGES:
        raise no_chart
    shown = PAGES[found.url_name].show(look(found.url_name, QueryDict(address.query), found.kwargs).value)
    if not shown.chart:
        raise no_chart
    return shown


def note(shown: Exhibit, request: HttpRequest) -> str:
    """What a picture rests on: also every choice that is not the default, since a picture has no form beside it."""
    return " · ".join([shown.note, *assumption_words(shown.parameters, shown.note), request.get_host()])


def _limit(request: HttpRequest, name: str, most: int) -> int:
    try:
        return max(200, min(most, int(request.GET.get(name, most))))
    except ValueError:
        return most
