"""The look of every chart. Colours are CSS tokens, so that both themes live in ``tokens.css`` alone.

A figure says ``var(--ink)``; the browser fills in the value of the theme in force, ``tokens()`` that of the light theme
for images made on the server.
"""

import re
from functools import cache
from pathlib import Path
from typing import Any

TOKENS_CSS = Path(__file__).resolve().parent.parent / "static" / "dashboard" / "tokens.css"

# Developers with a colour of their own; the others share one. Colour is never the only cue.
COLOURED = ("openai", "anthropic", "deepseek", "meta", "mistral", "qwen", "google")
COLOUR_NAMES = {
    "openai": "OpenAI",
    "anthropic": "Anthropic",
    "deepseek": "DeepSeek",
    "meta": "Meta",
    "mistral": "Mistral",
    "qwen": "Qwen",
    "google": "Google",
    "other": "Others",
}
ALSO_KNOWN_AS = {"alibaba": "qwen"}

Figure = dict[str, Any]
TOKEN = re.compile(r"var\(--(c-[a-z0-9-]+|ink|frontier)\)")


def colour_name(developer_slug: str) -> str:
    """``"meta-ai"`` gives ``"meta"``; a developer without a colour of its own gives ``"other"``."""
    for word in developer_slug.split("-"):
        name = ALSO_KNOWN_AS.get(word, word)
        if name in COLOURED:
            return name
    return "other"


def token(name: str) -> str:
    return f"var(--{name})"


def class_of(colour: Any, position: int = 0) -> str:
    """The class that has the token's colour: ``var(--c-meta)`` gives ``c-meta``; nothing for another colour."""
    found = TOKEN.fullmatch(colour[position] if isinstance(colour, list) else colour)
    return found.group(1) if found else ""


def base_layout() -> Figure:
    """What every figure shares."""
    return {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": token("font"), "size": 12, "color": token("ink-3")},
        "hoverlabel": {
            "bgcolor": token("ink"),
            "bordercolor": token("ink"),
            "font": {"color": token("surface"), "size": 13, "family": token("font")},
            "align": "left",
        },
        "showlegend": False,
        "hovermode": "closest",
        "dragmode": "zoom",
        "margin": {"l": 52, "r": 14, "t": 10, "b": 46},
    }


def axis(title: str, **fields: Any) -> Figure:
    return {
        "gridcolor": token("grid"),
        "zeroline": False,
        "title": {"text": title, "standoff": 8, "font": {"size": 12, "color": token("ink-3")}},
        **fields,
    }


@cache
def tokens() -> dict[str, str]:
    """Name to value in the light theme, read from the stylesheet."""
    light = TOKENS_CSS.read_text(encoding="utf-8").partition("@media")[0]
    return dict(re.findall(r"--([a-z0-9-]+):\s*([^;]+);", light))
