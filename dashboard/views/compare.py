"""Models beside each other, and the page on which to choose them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse

from catalog.errors import UnknownCapability, UnknownModel
from catalog.models import Model
from catalog.selectors.merges import current_slugs
from catalog.selectors.models import near_names, search_models
from dashboard import answer, formats
from dashboard.charts import intervals as chart
from dashboard.charts import theme
from dashboard.errors import NotFound
from dashboard.frontier import frontier
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


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a visitor typed as a model. ``model`` None: none or several are called so, ``candidates`` may be meant."""

    words: str
    model: Model | None
    message: str = ""
    candidates: tuple[tuple[str, str], ...] = ()

    @property
    def text(self) -> str:
        """What its field holds: never less than what was typed."""
        return self.model.name if self.model else self.words


def choose(request: HttpRequest) -> HttpResponse:
    """``/compare/?model=A&model=B``: leads to the comparison, or says what is missing."""
    kept = {name: value for name, value in given(request).items() if name != "model"}
    typed = [typed.replace("\x00", "").strip()[:200] for typed in request.GET.getlist("model")[: MOST * 2]]
    found = [meant(words) for words in typed if words]
    # The same model twice is one.
    wanted = list({each.model.slug if each.model else each.words: each for each in found}.values())
    notices: list[str] = []
    if len(wanted) > MOST:
        notices.append(f"At most {MOST} models fit beside each other; the first {MOST} were kept.")
        wanted = wanted[:MOST]
    unclear = [each for each in wanted if each.model is None]
    slugs = [each.model.slug for each in wanted if each.model]
    if len(slugs) >= FEWEST and not notices and not unclear:
        return redirect(address(slugs, kept))
    if len(slugs) == 1 and not unclear:
        notices.append("Choose a second model.")
    choices = list(models_to_choose()[:OFFERED])
    context = {
        "wanted": [*(each.text for each in wanted), *[""] * (3 - len(wanted))],
        "notices": notices,
        "unclear": [(each.message, candidates(each, wanted, kept)) for each in unclear],
        "choices": choices,
        "suggestions": suggestions() if choices else [],
    }
    return render(request, "dashboard/compare_choose.html", context, status=400 if notices or unclear else 200)


def candidates(unclear: Wanted, wanted: Sequence[Wanted], kept: dict[str, str]) -> list[tuple[str, str]]:
    """The name and the address of each that may be meant: the same question with it in the place of what was typed."""
    found = []
    for slug, name in unclear.candidates:
        models = [slug if each is unclear else each.model.slug if each.model else each.words for each in wanted]
        query = urlencode([*(("model", each) for each in models), *kept.items()])
        found.append((name, f"{reverse('dashboard:compare_choose')}?{query}"))
    return found


def find(words: str) -> tuple[str | None, str, list[str]]:
    """The slug a visitor means, else what to tell and which slugs are close."""
    found = meant(words)
    return found.model.slug if found.model else None, found.message, [slug for slug, _ in found.candidates]


def meant(words: str) -> Wanted:
    """The model that a visitor means, else what to tell and which may be meant."""
    exact = Model.objects.filter(Q(slug=words.lower()) | Q(name__iexact=words)).order_by("pk").first()
    if exact:
        return Wanted(words, exact)
    found = list(search_models(words)[: MOST + 1])
    if (now := current_slugs([words.lower()])) != [words.lower()]:
        return Wanted(words, Model.objects.filter(slug=now[0]).first())
    if len(found) == 1:
        return Wanted(words, found[0])
    if found:
        several = f"Several models are called something like “{words}”."
        return Wanted(words, None, several, tuple((model.slug, model.name) for model in found[:MOST]))
    slugs = near_names(words)
    names = dict(Model.objects.filter(slug__in=slugs).values_list("slug", "name"))
    return Wanted(words, None, f"There is no model “{words}”.", tuple((slug, names[slug]) for slug in slugs))


def suggestions() -> list[tuple[str, str]]:
    """Comparisons of what leads today: the pair of the headline, the answers at its prices, the top of the frontier."""
    found = frontier(FrontierQuery())
    pair = answer.favourite_comparison(found)
    groups = [
        [pair.first, pair.second] if pair else [],
        [pick.row for pick in answer.picks(found)],
        found.frontier[-3:],
    ]
    lines: dict[frozenset[str], tuple[str, str]] = {}
    for rows in groups:
        names = {row.slug: row.version.model.name for row in rows}
        if len(names) >= FEWEST:
            lines.setdefault(frozenset(names), (address(list(names), {}), " against ".join(names.values())))
    return list(lines.values())


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
