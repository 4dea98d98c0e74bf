"""What a visitor can get wrong. Each message says what is wrong, with which value, and what to write instead."""


class BadParameter(ValueError):
    """One value of a query string cannot be read."""

    def __init__(self, parameter: str, message: str) -> None:
        super().__init__(message)
        self.parameter = parameter
        self.message = message


class NotFound(LookupError):
    """Nothing is kept under that name; ``near`` holds the names closest to it."""

    def __init__(self, kind: str, name: str, near: list[str]) -> None:
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        super().__init__(f"There is no {kind} {name!r}.{hint}")
        self.kind = kind
        self.name = name
        self.near = near


class CannotExport(Exception):
    """A folder or a format in which the files cannot be written."""
