"""``/evals/compare/``: runs of one suite beside each other, and what two endpoints said to each item."""

from collections import Counter
from urllib.parse import urlencode

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from dashboard.errors import BadParameter
from dashboard.run_comparison import SHOWN, PairView, item_rows, read_runs, run_comparison, with_texts
from dashboard.runs import all_runs
from dashboard.views.reading import given

ROWS_PER_PAGE = 50
OFFERED = 60


def page(request: HttpRequest) -> HttpResponse:
    """``?comparison=ID`` or ``?runs=ID,ID[,ID]``, with ``pair=ID,ID`` and ``show=`` for the answers below."""
    values = given(request)
    if picked := request.GET.getlist("run"):  # the boxes of the form, which a browser sends one by one
        values["runs"] = ",".join(picked)
    if not (values.get("runs") or values.get("comparison")):
        return choose(request)
    try:
        comparison, runs = read_runs(values)
    except BadParameter as error:
        return choose(request, notice=error.message)
    found = run_comparison(comparison, runs)
    pair = next(
        (each for each in found.pairs if each.key == values.get("pair")), found.pairs[0] if found.pairs else None
    )
    base = {"comparison": values["comparison"]} if values.get("comparison") else {"runs": values["runs"]}
    context = {
        "found": found,
        "alpha": comparison.alpha if comparison else None,
        "pair": pair,
        "address": f"{reverse('dashboard:run_compare')}?{urlencode(base, safe=',')}",
        **(answers(pair, values) if pair else {}),
    }
    return render(request, "dashboard/run_compare.html", context)


def answers(pair: PairView, values: dict[str, str]) -> dict[str, object]:
    """The items of a pair, one kind of them or all, a page at a time."""
    first, second = pair.pair.first, pair.pair.second
    rows = item_rows(first, second)
    counts = Counter(row.kind for row in rows)
    counts["differ"] = counts["only_first"] + counts["only_second"]
    wanted = values.get("show", "") if values.get("show") in SHOWN else ""
    kinds = {"only_first", "only_second"} if wanted == "differ" else {wanted}
    shown = [row for row in rows if row.kind in kinds] if wanted else rows
    pages = Paginator(shown, ROWS_PER_PAGE).get_page(values.get("page"))
    names = {"first": pair.first, "second": pair.second}
    return {
        "show": wanted,
        "kinds": [(kind, label.format(**names), counts[kind]) for kind, label in SHOWN.items() if counts[kind]],
        "labels": {kind: label.format(**names) for kind, label in SHOWN.items()},
        "pages": pages,
        "rows": with_texts(list(pages.object_list)),
        "total": len(rows),
    }


def choose(request: HttpRequest, notice: str = "") -> HttpResponse:
    """Runs to choose from, with what was wrong with the choice."""
    by_suite: dict[str, list[object]] = {}
    for run in all_runs()[:OFFERED]:
        by_suite.setdefault(run.suite.name, []).append(run)
    context = {"notice": notice, "suites": [(name, runs) for name, runs in by_suite.items() if len(runs) > 1]}
    return render(request, "dashboard/run_compare_choose.html", context, status=400 if notice else 200)
