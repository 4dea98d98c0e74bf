"""When a cron text falls due: in its own time zone, decided once as instants in UTC.

As in Debian's cron, a time that a change to summer time skips falls due at the moment of the change, and one that the
change back repeats falls due once; times that repeat every hour or more often follow the clock that passes.
"""

from datetime import UTC, datetime
from itertools import islice
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

MOST_CATCH_UP = 50
MOST_COUNTED = 1000
FIELDS = ("minute", "hour", "day-of-month", "month", "day-of-week")


def zone_problem(name: str) -> str:
    """What is wrong with the name of a time zone, and what to write; empty when nothing is."""
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):  # ZoneInfoNotFoundError is a KeyError
        return f"There is no time zone {name!r}. Write a name of the tz database, such as Europe/Berlin, or UTC."
    return ""


def cron_problem(text: str, zone: ZoneInfo) -> str:
    """What is wrong with a cron text, naming the field; empty when nothing is."""
    example = 'Write minute, hour, day of month, month, day of week, such as "0 6 * * MON-FRI" (6:00 on workdays).'
    if len(text.split()) != len(FIELDS):
        return f"{text!r} has {len(text.split())} fields, and five are needed. {example}"
    try:
        next(CronSim(text, datetime.now(zone)))
    except CronSimError as error:
        field = next((each for each in FIELDS if each in str(error)), "")
        where = f"the {field.replace('-', ' ')} {text.split()[FIELDS.index(field)]!r}" if field else repr(text)
        return f"{where[:1].upper()}{where[1:]} in {text!r} cannot be read. {example}"
    except StopIteration:
        return f"{text!r} never comes: no calendar has such a day. {example}"
    return ""


def next_times(cron: str, zone: str, *, after: datetime, n: int) -> list[datetime]:
    """The first ``n`` times after a moment, in the zone."""
    return list(islice(CronSim(cron, after.astimezone(ZoneInfo(zone))), n))


def due_times(cron: str, zone: str, *, first: datetime, until: datetime, newest: int) -> tuple[list[datetime], int]:
    """The ``newest`` due times from ``first`` to ``until``, both included, in UTC and the oldest first; and how many
    there are in all, counted up to ``MOST_COUNTED``.
    """
    found: list[datetime] = []
    counted = 0
    moment = first.astimezone(UTC)
    following = CronSim(cron, first.astimezone(ZoneInfo(zone)))
    while moment <= until and counted < MOST_COUNTED:
        counted += 1
        found.append(moment)
        moment = next(following).astimezone(UTC)
    if counted == MOST_COUNTED:
        # Too long ago to walk through: the newest are found from the other end.
        backwards = CronSim(cron, until.astimezone(ZoneInfo(zone)), reverse=True)
        found = [each.astimezone(UTC) for each in islice(backwards, newest)][::-1]
    return found[-newest:], counted


def words(moment: datetime) -> str:
    """ "Monday 30 November 2026, 06:00 CET (05:00 UTC)"."""
    own = f"{moment:%A} {moment.day} {moment:%B %Y, %H:%M} {moment.tzname()}"
    return (
        own
        if moment.utcoffset() == moment.astimezone(UTC).utcoffset()
        else f"{own} ({moment.astimezone(UTC):%H:%M} UTC)"
    )
