"""One scorer per file. ``get_scorer(name, options)`` gives a pure function from reply and target to a judgement."""

from evals.scorers import choice, constraints, exact, items, json_fields, numeric, pattern
from evals.scorers.base import Judgement, Scorer, ScorerError, get_scorer, scorer_names, strip_reasoning

__all__ = [
    "Judgement",
    "Scorer",
    "ScorerError",
    "choice",
    "constraints",
    "exact",
    "get_scorer",
    "items",
    "json_fields",
    "numeric",
    "pattern",
    "scorer_names",
    "strip_reasoning",
]
