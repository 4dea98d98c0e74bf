"""Settings that boards write at the end of a model's name: effort, thinking and its budget."""

import re

_LEVEL = r"(?:xhigh|high|medium|low|minimal)"
# Families whose own name ends in such a word.
_SETTING = re.compile(
    rf"(?<!mistral)(?<!magistral)[-_ ]\(?("
    rf"(?:(?:no|non)-?|{_LEVEL})?(?:thinking|reasoning)(?:-(?:\d+k|auto))?(?:-{_LEVEL})?(?:-effort)?"
    rf"|{_LEVEL}(?:-effort)?|max-effort|base"
    r")\)?(?:-\d{4})?$",
    re.IGNORECASE,
)


def setting_named(name: str) -> str:
    """The setting at the end of a name, such as "thinking-32k" or "high"; empty for none.

    Two entries of a board that differ in it are two results of one model, neither a revision of the other.
    """
    match = _SETTING.search(name)
    return match[1].lower() if match else ""
