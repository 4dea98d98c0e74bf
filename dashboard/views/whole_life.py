"""What a model costs over its life, and when renting GPUs beats an API."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from dashboard import formats
from dashboard.charts import utilisation as chart
from dashboard.charts.figure_svg import figure_svg
from dashboard.views.reading import given, read
from dashboard.whole_life import WholeLife, WholeLifeQuery, whole_life


def page(request: HttpRequest) -> HttpResponse:
    """``/whole-life/?model=&usd_per_gpu_hour=&gpus=&tokens_per_hour=&utilisation_percent=&served_mtok=``."""
    asked = read(given(request), WholeLifeQuery.parse)
    found = whole_life(asked.value)
    notices = list(asked.notices)
    if asked.value.model and (found.chosen is None or found.chosen.ledger.slug != asked.value.model):
        notices.append(f"No training run of “{asked.value.model}” with an API price is known; another is shown.")
    figure = chart.figure(found)
    drawn = bool(figure["data"])
    kept = asked.value.base.parameters | asked.value.texts
    context = {
        "found": found,
        "query": asked.value,
        "texts": asked.value.texts,
        "bad": list(asked.bad),
        "notices": notices,
        "sentence": sentence(found),
        "lede": lede(found),
        "self_hosted": asked.value.self_hosted(),
        "figure": figure,
        "svg_wide": figure_svg(figure, width=1180, height=380, extra_class="wide") if drawn else "",
        "svg_narrow": figure_svg(figure, width=380, height=380, extra_class="narrow") if drawn else "",
        "rows": [(line, f"?{urlencode(kept | {'model': line.ledger.slug}, safe=':')}") for line in found.lines],
    }
    return render(request, "dashboard/whole_life.html", context, status=asked.status)


def sentence(found: WholeLife) -> str:
    """API against rented machine, at the utilisation assumed."""
    query = found.query
    own = formats.usd(query.self_hosted())
    busy = f"{query.utilisation_percent.normalize():f}% busy"
    if found.chosen is None or found.chosen.api_usd_per_mtok is None:
        return f"Rented GPUs that are {busy} serve a million tokens for {own}."
    name, api = found.chosen.version.model.name, found.chosen.api_usd_per_mtok
    against = "less" if query.self_hosted() < api else "more" if query.self_hosted() > api else "the same"
    asked = formats.usd(api)
    if against == "the same":
        return f"Rented GPUs that are {busy} serve a million tokens for {own}, the same as {name} by API."
    return f"Rented GPUs that are {busy} serve a million tokens for {own}, {against} than the {asked} of {name} by API."


def lede(found: WholeLife) -> str:
    """When the machine would break even, and what part of the whole life training is."""
    line = found.chosen
    if line is None or line.break_even_utilisation is None:
        return ""
    share = line.break_even_utilisation
    parts = [
        f"The machine breaks even when it is {formats.percent(share, 1)} busy."
        if share <= 1
        else "This machine never breaks even: even always busy it costs more than the API."
    ]
    if line.training_share is not None:
        tokens = formats.short(line.query.served_mtok * 1_000_000)
        parts.append(
            f"Over {tokens} tokens served on such machines, training {line.ledger.name} is "
            f"{formats.percent(line.training_share, 1)} of the whole-life cost."
        )
    return " ".join(parts)
