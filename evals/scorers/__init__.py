"""One scorer per file. ``get_scorer(name, options)`` gives a pure function from reply and target to a judgement."""

from evals.scorers import choice, constraints, exact, io_table, json_fields, literal, numeric, pattern, set_overlap
from evals.scorers.base import Judgement, Scorer, ScorerError, get_scorer, scorer_names
from evals.scorers.reasoning import strip_reasoning

__all__ = [
    "Judgement",
    "Scorer",
    "ScorerError",
    "choice",
    "constraints",
    "exact",
    "get_scorer",
    "io_table",
    "json_fields",
    "literal",
    "numeric",
    "pattern",
    "scorer_names",
    "set_overlap",
    "strip_reasoning",
]
