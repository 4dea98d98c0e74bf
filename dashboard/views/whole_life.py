"""What a model costs over its life, and when renting GPUs beats an API."""

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render

from dashboard import formats
from dashboard.charts import utilisation as chart
from dashboard.sharing import Exhibit, share
from dashboard.tables import whole_life as tables
from dashboard.views.reading import Reading, plain, read
from dashboard.whole_life import WholeLife, WholeLifeQuery, whole_life


def page(request: HttpRequest) -> HttpResponse:
    """``/whole-life/?model=&usd_per_gpu_hour=&gpus=&tokens_per_hour=&utilisation_percent=&served_mtok=``."""
    seen = look(request.GET)
    found, shown = seen.value, exhibit(seen.value)
    query = found.query
    kept = query.base.parameters | query.texts
    context = {
        "found": found,
        "query": query,
        "texts": query.texts,
        "bad": list(seen.bad),
        "notices": seen.notices,
        "sentence": shown.sentence,
        "lede": lede(found),
        "self_hosted": query.self_hosted(),
        "figure": shown.figure,
        "drawings": shown.drawings,
        "rows": [(line, f"?{urlencode(kept | {'model': line.ledger.slug}, safe=':')}") for line in found.lines],
        "shared": share(request, shown),
    }
    return render(request, "dashboard/whole_life.html", context, status=seen.status)


def look(values: QueryDict) -> Reading[WholeLife]:
    """What is asked for; a value that cannot be read is named and replaced by its default."""
    asked = read(plain(values), WholeLifeQuery.parse)
    found, model = whole_life(asked.value), asked.value.model
    notices = list(asked.notices)
    if model and (found.chosen is None or found.chosen.ledger.slug != found.query.model):
        notices.append(f"No training run of “{model}” with an API price is known; another is shown.")
    return Reading(found, asked.bad, notices)


def exhibit(found: WholeLife) -> Exhibit:
    query = found.query
    usual = WholeLifeQuery(query.base).texts
    own = {name: value for name, value in query.texts.items() if value != usual[name]}
    model = {"model": query.model} if query.model else {}
    return Exhibit(
        name="whole_life",
        chart="API or rented GPUs",
        sentence=sentence(found),
        note=f"US$ per 1M tokens; API price blended {query.base.mix.words}, as of {formats.day(query.base.day)}",
        parameters=tuple((query.base.frozen().parameters | model | own).items()),
        day=query.base.day,
        tables={"runs": lambda: tables.runs(found), "machine": lambda: tables.machine(found)},
        charted="machine",
        figure=chart.figure(found),
        sources=found.chosen.price.sources if found.chosen and found.chosen.price else (),
    )


def sentence(found: WholeLife) -> str:
    """API against rented machine, at the utilisation assumed."""
    query = found.query
    own = formats.usd(query.self_hosted())
    busy = f"{query.utilisation_percent.normalize():f}% busy"
    if found.chosen is None or found.chosen.api_usd_per_mtok is None:
        return f"Rented GPUs that are {busy} serve a million tokens for {own}."
    name, api = found.chosen.api_name, found.chosen.api_usd_per_mtok
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
    parts = [f"{line.api_ended.of(line.api_name)} Its last known price is meant."] if line.api_ended else []
    parts += [
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
