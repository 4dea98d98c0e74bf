"""One letter out of several."""

import re
from typing import Any

from evals.scorers.base import Judge, Judgement, ScorerError, graded, incorrect, scorer, unscored
from evals.scorers.exact import normalised

_LEAD = (
    r"(?:\b(?:answers?|choice|option|choose|select|pick|antwort|r[ée]ponse|respuesta|risposta|resposta|antwoord)\b"
    r"(?:\s{1,5}(?:option|choice|letter))?|答案|答え|####)"
)
_LINK = r"[\s:*_=]{0,20}(?:(?:is|are|would be|should be|ist|lautet|est|es|è|é)(?![a-z])|是|は、?)?[\s:*_=]{0,20}"
_RETRACTED = re.compile(
    r"\b(?:wait|actually|correction|sorry|mistake|scratch that|on second thought|hmm|no[,:])", re.IGNORECASE
)

_DENIED = re.compile(
    r"[^.!?\n]{0,20}?\b(?:is|was|are|seems)\s+(?:clearly\s+|certainly\s+)?"
    r"(?:not\s+(?:right|correct|true|it|possible)|wrong|incorrect|false|impossible|out)\b",
    re.IGNORECASE,
)
_REFUSED = re.compile(
    r"\b(?:not|never|cannot|can't|can’t|won't|won’t|wouldn't|don't|not\s+to|refuse\s+to)\s*$", re.IGNORECASE
)


@scorer(name="choice", version=4)
def choice(*, letters: str = "ABCD", texts: list[str] | None = None) -> Judge:
    """The letter of the chosen answer equals the target.

    Read are, in this order: the last ``\\boxed{B}``; a reply that is one letter ("B", "(b)", "**B.**") or a letter and
    the option's text ("B) Paris"); the last "answer is B", "Answer: B", "option B"; a letter alone on the last line;
    the text of one option, when ``texts`` are given. Markdown, LaTeX and quotes around the letter are overlooked.

    :param letters: the capital letters to choose from.
    :param texts: the options' texts in the order of ``letters``.

    Does not match: two letters ("A or B", "A, B", "not B"), a letter that is a word of a sentence ("A dog"), a letter
    after which the reply changes its mind without naming another in one of these shapes.
    """
    if not isinstance(letters, str) or not re.fullmatch("[A-Z]{2,26}", letters) or len(set(letters)) != len(letters):
        raise ScorerError(f"letters is {letters!r}; write different capital letters such as ABCD.")
    if texts is not None and (
        not isinstance(texts, list) or len(texts) != len(letters) or not all(isinstance(text, str) for text in texts)
    ):
        raise ScorerError(f"texts must be a list of {len(letters)} texts, one for each of {letters}.")
    by_text: dict[str, str] = {}
    for letter, text in zip(letters, texts or [], strict=False):
        by_text[normalised(text)] = "" if normalised(text) in by_text else letter

    def judge(text: str, target: Any) -> Judgement:
        if not isinstance(target, str) or len(target) != 1 or target not in letters:
            return unscored("", f"The target {target!r} is not one of {letters}.")
        chosen = _chosen(_bare(text), letters, by_text)
        if chosen is None:
            return incorrect(text[:200], f"The reply names none of {letters}, or more than one.")
        return graded(chosen == target, chosen, f"{chosen} is not {target}.")

    return judge


def _bare(text: str) -> str:
    text = re.sub(r"\\(?:text|mathrm|textbf|mathbf)\{([^{}]{0,200})\}", r"\1", text)
    text = re.sub(r"\*\*|__|`|\\\(|\\\)|\\\[|\\\]|\$", "", text)
    return "".join(chr(ord(c) - 0xFEE0) if "\uff21" <= c <= "\uff5a" or c in "（）．：" else c for c in text).strip()


def _chosen(text: str, letters: str, by_text: dict[str, str]) -> str | None:
    one = f"[{letters}]"
    joined = r"(?:,|/|&|\bor\b|\band\b|\boder\b|\bou\b){1,3}\s{0,5}(?:\b(?:option|and|or)\s{1,5})?"
    several = rf"\(?{one}\)?\s{{0,5}}{joined}\(?{one}(?![\w'’])"
    if boxed := re.findall(r"\\boxed\s*\{([^{}]{0,300})\}", text):
        *_, last = re.finditer(r"\\boxed\s*\{[^{}]{0,300}\}", text)
        if _DENIED.match(text[last.end() :]) or (
            len(set(boxed)) > 1
            and re.search(r"\}\W{0,5}(?:(?:or|and)\W{0,5})?\\boxed\s*\{[^{}]*\}\Z", text[: last.end()])
        ):
            return None
        inside = re.fullmatch(rf"\s*\(?({one})\)?[.):]?(?:\s.*)?", boxed[-1], re.IGNORECASE)
        return inside.group(1).upper() if inside and not re.search(several, boxed[-1]) else None
    if whole := re.fullmatch(rf"[\s\"'“(\[]*({one})[\s\"'”)\].:,!*]*", text, re.IGNORECASE):
        return whole.group(1).upper()
    if normalised(text) in by_text:
        return by_text[normalised(text)] or None
    marked = _marked(text, letters, several)
    if marked is not None:
        return marked or None
    if re.search(rf"(?<![\w'’]){several}", text):
        return None
    return _listed(text, one, by_text) or _last_line(text, one)


def _marked(text: str, letters: str, several: str) -> str | None:
    """The letter after the last "answer is"; "" when that place names two letters or takes one back; None without."""
    shape = re.compile(rf"{_LEAD}{_LINK}[\"'“(\[]*([A-Za-z])(?=[\"'”)\].:,;!]|\s|$)(?!['’])", re.IGNORECASE)
    found = [
        match
        for match in shape.finditer(text)
        if match.group(1) in letters or (match.group(1).upper() in letters and match.group(1) != "a")
    ]
    found = [
        match for match in found if match.group(1).isupper() or text[match.end() :].strip(" .)\"'")[:1] in ("", "\n")
    ]
    found = [match for match in found if not _is_article(text, match)]
    if not found:
        return None
    found = [match for match in found if not _DENIED.match(text[match.end() :])]
    found = [match for match in found if not _REFUSED.search(text[max(0, match.start() - 30) : match.start()])]
    if not found:
        return ""
    last = found[-1]
    if re.match(several, text[last.start(1) :], re.IGNORECASE) or _is_row(text[last.start(1) :], letters):
        return ""
    if re.search(rf"(?<![\w'’])[{letters}](?![\w'’])", text[last.end() :]) and _RETRACTED.search(text[last.end() :]):
        return ""
    return str(last.group(1)).upper()


def _is_row(text: str, letters: str) -> bool:
    """ "A B", "A; B", "A | C", "A + B", "A (or B)": letters one after the other, with nothing said of any."""
    one = rf"\(?[{letters}]\)?(?![\w'’])"
    return bool(
        re.match(rf"{one}[ ]*(?:[;|+\\][ ]*)?{one}[ ]*(?:[;|+.,)]|$|[{letters}]\b)|{one}[ ]*\(or\b", text, re.MULTILINE)
    )


def _is_article(text: str, match: re.Match[str]) -> bool:
    """ "The answer is A dog": the letter is a word of a sentence."""
    return match.group(1) in "AaIi" and re.match(r"\s+[a-z]", text[match.end(1) :]) is not None


def _listed(text: str, one: str, by_text: dict[str, str]) -> str | None:
    """ "B) Paris", "(B) Paris", "B. Paris" or "B: because", where no other option is listed in the same way."""
    listed = re.findall(rf"^[\"'“]?(?:\(({one})\)|({one})[).:\]])(?=\s|$)", text, re.MULTILINE)
    lead = re.match(rf"[\"'“]?(?:\({one}\)|{one}[).:\]])", text)
    if len(listed) == 1 and lead and not _DENIED.match(text[lead.end() :]):
        return str(listed[0][0] or listed[0][1])
    first = re.match(rf"({one})\s*[-–—\n]\s*(.*)", text)
    if first and not re.search(rf"^{one}(?![\w'’])", text[first.end(1) :], re.MULTILINE):
        return first.group(1)
    named = re.fullmatch(rf"({one})\s+(.+)", text, re.DOTALL)
    if named and by_text.get(normalised(named.group(2))) == named.group(1):
        return named.group(1)
    return None


def _last_line(text: str, one: str) -> str | None:
    last = text.rsplit("\n", 1)[-1].strip()
    alone = re.fullmatch(rf"[\"'“(\[]*({one})[\"'”)\].:]*", last)
    return alone.group(1) if alone else None
