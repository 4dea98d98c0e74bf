"""Text that goes into a figure. Plotly reads a small HTML in every string, so every string passes here."""

import unicodedata

LONGEST = 60
# Formats (Cf) turn text round or hide it; a name has no use for them. Controls and lone surrogates likewise.
UNWANTED = {"Cc", "Cf", "Cs", "Co"}
BLANK = "(blank)"


def clean_text(text: str, longest: int | None = LONGEST) -> str:
    """Without control and direction characters, on one line, cut to ``longest`` characters.

    A text in which nothing is to be seen says so: as a link it could be neither found nor read out.
    """
    shown = text
    if not (text.isascii() and text.isprintable()):  # nearly every name is, and there are many
        shown = "".join(" " if char.isspace() else char for char in text if _is_shown(char))
    line = " ".join(shown.split())
    if text and not line:
        return BLANK
    return line if longest is None or len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def _is_shown(char: str) -> bool:
    """Spaces count. The last two code points of each plane are no characters; XML refuses files that hold some."""
    if char.isspace():
        return True
    return unicodedata.category(char) not in UNWANTED and ord(char) & 0xFFFE != 0xFFFE


def plot_text(text: str, longest: int = LONGEST) -> str:
    """A string that Plotly shows as it stands: cleaned, and its markup escaped."""
    return clean_text(text, longest).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def unescaped(text: str) -> str:
    """Undo ``plot_text``: SVG is escaped on its own."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """Estimated width in pixels, a little generous, since a server does not know the reader's font."""
    em = sum(_em(char) for char in text)
    return em * size * (1.06 if bold else 1.0)


def _em(char: str) -> float:
    if char in "iljI.,:;'|!()[]· ":
        return 0.3
    if char in "mwMW—@%":
        return 0.9
    if char.isupper():
        return 0.68
    return 0.62 if char.isdigit() else 0.56 if ord(char) < 0x2E80 else 1.0
