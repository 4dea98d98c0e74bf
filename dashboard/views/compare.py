"""Models beside each other, and the page on which to choose them."""

from collections.abc import Sequence
from dataclasses import replace
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from catalog.errors import UnknownCapability, UnknownModel
from catalog.selectors.merges import current_slugs
from catalog.selectors.models import near_names, search_models
from dashboard import answer, formats
from dashboard.charts import intervals as chart
from dashboard.charts import theme
from dashboard.errors import NotFound
from dashboard.frontier_row import unique
from dashboard.lineup import FEWEST, MOST, Entrant, Lineup, lineup, models_to_choose
from dashboard.lineup_rows import facts_table, workload_lines
from dashboard.query import DEFAULT_MIX, FrontierQuery
from dashboard.sharing import Exhibit, share
from dashboard.tables import compare as tables
from dashboard.views.errors import not_found
from dashboard.views.reading import Reading, given, moved, plain, read
from dashboard.workload import Workload

OFFERED = 300
SUGGESTED = (
    ("deepseek-v3", "claude-3-5-sonnet"),
    ("deepseek-v3", "llama-3-1-405b", "claude-3-5-sonnet"),
    ("gpt-4o", "gpt-4o-mini", "deepseek-v3"),
)


def choose(request: HttpRequest) -> HttpResponse:
    """``/compare/?model=A&model=B``: leads to the comparison, or says what is missing."""
    wanted: list[str] = []
    notices: list[str] = []
    near: list[str] = []
    for typed in request.GET.getlist("model")[: MOST * 2]:
        words = typed.replace("\x00", "").strip()[:200]
        if not words:
            continue
        slug, message, close = find(words)
        if slug is None:
            notices.append(message)
            near += close
        elif slug not in wanted:
            wanted.append(slug)
    if len(wanted) > MOST:
        notices.append(f"At most {MOST} models fit beside each other; the first {MOST} were kept.")
        wanted = wanted[:MOST]
    if len(wanted) >= FEWEST and not notices:
        kept = {name: value for name, value in given(request).items() if name != "model"}
        return redirect(address(wanted, kept))
    if len(wanted) == 1 and not notices:
        notices.append("Choose a second model.")
    choices = list(models_to_choose()[:OFFERED])
    known = {model.slug: model.name for model in choices}
    context = {
        "wanted": [*wanted, *[""] * (3 - len(wanted))],
        "notices": notices,
        "near": list(dict.fromkeys(near)),
        "choices": choices,
        "suggestions": [
            (address(slugs, {}), " against ".join(known[slug] for slug in slugs))
            for slugs in SUGGESTED
            if all(slug in known for slug in slugs)
        ],
    }
    return render(request, "dashboard/compare_choose.html", context, status=400 if notices else 200)


def find(words: str) -> tuple[str | None, str, list[str]]:
    """The slug a visitor means, else what to tell and which slugs are close."""
    found = list(search_models(words)[: MOST + 1])
    for model in found:
        if words.lower() in (model.slug, model.name.lower()):
            return model.slug, "", []
    if (now := current_slugs([words.lower()])) != [words.lower()]:
        return now[0], "", []
    if len(found) == 1:
        return found[0].slug, "", []
    if found:
        return None, f"Several models are called something like “{words}”.", [model.slug for model in found[:MOST]]
    near = near_names(words)
    return None, f"There is no model “{words}”.", near


def page(request: HttpRequest, slugs: str) -> HttpResponse:
    """``/compare/<slug>/<slug>[/…]/``. The order of the address is the order on the page."""
    once = list(dict.fromkeys(slug for slug in slugs.split("/") if slug))
    try:
        seen = look(request.GET, slugs)
    except NotFound:
        return redirect(f"{reverse('dashboard:compare_choose')}?{urlencode([('model', slug) for slug in once])}")
    except UnknownModel as error:
        return not_found(request, str(error).partition(" Nearest")[0], list(error.near))
    found, notices, shown = seen.value, list(seen.notices), exhibit(seen.value)
    if found.slugs != once:  # one of them was merged, which may be undone
        return redirect(moved(reverse("dashboard:compare", args=["/".join(found.slugs)]), request.GET))
    query = asked_query(found)
    rows = facts_table(found)
    kept = parameters(found)
    hide_same = request.GET.get("same") == "hide"
    context = {
        "found": found,
        "query": query,
        "workload": found.workload,
        "work": plain(request.GET) | found.workload.texts,
        "bad": seen.bad,
        "notices": notices,
        "sentence": shown.sentence,
        "certainty": certainty(found),
        "differing": [row for row in rows if row.differs],
        "same": [] if hide_same else [row for row in rows if not row.differs],
        "hidden": len([row for row in rows if not row.differs]) if hide_same else 0,
        "same_url": f"?{urlencode(kept | ({} if hide_same else {'same': 'hide'}))}#facts",
        "costs": workload_lines(found),
        "has_chart": shown.has_chart,
        "figure": shown.figure,
        "drawings": shown.drawings,
        "removable": [(each, address([slug for slug in once if slug != each.slug], kept)) for each in found.entrants]
        if len(once) > FEWEST
        else [],
        "can_add": len(once) < MOST,
        "choices": found.frontier.catalog[:OFFERED] if len(once) < MOST else [],
        "kept": kept,
        "swapped": address(once[::-1], kept),
        "sources": shown.sources,
        "shared": share(request, shown),
    }
    return render(request, "dashboard/compare.html", context, status=seen.status)


def look(values: QueryDict, slugs: str) -> Reading[Lineup]:
    """The comparison asked for.

    :raises NotFound: unless there are two to six different models.
    :raises UnknownModel: for the first that is none, with near names.
    """
    named = [slug for slug in slugs.split("/") if slug]
    if len(set(named)) != len(named) or not FEWEST <= len(named) <= MOST:
        raise NotFound("comparison", slugs[:100], [])
    asked = read(plain(values), FrontierQuery.parse)
    traffic = read(plain(values), Workload.parse)
    bad, notices = (*asked.bad, *traffic.bad), [*asked.notices, *traffic.notices]
    mix = traffic.value.mix
    # Both at once: prices for the one and costs for the other would be two answers to one question.
    if "mix" in values and "mix" not in bad and mix and mix != Workload.of(asked.value.mix).mix:
        notices.append(f"mix={asked.value.mix.text} is left aside: the prices are of your traffic, {mix.text}.")
    try:
        return Reading(lineup(named, asked.value, traffic.value), bad, notices)
    except UnknownModel:
        if (now := current_slugs(named)) == named:
            raise
        return look(values, "/".join(now))
    except UnknownCapability as error:
        found = lineup(named, replace(asked.value, capability="index"), traffic.value)
        return Reading(found, (*bad, "capability"), [*notices, f"{error} The capability index is shown instead."])


def exhibit(found: Lineup) -> Exhibit:
    query, axis, levels = asked_query(found), found.frontier.axis, chart_levels(found)
    named = {
        "facts": lambda: tables.facts(found),
        "traffic": lambda: tables.traffic(found),
        "levels": lambda: tables.levels(found),
        "pairs": lambda: tables.pairs(found),
        "mixes": lambda: tables.mixes(found),
        "benchmarks": lambda: tables.benchmarks(found),
    }
    mix = found.frontier.query.mix
    return Exhibit(
        name="compare",
        args=("/".join(found.slugs),),
        chart="Is the difference real?",
        sentence=sentence(found),
        note=f"{axis.title} with 90% intervals; list prices ({mix.words}) as of {formats.day(query.day)}",
        parameters=tuple((query.frozen().parameters | found.workload.parameters).items()),
        day=query.day,
        tables=named,
        charted="levels",
        figure=chart.figure(levels, title=axis.title, unit="%" if axis.is_share else ""),
        height=chart.height(levels),
        box=f"levels levels-{len(found.entrants)}",
        sources=unique(source for each in found.entrants for source in each.row.sources),
    )


def asked_query(found: Lineup) -> FrontierQuery:
    """The query without what a comparison always has, models of every access, and without the mix of its traffic."""
    query = replace(found.frontier.query, access="all", unknown="hide")
    return replace(query, mix=DEFAULT_MIX) if found.workload.mix else query


def parameters(found: Lineup) -> dict[str, str]:
    """The query string's content, defaults left out."""
    return asked_query(found).parameters | found.workload.parameters


def address(slugs: Sequence[str], parameters: dict[str, str]) -> str:
    path = reverse("dashboard:compare", args=["/".join(slugs)])
    return f"{path}?{urlencode(parameters, safe=':')}" if parameters else path


def sentence(found: Lineup) -> str:
    """The result in one sentence; it says so where a price of it is one that nobody asks any more."""
    said = verdict(found)
    return f"At last known prices, {said.replace('Of these', 'of these', 1)}" if found.ended_words else said


def verdict(found: Lineup) -> str:
    """For two models against each other, for more the ends of the field."""
    pair = found.pairs[0]
    if len(found.entrants) == 2:
        if pair.comparison and pair.comparison.first.is_complete and pair.comparison.second.is_complete:
            return answer.comparison_sentence(found.frontier, pair.comparison, traffic_words(found))
        return f"{pair.first.name} and {pair.second.name}: {missing(found.entrants)}."
    known = [each for each in found.entrants if each.row.is_complete]
    if len(known) < 2:
        return f"{listed([each.name for each in found.entrants])}: {missing(found.entrants)}."
    best = max(known, key=lambda each: (each.row.value or 0.0, -(each.row.usd_per_mtok or 0)))
    cheapest = min(known, key=lambda each: (each.row.usd_per_mtok or 0, -(each.row.value or 0.0)))
    top = f"{found.frontier.axis.short.lower()} {found.frontier.axis.text(best.row.value)}"
    price = f"{formats.usd(cheapest.row.usd_per_mtok)} per million tokens {traffic_words(found)}"
    if best is cheapest:
        return f"Of these {len(found.entrants)}, {best.name} is the most capable ({top}) and the cheapest ({price})."
    return (
        f"Of these {len(found.entrants)}, {best.name} is the most capable ({top}) and {cheapest.name} the cheapest "
        f"({price})."
    )


def traffic_words(found: Lineup) -> str:
    """What traffic the prices are of: the visitor's own, where it was set."""
    own = found.workload.mix and found.workload != Workload()
    return f"for {found.workload.words}" if own else f"at {found.frontier.query.mix.words}"


def missing(entrants: Sequence[Entrant]) -> str:
    """ "no price of A and no score of B is known"."""
    parts = [f"no price of {each.name}" for each in entrants if each.row.usd_per_mtok is None]
    parts += [f"no score of {each.name}" for each in entrants if each.row.value is None]
    return f"{listed(parts)} is known"


def listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def certainty(found: Lineup) -> str:
    sure = answer.certainty(found.frontier, found.pairs[0].comparison) if len(found.entrants) == 2 else ""
    return " ".join(filter(None, (found.ended_words, sure)))


def chart_levels(found: Lineup) -> list[chart.Level]:
    """The most capable on top; models without a level have no line."""
    axis = found.frontier.axis
    ranked = sorted((each for each in found.entrants if each.row.capability), key=lambda each: -(each.row.value or 0.0))
    levels = []
    for each in ranked:
        capability = each.row.capability
        if capability is None:
            continue
        low, high = capability.low, capability.high
        between = f" ({axis.text(low)} to {axis.text(high)})" if low is not None and high is not None else ""
        levels.append(
            chart.Level(
                name=each.name,
                value=axis.shown(capability.value),
                low=None if low is None else axis.shown(low),
                high=None if high is None else axis.shown(high),
                colour=f"c-{theme.colour_name(each.version.model.developer.slug)}",
                text=f"{axis.text(capability.value)}{between}",
            )
        )
    return levels
