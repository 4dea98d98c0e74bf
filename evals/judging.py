"""From a reply to a judgement, whatever the scorer does."""

import logging
from typing import Any

from evals.scorers import Judgement, ScorerError, get_scorer
from evals.scorers.reasoning import strip_reasoning

logger = logging.getLogger(__name__)

EMPTY = {"length": "Cut off before any answer.", "refusal": "The model declined to answer."}


def judge(
    *, scorer: str, options: dict[str, Any], target: Any, text: str, finish_reason: str, name: str
) -> tuple[Judgement, str]:
    """Score one reply; give the judgement and the scorer's label.

    A scorer that fails leaves the sample unscored, which is not wrong. ``name`` is for the log.
    """
    if finish_reason == "content_filter":
        return Judgement(outcome="unscored", answer="", explanation="The provider's filter cut the answer."), ""
    try:
        chosen = get_scorer(scorer, options)
        if not strip_reasoning(text):
            # The model had its tokens and spent them without answering; leaving that out would reward it.
            said = EMPTY.get(finish_reason, "The reply ended without an answer.")
            return Judgement(outcome="incorrect", answer="", explanation=said), chosen.label
        return chosen(text, target), chosen.label
    except ScorerError as error:
        return Judgement(outcome="unscored", answer="", explanation=str(error)), ""
    except Exception as error:
        logger.exception("sample %s: the scorer %s failed", name, scorer)
        explanation = f"The scorer failed ({type(error).__name__})."
        return Judgement(outcome="unscored", answer="", explanation=explanation), ""
