"""One letter out of several."""

import re
from typing import Any

from evals.scorers.base import Judge, Judgement, ScorerError, graded, incorrect, scorer, unscored

_MARKED = r"(?:answers?|choice|option)\b\s*(?:is|:|=|would be)*\s*:?\s*[\(\[*]*([A-Z])(?![A-Za-z'])"


@scorer(name="choice", version=1)
def choice(*, letters: str = "ABCD") -> Judge:
    """The letter of the chosen answer equals the target.

    Read are, in this order: a reply that is one letter ("B", "(B)", "B.", "B) Paris"); the last "answer is B" or
    "option B"; the last ``\\boxed{B}``; a letter alone on the last line. Two different letters side by side ("A or B")
    are incorrect.
    """
    if not letters.isalpha() or not letters.isupper() or len(set(letters)) != len(letters):
        raise ScorerError(f"letters is {letters!r}; write different capital letters such as ABCD.")

    def judge(text: str, target: Any) -> Judgement:
        if not isinstance(target, str) or len(target) != 1 or target not in letters:
            return unscored("", f"The target {target!r} is not one of {letters}.")
        chosen = _chosen(text.replace("**", ""), letters)
        if chosen is None:
            return incorrect("", f"The reply names none of {letters}, or more than one.")
        return graded(chosen == target, chosen, f"{chosen} is not {target}.")

    return judge


def _chosen(text: str, letters: str) -> str | None:
    one = f"[{letters}]"
    if re.search(rf"(?<![A-Za-z']){one}\)?\s*(?:or|/|and|&)\s*\(?{one}(?![A-Za-z'])", text):
        return None
    if whole := re.match(rf"\s*[\(\[]?({one})[\)\].:]*\s*(?:$|\n)", text):
        return whole.group(1)
    if boxed := re.findall(rf"\\boxed\s*\{{\s*(?:\\text\{{)?\(?({one})", text):
        return str(boxed[-1])
    if marked := [m for m in re.findall(_MARKED, text, flags=re.IGNORECASE) if m in letters]:
        return str(marked[-1])
    if listed := re.match(rf"\s*[\(\[]?({one})[\)\].:]\s", text):
        return listed.group(1)
    last = text.strip().splitlines()[-1]
    alone = re.findall(rf"(?<![A-Za-z'])({one})(?![A-Za-z'])", last)
    return str(alone[0]) if len(set(alone)) == 1 and len(last.split()) <= 3 else None
