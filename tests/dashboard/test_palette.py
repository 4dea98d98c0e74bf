"""The colours of charts and text can be told apart and read, by everybody, in both themes."""

import re
from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from dashboard.charts.theme import COLOURED, TOKENS_CSS

Colour = NDArray[np.float64]
LEAST_DISTANCE = 8.9
# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deuteranopia": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]]
    ),
    "tritanopia": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]]
    ),
}
TEXT = [("ink", "surface"), ("ink-2", "surface"), ("ink-3", "surface"), ("ink-3", "bg"), ("ink-3", "surface-2")]
TEXT += [("accent", "surface"), ("accent", "accent-soft"), ("good", "good-soft"), ("warn", "warn-soft")]
TEXT += [("bad", "bad-soft"), ("accent-ink", "accent"), ("surface", "ink"), ("ink-2", "surface-2")]


def themes() -> dict[str, dict[str, str]]:
    """Tokens by theme; the dark values are written twice and must be the same."""
    css = TOKENS_CSS.read_text(encoding="utf-8")
    light, _, rest = css.partition("@media screen and (prefers-color-scheme: dark)")
    system, _, chosen = rest.partition(':root[data-theme="dark"]')
    read = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6});")
    assert dict(read.findall(system)) == dict(read.findall(chosen))
    return {"light": dict(read.findall(light)), "dark": dict(read.findall(chosen))}


def linear(colour: str) -> Colour:
    channels = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def oklab(rgb: Colour) -> Colour:
    """Ottosson 2020, from linear RGB, times 100."""
    to_lms = np.array(
        [
            [0.4122214708, 0.5363325363, 0.0514459929],
            [0.2119034982, 0.6806995451, 0.1073969566],
            [0.0883024619, 0.2817188376, 0.6299787005],
        ]
    )
    to_lab = np.array(
        [
            [0.2104542553, 0.7936177850, -0.0040720468],
            [1.9779984951, -2.4285922050, 0.4505937099],
            [0.0259040371, 0.7827717662, -0.8086757660],
        ]
    )
    return np.asarray(to_lab @ np.cbrt(to_lms @ rgb) * 100)


def contrast(one: str, other: str) -> float:
    light, dark = sorted((float(linear(c) @ [0.2126, 0.7152, 0.0722]) for c in (one, other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("sight", SIGHT)
def test_any_two_mark_colours_can_be_told_apart(theme: str, sight: str) -> None:
    tokens = themes()[theme]
    seen = {name: oklab(np.clip(SIGHT[sight] @ linear(tokens[f"c-{name}"]), 0, 1)) for name in (*COLOURED, "other")}

    close = {(a, b): float(np.linalg.norm(seen[a] - seen[b])) for a, b in combinations(seen, 2)}

    assert {pair: round(gap, 1) for pair, gap in close.items() if gap < LEAST_DISTANCE} == {}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_marks_and_controls_stand_out_from_their_surface(theme: str) -> None:
    tokens = themes()[theme]
    names = [f"c-{name}" for name in (*COLOURED, "other")] + ["line-strong", "focus", "frontier"]

    assert {name for name in names if contrast(tokens[name], tokens["surface"]) < 3} == set()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_can_be_read_on_its_surface(theme: str) -> None:
    tokens = themes()[theme]

    assert {pair for pair in TEXT if contrast(tokens[pair[0]], tokens[pair[1]]) < 4.5} == set()
