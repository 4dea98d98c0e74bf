"""Models beside each other, and the page on which to choose them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from catalog.errors import UnknownCapability, UnknownModel
from catalog.models import Claim, Source
from catalog.selectors.models import near_names, search_models
from dashboard import answer, formats
from dashboard.charts import intervals as chart
from dashboard.charts import theme
from dashboard.charts.figure_svg import figure_svg
from dashboard.charts.frontier import weights_words
from dashboard.frontier_row import unique
from dashboard.lineup import FEWEST, MOST, Entrant, Lineup, lineup, models_to_choose
from dashboard.query import FrontierQuery
from dashboard.views.errors import not_found
from dashboard.views.reading import given, read
from dashboard.workload import NAMES, Workload

OFFERED = 300
SUGGESTED = (
    ("deepseek-v3", "claude-3-5-sonnet"),
    ("deepseek-v3", "llama-3-1-405b", "claude-3-5-sonnet"),
    ("gpt-4o", "gpt-4o-mini", "deepseek-v3"),
)
NUMBERS = (
    (Claim.Attribute.TOTAL_PARAMS, "Total parameters"),
    (Claim.Attribute.ACTIVE_PARAMS, "Active parameters per token"),
    (Claim.Attribute.CONTEXT_TOKENS, "Context window, tokens"),
    (Claim.Attribute.TRAINING_TOKENS, "Training tokens"),
    (Claim.Attribute.TRAINING_GPU_HOURS, "Training GPU-hours, total"),
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
    if len(found) == 1:
        return found[0].slug, "", []
    if found:
        return None, f"Several models are called something like “{words}”.", [model.slug for model in found[:MOST]]
    near = near_names(words)
    return None, f"There is no model “{words}”.", near


def page(request: HttpRequest, slugs: str) -> HttpResponse:
    """``/compare/<slug>/<slug>[/…]/``. The order of the address is the order on the page."""
    named = [slug for slug in slugs.split("/") if slug]
    once = list(dict.fromkeys(named))
    if once != named or not FEWEST <= len(once) <= MOST:
        return redirect(f"{reverse('dashboard:compare_choose')}?{urlencode([('model', slug) for slug in once])}")
    values = given(request)
    asked = read(values, FrontierQuery.parse)
    traffic = read(values, Workload.parse)
    query, notices = asked.value, [*asked.notices, *traffic.notices]
    bad = [*asked.bad, *traffic.bad]
    try:
        try:
            found = lineup(once, query, traffic.value)
        except UnknownCapability as error:
            bad.append("capability")
            notices.append(f"{error} The capability index is shown instead.")
            query = replace(query, capability="index")
            found = lineup(once, query, traffic.value)
    except UnknownModel as error:
        return not_found(request, str(error).partition(" Nearest")[0], list(error.near))
    if ignored := set(query.ignored) - {*NAMES, "same"}:
        notices.append(f"Not understood and left aside: {', '.join(sorted(ignored))}.")
    levels = chart_levels(found)
    figure = chart.figure(levels, title=found.frontier.axis.title, unit="%" if found.frontier.axis.is_share else "")
    rows = facts_table(found)
    kept = query.parameters | traffic.value.parameters
    hide_same = values.get("same") == "hide"
    context = {
        "found": found,
        "query": query,
        "workload": found.workload,
        "work": values | found.workload.texts,
        "bad": bad,
        "notices": notices,
        "sentence": sentence(found),
        "certainty": certainty(found),
        "differing": [row for row in rows if row.differs],
        "same": [] if hide_same else [row for row in rows if not row.differs],
        "hidden": len([row for row in rows if not row.differs]) if hide_same else 0,
        "same_url": f"?{urlencode(kept | ({} if hide_same else {'same': 'hide'}))}#facts",
        "costs": workload_lines(found),
        "has_chart": bool(levels),
        "figure": figure,
        "svg_wide": figure_svg(figure, width=820, height=chart.height(levels), extra_class="wide") if levels else "",
        "svg_narrow": figure_svg(figure, width=360, height=chart.height(levels), extra_class="narrow")
        if levels
        else "",
        "removable": [(each, address([slug for slug in once if slug != each.slug], kept)) for each in found.entrants]
        if len(once) > FEWEST
        else [],
        "can_add": len(once) < MOST,
        "choices": found.frontier.catalog[:OFFERED] if len(once) < MOST else [],
        "kept": kept,
        "permalink": address(once, query.frozen().parameters | traffic.value.parameters),
        "swapped": address(once[::-1], kept),
        "sources": unique(source for each in found.entrants for source in each.row.sources),
    }
    return render(request, "dashboard/compare.html", context, status=400 if bad else 200)


def address(slugs: Sequence[str], parameters: dict[str, str]) -> str:
    path = reverse("dashboard:compare", args=["/".join(slugs)])
    return f"{path}?{urlencode(parameters, safe=':')}" if parameters else path


def sentence(found: Lineup) -> str:
    """The result in one sentence: for two models against each other, for more the ends of the field."""
    pair = found.pairs[0]
    if len(found.entrants) == 2:
        if pair.comparison and pair.comparison.first.is_complete and pair.comparison.second.is_complete:
            return answer.comparison_sentence(found.frontier, pair.comparison)
        return f"{pair.first.name} and {pair.second.name}: {missing(found.entrants)}."
    known = [each for each in found.entrants if each.row.is_complete]
    if len(known) < 2:
        return f"{listed([each.name for each in found.entrants])}: {missing(found.entrants)}."
    best = max(known, key=lambda each: (each.row.value or 0.0, -(each.row.usd_per_mtok or 0)))
    cheapest = min(known, key=lambda each: (each.row.usd_per_mtok or 0, -(each.row.value or 0.0)))
    top = f"{found.frontier.axis.short.lower()} {found.frontier.axis.text(best.row.value)}"
    price = f"{formats.usd(cheapest.row.usd_per_mtok)} per million tokens"
    if best is cheapest:
        return f"Of these {len(found.entrants)}, {best.name} is the most capable ({top}) and the cheapest ({price})."
    return (
        f"Of these {len(found.entrants)}, {best.name} is the most capable ({top}) and {cheapest.name} the cheapest "
        f"({price})."
    )


def missing(entrants: Sequence[Entrant]) -> str:
    """ "no price of A and no score of B is known"."""
    parts = [f"no price of {each.name}" for each in entrants if each.row.usd_per_mtok is None]
    parts += [f"no score of {each.name}" for each in entrants if each.row.value is None]
    return f"{listed(parts)} is known"


def listed(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else names[0]


def certainty(found: Lineup) -> str:
    return answer.certainty(found.frontier, found.pairs[0].comparison) if len(found.entrants) == 2 else ""


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


@dataclass(frozen=True, slots=True)
class CostLine:
    """What the visitor's traffic costs on one model; ``times`` is the multiple of the cheapest."""

    entrant: Entrant
    total: Decimal | None
    times: Decimal | None
    parts: list[tuple[str, Decimal | None]]
    assumed: tuple[str, ...]


def workload_lines(found: Lineup) -> list[CostLine]:
    """The cheapest first, unknown costs last."""
    totals = [each.cost.total for each in found.entrants if each.cost and each.cost.total is not None]
    least = min(totals, default=None)
    lines = []
    for each in found.entrants:
        total = each.cost.total if each.cost else None
        parts = each.cost.by_component if each.cost else {}
        lines.append(
            CostLine(
                entrant=each,
                total=total,
                times=total / least if total is not None and least else None,
                parts=[(name, parts.get(name)) for name in ("input", "cached_input", "output")],
                assumed=each.cost.assumed if each.cost else (),
            )
        )
    return sorted(lines, key=lambda line: (line.total is None, line.total or 0, line.entrant.name))


@dataclass(frozen=True, slots=True)
class FactCell:
    """``text`` is what is read, ``detail`` says how it came about, ``source`` leads to where it was read."""

    text: str
    detail: str = ""
    source: Source | None = None


@dataclass(frozen=True, slots=True)
class FactRow:
    title: str
    cells: list[FactCell] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        return len({cell.text for cell in self.cells}) > 1


def facts_table(found: Lineup) -> list[FactRow]:
    """One row per fact, one cell per model; rows of which nothing is known are left out."""
    axis = found.frontier.axis
    each_of = found.entrants
    rows = [
        FactRow(f"Blended price, {found.frontier.query.mix.words}", [_price_cell(each) for each in each_of]),
        *(
            FactRow(title, [_component_cell(each, name) for each in each_of])
            for name, title in (("input", "Input"), ("cached_input", "Cached input"), ("output", "Output"))
        ),
        FactRow(axis.title, [_level_cell(found, each) for each in each_of]),
        FactRow("Chance to be on the frontier", [FactCell(_chance(each.row.frontier_probability)) for each in each_of]),
        FactRow("Price over the frontier", [_premium_cell(each) for each in each_of]),
        FactRow("Access", [FactCell(weights_words(each.row)) for each in each_of]),
        FactRow("Released", [FactCell(formats.day(each.version.released_on)) for each in each_of]),
        *(FactRow(title, [_claim_cell(each, name) for each in each_of]) for name, title in NUMBERS),
        FactRow("Licence", [_licence_cell(each) for each in each_of]),
    ]
    return [row for row in rows if any(cell.text != formats.UNKNOWN for cell in row.cells)]


def _price_cell(each: Entrant) -> FactCell:
    price = each.row.price
    if price is None or price.usd_per_mtok is None:
        return FactCell(formats.UNKNOWN)
    detail = f"{price.provider}: {price.policy_note}" if price.provider else price.policy_note
    if price.assumed:
        names = " and ".join(name.replace("_", " ") for name in price.assumed)
        detail += f"; no price of {names} is known, so the price of input stands in"
    return FactCell(formats.usd(price.usd_per_mtok), detail, next(iter(each.row.price_sources), None))


def _component_cell(each: Entrant, name: str) -> FactCell:
    found = each.row.components.get(name)
    if found is None or found.usd_per_mtok is None:
        return FactCell(formats.UNKNOWN)
    since = found.effective_from or found.observed_from
    word = "seen since" if found.is_since_sight else "since"
    return FactCell(
        formats.usd(found.usd_per_mtok), f"{word} {formats.day(since.date())}" if since else "", found.source
    )


def _level_cell(found: Lineup, each: Entrant) -> FactCell:
    capability, axis = each.row.capability, found.frontier.axis
    if capability is None:
        return FactCell(formats.UNKNOWN)
    parts = [capability.detail]
    if capability.low is not None and capability.high is not None:
        parts.insert(0, f"{axis.text(capability.low)} to {axis.text(capability.high)}, 90%")
    if each.row.is_provisional:
        parts.append("provisional: few scores")
    source = capability.sources[0] if len(capability.sources) == 1 else None
    return FactCell(axis.text(capability.value), "; ".join(part for part in parts if part), source)


def _chance(share: float | None) -> str:
    return formats.UNKNOWN if share is None else formats.chance(share)


def _premium_cell(each: Entrant) -> FactCell:
    detail = f"set by {each.row.premium_set_by_name}" if each.row.premium_set_by not in (None, each.slug) else ""
    return FactCell(formats.times(each.row.price_premium), detail)


def _claim_cell(each: Entrant, attribute: str) -> FactCell:
    claim = each.claim(attribute)
    if claim is None or claim.number is None:
        return FactCell(formats.UNKNOWN)
    return FactCell(formats.short(claim.number), claim.qualifier, claim.source)


def _licence_cell(each: Entrant) -> FactCell:
    claim = each.claim(Claim.Attribute.LICENCE)
    return FactCell(claim.value, claim.qualifier, claim.source) if claim else FactCell(formats.UNKNOWN)
