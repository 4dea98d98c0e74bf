from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from dashboard.models import ApiToken
from dashboard.models.api_token import SCOPES

KNOWN = "; ".join(f"{scope}: {words}" for scope, words in SCOPES.items())


class Command(BaseCommand):
    help = "Make a token with which a program may use the API as a user. It is printed once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="Which program gets it.")
        parser.add_argument("--user", default="admin", help="As whom it acts: it may never do more than that user.")
        parser.add_argument(
            "--scope", action="append", default=[], dest="scopes", metavar="SCOPE", help=f"May be repeated. {KNOWN}."
        )
        parser.add_argument("--expires", metavar="DAY", help="The last day on which it works, such as 2027-01-31.")

    def handle(self, *_args: Any, **options: Any) -> None:
        users = get_user_model().objects
        user = users.filter(username=options["user"]).first()
        if user is None:
            known = ", ".join(users.order_by("username").values_list("username", flat=True)[:20])
            raise CommandError(f"There is no user {options['user']!r}. Known are: {known or 'none yet'}.")
        if not options["scopes"]:
            raise CommandError(f"The token would be for nothing. Say what it is for with --scope. {KNOWN}.")
        try:
            _, secret = ApiToken.issue(
                name=options["name"],
                user_id=user.pk,
                scopes=options["scopes"],
                expires_on=_last_day(options["expires"]) if options["expires"] else None,
            )
        except ValueError as error:
            raise CommandError(str(error)) from None
        self.stdout.write(secret)


def _last_day(text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise CommandError(f"--expires is {text!r}: write a day such as 2027-01-31.") from None
    if day < timezone.now().date():
        raise CommandError(f"--expires is {text}, which is over: the token would never work.")
    return day
