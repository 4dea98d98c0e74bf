"""Writing SVG by hand, safely: every attribute and every text is escaped here and nowhere else."""

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe


def element(name: str, *children: str, text: str = "", **attributes: str | float | None) -> SafeString:
    """One element. ``class_`` gives ``class``, ``text_anchor`` gives ``text-anchor``; None leaves an attribute out."""
    written = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_value(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    inner = "".join(child if isinstance(child, SafeString) else escape(child) for child in children) + escape(text)
    return mark_safe(f"<{name}{written}>{inner}</{name}>" if inner else f"<{name}{written}/>")  # noqa: S308


def _value(value: str | float) -> str:
    return value if isinstance(value, str) else f"{value:.1f}".removesuffix(".0")
