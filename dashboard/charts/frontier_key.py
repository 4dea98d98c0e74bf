"""The key of the main chart: developers by colour, access by shape, and what rings, hollow marks and the band mean."""

from collections import Counter

from dashboard.charts import theme
from dashboard.charts.frontier import FrontierView
from dashboard.charts.key import KeyEntry

SHAPES = ((True, "diamond", "open weights"), (False, "circle", "closed weights"), (None, "square", "access unknown"))


def frontier_key(found: FrontierView) -> list[KeyEntry]:
    """What is drawn, and nothing else."""
    number = Counter(row.key for row in found.points)
    names = {row.key: row.developer for row in found.points} | {"other": theme.COLOUR_NAMES["other"]}
    ranked = sorted(number, key=lambda name: (name == "other", -number[name], name))
    points = found.points
    return [
        KeyEntry("frontier", "frontier"),
        *(KeyEntry(names[name], f"c-{name}", None, "circle") for name in ranked),
        *(
            KeyEntry(words, "ink", None, mark)
            for access, mark, words in SHAPES
            if any(row.version.open_weights is access for row in points)
        ),
        *([KeyEntry("few scores", "ink hollow", None, "circle")] if any(row.is_provisional for row in points) else []),
        *([KeyEntry("compared", "c-other pinned", None, "circle")] if found.pinned else []),
        *(
            [KeyEntry("may be on the frontier", "", None, "ring")]
            if any(row.standing == "possible" for row in points)
            else []
        ),
        *([KeyEntry("90% interval of the frontier", "", None, "band")] if found.band else []),
        *([KeyEntry("no longer sold", "c-other past", None, "circle")] if any(row.is_past for row in points) else []),
    ]
