"""A list of items in any order."""

import re
from typing import Any

from evals.scorers.base import Judge, Judgement, ScorerError, graded, scorer, unscored
from evals.scorers.exact import normalised

_BULLET = re.compile(r"^\s*(?:[-*•]|\d+[.)])\s+")


@scorer(name="items", version=1)
def items(*, min_overlap: float = 1.0) -> Judge:
    """The reply lists the target's items, in any order, separated by commas, semicolons or lines.

    Bullets, numbers before items and a last "and" are overlooked; so are case, quotes and repetition.

    :param min_overlap: items in both / items in either (Jaccard) from which the reply counts as right; 1 means all and
        no others.

    Does not match: items inside a sentence ("I like red and blue").
    """
    if isinstance(min_overlap, bool) or not isinstance(min_overlap, int | float) or not 0 < min_overlap <= 1:
        raise ScorerError(f"min_overlap is {min_overlap!r}; give a share above 0 and at most 1.")

    def judge(text: str, target: Any) -> Judgement:
        if not isinstance(target, list) or not target or not all(isinstance(item, str) for item in target):
            return unscored("", f"The target {target!r} is not a list of texts.")
        wanted, found = {normalised(item) for item in target}, _listed(text)
        overlap = len(wanted & found) / len(wanted | found)
        missing, more = sorted(wanted - found), sorted(found - wanted)
        said = "; ".join(
            f"{what}: {', '.join(names)[:200]}"
            for what, names in (("missing", missing), ("not asked for", more))
            if names
        )
        return graded(overlap >= min_overlap, ", ".join(sorted(found))[:500], said)

    return judge


def _listed(text: str) -> set[str]:
    parts = [_BULLET.sub("", part) for line in text.splitlines() for part in re.split(r"[,;]", _BULLET.sub("", line))]
    parts = [re.sub(r"^\s*and\s+", "", part, flags=re.IGNORECASE) for part in parts]
    return {name for part in parts if (name := normalised(part))}
