"""What can be wrong with the numbers a caller hands in.

    EconomicsError (ValueError)
    ├── InvalidArgument      one argument has a value that cannot be right
    ├── MismatchedShapes     two arguments that belong together differ in length
    ├── UnknownDialect       usage report of an API dialect that we do not know
    └── Unidentified         the data cannot carry the estimate that was asked for
        ├── Disconnected     the model-benchmark graph falls apart
        └── BadAnchors       anchors are missing, equal or inverted

Every message names the argument and the offending value, and says what to do.
"""


class EconomicsError(ValueError):
    """Base of everything that this package raises on purpose."""


class InvalidArgument(EconomicsError):
    """One argument has a value that cannot be right (negative price, utilisation 72, NaN)."""


class MismatchedShapes(EconomicsError):
    """Two arguments that must have the same length differ."""


class UnknownDialect(EconomicsError):
    """A usage report was named with a dialect that is not known here."""


class Unidentified(EconomicsError):
    """The data cannot carry the estimate."""


class Disconnected(Unidentified):
    """The model-benchmark graph has more than one component, so scores across components cannot be compared."""


class BadAnchors(Unidentified):
    """The anchors of an index are missing, equal or inverted."""
