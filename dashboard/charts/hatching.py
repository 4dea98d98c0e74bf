"""Diagonal lines in a box: what is an estimate."""


def hatching(x: float, y: float, width: float, height: float, gap: float = 6.0) -> str:
    """A box filled with diagonal lines, as a path: a pattern would need a name that is unique on its page."""
    path = f"M{x:.1f} {y:.1f}h{width:.1f}v{height:.1f}h{-width:.1f}Z"
    for n in range(1, int((width + height) / gap) + 1):
        # Along the lower edge, then up the right one.
        across = n * gap
        x1, y1 = x + max(0.0, across - height), y + min(height, across)
        x2, y2 = x + min(width, across), y + max(0.0, across - width)
        path += f"M{x1:.1f} {y1:.1f}L{x2:.1f} {y2:.1f}"
    return path
