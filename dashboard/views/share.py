"""The frontier chart for other places: picture files, link previews, a frame for other sites, and oEmbed."""

from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.http import HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.clickjacking import xframe_options_exempt

from dashboard import answer, formats
from dashboard.charts import picture
from dashboard.charts.frontier_svg import frontier_svg
from dashboard.exports import file_name
from dashboard.frontier import Frontier
from dashboard.frontier_chart import chart_context, pinned_ids
from dashboard.frontier_words import measured_words
from dashboard.views.frontier import read

EMBED_WIDTH, EMBED_HEIGHT = 880, 620


def svg(request: HttpRequest) -> HttpResponse:
    """``/frontier.svg``: a vector picture with title, assumptions and sources."""
    found, bad, notices = read(request.GET.dict())
    if bad:
        return HttpResponse(notices[0], status=400, content_type="text/plain; charset=utf-8")
    drawing = frontier_svg(found, pinned=pinned_ids(found))
    content = picture.framed(drawing, title=answer.sentence(found), note=note(found, request))
    response = HttpResponse(content, content_type="image/svg+xml")
    response["Content-Disposition"] = f'inline; filename="{file_name(found.query, ".svg")}"'
    return response


def preview(request: HttpRequest) -> HttpResponse:
    """``/preview.png``: what a shared link shows, 1200 by 630."""
    found, bad, notices = read(request.GET.dict())
    if bad:
        return HttpResponse(notices[0], status=400, content_type="text/plain; charset=utf-8")
    drawing = frontier_svg(found, pinned=pinned_ids(found), width=1112, height=400)
    content = picture.preview(drawing, title=answer.sentence(found), note=note(found, request))
    return HttpResponse(picture.png(content), content_type="image/png")


@xframe_options_exempt
@csp_replace({"frame-ancestors": ["*"]})
def embed(request: HttpRequest) -> HttpResponse:
    """``/embed/frontier/``: the chart alone, for a frame on another site."""
    found, bad, notices = read(request.GET.dict())
    context = chart_context(found) | {
        "note": note(found, request),
        "notices": notices,
        "home": request.build_absolute_uri(f"{reverse('dashboard:frontier')}{found.query.string}"),
    }
    return render(request, "dashboard/embed.html", context, status=400 if bad else 200)


def oembed(request: HttpRequest) -> HttpResponse:
    """``/oembed?url=``: the frame for an address of the first page, as oEmbed 1.0 says."""
    if request.GET.get("format", "json") != "json":
        return HttpResponse("format must be json.", status=501, content_type="text/plain")
    address = urlsplit(request.GET.get("url", ""))
    if address.path != reverse("dashboard:frontier") or address.netloc != request.get_host():
        return HttpResponse(
            "url must be an address of this site's first page.", status=404, content_type="text/plain; charset=utf-8"
        )
    found, _, _ = read(QueryDict(address.query).dict())
    source = request.build_absolute_uri(f"{reverse('dashboard:embed')}{found.query.string}")
    width, height = _limit(request, "maxwidth", EMBED_WIDTH), _limit(request, "maxheight", EMBED_HEIGHT)
    frame = format_html(
        '<iframe src="{}" width="{}" height="{}" title="{}" loading="lazy"></iframe>',
        source,
        width,
        height,
        answer.sentence(found),
    )
    return JsonResponse(
        {
            "version": "1.0",
            "type": "rich",
            "title": answer.sentence(found),
            "provider_name": "Capability per dollar",
            "provider_url": request.build_absolute_uri("/"),
            "html": frame,
            "width": width,
            "height": height,
            "thumbnail_url": request.build_absolute_uri(f"{reverse('dashboard:preview')}{found.query.string}"),
            "thumbnail_width": picture.PREVIEW[0],
            "thumbnail_height": picture.PREVIEW[1],
        }
    )


def _limit(request: HttpRequest, name: str, most: int) -> int:
    try:
        return max(200, min(most, int(request.GET.get(name, most))))
    except ValueError:
        return most


def note(found: Frontier, request: HttpRequest) -> str:
    """What the picture rests on, in one line."""
    basis = measured_words(found) if found.cost.is_measured else f"prices as of {formats.day(found.query.day)}"
    return f"{found.axis.title} against {found.cost.subtitle}, {basis} · {request.get_host()}"
