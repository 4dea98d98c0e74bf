"""The interval that every measured number carries."""

from typing import NamedTuple


class Interval(NamedTuple):
    """Lower and upper end of an interval estimate, with what is needed to read it.

    ``low`` and ``high`` have the unit of the estimate; ``high`` may be ``math.inf`` and says so honestly.
    ``level`` is a probability (0.95). ``method`` names the procedure ("wilson", "log-delta", "bootstrap").
    """

    low: float
    high: float
    level: float
    method: str
