"""Files of questions turned into suites, one format per file. Each importer is pure: text in, items out."""

from evals.importers import agieval, bbh, gsm8k, humaneval, ifeval, multiple_choice, own
from evals.importers.base import Importer, Parsed, Problem

IMPORTERS: dict[str, Importer] = {
    "own": own.parse,
    "gsm8k": gsm8k.parse,
    "mmlu": multiple_choice.parse,
    "humaneval": humaneval.parse,
    "ifeval": ifeval.parse,
    "bbh": bbh.parse,
    "agieval": agieval.parse,
}

__all__ = ["IMPORTERS", "Importer", "Parsed", "Problem"]
