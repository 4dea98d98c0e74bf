"""Cells of the lists: short enough for one line, with the whole text for whoever points at them."""

from datetime import datetime, time

from django.utils.formats import date_format
from django.utils.html import format_html

UNKNOWN = "–"


def cut(text: object, whole: object = "") -> str:
    """A text that may be cut off at the end of its cell; ``whole`` is what is shown on pointing at it."""
    return format_html('<span title="{}">{}</span>', whole or text, text)


def day(moment: datetime | None, none: str = UNKNOWN) -> str:
    """The day of a moment in UTC, with the hour where it is not the first of the day."""
    if moment is None:
        return none
    is_whole = moment.timetz().replace(tzinfo=None) == time(0)
    return date_format(moment, "DATE_FORMAT" if is_whole else "DATETIME_FORMAT")
