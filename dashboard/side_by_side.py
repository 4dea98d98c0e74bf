"""The side-by-side card: two models as facts, and what the visitor's workload costs on each."""

from dataclasses import dataclass
from typing import Any

from dashboard import answer, formats
from dashboard.frontier import Frontier
from dashboard.frontier_chart import cached_words, seller, weights
from dashboard.workload import Workload


@dataclass(frozen=True, slots=True)
class Fact:
    title: str
    key: str
    first: str
    second: str


def side_by_side(found: Frontier, comparison: answer.Comparison) -> dict[str, Any]:
    """The card's content as first drawn; ``compare.js`` redraws it for other pairs."""
    first, second = comparison.first, comparison.second
    ratio = comparison.price_ratio
    cheaper = ratio is not None and ratio >= 1
    factor = None if ratio is None else ratio if cheaper else 1 / ratio
    gap = found.axis.difference(comparison.difference)
    level = "lower" if comparison.difference < 0 else "higher"
    words = f"{'cheaper' if cheaper else 'dearer'} {found.cost.per_unit}, {gap} {level}"
    workload = Workload.of(found.query.mix)
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
                if workload.cached and not found.cost.is_measured
                else []
            ),
            Fact(
                f"{found.cost.short}{'' if found.cost.is_measured else ' $/M'}",
                "price",
                formats.usd(first.cost),
                formats.usd(second.cost),
            ),
            Fact("Price of", "seller", seller(first), seller(second)),
            Fact("Weights", "weights", weights(first), weights(second)),
            Fact(
                "Released",
                "released",
                formats.day(first.version.released_on),
                formats.day(second.version.released_on),
            ),
        ],
        "work": workload.texts,
        "has_cached": bool(workload.cached),
        "workload": [{"name": row.name, "cost": workload.cost(row.components).total} for row in (first, second)],
    }
