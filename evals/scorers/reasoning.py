"""Taking a model's thinking out of its reply, in time proportional to the reply's length."""

import re

# <think>, <thinking>, <thought>, <reasoning>, with a prefix such as <seed:think>, and [THINK], ◁think▷.
_TAG = re.compile(r"[<\[◁](/?)(?:[a-z]{1,10}:)?(think|thinking|thought|reasoning)[>\]▷]", re.IGNORECASE)


def strip_reasoning(text: str) -> str:
    """The reply without its thinking: closed blocks, a block whose opening tag the server swallowed, an unclosed one.

    One pass over the tags, because a pattern with ``.*?`` needs hours for a reply of a million opening tags.
    """
    kept: list[str] = []
    position = 0
    inside: str | None = None
    for tag in _TAG.finditer(text):
        closing, name = bool(tag.group(1)), tag.group(2).lower()
        if inside is None and closing:
            kept.clear()
            position = tag.end()
        elif inside is None:
            kept.append(text[position : tag.start()])
            inside = name
        elif closing and name == inside:
            inside = None
            position = tag.end()
    if inside is None:
        kept.append(text[position:])
    return "".join(kept).strip()
