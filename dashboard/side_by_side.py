"""The side-by-side card: two models as facts, and what the visitor's workload costs on each."""

from dataclasses import dataclass
from typing import Any

from dashboard import answer, formats
from dashboard.charts.text import clean_text
from dashboard.frontier import Frontier
from dashboard.frontier_chart import cached_words, sale, seller, weights
from dashboard.workload import Workload


@dataclass(frozen=True, slots=True)
class Fact:
    title: str
    key: str
    first: str
    second: str


def chosen_pair(found: Frontier, text: str) -> tuple[answer.Comparison | None, str]:
    """The two marks that ``pair=FIRST,SECOND`` names, else None with a sentence; neither for an empty text."""
    if not text:
        return None, ""
    known = {row.id: row for row in (*found.rows, *found.past)}
    ids = list(dict.fromkeys(text.split(",")))
    strange = [clean_text(name, 60) for name in ids if name not in known]
    if len(ids) == 2 and not strange:
        return answer.compare(known[ids[0]], known[ids[1]]), ""
    why = f"{' and '.join(strange)} is not on this chart" if len(strange) == 1 and len(ids) == 2 else ""
    why = why or "two models of this chart are needed, as in pair=deepseek-v3,gpt-5"
    return None, f"pair is {clean_text(text, 130)!r}: {why}. The pair of the headline is shown instead."


def side_by_side(found: Frontier, comparison: answer.Comparison, workload: Workload | None = None) -> dict[str, Any]:
    """The card's content as first drawn; ``compare.js`` redraws it for other pairs and other workloads."""
    first, second = comparison.first, comparison.second
    ratio = comparison.price_ratio
    cheaper = ratio is not None and ratio >= 1
    factor = None if ratio is None else ratio if cheaper else 1 / ratio
    gap = found.axis.between(first.value, second.value)
    level = "lower" if comparison.difference < 0 else "higher"
    words = f"{'cheaper' if cheaper else 'dearer'} {found.cost.per_unit}, {gap} {level}"
    usual = Workload.of(found.query.mix)
    workload = workload or usual
    return {
        "ratio": formats.times(factor),
        "words": words,
        "facts": [
            Fact(found.axis.short, "level", found.axis.text(first.value), found.axis.text(second.value)),
            *(
                Fact(title, key, formats.usd(first.component_usd(key)), formats.usd(second.component_usd(key)))
                for title, key in (("Input $/M", "input"), ("Output $/M", "output"))
            ),
            *(
                [Fact("Cached $/M", "cached", cached_words(first), cached_words(second))]
                if (workload.cached or usual.cached) and not found.cost.is_measured
                else []
            ),
            Fact(
                f"{found.cost.short}{'' if found.cost.is_measured else ' $/M'}",
                "price",
                formats.usd(first.cost),
                formats.usd(second.cost),
            ),
            Fact("Price of", "seller", seller(first), seller(second)),
            Fact("Sale", "sale", sale(first), sale(second)),
            Fact("Weights", "weights", weights(first), weights(second)),
            Fact(
                "Released",
                "released",
                formats.day(first.version.released_on),
                formats.day(second.version.released_on),
            ),
        ],
        "work": workload.texts,
        "usual": usual.texts,
        "has_cached": bool(workload.cached or usual.cached),
        "workload": [{"name": row.name, "cost": workload.cost(row.components).total} for row in (first, second)],
    }
