"""Where sources disagree, by size, and what editors found out about it."""

from dataclasses import dataclass, replace
from decimal import Decimal

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.errors import BadFact
from catalog.models import Benchmark
from catalog.selectors.conflicts import KINDS, Conflict, Statement, conflicts
from catalog.services.conflict_notes import LONGEST, record_conflict_note
from dashboard import formats
from dashboard.query import choice
from dashboard.sharing import Exhibit, query_string, share
from dashboard.tables import provenance as tables
from dashboard.views.reading import Reading, plain, read

CONFLICTS_PER_PAGE = 50
PERMISSION = "catalog.add_conflictnote"
KIND_CHOICES = (("", "All"), ("claim", "Facts"), ("price", "Prices"), ("score", "Scores"))
QUESTIONS = ("same", "all")


@dataclass(frozen=True, slots=True)
class Asked:
    kind: str = ""
    question: str = "same"

    @classmethod
    def parse(cls, values: dict[str, str]) -> "Asked":
        kind = values.get("kind", "")
        return cls(
            choice("kind", kind, KINDS) if kind else "",
            choice("question", values.get("question") or "same", QUESTIONS),
        )

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """The query string's content, defaults left out."""
        kept = (("kind", self.kind), ("question", self.question))
        return [(name, value) for name, value in kept if value and (name, value) != ("question", "same")]

    def string(self, **changes: str) -> str:
        return query_string(replace(self, **changes).parameters) or "?"


@dataclass(frozen=True, slots=True)
class ConflictRow:
    conflict: Conflict
    size: str
    values: list[tuple[Statement, str]]


def page(request: HttpRequest) -> HttpResponse:
    """``/conflicts/?kind=claim|price|score&question=same|all``."""
    seen = look(request.GET)
    asked, found, shown = seen.value.asked, seen.value, exhibit(seen.value)
    pages = Paginator(found.shown, CONFLICTS_PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": asked,
        "notices": seen.notices,
        "sentence": shown.sentence,
        "kinds": [(value, label, asked.string(kind=value)) for value, label in KIND_CHOICES],
        "others": found.others,
        "question_url": asked.string(question="all" if asked.question == "same" else "same"),
        "pages": pages,
        "rows": [row(each) for each in pages.object_list],
        "may_note": request.user.has_perm(PERMISSION),
        "longest": LONGEST,
        "shared": share(request, shown),
    }
    return render(request, "dashboard/conflicts.html", context, status=seen.status)


@dataclass(frozen=True, slots=True)
class Found:
    """``others``: how many of this kind answer different questions."""

    asked: Asked
    shown: list[Conflict]
    others: int


def look(values: QueryDict) -> Reading[Found]:
    """What is asked for; a value that cannot be read is named and replaced by its default."""
    asked = read(plain(values), lambda each: Asked.parse(dict(each)))
    found = conflicts(kind=asked.value.kind or None, as_of=timezone.now())  # type: ignore[arg-type]
    same = [each for each in found if each.same_question]
    shown = found if asked.value.question == "all" else same
    return Reading(Found(asked.value, shown, len(found) - len(same)), asked.bad, asked.notices)


def exhibit(found: Found) -> Exhibit:
    return Exhibit(
        name="conflicts",
        sentence=sentence(found.shown),
        note="Values that sources state for the same thing",
        parameters=found.asked.parameters,
        tables={"statements": lambda: tables.statements(found.shown)},
    )


@require_POST
def note(request: HttpRequest) -> HttpResponse:
    """Add a note to one disagreement. Editors only."""
    if not request.user.is_authenticated:
        return redirect_to_login(reverse("dashboard:conflicts"), reverse("admin:login"))
    if not request.user.has_perm(PERMISSION):
        raise PermissionDenied
    key = request.POST.get("key", "")
    kind = key.partition(":")[0]
    known = conflicts(kind=kind, as_of=timezone.now()) if kind in KINDS else []
    found = next((each for each in known if each.key == key), None)
    if found is None:
        messages.error(request, "The sources no longer disagree there, so the note was not kept.")
        return redirect("dashboard:conflicts")
    try:
        record_conflict_note(key=key, text=request.POST.get("text", ""), written_by=request.user)
    except BadFact as error:
        messages.error(request, str(error))
    else:
        messages.success(request, f"Note on {found.version.name}, {found.what}, added.")
    return redirect(f"{reverse('dashboard:conflicts')}{Asked(kind=kind, question='all').string()}")


def sentence(shown: list[Conflict]) -> str:
    """How many, and the widest."""
    if not shown:
        return "No two sources disagree here."
    widest = shown[0]
    return (
        f"Sources disagree on {formats.plural(len(shown), 'value')}. The widest gap: {widest.what} of "
        f"{widest.version.name}, {size_words(widest)}."
    )


def row(conflict: Conflict) -> ConflictRow:
    return ConflictRow(
        conflict, size_words(conflict), [(each, value_words(conflict, each)) for each in conflict.statements]
    )


def size_words(conflict: Conflict) -> str:
    """27% apart, 7.7 points, or texts that differ."""
    if conflict.size is None:
        return "texts differ"
    if conflict.kind == "score" and conflict.unit == Benchmark.Unit.FRACTION:
        return f"{conflict.size * 100:.1f} points"
    return f"{formats.percent(conflict.size, 0 if conflict.size >= 0.0995 else 1)} apart"


def value_words(conflict: Conflict, statement: Statement) -> str:
    if conflict.kind == "price":
        return formats.usd(statement.number)
    if conflict.kind == "score":
        return f"{statement.text}%" if conflict.unit == Benchmark.Unit.FRACTION else statement.text
    if isinstance(statement.number, Decimal):
        # All digits that tell the values apart: 30.84M and 35.09M, not 31M and 35M.
        return short_exactly(statement.number)
    return statement.text


def short_exactly(value: Decimal) -> str:
    """A large number with four significant digits: 35.09M, 15.6T."""
    for limit, unit in ((12, "T"), (9, "B"), (6, "M"), (3, "K")):
        if abs(value) >= Decimal(10) ** limit:
            digits = f"{value / Decimal(10) ** limit:.4g}"
            return f"{digits}{unit}"
    return f"{value.normalize():f}"
